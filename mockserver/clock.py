"""Virtual time: a heap of (due, number, callback). Pure: no asyncio, no `time`.

Times are seconds since the Unix epoch, as floats. Waiting is the shell's business; a clock has no coroutine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol

from mockserver.regex import compiled

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = r"(\d+(?:\.\d+)?)(ms|s|m|h|d)"


def seconds(text: str | float) -> float:
    """The seconds in `"400ms"`, `"5s"`, `"1h59m"` or a bare number of seconds.

    Raises ValueError with a sentence that says what a duration looks like.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    steps = compiled(_DURATION).findall(str(text))
    if not steps or "".join(number + unit for number, unit in steps) != text:
        raise ValueError(f'{text!r} is no duration; write it like "5s", "400ms" or "1h30m"')
    return sum(float(number) * _UNITS[unit] for number, unit in steps)


def stamp(moment: float) -> str:
    """`moment` as RFC 3339 in UTC: `2026-01-01T00:00:00Z`, with milliseconds where it has any."""
    at = EPOCH + timedelta(milliseconds=round(moment * 1000))
    spec = "milliseconds" if at.microsecond else "seconds"
    return at.isoformat(timespec=spec).replace("+00:00", "Z")


class Timer:
    """A callback that waits for its time; `cancel()` makes it never run."""

    __slots__ = ("callback", "due", "number")

    def __init__(self, due: float, number: int, callback: Callable[[], None] | None) -> None:
        self.due, self.number, self.callback = due, number, callback

    def __lt__(self, other: Timer) -> bool:
        return (self.due, self.number) < (other.due, other.number)

    def cancel(self) -> None:
        """Never run; harmless when it ran already."""
        self.callback = None


class Clock(Protocol):
    """What the engine asks of time."""

    @property
    def now(self) -> float:
        """Seconds since the Unix epoch."""

    @property
    def next_due(self) -> float | None:
        """When the next callback is due, None when nothing waits."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once, `delay` seconds from now."""


class VirtualClock:
    """Time that moves only when told to, and then in no real time."""

    def __init__(self, start: float = START) -> None:
        self._now = start
        self._timers: list[Timer] = []
        self._count = 0

    @property
    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now

    @property
    def next_due(self) -> float | None:
        """When the next callback is due, None when nothing waits."""
        while self._timers and self._timers[0].callback is None:
            heappop(self._timers)
        return self._timers[0].due if self._timers else None

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once, `delay` seconds from now (a negative delay counts as none)."""
        self._count += 1
        timer = Timer(self._now + max(0.0, delay), self._count, callback)
        heappush(self._timers, timer)
        return timer

    def step(self, until: float) -> bool:
        """Move to the earliest callback due at or before `until` and run it; False when there is none."""
        due = self.next_due
        if due is None or due > until:
            return False
        timer = heappop(self._timers)
        callback, timer.callback = timer.callback, None
        self._now = max(self._now, due)
        if callback is not None:
            callback()
        return True

    def advance_to(self, moment: float) -> int:
        """Run all that falls due up to `moment`, in order; time ends there. Returns how many ran."""
        ran = 0
        while self._timers and self.step(moment):
            ran += 1
        if moment > self._now:
            self._now = moment
        return ran
