"""A journal as a file: each record is with the operating system before anything goes on, so kill -9 loses none.

It is not forced to the disk: a machine that loses its power may lose what its system had not written yet. While a disk
is full, serving goes on: that is said once when it begins, and once, with the number of missing records, when it ends.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO

from msgspec.structs import replace

from mockserver import data
from mockserver.engine.definition import Definitions
from mockserver.engine.log import Header, Record, Torn, line_of, missing, read
from mockserver.engine.recorder import Recorder
from mockserver.engine.restore import Restored, fitting, pick_up, restore
from mockserver.engine.service import Service
from mockserver.engine.worlds import Worlds
from mockserver.errors import CouldNotRun, UsageError
from mockserver.vendors.assembly import KEYS_ONLY, Wanted, assemble, shipped_fixture

_LOG = logging.getLogger("mockserver")
_HEADER = 16 * 1024 * 1024  # bytes; no header is longer
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)  # the last on Windows only


def records_of(path: Path) -> Generator[Record]:
    """The records of a journal file, the header first; nothing for an empty one.

    Raises UsageError when it cannot be read, and JournalError, with the line, when it is no journal.
    """
    try:
        with path.open("rb") as file:
            yield from read(_lines(file), str(path))
    except OSError as error:
        raise UsageError(f"the journal {path} cannot be read: {error.strerror}") from error


def header_of(path: Path) -> Header | None:
    """The header of a journal file; None when there is no such file, or nothing in it."""
    if not path.exists():
        return None
    with closing(records_of(path)) as records:
        first = next(records, None)
    return first if isinstance(first, Header) else None


class JournalFile:
    """A file that records are written to, by this process alone."""

    def __init__(
        self,
        path: Path,
        *,
        anew: bool,
        write: Callable[[int, bytes], int] = os.write,
        say: Callable[[str], None] = _LOG.warning,
    ) -> None:
        """Open it, made if need be. `anew`: what another journal left there is dropped.

        Raises JournalError when something else is in it, UsageError when it cannot be written, CouldNotRun when
        another process writes it.
        """
        self.path, self._write_bytes, self._say = path, write, say
        self._file = -1  # none
        self._lost = 0  # records that are missing after the last one that is there
        self._is_failing = False  # which was said
        self._first = b""  # what stands before the next record: a header, or the end of a line, that is not there yet
        self.open()
        try:
            before = header_of(path)
        except BaseException:
            self.close()
            raise
        self.header = None if anew else before
        size = os.fstat(self._file).st_size
        self._whole = 0 if self.header is None else size  # bytes up to the end of the last whole line
        self._torn = self._whole < size  # more than that is in the file

    def open(self) -> None:
        """Open it again after it was closed."""
        if self._file >= 0:
            return
        try:
            file = os.open(self.path, _FLAGS, 0o666)
        except OSError as error:
            raise UsageError(f"the journal {self.path} cannot be written: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise UsageError(f"the journal {self.path} is no file that can be read again; give another")
            _lock(file, self.path)
        except BaseException:
            os.close(file)
            raise
        self._file = file

    def write(self, record: Mapping[str, Any]) -> None:
        """Write one record, the header first. Those that cannot be written are counted, and the file says how many are
        missing where they are: in one piece with the next record that can be written.

        Nothing is written to a file that is closed.
        """
        if self._file < 0:
            return
        is_header = not (self._whole or self._first)
        try:
            line = line_of(record)
            if is_header:
                self._first, line = line, b""
            self._append(line)
        except (OSError, ValueError, RecursionError) as error:
            self._lost += not is_header
            self._tell_failing(_reason(error))
            return
        self._tell_written()

    def cut(self, size: int) -> None:
        """Drop the last bytes of the file, a line that is not whole, before more is written."""
        self._whole -= size
        self._torn = True

    def end_line(self) -> None:
        """End the last line, where it is whole but for its end, before more is written."""
        os.lseek(self._file, max(0, self._whole - 1), os.SEEK_SET)
        if os.read(self._file, 1) not in (b"", b"\n"):
            self._first = b"\n"

    def close(self) -> None:
        """Write no more, but how many records are missing at the end."""
        if self._file < 0:
            return
        try:
            if self._lost:
                self._append(b"")
                self._tell_written()
        except OSError:  # which was said
            self._say(f"the journal {self.path} ends before its time: {missing(self._lost)}")
        file, self._file = self._file, -1
        try:
            os.close(file)
        except OSError as error:  # only now does a file system on another machine tell that it is full
            self._tell_failing(_reason(error))

    def _append(self, line: bytes) -> None:
        """Write all that is due up to this line, or nothing of it: what a write that failed has left is taken away."""
        if self._torn:
            os.ftruncate(self._file, self._whole)
        self._torn = True
        lost = line_of({"record": "lost", "count": self._lost}) if self._lost else b""
        left = memoryview(self._first + lost + line)
        size = len(left)
        while left:
            left = left[self._write_bytes(self._file, left) :]  # type: ignore[arg-type]  # a view is written like bytes
        self._torn, self._first = False, b""
        self._whole += size

    def _tell_written(self) -> None:
        if self._is_failing:
            self._say(f"the journal {self.path} is written again; {missing(self._lost)}")
        self._lost, self._is_failing = 0, False

    def _tell_failing(self, reason: str) -> None:
        if not self._is_failing:
            self._say(f"the journal {self.path} cannot be written: {reason}; serving goes on without it")
        self._is_failing = True


def keep(file: JournalFile, worlds: Worlds, wanted: Wanted, version: str) -> Restored | None:
    """Record all that happens in these worlds, which are new, after they took what the file holds already.

    None when it holds nothing. Raises JournalError when that cannot be taken; the file is closed then.
    """
    try:
        return _keep(file, worlds, wanted, version)
    except BaseException:
        file.close()
        raise


def _keep(file: JournalFile, worlds: Worlds, wanted: Wanted, version: str) -> Restored | None:
    definitions = Definitions()
    recorder = Recorder(file.write, definitions)
    found = None
    if file.header is None:
        recorder.header(worlds.services, worlds.settings, version)
    else:
        name = str(file.path)
        fitting(file.header, worlds, definitions, name)
        torn: list[int] = []
        found = restore(_watched(records_of(file.path), torn), worlds, Sources(wanted), definitions, name)
        if torn:
            file.cut(torn[0])
        file.end_line()
    worlds.record(recorder)
    if found is not None:
        for entry in found.untold:
            if (world := worlds.find(entry.world)) is not None:
                recorder.told(world, entry)
        pick_up(worlds)
    return found


class Sources:
    """Loads what single worlds of a journal served beside, or instead of, what the server serves."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted

    def services(self, fixtures: Sequence[Sequence[str]]) -> tuple[Service, ...]:
        """What the server serves, with these fixtures."""
        named = tuple(_loadable(file) for file, digest in fixtures if not digest.endswith(KEYS_ONLY))
        return assemble(replace(self._wanted, fixtures=named))

    def document(self, name: str, file: str, mounts: Sequence[str]) -> Service:
        """One more document, from the file that it was in."""
        (service,) = assemble(replace(self._wanted, vendors=(), specs=((name, Path(file)),), fixtures=(), overlays=()))
        return service.at(*mounts)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, whose first one is read as far as a header may go: who knows what it is."""
    first = file.readline(_HEADER)
    if first:
        yield first
        yield from file


def _reason(error: Exception) -> str:
    match error:
        case OSError():
            return error.strerror or type(error).__name__
        case RecursionError():
            return "a record is nested more deeply than Python writes"
    return f"a record is no JSON: {error}"


def _loadable(file: str) -> str:
    """The word for a fixture that messages call so: `fixtures/acme/bulk.yaml` is shipped as `acme/bulk`."""
    word = file.removeprefix("fixtures/").removesuffix(".yaml")
    shipped = shipped_fixture(word)
    return word if shipped is not None and data.shown(shipped) == file else file


def _watched(records: Iterator[Record], torn: list[int]) -> Iterator[Record]:
    """The same records; the size of a torn line is put into `torn`."""
    for record in records:
        if isinstance(record, Torn):
            torn.append(record.size)
        yield record


def _lock(file: int, path: Path) -> None:
    """Raise CouldNotRun when another process writes this file. It is free again as soon as that is gone."""
    with suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = f"the journal {path} is written by another process; stop that, or give another file"
            raise CouldNotRun(said) from None
        except OSError:
            return  # a file system that knows no locks
