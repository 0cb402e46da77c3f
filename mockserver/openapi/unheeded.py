"""What schemas say in a form that nobody can heed, where nothing hangs on it: told, and taken out of what is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.errors import Place
from mockserver.openapi.remark import Remark
from mockserver.pointer import GONE, join

# Keywords that say something about a value and demand nothing of it (JSON Schema 2020-12, "Meta-Data Annotations").
_NOTES: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(("title", "description", "$comment"), (str, "text")),
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), (bool, "true or false")),
    "examples": (list, "a list"),
}
_EXCLUSIVE = ("exclusiveMinimum", "exclusiveMaximum")


def without(
    schemas: Iterable[tuple[str, Any]], place: Callable[[str], Place], *, is_30: bool
) -> tuple[list[tuple[str, Mapping[str, Any]]], list[Remark]]:
    """The changes that take it out, and a remark on each."""
    patches: list[tuple[str, Mapping[str, Any]]] = []
    remarks: list[Remark] = []
    for pointer, schema in schemas:
        if not isinstance(schema, dict) or (is_30 and "$ref" in schema):
            continue
        found = dict(_unheeded(schema, is_30=is_30))
        if found:
            patches.append((pointer, dict.fromkeys(found, GONE)))
        remarks += [Remark(place(join(pointer, word)), *told, "E708") for word, told in found.items()]
    return patches, remarks


def _unheeded(schema: Mapping[str, Any], *, is_30: bool) -> Iterable[tuple[str, tuple[str, str]]]:
    """Each such keyword, with what is wrong with it and what would be right."""
    for word, (wanted, called) in _NOTES.items():
        if word in schema and not isinstance(schema[word], wanted):
            yield word, (f"{word} is not {called} and has no effect", f"write {called}, or take it out")
    if isinstance(schema.get("required"), bool):
        told = "required is not a list of names and has no effect"
        yield "required", (told, "name the property in the `required` of the object that holds it")
    if not is_30:
        for word in _EXCLUSIVE:
            if isinstance(schema.get(word), bool):
                yield word, (f"{word} is a bound since OpenAPI 3.1, and true or false has no effect", "write the bound")
