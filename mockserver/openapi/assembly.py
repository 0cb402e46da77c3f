"""What the parts of a form mean: they are typed by the form's schema and put together into one value.

A form whose names hold `*` (an index or a name) or whose fields are JSON text describes the body that the operation
also takes as JSON; then the value has that body's shape and is checked as that body. `runs.0.inputs` is /runs/0/inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from mockserver import pointer
from mockserver.errors import Refused
from mockserver.openapi.coerce import Resolve, items, kinds, others, properties, scalar
from mockserver.openapi.forms import Forms, Part, misplaced
from mockserver.openapi.jsontext import malformed, quote, read_json
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Body, Media
from mockserver.openapi.styles import Field, belongs, from_fields, shapes
from mockserver.regex import compiled

_STRUCTURED = frozenset({"array", "object", "null"})
_NO_PART = Part("", b"")  # names the whole
_INDEX = r"0|[1-9][0-9]{0,8}"


def assemble(
    parts: Sequence[Part], media: Media, body: Body, *, resolve: Resolve, forms: Forms, max_depth: int
) -> tuple[Any, Media]:
    """The value that the parts make, and the media type whose schema it must satisfy; raises Refused (malformed)."""
    declared = properties(media.schema, resolve)
    sibling = described(body, media, declared, resolve)
    builder = _Builder(media, declared, sibling, resolve, forms, max_depth)
    value, left = builder.styled(parts)
    root = _Node(_NO_PART)
    undeclared = []
    for part in left:
        place = builder.place(part.name)
        if place is None:
            undeclared.append(part)
        else:
            root.at(place[0], part).add(part, place[1])
    for name, node in root.children.items():
        value[name] = builder.build(node, (name,), builder.member(name), MISSING)
    if undeclared:
        schema = resolve(media.schema)
        value = forms.add(value, tuple(undeclared), schema if isinstance(schema, Mapping) else {})
    return value, sibling or media


def described(body: Body, media: Media, declared: Mapping[str, Any], resolve: Resolve) -> Media | None:
    """The JSON media type whose body the form describes, if it does: by names that hold `*`, or fields of JSON text."""
    if not any("*" in name or _is_json_text(schema, media, name, resolve) for name, schema in declared.items()):
        return None
    ways = [name.split(".") for name in declared]
    tops = {way[0] for way in ways}
    for other in body.media:
        if not is_json(other.media_type) or other.schema is None:
            continue
        schema = resolve(other.schema)
        required = schema.get("required", []) if isinstance(schema, Mapping) else []
        known = properties(schema, resolve)
        if tops >= set(required) and tops & known.keys() and all(_leads(way, schema, resolve) for way in ways):
            return other
    return None


def _leads(way: Sequence[str], schema: Any, resolve: Resolve) -> bool:
    """True when `schema` has, or is open to, a value at the end of `way`."""
    for step in way:
        schema = _below(schema, step, resolve)
        if schema is False:
            return False
    return True


def _is_list(schema: Any, resolve: Resolve) -> bool:
    allowed = kinds(schema, resolve)
    return "array" in allowed and "object" not in allowed


def _below(schema: Any, step: str, resolve: Resolve) -> Any:
    """The schema of a member, or of the items; False where there can be none."""
    if _is_list(schema, resolve):
        return items(schema, resolve) if step == "*" or step.isdecimal() else False
    if "object" not in kinds(schema, resolve):
        return False
    return properties(schema, resolve).get(step, others(schema, resolve))


def _is_json_text(schema: Any, media: Media, name: str, resolve: Resolve) -> bool:
    """True for a string that holds JSON (`format: json`), or a part whose encoding says so."""
    stated = media.encoding.get(name, {}).get("contentType")
    schema = resolve(schema)
    if not isinstance(schema, Mapping):
        return isinstance(stated, str) and is_json(stated)
    return schema.get("format") == "json" or is_json(str(schema.get("contentMediaType", stated or "")))


class _Node(Struct):
    """A place in the value: what came for it as a whole, and what came for places below it, in order of appearance."""

    first: Part  # the first part that names this place or one below it
    parts: list[Part] = field(default_factory=list)
    schema: Any = True  # of the form, for `parts`
    children: dict[str, _Node] = field(default_factory=dict)

    def at(self, way: Sequence[str], part: Part) -> _Node:
        """The node at the end of `way`, made where it is missing."""
        node = self
        for step in way:
            node = node.children.setdefault(step, _Node(part))
        return node

    def add(self, part: Part, schema: Any) -> None:
        """One more part for this very place."""
        self.parts.append(part)
        self.schema = schema


class _Builder(Struct, frozen=True):
    media: Media
    declared: Mapping[str, Any]
    sibling: Media | None
    resolve: Resolve
    forms: Forms
    max_depth: int

    def styled(self, parts: Sequence[Part]) -> tuple[dict[str, Any], list[Part]]:
        """The properties whose `encoding` names a style (urlencoded forms), and the parts that are left."""
        found: dict[str, Any] = {}
        left = list(parts)
        for name, schema in self.declared.items():
            encoding = self.media.encoding.get(name, {})
            if "style" not in encoding and "explode" not in encoding:
                continue
            style = str(encoding.get("style", "form"))
            explode = bool(encoding.get("explode", style == "form"))
            shape = shapes(kinds(schema, self.resolve))[-1]
            fields = [Field(part.name, part.text(), part.raw or part.text()) for part in left if part.filename is None]
            try:
                value = from_fields(fields, name, shape, schema, style=style, explode=explode, resolve=self.resolve)
            except ValueError as error:
                raise malformed(f"the field {quote(name)} {error}", where=pointer.join("", name)) from None
            if value is MISSING:
                continue
            found[name] = scalar(value, kinds(schema, self.resolve)) if isinstance(value, str) else value
            left = [
                part for part in left
                if not belongs(part.name, name, shape, schema, style=style, explode=explode, resolve=self.resolve)
            ]  # fmt: skip
        return found, left

    def place(self, name: str) -> tuple[Sequence[str], Any] | None:
        """Where a part of that name goes and the form's schema for it; None where no declared name fits."""
        if name in self.declared and "*" not in name:
            whole = self.sibling is None or name in properties(self.sibling.schema, self.resolve)
            return ((name,) if whole else tuple(name.split("."))), self.declared[name]
        found: tuple[Sequence[str], Any] | None = None
        literals = -1
        for pattern, schema in self.declared.items():
            if "*" not in pattern:
                continue
            wanted = pattern.split(".")
            way = name.split(".", len(wanted) - 1) if wanted[-1] == "*" else name.split(".")
            fits = len(way) == len(wanted) and all(
                want == step or (want == "*" and step) for want, step in zip(wanted, way, strict=True)
            )
            if fits and len(wanted) - wanted.count("*") > literals:
                literals = len(wanted) - wanted.count("*")
                found = (way if self.sibling else (name,)), schema
        if found is None and isinstance(rest := others(self.media.schema, self.resolve), Mapping):
            return (name,), rest
        return found

    def member(self, name: str) -> Any:
        """The JSON body's schema of a property; True where the form stands for itself."""
        return _below(self.sibling.schema, name, self.resolve) if self.sibling else True

    def build(self, node: _Node, way: tuple[str, ...], shape: Any, given: Any) -> Any:
        """The value at a place: what is given by the whole above it, then its own parts, then those below it."""
        value = given
        if node.parts:
            own = self.value(node.parts, node.schema, shape, pointer.join("", *way))
            if given is not MISSING and _is_binary(node.schema, self.resolve):
                raise misplaced(node.parts[0], ": there is a value of that name already")
            value = own if given is MISSING else _merged(given, own)
        if not node.children:
            return value
        if _is_list(shape, self.resolve) and (value is MISSING or isinstance(value, list)):
            return self.build_list(node, way, shape, value)
        value = {} if value is MISSING else value
        if isinstance(value, dict):  # what is no object is for the schema to refuse
            for name, child in node.children.items():
                below = _below(shape, name, self.resolve)
                value[name] = self.build(child, (*way, name), below, value.get(name, MISSING))
        return value

    def build_list(self, node: _Node, way: tuple[str, ...], shape: Any, given: Any) -> list[Any]:
        """The list at a place whose items are named one by one."""
        found: list[Any] = [] if given is MISSING else given
        below = items(shape, self.resolve)
        for at, child in _numbered(node, way, None if given is MISSING else len(found)):
            before = found[at] if at < len(found) else MISSING
            found[at : at + 1] = [self.build(child, (*way, str(at)), below, before)]
        return found

    def value(self, parts: Sequence[Part], schema: Any, shape: Any, where: str) -> Any:
        """What the parts of one name stand for."""
        if _is_json_text(schema, self.media, parts[0].name, self.resolve):
            if self.sibling is None:  # checked as the string that the schema says it is, or as what is in it
                is_text = "string" in kinds(schema, self.resolve)
                return self.text_of_json(self.only(parts), where) if is_text else self.json(self.only(parts), where)
            if _is_list(shape, self.resolve):
                return self.listed(parts, shape, where, structured=True)
            return self.json(self.only(parts), where)
        allowed = kinds(schema, self.resolve)
        if "array" in allowed and (len(parts) > 1 or "string" not in allowed):
            structured = kinds(items(schema, self.resolve), self.resolve) <= _STRUCTURED
            return self.listed(parts, schema, where, structured=structured)
        part = self.only(parts)
        return self.json(part, where) if allowed <= _STRUCTURED else self.single(part, schema)

    def listed(self, parts: Sequence[Part], schema: Any, where: str, *, structured: bool) -> Any:
        """A list from one JSON text, or from one part for each item; `structured` items are JSON texts."""
        below = items(schema, self.resolve)
        if len(parts) > 1:
            return [
                self.json(part, pointer.join(where, at)) if structured else self.single(part, below)
                for at, part in enumerate(parts)
            ]
        part = parts[0]
        if structured:
            value = self.json(part, where)
            # A urlencoded field may be one of several objects; a part says what it is.
            return [value] if isinstance(value, dict) and not part.number else value
        if part.filename is None and part.data.lstrip()[:1] == b"[":
            try:
                return self.json(part, where)
            except Refused:  # one item that begins with a bracket
                return [self.single(part, below)]
        return [self.single(part, below)]

    def single(self, part: Part, schema: Any) -> Any:
        """One part as a file, or as text typed by its schema."""
        if part.filename is not None or _is_binary(schema, self.resolve):
            return self.forms.file_value(part)
        return scalar(part.text(), kinds(schema, self.resolve))

    def only(self, parts: Sequence[Part]) -> Part:
        """The part of a name that is given once."""
        if len(parts) > 1:
            last = parts[1]
            raise misplaced(last, ": the name occurs twice" if last.number else " occurs twice")
        return parts[0]

    def json(self, part: Part, where: str) -> Any:
        """The JSON in a part."""
        return read_json(part.data, max_depth=self.max_depth, what=part.label, where=where)

    def text_of_json(self, part: Part, where: str) -> str:
        """The text of a part that must be JSON."""
        self.json(part, where)
        return part.text()


