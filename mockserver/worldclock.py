"""The clock of a world, as a test holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from mockserver.arguments import Span, duration, refuse_async, refuse_unless, whole
from mockserver.engine.inputs import Freeze
from mockserver.engine.settings import ClockMode
from mockserver.engine.world import World
from mockserver.http.moves import refuse_in_loop
from mockserver.server import Server

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
_T = TypeVar("_T")
_EVENTS = "events= takes a whole number such as 100000"


class WorldClock:
    """The clock of a world. The first explicit move of an `auto` clock makes it manual.

    A move returns when the webhooks that fell due on the way were posted and answered. Inside a running event loop a
    receiver could never answer: there each method that waits raises at once, and its twin is awaited.
    """

    def __init__(self, server: Server, name: Callable[[], str], owner: Callable[[], str]) -> None:
        """`name` gives the world's, and raises UsageError when it is closed; `owner` is what the test has it of."""
        self._server, self._name, self._owner = server, name, owner

    @property
    def _world(self) -> str:
        return self._name()

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
        refuse_in_loop(self._twin("aadvance(...)"))
        self._server.advance(self._world, duration(by))

    async def aadvance(self, by: Span) -> None:
        """`advance`, awaited."""
        await self._server.aadvance(self._world, duration(by))

    def advance_to_next(self) -> bool:
        """Move on to the next thing that is due; False when nothing is."""
        refuse_in_loop(self._twin("aadvance_to_next()"))
        return self._server.advance_to_next(self._world)

    async def aadvance_to_next(self) -> bool:
        """`advance_to_next`, awaited."""
        return await self._server.aadvance_to_next(self._world)

    def run_until_idle(self, limit: Span = "30d", events: int = 100_000) -> None:
        """Move on until nothing is due. Raises UsageError, naming what never ends, at the limits."""
        refuse_in_loop(self._twin("arun_until_idle()"))
        self._server.run_until_idle(self._world, duration(limit, what="limit"), whole(events, _EVENTS, 1))

    async def arun_until_idle(self, limit: Span = "30d", events: int = 100_000) -> None:
        """`run_until_idle`, awaited."""
        await self._server.arun_until_idle(self._world, duration(limit, what="limit"), whole(events, _EVENTS, 1))

    def run_until(self, predicate: Callable[[], object], limit: Span = "30d") -> None:
        """Move on, event by event, until `predicate()` is true; an `auto` clock stays auto.

        For applications that wait for webhooks. Raises UsageError, saying what is left, when it never is.
        """
        refuse_in_loop(self._twin("arun_until(...)"))
        _predicate(predicate)
        self._server.run_until(self._world, predicate, duration(limit, what="limit"))

    async def arun_until(self, predicate: Callable[[], object], limit: Span = "30d") -> None:
        """`run_until`, awaited; `predicate` is asked in the caller's loop."""
        _predicate(predicate)
        await self._server.arun_until(self._world, predicate, duration(limit, what="limit"))

    def freeze(self) -> None:
        """Stand still from here on."""
        self._server.give(self._world, Freeze())

    def _twin(self, call: str) -> str:
        """What to write inside a running event loop: `await acme_mock.clock.aadvance("30s")`."""
        return f"await {self._owner()}.clock.{call}"

    def _ask(self, function: Callable[[World], _T]) -> _T:
        name = self._world

        def ask() -> _T:
            world = self._server.worlds.find(name)
            assert world is not None
            return function(world)

        return self._server.run(ask)


def _predicate(given: object) -> None:
    """Raise ScriptError for what cannot be asked again and again."""
    refuse_unless(callable(given), "run_until() takes a function such as lambda: app.results", given)
    refuse_async(given, "the predicate")
