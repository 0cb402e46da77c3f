"""Which inputs a client submitted, with which request, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from mockserver.contract.telling import is_success
from mockserver.engine.digest import digest
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Call, Entry
from mockserver.scenario.model import Respond


class Submission(Struct, frozen=True):
    """One input of one call that was answered. Submissions of one `key` ask for the same to be done."""

    entry: Entry
    index: int
    key: tuple[str, ...]
    is_batch: bool
    execution: Execution | None = None  # None: it was refused, or done at once
    completed: float | None = None  # when it came to its good end
    has_failed: bool = False  # it came to another end, and not because the client said so
    is_refused: bool = False  # nothing was started for it, although something was for others of the call


def submissions(
    entries: Sequence[Entry], executions: Sequence[Execution], told: Mapping[str, Sequence[Entry]]
) -> tuple[Submission, ...]:
    """All inputs whose calls the emulator answered, in order. `told` are the answers that hold an execution's id."""
    started: dict[int, dict[int, Execution]] = {}
    # Calls that start something although their answers do not tell of it: it was lost, or refuses every input.
    elsewhere = {(one.service, one.operation) for one in executions if one.batch is not None}
    untold: set[tuple[str, str, float]] = set()
    for one in executions:
        # The answer that told of it first, of its own operation and in its first instant: that of its call.
        first = next(iter(told.get(one.id, ())), None)
        if first is not None and (first.service, first.operation, first.at) == (
            one.service,
            one.operation,
            one.started,
        ):
            started.setdefault(first.number, {})[one.index] = one
        else:
            untold.add((one.service, one.operation, one.started))
    touched = {
        value
        for entry in entries
        if entry.request.method not in ("GET", "HEAD") and (call := entry.call) is not None
        for value in call.path.values()
        if isinstance(value, str)
    }
    found: list[Submission] = []
    for entry in entries:
        call = entry.call
        if call is None or not is_success(entry) or (entry.decision and isinstance(entry.decision.then, Respond)):
            continue
        if entry.number in started:
            found += _lasting(entry, call, started[entry.number], touched)
        elif (entry.service, entry.operation) in elsewhere or (entry.service, entry.operation, entry.at) in untold:
            continue
        elif _is_done(entry):
            found += _at_once(entry, call)
    return tuple(found)


def _lasting(entry: Entry, call: Call, by_index: Mapping[int, Execution], touched: set[str]) -> Iterator[Submission]:
    vendor = call.match.service.vendor
    some = next(iter(by_index.values()))
    for index, value in enumerate(vendor.inputs(call)):
        one = by_index.get(index)
        key = (entry.service, entry.operation, some.resource, some.version, digest(value, long=call.long))
        is_batch = some.batch is not None
        if one is None:
            yield Submission(entry, index, key, is_batch, is_refused=True)
            continue
        good = one.state == vendor.lifecycle.ends
        completed = one.ended if good else None
        yield Submission(
            entry, index, key, is_batch, one, completed, one.is_final and not good and one.id not in touched
        )


def _at_once(entry: Entry, call: Call) -> Iterator[Submission]:
    """The inputs of a call that is answered with all of its results."""
    resource = digest(call.path)
    inputs = call.match.service.vendor.inputs(call)
    for index, value in enumerate(inputs):
        key = (entry.service, entry.operation, resource, "", digest(value, long=call.long))
        yield Submission(entry, index, key, len(inputs) > 1, completed=entry.at)


def _is_done(entry: Entry) -> bool:
    """Whether everything was done, and well, when the answer was written: no script spoke, and it is no 202."""
    unscripted = entry.decision is not None and entry.decision.then is None and not entry.answer.scripts
    return unscripted and entry.answer.status in (200, 201)
