"""Real time for worlds under `real`: what time it is in each, and a call when the next thing falls due there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary, ref

from mockserver.engine.inputs import Tick
from mockserver.engine.world import World


class RealClocks:
    """Ticks on the loop that it is made on. A world's time begins when it is first heard of."""

    def __init__(self, start: float | None = None) -> None:
        """`start`: where the time of worlds begins whose settings say just that; None: at the wall clock's time."""
        self._start = start
        self._loop = asyncio.get_running_loop()
        self._origins: WeakKeyDictionary[World, tuple[float, float]] = WeakKeyDictionary()
        self._recent: tuple[Callable[[], World | None], tuple[float, float]] = ((lambda: None), (0.0, 0.0))
        self._is_used = False  # whether a timer was ever set: each request asks
        self._timers: WeakKeyDictionary[World, tuple[float, asyncio.TimerHandle]] = WeakKeyDictionary()

    def now(self, world: World) -> float:
        """The time in a world: its start, and what went by since at its speed."""
        begin, since = self._origin(world)
        return begin + (self._loop.time() - since) * world.settings.speed

    def _origin(self, world: World) -> tuple[float, float]:
        """The time in a world when the loop's clock showed what."""
        recent, origin = self._recent
        if recent() is world:  # as a rule requests are for one world
            return origin
        known = self._origins.get(world)
        if known is None:
            begin = time.time() if world.settings.start == self._start else world.settings.start
            self._origins[world] = known = (max(begin, world.clock.now), self._loop.time())
        self._recent = ref(world), known
        return known

    def tick(self, world: World) -> None:
        """Tell a world what time it is."""
        world.apply(Tick(self.now(world)))

    def wake(self, world: World, call: Callable[[World], None]) -> None:
        """Tick, then `call(world)`, when the world's next thing falls due; in place of what was asked for before."""
        due = world.clock.next_due
        if due is None and not self._is_used:
            return
        set_for, timer = self._timers.get(world, (None, None))
        if due == set_for:
            return
        if timer is not None:
            timer.cancel()
            del self._timers[world]
        if due is not None:
            self._is_used = True
            wait = (due - self.now(world)) / world.settings.speed
            # By a weak reference: a timer must not keep a closed world for days.
            self._timers[world] = (due, self._loop.call_later(max(0.0, wait), self._ring, ref(world), due, call))

    def stop(self) -> None:
        """Ring no more."""
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _ring(self, known: ref[World], due: float, call: Callable[[World], None]) -> None:
        world = known()
        if world is not None:
            del self._timers[world]
            # To what is due and no further: where hundreds of things are, others get a turn between them.
            world.apply(Tick(due))
            call(world)


def countdown(seconds: float) -> Callable[[], float]:
    """How many of that many seconds of the running loop are left, now and whenever it is asked."""
    now = asyncio.get_running_loop().time
    end = now() + seconds
    return lambda: end - now()
