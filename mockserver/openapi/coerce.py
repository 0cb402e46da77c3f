"""Text into values: what JSON types a schema lets through, and a text, a list or pairs of texts read as one of them.

Nothing here refuses a value. A text that cannot be read as what the schema wants stays text, and validation then says
"abc" is not an integer. What cannot be taken apart at all raises ValueError with a clause that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mockserver.errors import Refused
from mockserver.openapi.jsontext import MAX_DIGITS, read_json
from mockserver.regex import compiled

Resolve = Callable[[Any], Any]  # follows a `$ref`
Kinds = frozenset[str]  # names of JSON types; "number" comes with "integer"

ANY: Kinds = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})
_NUMBER: Kinds = frozenset({"integer", "number"})
_NESTING = 16  # of $ref, allOf, anyOf, oneOf without a JSON value between them: more is a circle

_WHOLE = r"-?(?:0|[1-9][0-9]*)"
_DECIMAL = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def kinds(schema: Any, resolve: Resolve, nesting: int = _NESTING) -> Kinds:
    """The JSON types that `schema` lets through, as far as its types, values and combinations tell; ANY for all."""
    schema = resolve(schema)
    if not isinstance(schema, Mapping) or not nesting:
        return ANY
    found = _own_kinds(schema)
    for branch in _listed(schema, "allOf"):
        found &= kinds(branch, resolve, nesting - 1)
    for word in ("anyOf", "oneOf"):
        if branches := _listed(schema, word):
            found &= frozenset().union(*(kinds(branch, resolve, nesting - 1) for branch in branches))
    return found


def _own_kinds(schema: Mapping[str, Any]) -> Kinds:
    wanted = schema.get("type")
    if isinstance(wanted, str):
        wanted = [wanted, "null"] if schema.get("nullable") is True else [wanted]
    if isinstance(wanted, list):
        return frozenset(wanted) | (_NUMBER if "number" in wanted else frozenset())
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list):
        return frozenset().union(*map(_kind_of, values))
    if "properties" in schema or "additionalProperties" in schema:
        return frozenset({"object"})
    return frozenset({"array"}) if "items" in schema else ANY


def _kind_of(value: Any) -> Kinds:
    match value:
        case None:
            return frozenset({"null"})
        case bool():
            return frozenset({"boolean"})
        case int() | float():
            return _NUMBER
        case str():
            return frozenset({"string"})
        case list():
            return frozenset({"array"})
        case _:
            return frozenset({"object"})


def _listed(schema: Mapping[str, Any], word: str) -> list[Any]:
    branches = schema.get(word)
    return branches if isinstance(branches, list) else []


def _parts(schema: Any, resolve: Resolve, nesting: int = _NESTING) -> Iterator[Mapping[str, Any]]:
    """`schema` and all that it is combined of."""
    schema = resolve(schema)
    if isinstance(schema, Mapping) and nesting:
        yield schema
        for word in ("allOf", "anyOf", "oneOf"):
            for branch in _listed(schema, word):
                yield from _parts(branch, resolve, nesting - 1)


def properties(schema: Any, resolve: Resolve) -> dict[str, Any]:
    """The properties that an object schema names, with their schemas; the first mention wins."""
    found: dict[str, Any] = {}
    for part in _parts(schema, resolve):
        for name, member in part.get("properties", {}).items():
            found.setdefault(name, member)
    return found


def others(schema: Any, resolve: Resolve) -> Any:
    """The schema of the properties that an object schema does not name; False where it allows none."""
    stated = [part["additionalProperties"] for part in _parts(schema, resolve) if "additionalProperties" in part]
    return next((one for one in stated if one is False or isinstance(one, Mapping)), True)


def is_map(schema: Any, resolve: Resolve) -> bool:
    """Whether an object schema means names that it does not list: it speaks of others, or of none at all."""
    stated = [part["additionalProperties"] for part in _parts(schema, resolve) if "additionalProperties" in part]
    return False not in stated and (bool(stated) or not properties(schema, resolve))


def items(schema: Any, resolve: Resolve) -> Any:
    """The schema of the items of an array schema; True where it does not say."""
    return next((part["items"] for part in _parts(schema, resolve) if "items" in part), True)


def scalar(text: str, allowed: Kinds) -> Any:
    """`text` as the value that it most likely stands for.

    Where only strings are allowed it is itself; where anything but strings is, it is read as that if it can be; where
    both are, it is JSON if it can be, else itself.
    """
    plain = allowed - {"null"}
    if plain == {"string"}:
        return text
    if "string" in plain:
        try:
            value = read_json(text.encode("utf-8", "surrogatepass"))
        except Refused:
            return text
        return value if _kind_of(value) & allowed else text
    if "boolean" in plain and text in ("true", "false"):
        return text == "true"
    if "null" in allowed and text in ("", "null"):
        return None
    return _number(text, plain)


def _number(text: str, allowed: Kinds) -> Any:
    pattern = _DECIMAL if "number" in allowed else _WHOLE
    if not allowed & _NUMBER or len(text) > MAX_DIGITS or not compiled(pattern).fullmatch(text):
        return text
    try:
        value = int(text) if compiled(_WHOLE).fullmatch(text) else float(text)
    except ValueError:  # this Python reads fewer digits (PYTHONINTMAXSTRDIGITS)
        return text
    return text if value in (float("inf"), float("-inf")) else value


def listed(texts: Iterable[str], schema: Any, resolve: Resolve) -> list[Any]:
    """A list of what the items of an array schema may be."""
    allowed = kinds(items(schema, resolve), resolve)
    return [scalar(text, allowed) for text in texts]


def assigned(pairs: Iterable[tuple[str, str]], schema: Any, resolve: Resolve) -> dict[str, Any]:
    """An object of the pairs, typed by the properties of an object schema."""
    declared, rest = properties(schema, resolve), others(schema, resolve)
    found: dict[str, Any] = {}
    for name, text in pairs:
        if name in found:
            raise ValueError(f'names "{name}" twice')
        found[name] = scalar(text, kinds(declared.get(name, rest), resolve))
    return found


def alternating(texts: list[str], schema: Any, resolve: Resolve) -> dict[str, Any]:
    """An object of `name, value, name, value`."""
    if len(texts) % 2:
        raise ValueError("is not a list of names and values in turn")
    return assigned(zip(texts[::2], texts[1::2], strict=True), schema, resolve)
