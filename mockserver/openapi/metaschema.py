"""What a schema must look like (JSON Schema 2020-12), in a form that our own explainer can put into words.

The verdict on a schema is jsonschema-rs's; this one is asked only why, so that both need not agree to the letter.
"""

from __future__ import annotations

from typing import Any

_SCHEMA: Any = {"$ref": "#"}
_TEXTS: Any = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_TYPE: Any = {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]}


def _each(names: str, schema: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), schema)


METASCHEMA: Any = {
    "type": ["object", "boolean"],
    "properties": {
        **_each("not if then else items contains propertyNames contentSchema", _SCHEMA),
        **_each("additionalProperties unevaluatedItems unevaluatedProperties", _SCHEMA),
        **_each("allOf anyOf oneOf prefixItems", {"type": "array", "minItems": 1, "items": _SCHEMA}),
        **_each(
            "$defs definitions properties patternProperties dependentSchemas",
            {"type": "object", "additionalProperties": _SCHEMA},
        ),
        **_each("minimum maximum exclusiveMinimum exclusiveMaximum", {"type": "number"}),
        **_each("minLength maxLength minItems maxItems", {"type": "integer", "minimum": 0}),
        **_each("minProperties maxProperties minContains maxContains", {"type": "integer", "minimum": 0}),
        **_each("uniqueItems deprecated readOnly writeOnly", {"type": "boolean"}),
        **_each("pattern format title description contentEncoding contentMediaType", {"type": "string"}),
        **_each("$id $schema $ref $dynamicRef $anchor $dynamicAnchor $comment", {"type": "string"}),
        **_each("enum examples", {"type": "array"}),
        "type": {"anyOf": [_TYPE, {"type": "array", "items": _TYPE, "minItems": 1, "uniqueItems": True}]},
        "required": _TEXTS,
        "dependencies": {"type": "object", "additionalProperties": {"anyOf": [_SCHEMA, _TEXTS]}},
        "dependentRequired": {"type": "object", "additionalProperties": _TEXTS},
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        "$vocabulary": {"type": "object", "additionalProperties": {"type": "boolean"}},
    },
}
