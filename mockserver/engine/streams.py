"""The open streams of a world: which piece of a body comes next, when it is due, and what was sent so far.

It decides; the shell takes one piece after another and writes it. So a client that reads slowly holds back the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from traceback import format_exc

from mockserver.clock import Timer, VirtualClock
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Answer, Chunk
from mockserver.errors import Violation

_BROKE = "mockserver itself failed while streaming; its log says why"
_LAST = 253_402_300_799.0  # 9999-12-31T23:59:59Z: calendars end, and so does a stream
_MOST = 20  # violations that are kept of one stream

Check = Callable[[Chunk], tuple[Violation, ...]]


def unchecked(chunk: Chunk) -> tuple[Violation, ...]:
    """The check of what needs none, or was checked before."""
    return ()


def takes_time(answer: Answer) -> bool:
    """Whether there are gaps between the pieces of an answer; of an iterator they have to be expected."""
    return not isinstance(answer.chunks, tuple) or any(chunk.after > 0 for chunk in answer.chunks)


class Stream:
    """One body that is sent in pieces. `due` is when the next one may be taken, None when none comes any more."""

    def __init__(self, clock: VirtualClock, begins: float, chunks: Iterator[Chunk], keep: int, check: Check) -> None:
        self._clock, self._chunks, self._keep, self._check = clock, chunks, keep, check
        self._next: Chunk | None = None
        self._timer: Timer | None = None
        self._kept = bytearray()
        self._length = 0
        self._hash = sha256()
        self.due: float | None = begins
        self.violations: tuple[Violation, ...] = ()
        self.crash = ""  # the traceback of an iterator that broke
        self._load()

    @property
    def is_ready(self) -> bool:
        """Whether a piece is due now."""
        return self.due is not None and self.due <= self._clock.now

    @property
    def body(self) -> bytes:
        """What was taken so far, cut as the journal cuts bodies."""
        return Cut.first(bytes(self._kept), self._length, self._hash.hexdigest())

    def take(self) -> Chunk | None:
        """The next piece, if it is due; the one after it counts from when this one was due, not from now."""
        chunk = self._next
        if chunk is None or not self.is_ready:
            return None
        self._length += len(chunk.data)
        self._hash.update(chunk.data)
        self._kept += chunk.data[: max(0, self._keep - len(self._kept))]
        if len(self.violations) < _MOST:
            self.violations = (*self.violations, *self._check(chunk))[:_MOST]
        self._load()
        return chunk

    def stop(self) -> None:
        """Nothing is taken any more."""
        self._next = self.due = None
        if self._timer is not None:
            self._timer.cancel()

    def _load(self) -> None:
        try:
            self._next = next(self._chunks, None)
        except Exception:  # noqa: BLE001 - a vendor's own code: our fault, and the world lives on
            self._next, self.crash = None, format_exc()
            self.violations = (
                *self.violations,
                Violation("body", "", "", "the rest of the stream", code="E901", fault=_BROKE),
            )
        if self._next is None or self.due is None:
            self.stop()
            return
        self.due += max(0.0, self._next.after)
        if self.due > _LAST:
            self.stop()
            return
        if not self.is_ready:
            # So that whoever asks the clock hears of it; that it rings is enough.
            self._timer = self._clock.call_later(self.due - self._clock.now, _ring)


class Streams:
    """Open streams by the number of their entry."""

    def __init__(self, clock: VirtualClock, keep: int) -> None:
        self._clock, self._keep = clock, keep
        self._open: dict[int, Stream] = {}

    def open(self, number: int, answer: Answer, begins: float, check: Check) -> None:
        """The answer of this entry is streamed from the moment `begins` on; nothing for one without chunks.

        Only an iterator is checked as it goes: a tuple was checked when it was decided.
        """
        if answer.chunks is not None:
            is_checked = isinstance(answer.chunks, tuple)
            self._open[number] = Stream(
                self._clock, begins, iter(answer.chunks), self._keep, unchecked if is_checked else check
            )

    def get(self, number: int) -> Stream | None:
        """The open stream of this entry."""
        return self._open.get(number)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The entries whose streams are open, oldest first."""
        return tuple(self._open)

    @property
    def are_ready(self) -> bool:
        """Whether any of them has a piece that is due now."""
        return any(stream.is_ready for stream in self._open.values())

    def take(self, number: int) -> Chunk | None:
        """The next piece of a stream, if it is due."""
        stream = self._open.get(number)
        return stream.take() if stream is not None else None

    def close(self, number: int) -> Stream | None:
        """The shell has written what it wrote: nothing more is taken. The stream, for the journal."""
        stream = self._open.pop(number, None)
        if stream is not None:
            stream.stop()
        return stream


def _ring() -> None:
    """What the clock does when a piece falls due: the shell asks."""
