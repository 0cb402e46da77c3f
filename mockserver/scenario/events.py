"""Server-sent events as a test writes them: the keys of fixtures, without a schema that has looked at them before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.clock import seconds
from mockserver.hints import nearest
from mockserver.scenario.model import MISSING, Event, Missing
from mockserver.scenario.render import Template

_KEYS = ("after", "data", "text", "event", "id")


def read_events(given: Any, template: Callable[[Any, str], Template | Missing]) -> tuple[Event, ...]:
    """The events in a list of mappings; `template` compiles the data of one, whose name in messages is given too.

    Raises ValueError with a sentence for what cannot be.
    """
    if isinstance(given, str | Mapping) or not hasattr(given, "__iter__"):
        raise ValueError(f'events is {given!r:.60}; give a list, such as [{{"after": "1s", "data": {{...}}}}]')
    return tuple(_event(one, f"events[{number}]", template) for number, one in enumerate(given))


def _event(given: Any, name: str, template: Callable[[Any, str], Template | Missing]) -> Event:
    if not isinstance(given, Mapping):
        raise ValueError(f'{name} is {given!r:.60}; give a mapping, such as {{"data": ...}}')
    for key in given:
        if key not in _KEYS:
            hint = nearest(key, _KEYS, f"it has {', '.join(_KEYS)}")
            raise ValueError(f'{name} has no "{key}"; {hint}')
    if ("data" in given) == ("text" in given):
        raise ValueError(f"{name}: give either data, a JSON value, or text, as it is sent")
    lines = {key: str(given.get(key, "")) for key in ("event", "id")}
    for key, line in lines.items():
        if "\n" in line or "\r" in line:
            raise ValueError(f"{name}: {key} is one line")
    try:
        after = seconds(given.get("after", 0))
    except ValueError as error:
        raise ValueError(f"{name}: after: {error}") from error
    if not 0 <= after < float("inf"):
        raise ValueError(f"{name}: after is {after:g}; a gap is 0 or more seconds")
    data = template(given["data"], name) if "data" in given else MISSING
    return Event(data, str(given.get("text", "")), after, lines["event"], lines["id"])