def _is_binary(schema: Any, resolve: Resolve) -> bool:
    schema = resolve(schema)
    if not isinstance(schema, Mapping):
        return False
    kind = str(schema.get("contentMediaType", "text/plain"))
    return schema.get("format") == "binary" or not (kind.startswith("text/") or is_json(kind))


def _merged(given: Any, more: Any) -> Any:
    """`given`, with what only `more` has; `given` wins."""
    if not isinstance(given, dict) or not isinstance(more, dict):
        return given
    both = {name: _merged(value, more[name]) if name in more else value for name, value in given.items()}
    return both | {name: value for name, value in more.items() if name not in given}


def _numbered(node: _Node, way: Sequence[str], length: int | None) -> list[tuple[int, _Node]]:
    """The items of a list that is named in pieces, by index from 0; `length` is that of the list that came whole."""
    name = ".".join(way)
    for step, child in node.children.items():
        if not compiled(_INDEX).fullmatch(step):
            raise misplaced(child.first, f": {quote(step)} is no index; count from 0, without leading zeros")
    ordered = sorted((int(step), child) for step, child in node.children.items())
    for at, (index, child) in enumerate(ordered):
        if length is not None and index >= length:
            raise misplaced(child.first, f" is beyond the {length} items of {quote(name)}")
        if length is None and index != at:
            raise misplaced(child.first, f" comes after {quote(f'{name}.{at}')}, which is missing")
    return ordered
