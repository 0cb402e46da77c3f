"""The clock of a world, as a test holds it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from mockserver.clock import seconds
from mockserver.engine.inputs import Freeze
from mockserver.engine.settings import ClockMode
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.server import Server
from mockserver.stubbing import ScriptError, here

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
_T = TypeVar("_T")
Span = str | float | timedelta


class WorldClock:
    """The clock of a world. The first explicit move of an `auto` clock makes it manual.

    A move returns when the webhooks that fell due on the way were posted and answered. Inside a running event loop a
    receiver could never answer: there each method that waits raises at once, and its twin is awaited.
    """

    def __init__(self, server: Server, world: str) -> None:
        self._server, self._world = server, world

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return datetime.fromtimestamp(self._ask(lambda world: world.clock.now), UTC)

    @property
    def mode(self) -> ClockMode:
        """`auto`, `manual` or `real`."""
        return self._ask(lambda world: world.mode)

    def advance(self, by: Span) -> None:
        """Move on by `"30s"`, a number of seconds or a timedelta: what falls due happens, and nobody waits."""
        self._server.advance(self._world, step(by))

    async def aadvance(self, by: Span) -> None:
        """`advance`, awaited."""
        await self._server.aadvance(self._world, step(by))

    def advance_to_next(self) -> bool:
        """Move on to the next thing that is due; False when nothing is."""
        return self._server.advance_to_next(self._world)

    async def aadvance_to_next(self) -> bool:
        """`advance_to_next`, awaited."""
        return await self._server.aadvance_to_next(self._world)

    def run_until_idle(self, limit: Span = "30d", events: int = 100_000) -> None:
        """Move on until nothing is due. Raises UsageError, naming what never ends, at the limits."""
        self._server.run_until_idle(self._world, step(limit), events)

    async def arun_until_idle(self, limit: Span = "30d", events: int = 100_000) -> None:
        """`run_until_idle`, awaited."""
        await self._server.arun_until_idle(self._world, step(limit), events)

    def run_until(self, predicate: Callable[[], object], limit: Span = "30d") -> None:
        """Move on, event by event, until `predicate()` is true; an `auto` clock stays auto.

        For applications that wait for webhooks. Raises UsageError, saying what is left, when it never is.
        """
        self._server.run_until(self._world, predicate, step(limit))

    async def arun_until(self, predicate: Callable[[], object], limit: Span = "30d") -> None:
        """`run_until`, awaited; `predicate` is asked in the caller's loop."""
        await self._server.arun_until(self._world, predicate, step(limit))

    def freeze(self) -> None:
        """Stand still from here on."""
        self._server.give(self._world, Freeze())

    def _ask(self, function: Callable[[World], _T]) -> _T:
        def ask() -> _T:
            world = self._server.worlds.find(self._world)
            assert world is not None
            return function(world)

        return self._server.run(ask)


def step(by: Span) -> float:
    """The seconds of a move. Raises ScriptError for what is no duration, and for one that goes back."""
    try:
        found = by.total_seconds() if isinstance(by, timedelta) else seconds(by)
    except ValueError as error:
        raise ScriptError(here(), str(error)) from error
    if not 0 <= found < float("inf"):
        raise ScriptError(here(), f"a clock does not go back, and ends some day ({by})", "another world has start=")
    return found


def in_loop() -> bool:
    """Whether this thread runs an event loop: whoever blocks it now may block whom they wait for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def refuse_in_loop(name: str, twin: str) -> None:
    """Raise UsageError, naming the twin to await, inside a running event loop."""
    if in_loop():
        raise UsageError(f"{name}() would block the running event loop, and a receiver in it; await {twin}()")
