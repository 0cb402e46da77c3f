"""Worlds from the records of a journal: each takes again what it took, and its answers are held against the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from mockserver.engine.definition import Definitions, digest_of
from mockserver.engine.inputform import from_json
from mockserver.engine.inputs import Attempted, Wrote
from mockserver.engine.log import Closed, Header, JournalError, Lost, Opened, Record, Reset, Told, Took, Torn
from mockserver.engine.messages import Entry, Sent
from mockserver.engine.seal import Seal
from mockserver.engine.service import Service
from mockserver.engine.world import World
from mockserver.engine.worlds import Worlds
from mockserver.errors import MockserverError, Place, UsageError

CUT_OFF = "cut off: the server stopped"
_TOLD = 20  # records that are not exact, of which more is told than their number


class Sources(Protocol):
    """Where services come from that single worlds have."""

    def services(self, fixtures: Sequence[Sequence[str]]) -> tuple[Service, ...]:
        """What the server serves, with these fixtures: file and digest of each."""

    def document(self, name: str, file: str, mounts: Sequence[str]) -> Service:
        """One more document."""


class Inexact(Struct, frozen=True):
    """From this line on a world may be another than the one that was recorded."""

    world: str | None  # None: any of them
    line: int
    why: str

    def __str__(self) -> str:
        """Line, world and reason."""
        which = "" if self.world is None else f", world {self.world}" if self.world else ", the default world"
        return f"line {self.line}{which}: {self.why}"


class Restored(Struct, frozen=True):
    """What became of a journal."""

    inputs: int = 0
    requests: int = 0
    worlds: int = 0
    inexact: tuple[Inexact, ...] = ()
    more: int = 0  # beyond `inexact`
    torn: bool = False  # its last line was not whole and is passed over
    untold: tuple[Entry, ...] = ()  # made anew, for a request whose server was killed before it was answered


def fitting(header: Header, worlds: Worlds, definitions: Definitions, name: str) -> None:
    """Raise JournalError unless the worlds are set up as those of the journal called `name` were."""
    settings = worlds.settings
    known = (("seed", header.seed, settings.seed), ("clock", header.clock, settings.clock))
    for what, was, now in known:
        if was != now:
            said = f"the journal was recorded with {what} {was}, and {what} {now} is asked for"
            raise JournalError(Place(name), said, f"say --{what} {was}, or give another file")
    changed = definitions.difference(header.services, worlds.services)
    if changed:
        hint = "serve what it was recorded with, or give another file"
        raise JournalError(Place(name), f"the journal is of another world: {changed}", hint)
    if header.limits != settings.limits:
        hint = f"it was {header.limits.max_body} and {header.limits.max_depth} then"
        raise JournalError(Place(name), "the journal was recorded with other limits (max-body, max-depth)", hint)


def restore(
    records: Iterable[Record], worlds: Worlds, sources: Sources, definitions: Definitions, name: str
) -> Restored:
    """Let `worlds`, which are new, take all that the journal called `name` holds.

    Raises JournalError for what cannot be taken at all; what is not exact is told.
    """
    return _Replay(worlds, sources, definitions, name).play(records)


def pick_up(worlds: Worlds) -> None:
    """Tell restored worlds that what their shell was about to do will not be reported any more."""
    for world in filter(None, map(worlds.find, worlds.names)):
        for number in world.streams.numbers:
            world.apply(Wrote(number, Sent(0, 0.0, cut_off=True)))
        for id in world.outbox.under_way:
            world.apply(Attempted(id, None, CUT_OFF))


class _Replay:
    def __init__(self, worlds: Worlds, sources: Sources, definitions: Definitions, name: str) -> None:
        self._worlds, self._sources, self._definitions, self._name = worlds, sources, definitions, name
        self._answered: dict[str, tuple[Entry, Took]] = {}  # by world: the entry that is to be compared
        self._has_gaps = False
        self._seals: dict[str, tuple[tuple[Service, ...], Seal]] = {}
        self._inexact: list[Inexact] = []
        self._more = self._inputs = self._requests = 0

    def play(self, records: Iterable[Record]) -> Restored:
        torn = False
        for record in records:
            match record:
                case Took():
                    self._take(record)
                case Told():
                    self._compare(record)
                case Opened():
                    self._open(record)
                case Reset(name, line):
                    if self._find(name, line):
                        self._worlds.reset(name)
                case Closed(name, owner, line):
                    if self._find(name, line):
                        self._worlds.close(name, owner)
                        self._seals.pop(name, None)
                case Lost(line=line):
                    self._has_gaps = True
                    self._tell(None, line, str(record))
                case Torn():
                    torn = True
                case Header():
                    pass
        untold = tuple(entry for entry, _ in self._answered.values())
        number = len(self._worlds.names)
        return Restored(self._inputs, self._requests, number, tuple(self._inexact), self._more, torn, untold)

    def _take(self, record: Took) -> None:
        self._answered.pop(record.world, None)
        world = self._find(record.world, record.line)
        if world is None:
            return
        if record.unrepeatable:
            self._tell(record.world, record.line, f"{record.kind} cannot be repeated: {record.unrepeatable}")
            return
        try:
            given = from_json(self._seal(world).open(record.given), self._service)
        except ValueError as error:
            raise JournalError(Place(self._name, record.line), f"the input {error}", "it was edited") from None
        self._inputs += 1
        try:
            came = world.apply(given)
        except UsageError:
            return  # as it was then: a move that the clock does not allow
        if isinstance(came, Entry):
            self._requests += 1
            self._answered[record.world] = came, record

    def _compare(self, record: Told) -> None:
        entry, asked = self._answered.pop(record.world, (None, None))
        if entry is None or asked is None or not record.digest:
            return
        if entry.number != record.entry.get("number") or digest_of(entry.answer) != record.digest:
            why = f"request #{record.entry.get('number')} is answered otherwise now"
            self._tell(record.world, record.line, why + ("; a secret in it was masked" if asked.masked else ""))

    def _open(self, record: Opened) -> None:
        services = None
        if record.services is not None:
            fixtures = [each for one in record.services for each in one.get("fixtures", ())]
            services = self._sources.services(list(dict.fromkeys(map(tuple, fixtures))))
            changed = self._definitions.difference(record.services, services)
            if changed:
                said = f'the world "{record.world}" was another: {changed}'
                raise JournalError(Place(self._name, record.line), said, "give it what it was recorded with")
        name = record.world
        if self._has_gaps and self._worlds.find(name) is not None:
            self._tell(name, record.line, "its end is among the missing records")
            self._worlds.close(name)
        try:
            self._worlds.open(name, seed=record.seed, clock=record.clock, start=record.start, services=services)
        except UsageError as error:
            raise JournalError(Place(self._name, record.line), str(error), "the file was edited") from None

    def _service(self, said: Mapping[str, Any]) -> Service:
        """The document of such a definition. Raises ValueError when it is no longer what it was."""
        try:
            found = self._sources.document(said["name"], said["file"], said["mounts"])
        except MockserverError as error:
            raise ValueError(f"names a document that is not there any more: {error}") from None
        changed = self._definitions.difference((said,), (found.at(*said["mounts"]),))
        if changed:
            raise ValueError(f"names a document that has changed: {changed}")
        return found.at(*said["mounts"])

    def _seal(self, world: World) -> Seal:
        services, seal = self._seals.get(world.name, ((), None))
        if seal is None or services is not world.services:
            seal = Seal(world.services)
            self._seals[world.name] = world.services, seal
        return seal

    def _find(self, name: str, line: int) -> World | None:
        """The world that a record is about; None when its beginning is among records that are missing."""
        world = self._worlds.find(name)
        if world is None and not self._has_gaps:
            said = f'there is no world "{name}" at this line'
            raise JournalError(Place(self._name, line), said, "lines were taken out before it")
        if world is None:
            self._tell(name, line, "its beginning is among the missing records")
        return world

    def _tell(self, world: str | None, line: int, why: str) -> None:
        if len(self._inexact) < _TOLD:
            self._inexact.append(Inexact(world, line, why))
        else:
            self._more += 1
