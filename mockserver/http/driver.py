"""Moves the clocks of worlds and has their webhooks posted. The engine decides what is due; here it is made to happen.

On a virtual clock webhooks are posted one after another, in order, and time stands still until they are answered; only
copies of one event that are due together are at their receiver at once. Under real time all are posted side by side.
"""

from __future__ import annotations

import asyncio
import logging
import time
from asyncio import sleep  # by itself: a test may patch that of the module
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import groupby
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from mockserver.engine.delivery import Attempt, Delivery, Posting
from mockserver.engine.inbox import Arrival
from mockserver.engine.inputs import Attempted, Dial, Input, Jump, Wrote
from mockserver.engine.messages import Call, Entry, Request
from mockserver.engine.unfinished import still_going, undelivered
from mockserver.engine.world import World
from mockserver.engine.worlds import Worlds
from mockserver.errors import MockserverError, Refused, UsageError
from mockserver.http.realclock import RealClocks, countdown
from mockserver.http.sender import MARK, Sender

_LOG = logging.getLogger("mockserver")
_T = TypeVar("_T")
_MARK = MARK.lower()
_HOPS = 3  # the hop of a chain of webhooks that come from webhooks which is not made any more
_TURNS = 50  # of the loop, that streams have to send what is due before the clock moves on
_LAST = 253_402_300_799.0  # 9999-12-31T23:59:59Z
_CUT_OFF = "cut off: the server stopped"
MONTH = 30 * 86400.0  # how far a clock is driven before we say that it never ends
EVENTS = 100_000

Watch = Callable[[World, Delivery, Attempt], None]


class _Drive:
    """What is under way in one world."""

    def __init__(self) -> None:
        self.posting = asyncio.Lock()  # held while an ordered batch is posted
        self.moving = asyncio.Lock()  # held while somebody moves the clock
        self.posts: set[asyncio.Task[None]] = set()  # posts beside the ordered ones
        self.stirred = asyncio.Event()  # set, and replaced, when anything happens while somebody watches
        self.watchers = 0
        self.hops: dict[str, int] = {}  # execution, or delivery of none -> which hop the webhook was that started it

    def stir(self) -> None:
        """Wake whoever watches."""
        if self.watchers:
            self.stirred.set()
            self.stirred = asyncio.Event()


