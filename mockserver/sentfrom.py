"""Lines of the running test: where a script is written, and where a request is sent from."""

from __future__ import annotations

import gc
import queue
import selectors
import sys
import threading
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType, FrameType

from mockserver.errors import Place

# A thread that stands in one of these waits for another one, or runs an event loop: it is not the one that sends.
_WAITING = frozenset(module.__file__ for module in (queue, selectors, threading))
# These wait without a frame of their own: a function that names one and stands still is in it.
_PAUSES = frozenset(("sleep", "acquire"))


def line_of(frame: FrameType) -> Place:
    """The line that a frame is at."""
    return Place(shown(Path(frame.f_code.co_filename)), frame.f_lineno)


def shown(path: Path) -> str:
    """A file as it is told: relative to where pytest runs, if it is below that."""
    folder = Path.cwd()
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


class SentFrom:
    """Says, on any thread, at which line of its own file the running test waits for the answer to a request.

    That can be known of clients that block the test's thread. Of others it says nothing.
    """

    def __init__(self) -> None:
        self._watched: tuple[int, str] | None = None
        self._shown = ("", "")  # a file, and how it is told: made once, since a test may go to another folder

    def watch(self, file: Path) -> None:
        """A test of this file runs in this thread from here on."""
        name = str(file)
        if name != self._shown[0]:
            self._shown = name, shown(file)
        self._watched = threading.get_ident(), name

    def leave(self) -> None:
        """It has ended."""
        self._watched = None

    def __call__(self) -> str:
        """`test_bulk.py:41`; "" when it cannot be known."""
        if self._watched is None:
            return ""
        line = _line_in(*self._watched)
        return "" if line is None else str(Place(self._shown[1], line))


def _line_in(thread: int, file: str) -> int | None:
    """The line of `file` that a thread is at; None when it is elsewhere, or does not wait for an answer."""
    # Each step makes a frame object, and that may start a collection. A finalizer that it runs can let the other thread
    # go on, which takes its frames away while this one is looking at them: CPython 3.11 crashes then.
    collects = gc.isenabled()
    gc.disable()
    try:
        frame = sys._current_frames().get(thread)
        if frame is None or _waits(frame.f_code):
            return None
        while frame is not None and frame.f_code.co_filename != file:
            if frame.f_code.co_flags & CO_COROUTINE:
                return None  # a client that is awaited: by the time it is seen, another one's turn may have come
            frame = frame.f_back
        return frame.f_lineno if frame else None
    finally:
        if collects:
            gc.enable()


def _waits(code: CodeType) -> bool:
    named = code.co_names + code.co_varnames + code.co_freevars
    return code.co_filename in _WAITING or not _PAUSES.isdisjoint(named)
