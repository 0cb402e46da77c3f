"""Whose turn it is to touch the worlds: that of the loop's thread; whenever it asks the network, that of who waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from threading import Lock, get_ident
from time import monotonic
from typing import Any, TypeVar

from mockserver.errors import CouldNotRun

STOPPED = "the server stopped meanwhile"
_T = TypeVar("_T")
_NOBODY = 0
_UNASKED = 3


class _Loop(asyncio.SelectorEventLoop):
    def time(self, now: Callable[[], float] = monotonic) -> float:
        """That of the machine: where a test stops its own clock, by a patch, waiting here comes to an end."""
        return now()


class Turn(selectors.DefaultSelector):
    """The selector of a loop. What the loop calls has the turn; when it asks the selector, another thread may take it.

    So a question from another thread costs no way to the loop's thread and back. A thread that waits for the turn has
    it before the loop calls what comes next.
    """

    def __init__(self) -> None:
        """Made in the thread of the loop, which has the first turn. After `close` nobody has one any more."""
        super().__init__()
        self._lock = Lock()
        self._next = Lock()  # of whoever has the turn next; the loop has to wait for that like the others
        self._lock.acquire()
        self._home = self._holder = get_ident()
        self._unasked = 0  # how often in a row the network was not asked
        self._is_closed = False
        self._is_leaving = False
        self._expected: set[Future[Any]] = set()  # what the loop was asked for and has not answered
        self.loop = _Loop(self)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What the network has to say; others may have the turn meanwhile.

        A loop with something left to call asks each time before it calls it; while nobody waits for the turn, the
        network is asked every fourth time only. Each of these questions lets another thread have the interpreter.
        """
        if timeout == 0 and self._unasked < _UNASKED and not self._next.locked():
            self._unasked += 1
            return []
        self._unasked = 0
        self._holder = _NOBODY
        self._lock.release()
        try:
            return super().select(timeout)
        finally:
            with self._next:
                self._lock.acquire()
            self._holder = self._home

    def close(self) -> None:
        """Closed with its loop, which calls nothing any more: whoever waits for that, or for the turn, is told."""
        super().close()
        self._is_closed = True
        self._holder = _NOBODY
        self._lock.release()
        for future in self._expected.copy():
            future.cancel()

    def leave(self) -> None:
        """From here on no work is begun: the loop comes to its end. To be called in it."""
        self._is_leaving = True

    def run(self, function: Callable[[], _T]) -> _T:
        """What `function` returns, called in this thread when it is its turn; it must not wait.

        This, and what stands below, raises CouldNotRun when the loop is closed, now or meanwhile.
        """
        if self._holder == get_ident():
            return function()
        with self._next, self._lock:  # no `acquire`: an interrupt right after it would leave nobody to release it
            if self._is_closed:
                raise CouldNotRun(STOPPED)
            self._holder = get_ident()
            try:
                return function()
            finally:
                self._holder = _NOBODY

    def in_loop(self, function: Callable[[], _T]) -> _T:
        """What `function` returns, called in the loop: for what begins tasks there. Not from within `run`."""
        return function() if get_ident() == self._home else self._ask(function)

    def begin(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> Future[_T]:
        """What `work` will return, done in the loop; cancelled when the loop comes to its end before."""
        result: Future[_T] = Future()

        async def done() -> _T:
            return await work()

        def call() -> None:
            if self._is_leaving:
                result.cancel()
            elif not result.cancelled():
                task = self.loop.create_task(done())
                task.add_done_callback(partial(_hand_over, result))
                result.add_done_callback(partial(self._let_go, task))

        return self._called(call, result)

    def _ask(self, function: Callable[[], _T]) -> _T:
        result: Future[_T] = Future()

        def call() -> None:
            try:
                result.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread
                result.set_exception(error)

        return answer(self._called(call, result))

    def _called(self, call: Callable[[], None], result: Future[_T]) -> Future[_T]:
        """The result of what is called in the loop."""
        try:
            self.loop.call_soon_threadsafe(call)
        except RuntimeError:
            raise CouldNotRun(STOPPED) from None
        self._expected.add(result)
        result.add_done_callback(self._expected.discard)
        if self._is_closed:  # since then: `close` may not have known of it
            result.cancel()
        return result

    def _let_go(self, task: asyncio.Task[Any], result: Future[Any]) -> None:
        """Nobody waits for it any more."""
        if result.cancelled():
            with suppress(RuntimeError):  # the loop is closed
                self.loop.call_soon_threadsafe(task.cancel)


def answer(future: Future[_T]) -> _T:
    """What the loop returned, or raised, when it has. Raises CouldNotRun when the loop came to its end before."""
    try:
        return future.result()
    except CancelledError:
        raise CouldNotRun(STOPPED) from None


def _hand_over(result: Future[_T], task: asyncio.Task[_T]) -> None:
    if task.cancelled():
        result.cancel()
        return
    error = task.exception()
    if not result.set_running_or_notify_cancel():
        return
    if error is None:
        result.set_result(task.result())
    else:
        result.set_exception(error)
