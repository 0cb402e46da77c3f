"""A JSON value as XML, named as the schema's `xml` says (OpenAPI 3.1, "XML Object")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mockserver.openapi.coerce import Resolve, items, properties

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_UNWRITABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff\ufffe\uffff]")


def to_xml(value: Any, schema: Any, resolve: Resolve) -> bytes:
    """The document, with its declaration; the root is called as its schema says, else by the schema's name."""
    name = _of(schema, resolve).get("name") or _called(schema) or "root"
    return f'<?xml version="1.0" encoding="UTF-8"?>{_element(name, value, schema, resolve)}'.encode()


def _element(name: str, value: Any, schema: Any, resolve: Resolve) -> str:
    said = _of(schema, resolve)
    prefix = str(said.get("prefix") or "")
    name = _safe(f"{said.get('name') or name}")
    name = f"{_safe(prefix)}:{name}" if prefix else name
    attributes = ""
    if "namespace" in said:
        attributes = f" xmlns{':' + _safe(prefix) if prefix else ''}={quoteattr(str(said['namespace']))}"
    if isinstance(value, dict):
        inner = ""
        declared = properties(schema, resolve)
        for key, member in value.items():
            own = declared.get(key, True)
            if _of(own, resolve).get("attribute") is True:
                attributes += f" {_safe(str(_of(own, resolve).get('name') or key))}={quoteattr(_text(member))}"
            elif isinstance(member, list):
                inner += _list(key, member, own, resolve)
            else:
                inner += _element(key, member, own, resolve)
        return f"<{name}{attributes}>{inner}</{name}>"
    if isinstance(value, list):
        of = items(schema, resolve)
        inner = "".join(_element(_of(of, resolve).get("name") or name, one, of, resolve) for one in value)
        return f"<{name}{attributes}>{inner}</{name}>"
    return f"<{name}{attributes}>{escape(_text(value))}</{name}>"


def _list(key: str, value: list[Any], schema: Any, resolve: Resolve) -> str:
    """An element for each item, inside one of their own where the schema wraps them."""
    if _of(schema, resolve).get("wrapped") is True:
        return _element(key, value, schema, resolve)
    of = items(schema, resolve)
    return "".join(_element(_of(of, resolve).get("name") or key, one, of, resolve) for one in value)


def _of(schema: Any, resolve: Resolve) -> Mapping[str, Any]:
    found = resolve(schema)
    said = found.get("xml") if isinstance(found, Mapping) else None
    return said if isinstance(said, Mapping) else {}


def _called(schema: Any) -> str:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def _safe(name: str) -> str:
    """A name that XML allows."""
    return name if _NAME.match(name) else "_" + re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _UNWRITABLE.sub("", str(value))
