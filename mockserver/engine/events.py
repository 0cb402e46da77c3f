"""Server-sent events as pieces of a streamed body (WHATWG HTML, "Server-sent events")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, cycle, repeat
from typing import Any

from mockserver.engine.messages import Chunk
from mockserver.engine.vendor import encode
from mockserver.scenario.model import Event, Missing, MoreEvents

EVENT_STREAM = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"))
_LINES = re.compile(rb"\r\n|\r|\n")


def json_event(after: float, value: Any, name: str = "", id: str = "") -> Chunk:
    """An event whose data is a JSON value, `after` seconds after the one before."""
    return Chunk(after, _written(encode(value), name, id), value)


def text_event(after: float, text: str, name: str = "", id: str = "") -> Chunk:
    """An event whose data is text as it is, such as `[DONE]`."""
    return Chunk(after, _written(text.encode("utf-8", "replace"), name, id))


def played(events: Iterable[Event], scope: Mapping[str, Any]) -> tuple[Chunk, ...]:
    """Scripted events, each filled in from `scope`."""
    return tuple(_chunk(event, scope) for event in events)


def missing_of(event: Event, scope: Mapping[str, Any]) -> tuple[str, ...]:
    """The placeholders of an event for which `scope` has nothing."""
    return () if isinstance(event.data, Missing) else event.data.missing(scope)


def prolonged(chunks: tuple[Chunk, ...], more: MoreEvents | None) -> tuple[Chunk, ...] | Iterator[Chunk]:
    """The same, or without an end: the last one again and again, or all of them from the first."""
    if more is None or not chunks:
        return chunks
    return cycle(chunks) if more == "repeat" else chain(chunks, repeat(chunks[-1]))


def _chunk(event: Event, scope: Mapping[str, Any]) -> Chunk:
    if isinstance(event.data, Missing):
        return text_event(event.after, event.text, event.name, event.id)
    return json_event(event.after, event.data.render(scope), event.name, event.id)


def _written(data: bytes, name: str, id: str) -> bytes:
    """The lines of one event; those of its data may be several."""
    fields = [(b"event", name.encode("utf-8", "replace")), (b"id", id.encode("utf-8", "replace"))]
    lines = [b"%b: %b\n" % (field, _LINES.sub(b" ", value)) for field, value in fields if value]
    return b"".join([*lines, *(b"data: %b\n" % line for line in _LINES.split(data)), b"\n"])
