"""How parameters are written: the styles of OpenAPI ("Style Values"), from one text or from a list of named fields.

A shape is what a schema lets a value be: a scalar (handed back as text), an array or an object, typed as in `coerce`.
What does not follow its style raises ValueError with a clause that says how it should look.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from mockserver.openapi.coerce import (
    ANY,
    Kinds,
    Resolve,
    alternating,
    assigned,
    items,
    kinds,
    listed,
    others,
    properties,
    scalar,
)  # fmt: skip
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING
from mockserver.regex import compiled

Shape = Literal["scalar", "array", "object"]

_DELIMITERS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_BROKEN_ESCAPE = r"%(?![0-9A-Fa-f]{2})"
_KEYS = r"(?:\[[^\[\]]*\])+"
_MAX_KEYS = 16


class Field(Struct, frozen=True):
    """One `name=value` of a query, a cookie or a form; `raw` is the value before percent-decoding."""

    name: str
    text: str
    raw: str


def unescape(raw: str) -> str:
    """`raw` percent-decoded, `+` as a space (WHATWG URL, "application/x-www-form-urlencoded"); strict."""
    if "%" not in raw and raw.isascii():
        return raw.replace("+", " ")
    data = raw.replace("+", " ").encode("utf-8", "surrogateescape")
    if compiled(_BROKEN_ESCAPE).search(raw):
        raise ValueError("has a % that no two hexadecimal digits follow; write it as %25")
    try:
        return unquote_to_bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 where it is percent-encoded") from None


def shapes(allowed: Kinds) -> tuple[Shape, ...]:
    """What a value of these types may be, likeliest first; a schema that allows anything means a scalar."""
    if allowed == ANY:
        return ("scalar",)
    found: list[Shape] = ["scalar"] if allowed - {"array", "object", "null"} or allowed <= {"null"} else []
    if "array" in allowed:
        found.append("array")
    if "object" in allowed:
        found.append("object")
    return tuple(found)


def from_text(text: str, name: str, shape: Shape, schema: Any, *, style: str, explode: bool, resolve: Resolve) -> Any:
    """What one text in the style simple, label or matrix stands for."""
    if style == "matrix":
        return _from_matrix(text, name, shape, schema, explode, resolve)
    separator = ","
    if style == "label":
        if not text.startswith("."):
            raise ValueError('does not begin with "." (style label)')
        text = text[1:]
        separator = "." if explode or "," not in text else ","
    if shape == "scalar":
        return text
    pieces = [piece.strip() for piece in text.split(separator)] if text else []
    if shape == "array":
        return listed(pieces, schema, resolve)
    return assigned(map(_pair, pieces), schema, resolve) if explode else alternating(pieces, schema, resolve)


def _from_matrix(text: str, name: str, shape: Shape, schema: Any, explode: bool, resolve: Resolve) -> Any:
    if not text.startswith(";"):
        raise ValueError('does not begin with ";" (style matrix)')
    pieces = text[1:].split(";")
    if shape == "object" and explode:
        return assigned(map(_pair, pieces), schema, resolve)
    found = [value for key, _, value in (piece.partition("=") for piece in pieces) if key == name]
    if len(found) != len(pieces):
        raise ValueError(f'is not written as ";{name}=" (style matrix)')
    if shape == "array" and explode:
        return listed(found, schema, resolve)
    if len(found) > 1:
        raise ValueError("is given twice")
    if shape == "scalar":
        return found[0]
    values = found[0].split(",") if found[0] else []
    return listed(values, schema, resolve) if shape == "array" else alternating(values, schema, resolve)


def _pair(piece: str) -> tuple[str, str]:
    name, sign, text = piece.partition("=")
    if not sign:
        raise ValueError("is not a list of name=value")
    return name, text


def belongs(field: str, name: str, shape: Shape, schema: Any, *, style: str, explode: bool, resolve: Resolve) -> bool:
    """True when a field of that name is (a piece of) the parameter `name`."""
    if style == "deepObject":
        return field.startswith(name) and compiled(_KEYS).fullmatch(field, len(name)) is not None
    if shape == "object" and explode:
        return field in properties(schema, resolve)
    return field == name


def from_fields(
    fields: Sequence[Field], name: str, shape: Shape, schema: Any, *, style: str, explode: bool, resolve: Resolve
) -> Any:
    """What those of the fields that belong to the parameter `name` stand for; MISSING where none does."""
    own = [
        one for one in fields
        if belongs(one.name, name, shape, schema, style=style, explode=explode, resolve=resolve)
    ]  # fmt: skip
    if not own:
        return MISSING
    if style == "deepObject":
        return _deep([(_keys(one.name[len(name) :]), one.text) for one in own], schema, resolve)
    if shape == "object" and explode:
        return members(own, schema, resolve)
    if shape == "array" and explode:
        return listed((one.text for one in own), schema, resolve)
    if shape == "scalar":
        if len(own) > 1:
            raise ValueError(f"is given {len(own)} times, but is a single value")
        return own[0].text
    pieces = [piece for one in own for piece in _pieces(one, _DELIMITERS.get(style, ","))]
    return listed(pieces, schema, resolve) if shape == "array" else alternating(pieces, schema, resolve)


def members(fields: Iterable[Field], schema: Any, resolve: Resolve) -> dict[str, Any]:
    """An object of which each field is a member; a member that may be a list is all that have its name."""
    return _deep([([one.name], one.text) for one in fields], schema, resolve)


def _pieces(field: Field, delimiter: str) -> Iterable[str]:
    """Split where the delimiter stands as itself, so that an encoded one may be part of a value; else where encoded."""
    if not field.text:
        return []
    return map(unescape, field.raw.split(delimiter)) if delimiter in field.raw else field.text.split(delimiter)


def _keys(brackets: str) -> list[str]:
    keys = brackets[1:-1].split("][")
    if len(keys) > _MAX_KEYS:
        raise ValueError(f"has more than {_MAX_KEYS} brackets")
    return keys[:-1] if len(keys) > 1 and not keys[-1] else keys  # `tags[]` is one more of `tags`


def _deep(entries: Sequence[tuple[list[str], str]], schema: Any, resolve: Resolve) -> dict[str, Any]:
    """Nested objects of `[key][key]=text`."""
    declared, rest = properties(schema, resolve), others(schema, resolve)
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for keys, text in entries:
        groups.setdefault(keys[0], []).append((keys[1:], text))
    return {key: _deep_member(key, group, declared.get(key, rest), resolve) for key, group in groups.items()}


def _deep_member(key: str, group: Sequence[tuple[list[str], str]], schema: Any, resolve: Resolve) -> Any:
    nested = [entry for entry in group if entry[0]]
    if nested and len(nested) < len(group):
        raise ValueError(f'gives "{key}" a value and members')
    if nested:
        return _deep(nested, schema, resolve)
    texts = [text for _, text in group]
    allowed = kinds(schema, resolve)
    if "array" in allowed and (len(texts) > 1 or "string" not in allowed):
        return [scalar(text, kinds(items(schema, resolve), resolve)) for text in texts]
    if len(texts) > 1:
        raise ValueError(f'names "{key}" {len(texts)} times')
    return scalar(texts[0], allowed)


def to_header(value: Any, *, explode: bool, media_type: str | None) -> str | None:
    """`value` as the text of a header (style simple, or JSON where it has a media type); None if none can hold it."""
    if media_type is not None:
        text = value if isinstance(value, str) and not is_json(media_type) else json.dumps(value)
    elif isinstance(value, list):
        text = _joined([_plain(one) for one in value])
    elif isinstance(value, dict):
        pairs = [(name, _plain(one)) for name, one in value.items()]
        text = _joined(
            [f"{name}={one}" for name, one in pairs] if explode else [part for pair in pairs for part in pair]
        )
    else:
        text = _plain(value)
    return text if compiled(_HEADER).fullmatch(text) else None


_HEADER = r"(?:[!-~](?:[ -~]*[!-~])?)?"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _joined(pieces: list[str]) -> str:
    """The pieces with commas between; a text that no header holds where a reader would take them apart differently."""
    return "\n" if any("," in piece for piece in pieces) else ",".join(pieces)
