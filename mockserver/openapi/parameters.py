"""The parameters of an operation, typed and checked: path, query, headers, cookies.

What is wrong is returned, not raised, so that it can be told together with what is wrong in the body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockserver.errors import Refused, Violation
from mockserver.openapi.coerce import is_map, scalar
from mockserver.openapi.jsontext import read_json, shorten
from mockserver.openapi.operation import MISSING, Location, Operation, Parameter
from mockserver.openapi.styles import Field, Shape, belongs, from_fields, from_text, members, shapes, unescape
from mockserver.pointer import join

_CODES: Mapping[Location, str] = {"query": "E102", "path": "E103", "header": "E104", "cookie": "E104"}
_NO_PARAMETERS = frozenset({"accept", "content-type", "authorization"})  # OpenAPI, "Parameter Object": ignored
_STRING = {"type": "string"}


class Arguments(Struct, frozen=True):
    """What the parameters hold. Query fields that are not declared are there as text; of the rest only the declared."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]  # names as declared
    cookie: Mapping[str, Any]
    violations: tuple[Violation, ...] = ()


class _Invalid(Exception):
    """A parameter does not fit; holds the violations."""

    def __init__(self, *violations: Violation) -> None:
        self.violations = violations
        super().__init__(violations)


def read_parameters(
    operation: Operation, path: Mapping[str, str], query: str, headers: Sequence[tuple[str, str]]
) -> Arguments:
    """The arguments of a call. `path` is percent-decoded already, `query` is as sent, without its `?`."""
    violations: list[Violation] = []
    fields, broken = _query(query) if query else ([], {})
    found: dict[Location, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        name, location = parameter.name, parameter.location
        if location == "path" and parameter.schema == _STRING and parameter.style == "simple":
            text = path.get(name)
            if text is not None and text.isascii():  # the common case, and nothing can be wrong with it
                found["path"][name] = text
                continue
        if location == "header" and name.lower() in _NO_PARAMETERS:
            continue
        try:
            if location == "query" and name in broken:
                raise _wrong(parameter, *broken[name])
            value = _argument(parameter, _Source(path, fields, headers, operation))
        except _Invalid as invalid:
            violations += invalid.violations
        else:
            if value is not MISSING:
                found[location][name] = value
    if fields:
        _keep_undeclared(fields, operation, found["query"])
    return Arguments(found["path"], found["query"], found["header"], found["cookie"], tuple(violations))


class _Source(Struct, frozen=True):
    """Where arguments come from."""

    path: Mapping[str, str]
    query: Sequence[Field]
    headers: Sequence[tuple[str, str]]
    operation: Operation

    def header(self, name: str) -> str | None:
        """All values of a header, joined."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def is_of_another(self, field: Field, parameter: Parameter) -> bool:
        """Whether a field of the query is another parameter's, a piece of one, or a key."""
        resolve = self.operation.resolve
        keys = (scheme for schemes in self.operation.security for scheme in schemes if scheme.location == "query")
        if any(scheme.key == field.name for scheme in keys):
            return True
        others = (one for one in self.operation.parameters if one.location == "query" and one is not parameter)
        return any(
            belongs(field.name, one.name, shape, one.schema, style=one.style, explode=one.explode, resolve=resolve)
            for one in others
            for shape in shapes(one.kinds)
        )

    def cookies(self) -> list[Field]:
        """The cookies as fields, percent-decoded where they are well encoded."""
        found = []
        headers = [value for key, value in self.headers if key.lower() == "cookie"]
        for piece in ";".join(headers).split(";"):
            name, sign, raw = piece.strip().partition("=")
            raw = raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] == '"' else raw
            raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            if sign:
                found.append(Field(name, _decoded(raw.replace("+", "%2B")) or raw, raw))
        return found


def _decoded(raw: str) -> str | None:
    try:
        return unescape(raw)
    except ValueError:
        return None


def _query(query: str) -> tuple[list[Field], dict[str, tuple[str, str]]]:
    """The fields of a query; and of those that cannot be decoded: name -> (what came, a clause that says why)."""
    fields: list[Field] = []
    broken: dict[str, tuple[str, str]] = {}
    for piece in filter(None, query.split("&")):
        key, _, raw = piece.partition("=")
        try:
            fields.append(Field(unescape(key), unescape(raw), raw))
        except ValueError as error:
            broken[(_decoded(key) or key).partition("[")[0]] = raw, str(error)
    return fields, broken


