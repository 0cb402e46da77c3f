"""The driver from outside its loop: what blocks until it is done, and what is awaited in another loop.

Blocking inside a running event loop raises at once: a receiver in that loop could never answer.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import sleep as asleep  # by itself, like `sleep`: a test may patch those of the modules
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from time import sleep
from typing import Any, TypeVar

from mockserver.engine.unfinished import still_going
from mockserver.engine.world import World
from mockserver.errors import CouldNotRun, MockserverError, UsageError
from mockserver.http.driver import Driver, span
from mockserver.http.turn import STOPPED, Turn, answer

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
_T = TypeVar("_T")
_CAUSE = "somebody waits for what comes of it"
_LOOKS, _PAUSE = 50, 0.02  # when nothing more is due: a receiver may answer first and work then

Work = Callable[[Driver], Coroutine[Any, Any, _T]]


def in_loop() -> bool:
    """Whether this thread runs an event loop: whoever blocks it now may block whom they wait for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _trio() is not None
    return True


def refuse_in_loop(instead: str) -> None:
    """Raise UsageError inside a running event loop; `instead` is what to write there."""
    if in_loop():
        told = "this would block the running event loop, and a receiver in it could never answer"
        raise UsageError(f"{told}; write: {instead}")


class Moves:
    """Does what it is given with the driver, on the driver's loop."""

    def __init__(self, driver: Driver, turn: Turn) -> None:
        self._driver, self._turn = driver, turn

    def wait(self, twin: str, work: Work[_T]) -> _T:
        """Block until it is done. Raises UsageError that names `twin` inside a running event loop."""
        refuse_in_loop(f"await {twin}(...)")
        try:
            return answer(self._turn.begin(lambda: work(self._driver)))
        except MockserverError as error:
            raise error.with_traceback(None) from error.__cause__

    async def awaited(self, work: Work[_T]) -> _T:
        """The same, to be awaited in any loop, of asyncio or of trio."""
        trio = _trio()
        try:
            future = self._turn.begin(lambda: work(self._driver))
            return await (_in_asyncio(future) if trio is None else _in_trio(trio, future))
        except MockserverError as error:
            raise error.with_traceback(None) from error.__cause__

    def run_until(self, find: Callable[[], World], predicate: Callable[[], object], limit: float) -> None:
        """From event to event of a world until `predicate()` is true; it is asked in the caller's thread."""
        refuse_in_loop("await arun_until(...)")
        until = self.wait("arun_until", lambda driver: _end(find, limit))
        while not predicate():
            if self.wait("arun_until", lambda driver: driver.step(find(), _CAUSE, until)):
                continue
            for _ in range(_LOOKS):
                if predicate():
                    return
                sleep(_PAUSE)
            raise self.wait("arun_until", lambda driver: _never(find, limit))

    async def arun_until(self, find: Callable[[], World], predicate: Callable[[], object], limit: float) -> None:
        """`run_until`, awaited; `predicate` is asked in the caller's loop."""
        until = await self.awaited(lambda driver: _end(find, limit))
        while not predicate():
            if await self.awaited(lambda driver: driver.step(find(), _CAUSE, until)):
                continue
            for _ in range(_LOOKS):
                if predicate():
                    return
                trio = _trio()
                await (asleep if trio is None else trio.sleep)(_PAUSE)
            raise await self.awaited(lambda driver: _never(find, limit))


def _trio() -> Any:
    """The module, if a task of its event loop runs in this thread: whoever started that has imported it. Else None."""
    trio = sys.modules.get("trio")
    if trio is not None:
        with suppress(RuntimeError, AttributeError):  # another module may be called so
            trio.lowlevel.current_task()
            return trio
    return None


async def _in_asyncio(future: Future[_T]) -> _T:
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CouldNotRun(STOPPED) from None


async def _in_trio(trio: Any, future: Future[_T]) -> _T:
    done, token = trio.Event(), trio.lowlevel.current_trio_token()
    future.add_done_callback(lambda _: token.run_sync_soon(done.set))
    try:
        await done.wait()
    finally:
        future.cancel()  # which does nothing once it is done
    return answer(future)


async def _end(find: Callable[[], World], limit: float) -> float:
    return find().clock.now + limit


async def _never(find: Callable[[], World], limit: float) -> UsageError:
    return UsageError(f"it did not become true within {span(limit)}: {still_going(find())}")
