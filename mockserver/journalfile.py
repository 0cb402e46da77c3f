"""A journal as a file: each record is with the operating system before anything goes on, so kill -9 loses none.

It is not forced to the disk: a machine that loses its power may lose what its system had not written yet. A full disk
is said once, and serving goes on; so is that records are written again.
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
from mockserver.engine.log import Header, Record, Torn, line_of, read
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
        self._torn = False
        self._lost = 0
        self.open()
        try:
            before = header_of(path)
        except BaseException:
            self.close()
            raise
        self.header = None if anew else before
        if self.header is None:
            os.ftruncate(self._file, 0)
        self._whole = os.fstat(self._file).st_size  # bytes up to the end of the last whole line

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
        """Write one record. What cannot be written is counted, and the next one that can tells how many are missing.

        Nothing is written to a file that is closed.
        """
        if self._file < 0:
            return
        try:
            line = line_of(record)
        except (ValueError, RecursionError):  # a number of thousands of digits, say
            self._lost += 1
            return
        try:
            self._mend()
            if self._lost:
                self._append(line_of({"record": "lost", "count": self._lost}))
            self._append(line)
        except OSError as error:
            if not self._lost:
                reason = error.strerror or type(error).__name__
                self._say(f"the journal {self.path} cannot be written: {reason}; serving goes on without it")
            self._lost += 1
            return
        if self._lost:
            self._say(f"the journal {self.path} is written again; {self._lost} records are missing")
            self._lost = 0

    def cut(self, size: int) -> None:
        """Drop the last bytes of the file: a line that is not whole."""
        self._whole -= size
        os.ftruncate(self._file, self._whole)

    def end_line(self) -> None:
        """End the last line, where it is whole but for its end."""
        os.lseek(self._file, max(0, self._whole - 1), os.SEEK_SET)
        if os.read(self._file, 1) not in (b"", b"\n"):
            self._append(b"\n")

    def close(self) -> None:
        """Write no more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> None:
        self._torn = True
        left = memoryview(line)
        while left:
            left = left[self._write_bytes(self._file, left) :]  # type: ignore[arg-type]  # a view is written like bytes
        self._torn = False
        self._whole += len(line)

    def _mend(self) -> None:
        """Take away what a write that failed has left of its line."""
        if self._torn:
            os.ftruncate(self._file, self._whole)
            self._torn = False


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
