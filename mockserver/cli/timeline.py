"""What the clock brought, as lines: how executions went on, and each attempt to tell of their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver import console
from mockserver.engine.delivery import Delivery
from mockserver.engine.executions import Execution


def timeline(executions: Iterable[Execution], deliveries: Iterable[Delivery], start: float) -> str:
    """One line for each state that was entered and each attempt at a webhook, by the world's time since `start`."""
    events = [*_states(executions), *_attempts(deliveries)]
    rows = [
        (f"+{at - start:g}s", f"{what} {id[:8]}", said) for at, what, id, said in sorted(events, key=lambda one: one[0])
    ]
    return console.table(rows)


def _states(executions: Iterable[Execution]) -> Iterator[tuple[float, str, str, str]]:
    for one in executions:
        for state, at in one.entered:
            yield at, "execution", one.id, state


def _attempts(deliveries: Iterable[Delivery]) -> Iterator[tuple[float, str, str, str]]:
    for one in deliveries:
        for attempt in one.attempts:
            answered = f"answered {attempt.status}" if attempt.status is not None else attempt.error
            what = one.execution_id or one.name
            yield attempt.at, "webhook of", what, f"{one.status}, attempt {attempt.number} {answered}"
