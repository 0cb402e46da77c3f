"""Forms to be read in tests: an operation that takes the same body in three ways, and bodies as clients write them."""

from __future__ import annotations

from typing import Any

from mockserver.openapi.decode import read_body
from mockserver.openapi.forms import Forms, Part
from tests.openapi.operations import operation

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"

SCHEMAS: dict[str, Any] = {
    "Value": {
        "oneOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "array", "items": {"$ref": "#/schemas/Value"}},
            {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["file"]}, "raw_bytes": {}}},
        ]
    },
    "Run": {
        "type": "object",
        "properties": {"inputs": {"type": "object", "additionalProperties": {"$ref": "#/schemas/Value"}}},
    },
    "Runs": {
        "type": "object",
        "properties": {"runs": {"type": "array", "items": {"$ref": "#/schemas/Run"}}},
        "required": ["runs"],
    },
}
JSON_TEXT = {"type": "string", "format": "json"}
BINARY = {"type": "string", "format": "binary"}
BULK = operation(
    {
        "application/json": {"$ref": "#/schemas/Runs"},
        "multipart/form-data": {
            "type": "object",
            "properties": {
                "runs": JSON_TEXT,
                "runs.*.inputs": JSON_TEXT,
                "runs.*.conversation_id": {"type": "string"},
                "runs.*.inputs.*": BINARY,
            },
        },
        URLENCODED: {"$ref": "#/schemas/Runs"},
    },
    schemas=SCHEMAS,
)


def file_value(part: Part) -> Any:
    return {"type": "file", "raw_bytes": part.data.decode("latin-1"), "name": part.filename}


FORMS = Forms(file_value=file_value)


def multipart(*parts: tuple[str, str | bytes] | tuple[str, str | bytes, str], end: str = "--B--\r\n") -> bytes:
    """A body of parts (name, data) or (name, data, file name), as `requests` writes it."""
    body = b""
    for name, data, *filename in parts:
        extra = f'; filename="{filename[0]}"' if filename else ""
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        body += head.encode() + (data.encode() if isinstance(data, str) else data) + b"\r\n"
    return body + end.encode()


def read(op: Any, content_type: str, data: bytes, forms: Forms = FORMS) -> Any:
    return read_body(op, content_type, data, forms=forms)


def form(properties: dict[str, Any], **more: Any) -> Any:
    """An operation that takes that object as a form of either kind."""
    schema = {"type": "object", "properties": properties, **more.pop("also", {})}
    return operation({URLENCODED: schema, "multipart/form-data": schema}, **more)


RUNS = '[{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}}]'
SYNC = multipart(("runs", RUNS), ("doc", "A", "a.txt"), ("doc", "B", "b.txt"))
ASYNC = (
    b"--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; "
    b'name="runs"\r\n\r\n' + RUNS.encode() + b"\r\n"
    b'--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="doc"; '
    b'filename="%2Fhome%2Fme%2Fa.txt"\r\n\r\nA\r\n--B--\r\n'
)
TYPED = form(
    {
        "n": {"type": "integer"},
        "x": {"type": ["number", "null"]},
        "ok": {"type": "boolean"},
        "s": {"type": "string"},
        "v": {},
        "o": {"type": "object"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        "mode": {"$ref": "#/schemas/Mode"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    schemas={"Mode": {"enum": [1, 2]}},
)
