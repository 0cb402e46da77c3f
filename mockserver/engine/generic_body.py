"""A value as the body of an answer in the media type that was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from mockserver.engine.events import json_event, text_event
from mockserver.engine.messages import Answer, Headers
from mockserver.engine.vendor import encode
from mockserver.openapi.coerce import Resolve
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Media
from mockserver.openapi.xml import to_xml

_LINES = frozenset({"application/jsonl", "application/x-ndjson", "application/ndjson", "application/json-lines"})
_SEQUENCE = "application/json-seq"  # RFC 7464: each text after a record separator


def written(status: int, media: Media, media_type: str, value: Any, headers: Headers, resolve: Resolve) -> Answer:
    """The answer that carries `value`; MISSING where the document says nothing of what is in it."""
    is_plain = media_type.startswith("text/") and media_type != "text/event-stream"  # which is always UTF-8
    headers = (("Content-Type", f"{media_type}; charset=utf-8" if is_plain else media_type), *headers)
    if media_type == "text/event-stream":
        event = text_event(0.0, value) if isinstance(value, str) else json_event(0.0, {} if value is MISSING else value)
        return Answer(status, (*headers, ("Cache-Control", "no-cache")), chunks=(event,))
    if is_json(media_type):
        value = {} if value is MISSING else value
        return Answer(status, headers, encode(value), value)
    if media_type in _LINES or media_type == _SEQUENCE:
        items = value if isinstance(value, list) and not media.is_stream else [{} if value is MISSING else value]
        mark = b"\x1e" if media_type == _SEQUENCE else b""
        return Answer(status, headers, b"".join(mark + encode(item) + b"\n" for item in items), _checked(value))
    if isinstance(value, str):
        return Answer(status, headers, value.encode("utf-8", "replace"))
    if _is_xml(media_type) and value is not MISSING:
        return Answer(status, headers, to_xml(value, media.schema, resolve), value)
    if media_type == "application/x-www-form-urlencoded" and isinstance(value, dict):
        return Answer(status, headers, urlencode(list(_fields(value))).encode(), value)
    if value is MISSING:
        return Answer(status, headers, _SOMETHING if is_plain else _BYTES)
    return Answer(status, headers, encode(value), value)


_SOMETHING = b"text"
_BYTES = bytes(range(16))  # neither text nor empty: what says nothing of itself may be anything


def _fields(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and texts of a form: a list is repeated, an object is JSON."""
    for name, one in value.items():
        for each in one if isinstance(one, list) else [one]:
            yield name, each if isinstance(each, str) else encode(each).decode()


def _is_xml(media_type: str) -> bool:
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


def _checked(value: Any) -> Any:
    return None if value is MISSING else value
