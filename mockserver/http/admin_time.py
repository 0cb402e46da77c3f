"""The admin API about a world's clock: what time it is, and how to move it."""

from __future__ import annotations

from mockserver.clock import stamp
from mockserver.engine.inputs import Freeze
from mockserver.engine.messages import Answer
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.http.ask import Ask, denied
from mockserver.http.driver import EVENTS, MONTH, Driver


class Time:
    """Moves clocks. A move is answered when the webhooks that fell due were posted and answered."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def show(self, ask: Ask) -> Answer:
        """Mode, time, and when the next thing is due."""
        clock = ask.world.clock
        due = clock.next_due
        value = {"mode": ask.world.mode, "now": stamp(clock.now), "next_due": None if due is None else stamp(due)}
        return json_answer(200, value)

    async def advance(self, ask: Ask) -> Answer:
        """`{"by": "30s"}`."""
        ask.only("a move", "by")
        await self._driver.advance(_movable(ask), ask.span("by"))
        return self.show(ask)

    async def run_until_idle(self, ask: Ask) -> Answer:
        """`{"limit": "30d", "events": 100000}`, both optional."""
        ask.only("it", "limit", "events")
        limit, events = ask.span("limit", MONTH), ask.take("events", int, EVENTS)
        try:
            await self._driver.run_until_idle(_movable(ask), limit, events)
        except UsageError as error:
            raise denied(409, str(error)) from error
        return self.show(ask)

    def freeze(self, ask: Ask) -> Answer:
        """Stand still from here on."""
        ask.only("a freeze")
        self._driver.give(_movable(ask), Freeze())
        return self.show(ask)


def _movable(ask: Ask) -> World:
    if ask.world.mode == "real":
        raise denied(409, "this world's clock is real and moves by itself; open a world whose clock is manual or auto")
    return ask.world
