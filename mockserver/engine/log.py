"""The records of a journal file: one JSON object a line, a header first. Where the lines come from is not known.

What each record holds is in docs/journal.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mockserver.engine.settings import ClockMode, Limits
from mockserver.errors import LocatedError, Place

FORMAT = "mockserver journal"
VERSION = 1
_BEGINS = f'{{"format":"{FORMAT}"'.encode()


class JournalError(LocatedError):
    """A file is no journal that can be read, or one of another world."""


class Header(Struct, frozen=True):
    """The first line: which format, who wrote it, and how the worlds of its server are set up."""

    mockserver: str  # the version that began it
    seed: int
    clock: ClockMode
    start: float
    limits: Limits
    services: tuple[Mapping[str, Any], ...]  # definitions: names and digests
    line: int = 1


class Opened(Struct, frozen=True):
    """A world was opened. `services` None: it serves what the server serves."""

    world: str
    seed: int
    clock: ClockMode
    start: float
    services: tuple[Mapping[str, Any], ...] | None
    line: int


class Reset(Struct, frozen=True):
    """A new world took the place of the one of this name."""

    world: str
    line: int


class Closed(Struct, frozen=True):
    """A world was closed; it was `owner`'s."""

    world: str
    owner: str
    line: int


class Took(Struct, frozen=True):
    """A world took an input: `given` is its JSON, sealed. `unrepeatable`: why it is not whole, "" when it is."""

    world: str
    given: Mapping[str, Any]
    line: int
    unrepeatable: str = ""
    masked: bool = False  # a secret in it was hidden for good

    @property
    def kind(self) -> str:
        """What it is: `Request`, `Tick`, ..."""
        return str(self.given.get("is", ""))


class Told(Struct, frozen=True):
    """A request was answered: `entry` is what the admin API shows of it. Of a stream there are two."""

    world: str
    entry: Mapping[str, Any]
    line: int
    digest: str = ""  # tells these bytes from any others; "" for a stream

    @property
    def is_under_way(self) -> bool:
        """Whether it is a stream that has just begun."""
        return "chunks" in self.entry and self.entry["chunks"] is None


class Lost(Struct, frozen=True):
    """So many records could not be written here."""

    count: int
    line: int

    def __str__(self) -> str:
        """`1 record is missing: it could not be written`."""
        return f"{missing(self.count)}: {'it' if self.count == 1 else 'they'} could not be written"


class Torn(Struct, frozen=True):
    """The last line is not whole: whoever wrote it was killed meanwhile. `size` bytes are to be passed over."""

    size: int
    line: int


Record = Header | Opened | Reset | Closed | Took | Told | Lost | Torn


def read(lines: Iterable[bytes], name: str) -> Iterator[Record]:
    """The records of a file called `name`, the header first. Nothing for a file without a line.

    Raises JournalError, with the line, for what is no journal, of another version, or broken before its last line.
    """
    for number, line in enumerate(lines, 1):
        if line.endswith(b"\n") or _is_whole(line) or (number == 1 and not _BEGINS.startswith(line[: len(_BEGINS)])):
            yield _record(number, line, name)
        else:
            yield Torn(len(line), number)


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as a line. ASCII: whatever cuts lines cuts them at their ends only."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def missing(count: int) -> str:
    """`3 records are missing`."""
    if not count:
        return "no record is missing"
    return "1 record is missing" if count == 1 else f"{count} records are missing"


def header_record(header: Header) -> dict[str, Any]:
    """The JSON of a header."""
    limits = {name: getattr(header.limits, name) for name in Limits.__struct_fields__}
    return {
        "format": FORMAT,
        "version": VERSION,
        "mockserver": header.mockserver,
        "seed": header.seed,
        "clock": header.clock,
        "start": header.start,
        "limits": limits,
        "services": list(header.services),
    }


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _record(number: int, line: bytes, name: str) -> Record:
    try:
        value = json.loads(line)
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")
    except (ValueError, RecursionError) as error:
        if number == 1:
            raise _no_journal(name) from None
        said = str(error).partition(":")[0]
        hint = "a journal is written to by its server only; take the line out to read the rest"
        raise JournalError(Place(name, number), f"the line is no record: {said}", hint) from None
    try:
        return _header(value, name) if number == 1 else _later(value, number)
    except (AttributeError, KeyError, TypeError, ValueError):
        if number == 1:
            raise JournalError(Place(name, 1), "the header of the journal is not whole", "record anew") from None
        known = "it knows opened, reset, closed, input, entry and lost"
        raise JournalError(Place(name, number), "the line is no record that this version has", known) from None


def _header(value: Mapping[str, Any], name: str) -> Header:
    if value.get("format") != FORMAT:
        raise _no_journal(name)
    if value.get("version") != VERSION:
        said = f"the journal is of version {value.get('version')!r}; this mockserver reads version {VERSION}"
        writer = f" ({value['mockserver']})" if value.get("mockserver") else ""
        raise JournalError(Place(name, 1), said, f"read it with the mockserver that wrote it{writer}")
    return Header(
        mockserver=str(value["mockserver"]),
        seed=int(value["seed"]),
        clock=value["clock"],
        start=float(value["start"]),
        limits=Limits(**value["limits"]),
        services=tuple(map(_definition, value["services"])),
    )


def _definition(said: Any) -> Mapping[str, Any]:
    """The definition of a service, as it is. Raises one of Python's errors for what is none."""
    if not isinstance(said["name"], str) or not all(isinstance(one, str) for one in said.get("mounts", ())):
        raise TypeError
    for file, digest in said.get("fixtures", ()):
        if not isinstance(file, str) or not isinstance(digest, str):
            raise TypeError
    return dict(said)


def _later(value: Mapping[str, Any], line: int) -> Record:
    match value["record"]:
        case "input":
            said, masked = str(value.get("unrepeatable", "")), bool(value.get("masked"))
            return Took(_world(value), dict(value["input"]), line, said, masked)
        case "entry":
            return Told(_world(value), dict(value["entry"]), line, str(value.get("digest", "")))
        case "opened":
            services = value["services"]
            own = None if services is None else tuple(services)
            return Opened(_world(value), int(value["seed"]), value["clock"], float(value["start"]), own, line)
        case "reset":
            return Reset(_world(value), line)
        case "closed":
            return Closed(_world(value), str(value["owner"]), line)
        case "lost":
            return Lost(int(value["count"]), line)
    raise KeyError(value["record"])


def _world(value: Mapping[str, Any]) -> str:
    return str(value["world"])


def _no_journal(name: str) -> JournalError:
    return JournalError(Place(name), "is no journal of mockserver", "serve --journal FILE writes one")
