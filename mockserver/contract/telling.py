"""Which answers told a client of which executions, whatever a vendor calls them: those in which an id stands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mockserver.engine.messages import Answer, Entry


def told_by(entries: Sequence[Entry], ids: Collection[str]) -> Mapping[str, Sequence[Entry]]:
    """For each id, the successful answers that reached their client and hold it, oldest first."""
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries if ids else ():
        if is_success(entry):
            for id in strings(entry.answer).intersection(ids):
                told[id].append(entry)
    return told


def is_success(entry: Entry) -> bool:
    """Whether the answer was a 2xx that no fault of the connection spoilt."""
    return 200 <= entry.answer.status < 300 and entry.answer.fault is None


def strings(answer: Answer) -> frozenset[str]:
    """All strings in the JSON of an answer; none where it is no JSON, or only the beginning of one was kept."""
    value = answer.value
    if value is None:
        try:
            value = json.loads(answer.body)
        except (ValueError, RecursionError):
            return frozenset()
    return frozenset(_leaves(value))


def _leaves(value: Any) -> set[str]:
    found: set[str] = set()
    open_ = [value]
    while open_:
        match open_.pop():
            case str() as text:
                found.add(text)
            case dict() as one:
                open_.extend(one.values())
            case list() | tuple() as some:
                open_.extend(some)
    return found
