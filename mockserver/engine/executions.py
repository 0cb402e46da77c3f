"""The executions of a world: one run of one input each, moved through their lives by the world's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.clock import Timer, VirtualClock
from mockserver.engine.delivery import Delivery
from mockserver.engine.signing import Signing

Path = tuple[tuple[str, float], ...]  # (state, seconds in it); the last one is the end
PAUSED = "paused"


class Execution(Struct, frozen=True):
    """One run of one input. Times are the world's, in seconds; `batch` is shared by the runs of one bulk call."""

    id: str
    service: str
    operation: str
    resource: str  # the id of what it runs
    version: str
    input: Any
    started: float
    batch: str | None = None
    index: int = 0  # of its input among those of the call
    state: str = ""
    entered: tuple[tuple[str, float], ...] = ()  # (state, when): all that it has passed through
    is_final: bool = False
    next_due: float | None = None  # when it moves on
    output: Any = None  # what it will have made; shown only once it completed
    error: Any = None  # why it will have failed; shown only once it failed
    webhook_url: str | None = None
    webhook: Mapping[str, Any] = field(default_factory=dict)  # what a script wants of its delivery
    # How its caller wants its webhook signed, where a vendor lets callers say so. It holds their secret.
    signing: Signing | None = None
    details: dict[str, Any] = field(default_factory=dict)  # what the vendor wants to remember

    def when(self, state: str) -> float | None:
        """When it entered `state`, None when it has not."""
        return next((at for name, at in self.entered if name == state), None)

    @property
    def ended(self) -> float | None:
        """When it reached its end, None while it lives."""
        return self.entered[-1][1] if self.is_final else None


class Executions:
    """All executions of a world, oldest first. `on_end` hears of each that ends, in order."""

    def __init__(self, clock: VirtualClock, on_end: Callable[[Execution], None]) -> None:
        self._clock = clock
        self._on_end = on_end
        self._by_id: dict[str, Execution] = {}
        self._reads: dict[str, tuple[str, int]] = {}
        self._batches: dict[str, list[str]] = {}
        self._waiting: dict[str, tuple[Timer, Path]] = {}  # what is to come of those whose time runs
        self._paused: dict[str, Path] = {}  # and of those whose time stands

    def start(self, execution: Execution, path: Path) -> Execution:
        """Begin a life: `path` is (state, seconds in it), the last one its end. Steps of no time are passed at once."""
        self._by_id[execution.id] = execution
        if execution.batch is not None:
            self._batches.setdefault(execution.batch, []).append(execution.id)
        self._enter(execution.id, path)
        return self._by_id[execution.id]

    def _enter(self, id: str, path: Path) -> None:
        (state, stay), rest = path[0], path[1:]
        self._waiting.pop(id, None)
        old = self._by_id[id]
        if old.is_final:
            return
        now = self._clock.now
        due = now + stay if rest else None
        new = replace(old, state=state, entered=(*old.entered, (state, now)), is_final=not rest, next_due=due)
        self._by_id[id] = new
        if not rest:
            self._on_end(new)
        elif stay <= 0:
            self._enter(id, rest)
        else:
            self._waiting[id] = self._clock.call_later(stay, partial(self._enter, id, rest)), rest

    def pause(self, id: str) -> bool:
        """Stop the time of a living execution: it is `paused` until it is resumed. False when its time does not run."""
        waiting = self._waiting.pop(id, None)
        if waiting is None:
            return False
        (timer, rest), old, now = waiting, self._by_id[id], self._clock.now
        timer.cancel()
        self._paused[id] = ((old.state, timer.due - now), *rest)
        self._by_id[id] = replace(old, state=PAUSED, entered=(*old.entered, (PAUSED, now)), next_due=None)
        return True

    def resume(self, id: str) -> bool:
        """Let the time of a paused execution run on, in the state in which it was. False when it is not paused."""
        path = self._paused.pop(id, None)
        if path is None:
            return False
        self._enter(id, path)
        return True

    def read(self, id: str) -> int:
        """Count an unchanged read of a living execution: how often this state was read now; 0 when it has ended."""
        one = self._by_id.get(id)
        if one is None or one.is_final:
            return 0
        state, count = self._reads.get(id, ("", 0))
        self._reads[id] = (one.state, count + 1 if state == one.state else 1)
        return self._reads[id][1]

    def end(self, id: str, state: str, **changes: Any) -> Execution | None:
        """End a living execution now (a cancel); None when it is unknown or has ended."""
        old = self._by_id.get(id)
        if old is None or old.is_final:
            return None
        self._by_id[id] = replace(old, **changes)
        self._paused.pop(id, None)
        if id in self._waiting:
            self._waiting[id][0].cancel()
        self._enter(id, ((state, 0.0),))
        return self._by_id[id]

    def get(self, id: str) -> Execution | None:
        """The one with this id, or None."""
        return self._by_id.get(id)

    @property
    def all(self) -> tuple[Execution, ...]:
        """A snapshot, oldest first."""
        return tuple(self._by_id.values())

    def of_batch(self, batch: str) -> tuple[Execution, ...]:
        """The runs of one bulk call, in input order."""
        return tuple(self._by_id[id] for id in self._batches.get(batch, ()))


def earliest(waiting: Iterable[Execution | Delivery]) -> float | None:
    """When the first of them moves on, None when none of them will."""
    return min((one.next_due for one in waiting if one.next_due is not None), default=None)
