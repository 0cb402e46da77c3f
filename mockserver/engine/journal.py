"""What happened: answered requests in order, bounded in number and bytes, with drops counted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from mockserver.engine.messages import Entry, Sent
from mockserver.engine.settings import Limits
from mockserver.errors import Violation

_OVERHEAD = 1024  # bytes counted for an entry beside its bodies
_DECODED = 2048  # bytes; the decoded values of larger bodies are not kept

Kind = tuple[str, str, int]  # service, operation and status of an entry, 0 where the connection broke instead


class Note(Struct, frozen=True):
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

    @classmethod
    def first(cls, body: bytes, length: int, digest: str) -> bytes:
        """`body` itself when it is the whole, else as the first part of one that is `length` bytes long."""
        if len(body) == length:
            return body
        cut = cls(body)
        cut.length, cut.sha256 = length, digest
        return cut


class Journal:
    """Entries, oldest first. Numbers count from 1 and are never used twice."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: deque[Entry] = deque()
        self._reports: dict[int, Sent] = {}  # by entry; joined to the entries when somebody looks at them
        self._notes: deque[Note] = deque(maxlen=limits.journal_entries)
        self._gone: Counter[Kind] = Counter()  # the entries that are no longer kept
        self._bytes = 0
        self._count = 0
        self._cleared = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A snapshot."""
        first = self._count - len(self._entries) + 1
        for number, sent in self._reports.items():
            self._entries[number - first] = replace(self._entries[number - first], sent=sent)
        self._reports.clear()
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
    def answered(self) -> Mapping[Kind, int]:
        """How many entries of each kind were recorded, those too that fell out or were cleared."""
        return self._gone + Counter(map(_kind, self._entries))

    @property
    def next_number(self) -> int:
        """The number that the next entry will get."""
        return self._count + 1

    def record(self, entry: Entry) -> Entry:
        """Keep `entry`, large bodies cut; returns it whole, for whoever writes its answer."""
        whole, body = entry, entry.request.body
        keep = self._limits.keep_body
        if isinstance(body, bytes) and len(body) > keep:
            entry = replace(entry, request=replace(entry.request, body=Cut.of(body, keep)), cut=True)
        # Decoded values cost many times the memory of their bytes, and the garbage collector walks them each time.
        size = len(entry.answer.body)
        if size > keep or (size > _DECODED and entry.answer.value is not None):
            shown = Cut.of(entry.answer.body, keep)
            entry = replace(entry, answer=replace(entry.answer, body=shown, value=None))
        if entry.answer.chunks is not None:
            # What is streamed comes at its end; until then the entry says only that it is.
            entry = replace(entry, answer=replace(entry.answer, chunks=()))
        self._count += 1
        self._entries.append(entry)
        self._bytes += _size(entry)
        self._make_room()
        return whole

    def streamed(self, number: int, body: bytes, violations: tuple[Violation, ...]) -> Entry | None:
        """Add the body of entry `number` that was sent in pieces, cut already, and what was wrong with it.

        Returns the entry as it is then, None when it is no longer kept.
        """
        index = number - 1 - (self._count - len(self._entries))
        if not 0 <= index < len(self._entries):
            return None
        entry = self._entries[index]
        answer = replace(entry.answer, body=body)
        entry = replace(entry, answer=answer, violations=(*entry.violations, *violations))
        self._entries[index] = entry
        self._bytes += len(body)
        self._make_room()
        return entry

    def _make_room(self) -> None:
        entries, limits = self._entries, self._limits
        while entries and (len(entries) > limits.journal_entries or self._bytes > limits.journal_bytes):
            oldest = entries.popleft()
            self._reports.pop(oldest.number, None)
            self._bytes -= _size(oldest)
            self._gone[_kind(oldest)] += 1

    def sent(self, number: int, sent: Sent) -> None:
        """Add what the shell reports about the answer of entry `number`; dropped entries are passed over."""
        if self._count - len(self._entries) < number <= self._count:
            self._reports[number] = sent

    def note(self, at: float, text: str) -> None:
        """Record something that the world did by itself."""
        self._notes.append(Note(self._count, at, text))

    def clear(self) -> None:
        """Forget all entries; numbers go on. Not counted as dropped."""
        self._cleared = self._count
        self._gone.update(map(_kind, self._entries))
        self._entries.clear()
        self._reports.clear()
        self._notes.clear()
        self._bytes = 0

    def calls(self, operation: str | None = None) -> tuple[Entry, ...]:
        """The entries of one operation (by id), or all."""
        return tuple(entry for entry in self.entries if operation is None or entry.operation == operation)


def _kind(entry: Entry) -> Kind:
    return entry.service, entry.operation, 0 if entry.answer.fault else entry.answer.status


def _size(entry: Entry) -> int:
    body = entry.request.body
    return _OVERHEAD + (len(body) if isinstance(body, bytes) else 0) + len(entry.answer.body)