def _keep_undeclared(fields: Sequence[Field], operation: Operation, found: dict[str, Any]) -> None:
    """Put fields that no parameter claims beside the others, as text (a list of texts where repeated)."""
    declared = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    for field in fields:
        if field.name in declared or field.name.partition("[")[0] in declared:
            continue
        before = found.get(field.name)
        if before is None:
            found[field.name] = field.text
        else:
            found[field.name] = [*before, field.text] if isinstance(before, list) else [before, field.text]


def _argument(parameter: Parameter, source: _Source) -> Any:
    """The value of one parameter, MISSING where it is absent and may be; raises _Invalid."""
    best: Any = MISSING
    clause = ""
    for reading in _readings(parameter, source):
        if isinstance(reading, _Unreadable):
            clause = clause or str(reading)
        elif parameter.checker.fits(reading) or (reading == "" and parameter.allow_empty):
            return reading
        elif best is MISSING:
            best = reading
    if best is not MISSING:
        code, where = _CODES[parameter.location], join("", parameter.name)
        explained = parameter.checker.explain(best, part=parameter.location, where=where, code=code)
        if explained.violations:
            raise _Invalid(*explained.violations)
        return best  # the two validators disagree: that is no fault of the client's
    if clause:
        raise _wrong(parameter, _raw(parameter, source), clause)
    if parameter.required:
        told = f"is missing; the {parameter.location} parameter is required"
        raise _wrong(parameter, "", told, f"the {parameter.location} parameter {parameter.name}")
    return MISSING


def _wrong(
    parameter: Parameter, said: str, fault: str, wanted: str = "a value in the style of the parameter"
) -> _Invalid:
    code, where = _CODES[parameter.location], join("", parameter.name)
    return _Invalid(Violation(parameter.location, where, shorten(said), wanted, parameter.rule, code, fault=fault))


class _Unreadable(ValueError):
    """A reading that does not follow its style: the clause that says so."""


def _readings(parameter: Parameter, source: _Source) -> Iterator[Any]:
    """All that the parameter may stand for, likeliest first; nothing where it is absent."""
    if parameter.media_type is not None:
        yield from _content(parameter, source)
        return
    allowed = parameter.kinds
    for shape in shapes(allowed):
        try:
            value = _in_style(parameter, shape, source)
        except ValueError as error:
            yield _Unreadable(*error.args)
            continue
        if value is MISSING:
            continue
        if isinstance(value, str):
            if "string" in allowed:
                yield value
            value = scalar(value, allowed)
        yield value


def _in_style(parameter: Parameter, shape: Shape, source: _Source) -> Any:
    """The parameter as its style writes that shape; a scalar is text."""
    name, schema, resolve = parameter.name, parameter.schema, source.operation.resolve
    match parameter.location:
        case "query":
            fields = source.query
            if shape == "object" and parameter.style == "form" and parameter.explode and is_map(schema, resolve):
                free = [field for field in fields if not source.is_of_another(field, parameter)]
                return members(free, schema, resolve) if free else MISSING
        case "cookie":
            fields = source.cookies()
        case _:
            text = _raw(parameter, source, MISSING)
            if text is MISSING:
                return MISSING
            if not _is_utf8(text):
                raise ValueError("is not UTF-8")
            style, explode = parameter.style, parameter.explode
            return from_text(text, name, shape, schema, style=style, explode=explode, resolve=resolve)
    return from_fields(
        fields, name, shape, schema, style=parameter.style, explode=parameter.explode, resolve=resolve
    )  # fmt: skip


def _raw(parameter: Parameter, source: _Source, absent: Any = "") -> Any:
    """The text of a parameter as it came."""
    match parameter.location:
        case "path":
            return source.path.get(parameter.name, absent)
        case "header":
            text = source.header(parameter.name)
            return absent if text is None else text
        case location:
            fields = source.query if location == "query" else source.cookies()
            return next((field.text for field in fields if field.name == parameter.name), absent)


def _content(parameter: Parameter, source: _Source) -> Iterator[Any]:
    """A `content` parameter: text of a media type, of which JSON is read."""
    text = _raw(parameter, source, MISSING)
    if text is MISSING:
        return
    media_type = parameter.media_type or ""
    if media_type == "application/json" or media_type.endswith("+json"):
        try:
            yield read_json(text.encode("utf-8", "surrogateescape"), what="it")
        except Refused as refused:
            message = refused.problem.message
            yield _Unreadable(message[3:] if message.startswith("it ") else f"is refused: {message[4:]}")
    else:
        yield text if _is_utf8(text) else _Unreadable("is not UTF-8")


def _is_utf8(text: str) -> bool:
    """False for bytes that came as lone surrogates: no validator may see them."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
