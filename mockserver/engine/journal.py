"""What happened: answered requests in order, bounded in number and bytes, with drops counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from hashlib import sha256

from mockserver.engine.messages import Entry, Sent
from mockserver.engine.settings import Limits

_OVERHEAD = 1024  # bytes counted for an entry beside its bodies
_DECODED = 2048  # bytes; the decoded values of larger bodies are not kept


@dataclass(frozen=True, slots=True)
class Note:
    """Something the world did by itself, such as a clock jump; `after` is the number of the entry before it."""

    after: int
    at: float
    text: str


class Cut(bytes):
    """The first part of a body whose rest was not kept; `length` and `sha256` are those of the whole."""

    length: int
    sha256: str

    @classmethod
    def of(cls, body: bytes, keep: int) -> bytes:
        """`body` itself when it is short enough, else its first `keep` bytes."""
        if len(body) <= keep:
            return body
        cut = cls(body[:keep])
        cut.length, cut.sha256 = len(body), sha256(body).hexdigest()
        return cut


class Journal:
    """Entries, oldest first. Numbers count from 1 and are never used twice."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: deque[Entry] = deque()
        self._notes: deque[Note] = deque(maxlen=limits.journal_entries)
        self._bytes = 0
        self._count = 0
        self._cleared = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A snapshot."""
        return tuple(self._entries)

    @property
    def notes(self) -> tuple[Note, ...]:
        """A snapshot of what the world did by itself."""
        return tuple(self._notes)

    @property
    def dropped(self) -> int:
        """How many entries fell out because the journal is bounded."""
        return self._count - self._cleared - len(self._entries)

    @property
    def next_number(self) -> int:
        """The number that the next entry will get."""
        return self._count + 1

    def record(self, entry: Entry) -> Entry:
        """Keep `entry`, large bodies cut; returns it whole, for whoever writes its answer."""
        whole, body = entry, entry.request.body
        large = min(_DECODED, self._limits.keep_body)
        # Decoded values cost many times the memory of their bytes, and the garbage collector walks them each time.
        if isinstance(body, bytes) and len(body) > large:
            kept = Cut.of(body, self._limits.keep_body)
            cut = isinstance(kept, Cut)
            entry = replace(entry, request=replace(entry.request, body=kept), kept=None, cut=cut)
        if len(entry.answer.body) > large:
            shown = Cut.of(entry.answer.body, self._limits.keep_body)
            entry = replace(entry, answer=replace(entry.answer, body=shown, value=None))
        self._count += 1
        self._entries.append(entry)
        self._bytes += _size(entry)
        while self._entries and (
            len(self._entries) > self._limits.journal_entries or self._bytes > self._limits.journal_bytes
        ):
            self._bytes -= _size(self._entries.popleft())
        return whole

    def sent(self, number: int, sent: Sent) -> None:
        """Add what the shell reports about the answer of entry `number`; dropped entries are passed over."""
        index = number - 1 - (self._count - len(self._entries))
        if 0 <= index < len(self._entries):
            self._entries[index] = replace(self._entries[index], sent=sent)

    def note(self, at: float, text: str) -> None:
        """Record something that the world did by itself."""
        self._notes.append(Note(self._count, at, text))

    def clear(self) -> None:
        """Forget all entries; numbers go on. Not counted as dropped."""
        self._cleared = self._count
        self._entries.clear()
        self._notes.clear()
        self._bytes = 0

    def calls(self, operation: str | None = None) -> tuple[Entry, ...]:
        """The entries of one operation (by id), or all."""
        return tuple(entry for entry in self._entries if operation is None or entry.operation == operation)


def _size(entry: Entry) -> int:
    body = entry.request.body
    return _OVERHEAD + (len(body) if isinstance(body, bytes) else 0) + len(entry.answer.body)
