"""Whose turn it is to touch the worlds: the turn of the loop's thread, but while it waits for the network anyone's."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, get_ident
from time import monotonic
from typing import TypeVar

_T = TypeVar("_T")
_NOBODY = 0


class _Loop(asyncio.SelectorEventLoop):
    def time(self, now: Callable[[], float] = monotonic) -> float:
        """That of the machine: where a test stops its own clock, by a patch, waiting here comes to an end."""
        return now()


class Turn(selectors.DefaultSelector):
    """The selector of a loop. What the loop calls has the turn; while the selector waits, another thread may take it.

    So a question from another thread costs no way to the loop's thread and back, as long as the loop has nothing to do.
    """

    def __init__(self) -> None:
        """Made in the thread of the loop, which has the first turn. After `close` nobody has one any more."""
        super().__init__()
        self._lock = Lock()
        self._lock.acquire()
        self._home = self._holder = get_ident()
        self.loop = _Loop(self)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What the network has to say; others may have the turn until then."""
        self._holder = _NOBODY
        self._lock.release()
        try:
            return super().select(timeout)
        finally:
            self._lock.acquire()
            self._holder = self._home

    def run(self, function: Callable[[], _T]) -> _T:
        """What `function` returns. It is called when it is this thread's turn, or in the loop; it must not wait.

        RuntimeError when the loop is closed.
        """
        if self._holder == get_ident():
            return function()
        if self._lock.locked():
            return self._ask(function)
        with self._lock:  # no `acquire`: an interrupt right after it would leave nobody to release it
            self._holder = get_ident()
            try:
                return function()
            finally:
                self._holder = _NOBODY

    def in_loop(self, function: Callable[[], _T]) -> _T:
        """What `function` returns, called in the loop: for what begins tasks there. Not from within `run`."""
        return function() if get_ident() == self._home else self._ask(function)

    def _ask(self, function: Callable[[], _T]) -> _T:
        result: Future[_T] = Future()

        def call() -> None:
            try:
                result.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised again, in the caller's thread
                result.set_exception(error)

        self.loop.call_soon_threadsafe(call)
        return result.result()
