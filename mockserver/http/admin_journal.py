"""The admin API about what reached a world: its journal, and what broke the contract."""

from __future__ import annotations

from mockserver.engine.inputs import ClearJournal
from mockserver.engine.journalfilter import status_filter
from mockserver.engine.messages import Answer
from mockserver.engine.record import entry_record, violation_record
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.errors import MockserverError, UsageError
from mockserver.http.ask import Ask


def journal(ask: Ask) -> Answer:
    """The entries, oldest first, as far as the query asks for them."""
    query = dict(ask.query)
    operation, status = query.pop("operation", None), query.pop("status", None)
    invalid = _flag(query.pop("invalid", None))
    after, limit = _number("after", query.pop("after", "0")), _number("limit", query.pop("limit", "1000"))
    if query:
        raise UsageError(
            f"the journal has no filter {min(query)!r}; it has operation, status, invalid, after and limit"
        )
    has_status = status_filter(status)
    ids = None if operation is None else _operations(ask.world, operation)
    found = (
        entry
        for entry in ask.world.journal.entries
        if entry.number > after
        and (ids is None or entry.operation in ids)
        and has_status(entry.answer.status)
        and (invalid is None or invalid == bool(entry.violations))
    )
    entries = [entry_record(entry, ask.world.secrets) for entry, _ in zip(found, range(limit), strict=False)]
    return json_answer(200, {"entries": entries, "dropped": ask.world.journal.dropped})


def clear_journal(ask: Ask) -> Answer:
    """Forget the entries."""
    ask.world.apply(ClearJournal())
    return json_answer(200, {"entries": [], "dropped": ask.world.journal.dropped})


def violations(ask: Ask) -> Answer:
    """All violations that the journal holds, each with the number of its entry."""
    found = [
        {
            "entry": entry.number,
            "service": entry.service,
            "operation": entry.operation,
            **violation_record(one, ask.world.secrets),
        }
        for entry in ask.world.journal.entries
        for one in entry.violations
    ]
    return json_answer(200, {"violations": found, "dropped": ask.world.journal.dropped})


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"{name}={text}: write a whole number that is not negative")
    return int(text)


def _flag(text: str | None) -> bool | None:
    known = {None: None, "true": True, "1": True, "": True, "false": False, "0": False}
    if text not in known:
        raise UsageError(f"invalid={text}: write true or false")
    return known[text]


def _operations(world: World, name: str) -> frozenset[str]:
    """The ids that an operationId or `METHOD /template` means in any document of the world."""
    found: set[str] = set()
    error: MockserverError | None = None
    for service in world.services:
        try:
            found.add(service.document.operation(name).id)
        except MockserverError as unknown:
            error = unknown
    if not found and error is not None:
        raise error
    return frozenset(found)
