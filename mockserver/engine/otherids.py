"""An id that nothing has here because it is another kind of id: that of a batch where a run is asked for, say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockserver.engine.messages import Call, Entry
from mockserver.hints import folded

if TYPE_CHECKING:
    from mockserver.engine.world import World

_IDS = 10  # of one call that are looked for
_ENTRIES = 500  # the last ones, which are looked through
_LONG = 100_000  # bytes of an answer that is not
_READ = 1_000_000  # bytes of answers that are read for one id, before it is let be


def other_ids(call: Call, world: World) -> tuple[str, ...]:
    """A note for each id of a call that an earlier answer gave under another name, and never under this one."""
    asked = [*call.path.items(), *call.query.items()]
    ids = [(name, value) for name, value in asked if isinstance(value, str) and value][:_IDS]
    if not ids:
        return ()
    vendor = call.match.service.vendor.name
    services = {service.name for service in world.services if service.vendor.name == vendor}
    entries = [entry for entry in world.journal.entries[-_ENTRIES:] if entry.service in services]
    return tuple(note for name, value in ids if (note := _given_as(name, value, entries)))


def _given_as(name: str, value: str, entries: Sequence[Entry]) -> str:
    found, left = "", _READ
    sought = f'"{value}"'.encode("utf-8", "surrogatepass")
    for entry in entries:
        body = entry.answer.body
        if not 200 <= entry.answer.status < 300 or len(body) > _LONG or sought not in body:
            continue
        left -= len(body)
        if left < 0:
            return found
        for key in _keys(body, value):
            if folded(key) == folded(name):
                return ""
            found = found or f'{name}: "{value}" is the {key} that request #{entry.number} was answered with'
    return found


def _keys(body: bytes, value: str) -> Iterator[str]:
    """The names of ids under which an answer holds a value. Of `id` nobody knows whose it is."""
    try:
        todo: list[Any] = [json.loads(body)]
    except (ValueError, RecursionError):
        return
    while todo:
        at = todo.pop()
        if isinstance(at, list):
            todo += reversed(at)
        elif isinstance(at, dict):
            todo += reversed(at.values())
            yield from (
                key for key, one in at.items() if one == value and folded(key).endswith("id") and folded(key) != "id"
            )