class Driver:
    """Drives all worlds of a server, on its loop."""

    def __init__(
        self,
        worlds: Worlds,
        sender: Sender,
        clocks: RealClocks,
        watch: Watch = lambda world, delivery, attempt: None,
    ) -> None:
        self._worlds, self._sender, self._clocks, self._watch = worlds, sender, clocks, watch
        self._drives: WeakKeyDictionary[World, _Drive] = WeakKeyDictionary()
        self._has_driven = False  # whether there ever was one: each request asks
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def tick(self, world: World) -> None:
        """Bring a world under real time up to date."""
        if world.mode == "real":
            self._clocks.tick(world)

    def take(self, world: World, request: Request, ahead: Call | Refused | None = None) -> Entry:
        """Let a request in. A request that is a webhook of ours is remembered as what started its executions."""
        hop = _hop(request)
        before, sent = (len(world.executions.all), len(world.outbox.all)) if hop else (0, 0)
        entry = world.apply(request, ahead)
        if hop:
            self._of(world).hops |= {one.id: hop for one in world.executions.all[before:]}
            self._of(world).hops |= {one.id: hop for one in world.outbox.all[sent:]}
        return entry

    def wrote(self, world: World, given: Wrote) -> None:
        """Let in that an answer was written, at the time at which its request came, and see to what comes of that."""
        world.apply(given)
        self.stir(world)

    def give(self, world: World, given: Input) -> None:
        """Let any other input in, and see to what comes of it."""
        self.tick(world)
        world.apply(given)
        self.stir(world)

    def stir(self, world: World) -> None:
        """See to what is due now that something has happened in a world. It is posted in the background."""
        if self._has_driven and (drive := self._drives.get(world)) is not None:
            drive.stir()
        if self._stopping or not self._is_open(world):
            return
        if world.mode == "real":
            if world.outbox.is_open:
                self._post_side_by_side(world)
            self._clocks.wake(world, self.stir)
        elif world.outbox.is_open and not self._of(world).posting.locked():
            self._spawn(self._pump(world))

    def rouse(self) -> None:
        """See to what is due in worlds that have a past: their time goes on, and their webhooks leave."""
        for world in filter(None, map(self._worlds.find, self._worlds.names)):
            self.tick(world)
            self.stir(world)

    async def deliver_early(self, world: World) -> None:
        """Post what is to arrive before the answer that is about to be written."""
        # Without the lock: the receiver of an ordered delivery may be the one whose answer this is.
        if world.outbox.is_open and any(_is_early(one) for one in world.outbox.pending):
            await asyncio.wait([self._aside(world, self._post_each(world, self._dial(world)))])

    async def settle(self, world: World) -> None:
        """Return when nothing is ready to leave and nothing is at a receiver."""
        await self._finish(self._settle(world))

    async def advance(self, world: World, seconds: float) -> None:
        """Move a virtual clock; what falls due on the way is posted at its time and answered before time goes on.

        Raises UsageError under real time.
        """
        await self._finish(self._advance(world, seconds))

    async def advance_to_next(self, world: World) -> bool:
        """Move to the next thing that is due; False when nothing is."""
        return await self._finish(self._advance_to_next(world))

    async def run_until_idle(self, world: World, limit: float = MONTH, events: int = EVENTS) -> None:
        """Move on until nothing is due. Raises UsageError, naming what never ends, at one of the limits."""
        await self._finish(self._run_until_idle(world, limit, events))

    async def step(self, world: World, cause: str, until: float) -> bool:
        """Post what is ready, else move to the next thing due by `until`; False when there is neither.

        Unlike the moves above it leaves an `auto` world auto: somebody waits for what the clock brings.
        """
        return await self._finish(self._step(world, cause, until))

    async def wait_for_inbox(self, world: World, name: str, count: int, timeout: float) -> tuple[Arrival, ...]:
        """What an inbox received, as soon as that is `count`, or after `timeout` seconds of wall time.

        An `auto` clock is driven meanwhile; others move as they do.
        """
        until, left = world.clock.now + MONTH, countdown(timeout)
        drive = self._of(world)
        drive.watchers += 1
        try:
            while world.inboxes.count(name) < count and left() > 0:
                if self._stopping:
                    raise asyncio.CancelledError  # which `wait_for` may swallow
                stirred = drive.stirred
                if world.mode == "auto" and await self.step(world, f"somebody waits for the inbox {name}", until):
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(stirred.wait(), left())
        finally:
            drive.watchers -= 1
        return world.inboxes.received(name)

    async def wait_until(self, world: World, is_so: Callable[[], bool], timeout: float) -> bool:
        """Whether it is so, as soon as it is, or after `timeout` seconds of wall time; the clock is left alone.

        `is_so` is asked whenever something happens in the world. A server that stops waits for nothing.
        """
        left = countdown(timeout)
        drive = self._of(world)
        drive.watchers += 1
        try:
            while not is_so() and not self._stopping and left() > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(drive.stirred.wait(), left())
        finally:
            drive.watchers -= 1
        return is_so()

    def is_live(self, world: World) -> bool:
        """Whether a world is still there, and the server is not about to stop."""
        return not self._stopping and self._is_open(world)

    async def stop(self, grace: float) -> None:
        """Let what is under way end for `grace` seconds, cut off the rest, and tell what was not delivered."""
        self._stopping = True
        for drive in self._drives.values():
            drive.stir()
        self._clocks.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        left = tuple(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for name in self._worlds.names:
            world = self._worlds.find(name)
            if world is not None and (left_over := undelivered(world)):
                _LOG.warning("%s", left_over)
        await self._sender.close()

    async def _settle(self, world: World) -> None:
        drive = self._of(world)
        while world.outbox.is_open and self._is_open(world):
            if world.mode == "real":
                self._post_side_by_side(world)
            else:
                await self._pump(world)
            if not drive.posts:
                return
            await asyncio.wait(drive.posts)

    async def _advance(self, world: World, seconds: float) -> None:
        async with self._of(world).moving:
            target = world.clock.now + seconds
            if target > _LAST:
                raise UsageError(f"a clock cannot move on by {seconds:g}s: calendars end with the year 9999")
            await self._begin(world, f"advance by {seconds:g}s")
            while (due := world.clock.next_due) is not None and due <= target:
                await self._jump(world, due)
            await self._jump(world, target)

    async def _advance_to_next(self, world: World) -> bool:
        async with self._of(world).moving:
            await self._begin(world, "advance to the next event")
            due = world.clock.next_due
            if due is not None:
                await self._jump(world, due)
            return due is not None

    async def _run_until_idle(self, world: World, limit: float, events: int) -> None:
        async with self._of(world).moving:
            until = world.clock.now + limit
            await self._begin(world, "run until idle")
            for _ in range(events):
                due = world.clock.next_due
                if due is None:
                    return
                if due > until:
                    raise UsageError(f"not idle within {span(limit)}: {still_going(world)}")
                await self._jump(world, due)
            raise UsageError(f"not idle after {events} events: {still_going(world)}")

    async def _step(self, world: World, cause: str, until: float) -> bool:
        async with self._of(world).moving:
            if world.outbox.is_open:
                await self._settle(world)
                return True
            due = world.clock.next_due
            if due is None or due > until:
                return False
            await self._jump(world, due, cause)
            return True

    async def _begin(self, world: World, cause: str) -> None:
        """Somebody moves the clock: what is ready now leaves first."""
        world.apply(Jump(world.clock.now, cause, explicit=True))
        await self._settle(world)

    async def _jump(self, world: World, to: float, cause: str = "") -> None:
        world.apply(Jump(to, cause))
        if world.streams.numbers:
            await self._feed(world)
        await self._settle(world)

    async def _feed(self, world: World) -> None:
        """Let streams send what is due before time goes on. Not for ever: a client may be slow to read."""
        self._of(world).stir()
        for _ in range(_TURNS):
            if not world.streams.are_ready:
                return
            await sleep(0)

    async def _pump(self, world: World) -> None:
        """Post what is ready, in order, until nothing is."""
        async with self._of(world).posting:
            while postings := self._dial(world):
                await self._post_each(world, postings)

    async def _post_each(self, world: World, postings: tuple[Posting, ...]) -> None:
        for _, copies in groupby(postings, lambda one: _event(world, one)):
            if not self._is_open(world):
                return
            await self._post(world, *copies)

    def _post_side_by_side(self, world: World) -> None:
        """Post what is ready in the background."""
        for posting in self._dial(world):
            self._aside(world, self._post(world, posting))

    def _aside(self, world: World, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._spawn(work)
        posts = self._of(world).posts
        posts.add(task)
        task.add_done_callback(posts.discard)
        return task

    def _dial(self, world: World) -> tuple[Posting, ...]:
        # A signature's stamp is the one thing that needs the wall clock.
        return world.apply(Dial(time.time())) if self._is_open(world) and world.outbox.is_open else ()

    async def _post(self, world: World, *copies: Posting) -> None:
        """Post copies of one event, each when the one before is written, answered or not; recorded in this order."""
        tasks: list[asyncio.Task[Attempted]] = []
        try:
            for posting in copies:
                written = asyncio.Event()
                tasks.append(asyncio.create_task(self._attempt(world, posting, written)))
                await written.wait()
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            raise
        finally:
            for posting, task in zip(copies, tasks, strict=False):  # cancelled, there may be fewer
                given = Attempted(posting.delivery, None, _CUT_OFF) if task.cancelled() else task.result()
                self._report(world, given)

    async def _attempt(self, world: World, posting: Posting, written: asyncio.Event) -> Attempted:
        delivery = world.outbox.get(posting.delivery)
        hop = 1 + (self._of(world).hops.get(delivery.execution_id or delivery.id, 0) if delivery else 0)
        try:
            if hop >= _HOPS:
                error = f"a webhook started by a webhook started by a webhook: the loop is stopped at hop {hop}"
                return Attempted(posting.delivery, None, error, blocked=True)
            return await self._sender.post(posting, hop, written.set)
        except Exception:  # noqa: BLE001 - whatever it is, the delivery must not stay open for ever
            _LOG.exception("E901 unexpected error while posting delivery %s", posting.delivery)
            return Attempted(posting.delivery, None, "E901 mockserver itself failed; its log says why")
        finally:
            written.set()  # or never will be

    def _report(self, world: World, given: Attempted) -> None:
        self.give(world, given)
        delivery = world.outbox.get(given.delivery)
        if delivery is None or not delivery.attempts:
            return
        try:
            self._watch(world, delivery, delivery.attempts[-1])
        except Exception:  # noqa: BLE001 - whoever watches must not stop the deliveries
            _LOG.exception("E901 unexpected error while logging delivery %s", delivery.id)

    def _of(self, world: World) -> _Drive:
        if world not in self._drives:
            self._drives[world], self._has_driven = _Drive(), True
        return self._drives[world]

    def _is_open(self, world: World) -> bool:
        """Whether it has not been closed or replaced by a reset."""
        return self._worlds.find(world.name) is world

    async def _finish(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do it to the end, even if whoever waits for it leaves: a half-made move would leave deliveries open."""
        return await asyncio.shield(self._spawn(work))

    def _spawn(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, MockserverError):
            _LOG.error("E901 unexpected error while driving a world", exc_info=error)


def _is_early(delivery: Delivery) -> bool:
    return delivery.script.early and not delivery.attempts and delivery.next_due is None


def _event(world: World, posting: Posting) -> str:
    """The event that a posting is a copy of."""
    delivery = world.outbox.get(posting.delivery)
    return delivery.event if delivery else posting.delivery


def _hop(request: Request) -> int:
    """Which hop of a chain of webhooks a request is; 0 when it is none of ours."""
    said = request.header(_MARK)
    return int(said) if said is not None and said.isascii() and said.isdigit() and len(said) < 4 else 0


def span(seconds: float) -> str:
    """Seconds in words."""
    return f"{seconds / 86400:g} days" if seconds >= 86400 else f"{seconds:g}s"
