"""Lines of the running test: where a script is written, and where a request is sent from."""

from __future__ import annotations

import queue
import selectors
import sys
import threading
from pathlib import Path
from types import FrameType

from mockserver.errors import Place

# A thread that stands in one of these waits for another one, or runs an event loop: it is not the one that sends.
_WAITING = frozenset(module.__file__ for module in (queue, selectors, threading))


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

    def watch(self, file: Path) -> None:
        """A test of this file runs in this thread from here on."""
        self._watched = threading.get_ident(), str(file)

    def leave(self) -> None:
        """It has ended."""
        self._watched = None

    def __call__(self) -> str:
        """`test_bulk.py:41`; "" when it cannot be known."""
        if self._watched is None:
            return ""
        thread, file = self._watched
        frame = sys._current_frames().get(thread)
        if frame is None or frame.f_code.co_filename in _WAITING:
            return ""
        while frame is not None and frame.f_code.co_filename != file:
            frame = frame.f_back
        return str(line_of(frame)) if frame else ""
