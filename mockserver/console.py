"""Lines and tables on a terminal. Everything that clients sent is masked and made printable first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mockserver.engine.delivery import Attempt, Delivery
from mockserver.engine.messages import Entry, Sent
from mockserver.engine.record import violation_record
from mockserver.engine.secrets import Secrets
from mockserver.engine.world import World
from mockserver.errors import Problem, Violation
from mockserver.openapi.wording import shorten

_SHOWN = 5  # violations of one request that a line of the log is followed by
_WIDTH = 300  # characters of a line of the log
_TARGET = 160  # of these for an address, so that what came of it is seen
_INDENT = " " * 15  # below the method of an event's line
# How the engine notes what nobody may have meant: reads while the clock stands, an order of webhooks of other inputs
# than those that came, names that are not in the document, and ids of another kind.
_REMARKS = (": the clock stands, ", "webhooks.order(", " not in the document", " was answered with")


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Rows with their columns aligned, two spaces apart."""
    lines = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))).rstrip()
        for line in lines
    )


def event(entry: Entry, sent: Sent, secrets: Secrets, at: datetime, *, verbose: bool = False) -> str:
    """One answered request: a line, and below it whatever broke the contract or refused the request."""
    request, answer = entry.request, entry.answer
    took = f"{sent.ms:.0f}ms"
    said = f"{request.method} {shorten(secrets.target(request.target), _TARGET)}"
    line = f"{_time(at)}  -->  {said}  {answer.status}  {took:>4}  {secrets.text(_gist(entry))}"
    below = [finding(violation, secrets, entry.problem) for violation in entry.violations[:_SHOWN]]
    if len(entry.violations) > _SHOWN:
        below.append(f"... and {len(entry.violations) - _SHOWN} more")
    if entry.problem is not None and not entry.violations:
        below.append(secrets.text(entry.problem.message))
    if verbose:
        source = f"answered by {entry.decision.source} {entry.decision.at}".rstrip() if entry.decision else ""
        below += [part for part in (entry.operation, source) if part]
    below += [shorten(secrets.text(note), _WIDTH) for note in entry.notes if verbose or is_remark(note)]
    return _lines(line, below)


def is_remark(note: str) -> bool:
    """Whether a note of the journal is of something that nobody may have meant: those are shown unasked."""
    return any(mark in note for mark in _REMARKS)


def event_json(entry: Entry, sent: Sent, secrets: Secrets, at: datetime) -> str:
    """The same as one line of JSON."""
    value: dict[str, Any] = {
        "at": at.isoformat(timespec="milliseconds"),
        "world": entry.world,
        "number": entry.number,
        "method": entry.request.method,
        "target": shorten(secrets.target(entry.request.target), _WIDTH),
        "operation": entry.operation,
        "status": entry.answer.status,
        "ms": round(sent.ms, 3),
        "summary": secrets.text(_gist(entry)),
        "violations": [_short(violation_record(violation, secrets)) for violation in entry.violations],
    }
    return json.dumps(value)


def webhook(delivery: Delivery, attempt: Attempt, secrets: Secrets, at: datetime) -> str:
    """One attempt to deliver a webhook: a line, and below it why it has no status or why no other follows."""
    came = "---" if attempt.status is None else str(attempt.status)
    what = f"webhook {delivery.id[:8]} {delivery.status}"
    url = shorten(secrets.target(delivery.url), _TARGET)
    line = f"{_time(at)}  <--  {what:<44}  {came}  attempt {attempt.number}  {url}"
    below = dict.fromkeys(text for text in (attempt.error, delivery.reason) if text)
    if len(below) > 1 and attempt.error in delivery.reason:
        del below[attempt.error]
    return _lines(line, map(secrets.text, below))


def webhook_json(delivery: Delivery, attempt: Attempt, world: World, at: datetime) -> str:
    """The same as one line of JSON."""
    value: dict[str, Any] = {
        "at": at.isoformat(timespec="milliseconds"),
        "world": world.name,
        "webhook": delivery.id,
        "execution": delivery.execution_id,
        "event": delivery.status,
        "url": shorten(world.secrets.target(delivery.url), _WIDTH),
        "attempt": attempt.number,
        "status": attempt.status,
        "error": world.secrets.text(attempt.error),
        "ms": round(attempt.ms, 3),
        "state": delivery.state,
    }
    return json.dumps(value)


def finding(violation: Violation, secrets: Secrets, problem: Problem | None = None) -> str:
    """One violation: code, place, what is wrong, and the line that says so."""
    from mockserver.contract.findings import sentence  # when something is wrong

    at = f"  {violation.at}" if violation.at else ""
    return f"{violation.code}  {shorten(secrets.text(sentence(violation, problem)), _WIDTH - 100)}{at}"


def json_text(value: Any, *, indent: str = "", width: int = 100) -> str:
    """JSON to read: what fits into a line stays on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= width or not isinstance(value, dict | list) or not value:
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [
            f"{json.dumps(k, ensure_ascii=False)}: {json_text(v, indent=deeper, width=width)}" for k, v in value.items()
        ]
        return "{\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + json_text(item, indent=deeper, width=width) for item in value) + f"\n{indent}]"


def printable(text: str) -> str:
    """`text` without control characters: a client must not steer somebody's terminal."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)


def _time(at: datetime) -> str:
    """The time of day, to the second."""
    return at.time().isoformat("seconds")  # `%H:%M:%S` takes six times as long, for each request


def _lines(line: str, below: Iterable[str]) -> str:
    """The line of an event and what stands below it: printable, and none too long."""
    return "\n".join(shorten(printable(text).rstrip(), _WIDTH) for text in (line, *(_INDENT + one for one in below)))


def _short(record: dict[str, Any]) -> dict[str, Any]:
    return {key: shorten(value, _WIDTH) if isinstance(value, str) else value for key, value in record.items()}


def _gist(entry: Entry) -> str:
    """What the engine says of the answer, where the lines below do not say it already."""
    return "" if entry.problem is not None else entry.answer.summary
