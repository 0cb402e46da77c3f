"""Where in an OpenAPI document what kind of thing stands: which members are schemas, which are names, which just data.

A member called "properties" is a keyword in a schema and a name among properties; an "example" is never looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.pointer import join

FILES = "x-files"  # where the files stand that a document refers to
# Members that hold data, whatever is in them.
DATA = frozenset({"const", "default", "enum", "example", "examples", "mapping", "value", "dataValue"})
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

# Kind -> member -> kind of what is there. "[x]" is a list of x, "{x}" a mapping of names to x, "*" every other member.
_MEMBERS: dict[str, dict[str, str]] = {
    "document": {"paths": "{path item}", "webhooks": "{path item}", "components": "components"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "examples": "{example}",
        "requestBodies": "{body}",
        "headers": "{parameter}",
        "securitySchemes": "{security scheme}",
        "links": "{link}",
        "callbacks": "{callback}",
        "pathItems": "{path item}",
        "mediaTypes": "{media}",
    },
    "path item": {
        "parameters": "[parameter]",
        "additionalOperations": "{operation}",
        **dict.fromkeys(METHODS, "operation"),
    },
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "{response}",
        "callbacks": "{callback}",
    },
    "callback": {"*": "path item"},
    "parameter": {"schema": "schema", "content": "{media}", "examples": "{example}"},
    "body": {"content": "{media}"},
    "response": {"headers": "{parameter}", "content": "{media}", "links": "{link}"},
    "media": {"schema": "schema", "itemSchema": "schema", "encoding": "{encoding}", "examples": "{example}"},
    "encoding": {"headers": "{parameter}"},
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), "{schema}"),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(("not", "if", "then", "else", "items", "contains", "propertyNames"), "schema"),
        **dict.fromkeys(("additionalProperties", "unevaluatedItems", "unevaluatedProperties"), "schema"),
    },
    "example": {},
    "link": {},
    "security scheme": {},
}


def members(kind: str, pointer: str, node: Any) -> Iterator[tuple[str, str, Any]]:
    """The parts of `node`, a thing of that kind, that are things themselves: (kind, pointer, node)."""
    if kind.startswith("["):
        if isinstance(node, list):
            for number, item in enumerate(node):
                yield kind[1:-1], join(pointer, number), item
    elif kind.startswith("{"):
        if isinstance(node, dict):
            for name, item in node.items():
                if not (kind == "{path item}" and name.startswith("x-")):
                    yield kind[1:-1], join(pointer, name), item
    elif isinstance(node, dict):
        table = _MEMBERS[kind]
        every = table.get("*")
        for name, item in node.items():
            inner = table.get(name) or (every if every and not name.startswith("x-") and name != "$ref" else None)
            if inner:
                yield inner, join(pointer, name), item
