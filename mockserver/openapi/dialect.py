"""What OpenAPI 3.0 schemas mean in JSON Schema 2020-12, the one dialect that validators are built for.

Pointers stay as they are in the document; only members of schemas change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.errors import Place
from mockserver.openapi.remark import Remark
from mockserver.pointer import GONE

_BOUNDS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def translate(
    schemas: Iterable[tuple[str, Any]], place: Callable[[str], Place]
) -> tuple[list[tuple[str, Mapping[str, Any]]], tuple[Remark, ...]]:
    """The changes that make OpenAPI 3.0 schemas mean the same in 2020-12, and remarks on what has no effect."""
    patches: list[tuple[str, Mapping[str, Any]]] = []
    remarks: list[Remark] = []
    for pointer, schema in schemas:
        if not isinstance(schema, dict):
            continue
        if "$ref" in schema:
            # OpenAPI 3.0.3, "Reference Object": additional properties SHALL be ignored.
            changes: dict[str, Any] = {name: GONE for name in schema if name != "$ref"}
        else:
            changes = _nullable(schema) | _bounds(schema)
            if schema.get("nullable") is True and "type" not in schema:
                told = "nullable has no effect where no type stands beside it"
                remarks.append(Remark(place(f"{pointer}/nullable"), told, "write the type beside it", "E708"))
        if changes:
            patches.append((pointer, changes))
    return patches, tuple(remarks)


def remarks_on_31(schemas: Iterable[tuple[str, Any]], place: Callable[[str], Place]) -> tuple[Remark, ...]:
    """What is left over from OpenAPI 3.0 in the schemas of a later document, and has no effect there."""
    told = "nullable is a word of OpenAPI 3.0 and has no effect here"
    return tuple(
        Remark(place(f"{pointer}/nullable"), told, "add 'null' to the type", "E708")
        for pointer, schema in schemas
        if isinstance(schema, dict) and schema.get("nullable") is True
    )


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        return {"type": [schema["type"], "null"]}
    return {}


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for bound, exclusive in _BOUNDS:
        flag = schema.get(exclusive)
        if flag is True and bound in schema:
            changes |= {exclusive: schema[bound], bound: GONE}
        elif isinstance(flag, bool):
            changes[exclusive] = GONE
    return changes
