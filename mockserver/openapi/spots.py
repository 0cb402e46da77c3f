"""Which schemas of a document speak of a spot in a value: what a pointer into an answer can be held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from mockserver.openapi.references import References
from mockserver.pointer import join, split

_SAME_VALUE = ("allOf", "anyOf", "oneOf", "then", "else")


def spots(references: References, rule: str, pointer: str) -> tuple[str, ...] | None:
    """Where the schemas stand of what is at `pointer` in values of the schema at `rule`; `-` is any item of a list.

    () = there cannot be anything; None = nothing is said of it, so anything may be there.
    """
    roots = [rule]
    for key in split(pointer):
        here = _whole(references, roots)
        roots = [spot for at, schema in here for spot in _inside(at, schema, key)]
        if not roots:
            return None if all(_is_open(schema) for _, schema in here) else ()
    return tuple(dict.fromkeys(references.follow(at)[0] for at in roots))


def _whole(references: References, roots: list[str]) -> list[tuple[str, Any]]:
    """The schemas at `roots` and all that look at the same value: references, allOf, anyOf and the like."""
    found: dict[str, Any] = {}
    waiting = roots[::-1]
    while waiting:
        at, schema = references.follow(waiting.pop())
        if at in found:
            continue
        found[at] = schema
        if not isinstance(schema, dict):
            continue
        if isinstance(ref := schema.get("$ref"), str):
            waiting.append(unquote(ref[1:]))
        for word in _SAME_VALUE:
            inner = schema.get(word)
            if isinstance(inner, list):
                waiting += [join(at, word, number) for number in range(len(inner))]
            elif inner is not None:
                waiting.append(join(at, word))
    return list(found.items())


def _inside(at: str, schema: Any, key: str) -> Iterator[str]:
    """Where a schema itself says what its member or item `key` is."""
    if not isinstance(schema, dict):
        return
    if key in schema.get("properties", {}):
        yield join(at, "properties", key)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield join(at, "additionalProperties")
    if key == "-" or key.isdecimal():
        listed = schema.get("prefixItems", ())
        if key.isdecimal() and int(key) < len(listed):
            yield join(at, "prefixItems", int(key))
        elif isinstance(schema.get("items"), dict):
            yield join(at, "items")


def _is_open(schema: Any) -> bool:
    """Whether a schema says nothing of its members, so that any may be there."""
    if isinstance(schema, bool):
        return schema
    if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False:
        return False
    kinds = schema.get("type", "object")
    return "properties" not in schema and "items" not in schema and ("object" in kinds or "array" in kinds)
