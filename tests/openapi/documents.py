"""Pieces of small OpenAPI documents, as text."""

from __future__ import annotations

HEAD = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\n"
OK = "responses: {'200': {description: fine}}"


def paths(operation: str, path: str = "/a") -> str:
    """The paths of a document with one GET operation."""
    return f"paths:\n  {path}:\n    get: {{{operation}}}\n"
