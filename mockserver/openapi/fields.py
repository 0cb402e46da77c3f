"""The fields that OpenAPI knows, object by object: any other is a typing error, or means nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mockserver.errors import Place
from mockserver.openapi.grammar import FILES, METHODS
from mockserver.openapi.references import nearest
from mockserver.openapi.remark import Remark
from mockserver.pointer import join, look_up

_REFERENCE = "$ref summary description"
_CARRIED = "description required deprecated allowEmptyValue style explode allowReserved schema example examples content"
# OpenAPI 3.2.0, with what 3.0 and 3.1 have besides; kinds as in `grammar`.
_FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "document": "openapi $self info jsonSchemaDialect servers paths webhooks components security tags externalDocs",
        "components": "schemas responses parameters examples requestBodies headers securitySchemes links callbacks "
        "pathItems mediaTypes",
        "path item": f"{_REFERENCE} servers parameters query additionalOperations {' '.join(METHODS)}",
        "operation": "tags summary description externalDocs operationId parameters requestBody responses callbacks "
        "deprecated security servers",
        "parameter": f"{_REFERENCE} name in {_CARRIED}",
        "body": f"{_REFERENCE} content required",
        "response": f"{_REFERENCE} headers content links",
        "media": "$ref schema itemSchema example examples encoding prefixEncoding itemEncoding",
        "example": f"{_REFERENCE} value dataValue serializedValue externalValue",
        "encoding": "contentType headers style explode allowReserved encoding prefixEncoding itemEncoding",
        "security scheme": f"{_REFERENCE} type name in scheme bearerFormat flows openIdConnectUrl oauth2MetadataUrl "
        "deprecated",
    }.items()
}


def unknown(tree: Any, things: Iterable[tuple[str, str]], place: Callable[[str], Place]) -> list[Remark]:
    """A remark for each field that OpenAPI does not know. Schemas may hold any."""
    found = []
    for kind, pointer in things:
        known = _FIELDS.get(kind)
        if known is None:
            continue
        for name in look_up(tree, pointer):
            if name not in known and not name.startswith("x-") and (pointer or name != FILES):
                told = f'"{name}" is no field of a{"n" if kind[0] in "aeiou" else ""} {kind} and has no effect'
                found.append(Remark(place(join(pointer, name)), told, nearest(name, known), "E708"))
    return found
