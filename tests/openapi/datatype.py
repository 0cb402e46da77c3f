"""The recursive schema of a real vendor, as validators get it."""

from __future__ import annotations

from typing import Any

from mockserver.errors import Place

TEXT = {"type": "string"}
AGAIN = {"$ref": "#/components/schemas/DataType"}

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "PipelineBulkRunRequest": {
                "type": "object",
                "properties": {"runs": {"type": "array", "items": {"$ref": "#/components/schemas/PipelineRunRequest"}}},
                "required": ["runs"],
            },
            "PipelineRunRequest": {
                "type": "object",
                "properties": {"inputs": {"type": "object", "additionalProperties": AGAIN}},
            },
            "DataType": {
                "discriminator": {
                    "propertyName": "type",
                    "mapping": {
                        "map": "#/components/schemas/DataType/oneOf/5",
                        "file": "#/components/schemas/DataType/oneOf/6",
                    },
                },
                "oneOf": [
                    TEXT,
                    {"type": "integer"},
                    {"type": "number", "not": {"type": "integer"}},
                    {"type": "boolean"},
                    {"type": "array", "items": AGAIN},
                    {
                        "type": "object",
                        "properties": {
                            "type": {"type": "string", "enum": ["map"]},
                            "items": {"type": "object", "additionalProperties": AGAIN},
                        },
                        "required": ["type", "items"],
                        "additionalProperties": False,
                    },
                    {
                        "type": "object",
                        "properties": {
                            "type": {"type": "string", "enum": ["file"]},
                            "raw_bytes": {"type": "string", "format": "base64"},
                            "metadata": {
                                "type": "object",
                                "properties": {"name": TEXT, "path": TEXT, "mime_type": TEXT},
                            },
                        },
                        "required": ["type", "raw_bytes"],
                        "additionalProperties": False,
                    },
                    {"type": "null"},
                ],
            },
        }
    }
}


def place(pointer: str) -> Place:
    return Place("spec.yaml", pointer=pointer)
