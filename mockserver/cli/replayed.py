"""How those in a journal behaved, clients and receivers: its worlds take again what they took, as when a server goes on
with it.

That is about what happened then, so the documents and fixtures of then are needed, whatever the traffic is held
against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.contract.coverage import Coverage, LifecycleCoverage, covered
from mockserver.contract.findings import Finding, of_deliveries
from mockserver.contract.manners import History
from mockserver.contract.traffic import Manners, of_manners
from mockserver.engine.definition import Definitions
from mockserver.engine.log import Header, Record, Told, Took
from mockserver.engine.restore import Restored, fitting, restore
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.engine.worlds import Worlds
from mockserver.errors import MockserverError, Place
from mockserver.journalfile import Sources, records_of
from mockserver.outlook import given_up
from mockserver.vendors.assembly import KEYS_ONLY, Wanted
from mockserver.vendors.catalogue import vendors


class Behaviour(Struct, frozen=True):
    """What was found, each `also` at the line of its entry in the file, and what is not known for certain."""

    findings: tuple[Finding, ...] = ()
    lifecycles: tuple[LifecycleCoverage, ...] = ()  # how executions ended
    remarks: tuple[str, ...] = ()


def behaviour(path: Path, header: Header, choice: Manners) -> Behaviour:
    """The bad manners in the journal at `path`, which begins with this header, and the webhooks that were given up."""
    name, definitions = str(path), Definitions()
    sources = Sources(_wanted(header.services))
    watch = _Watch(name, choice)
    try:
        fixtures = [tuple(each) for one in header.services for each in one.get("fixtures", ())]
        services = sources.services(list(dict.fromkeys(fixtures)))
        worlds = Worlds(services, Settings(header.seed, header.clock, header.start, limits=header.limits))
        fitting(header, worlds, definitions, name)
        worlds.on_leave = watch.leave
        with closing(records_of(path)) as records:
            restored = restore(watch.seen(records), worlds, sources, definitions, name)
    except MockserverError as error:
        said = f"{name}: manners, webhooks (E301 to E307) and ends of executions were not looked at: {error}"
        return Behaviour(remarks=(said,))
    for world in filter(None, map(worlds.find, worlds.names)):
        watch.leave(world)
    return Behaviour(tuple(watch.found(restored)), watch.ends.lifecycles, tuple(_doubts(name, restored)))


class _Watch:
    """Looks at each world when it ends."""

    def __init__(self, name: str, choice: Manners) -> None:
        self.ends = Coverage()  # of executions; answers are counted by whoever holds them
        self._name, self._choice = name, choice
        self._lines: dict[str, dict[int, int]] = defaultdict(dict)  # by world: where its entries are in the file
        self._attempts: dict[str, int] = {}  # by webhook: where its last attempt is
        self._found: list[tuple[str, Finding]] = []

    def seen(self, records: Iterable[Record]) -> Iterator[Record]:
        """The same records; where entries are is remembered."""
        for record in records:
            if isinstance(record, Told):
                self._lines[record.world].setdefault(int(record.entry["number"]), record.line)
            elif isinstance(record, Took) and record.kind == "Attempted":
                self._attempts[str(record.given.get("delivery"))] = record.line
            yield record

    def leave(self, world: World) -> None:
        """Take in what clients and receivers did in a world that ends, and how its executions did."""
        self.ends = self.ends.merge(covered(world.services, {}, world.executions.all, world.outbox.all))
        lines = self._lines.pop(world.name, {})
        for finding in of_manners(History.of(world, ""), world.secrets, self._choice):
            line = lines.get(finding.request.number, 0) if finding.request else 0
            self._found.append((world.name, replace(finding, also=Place(self._name, line))))
        lost = given_up(world.outbox.all)
        for one, finding in zip(lost, of_deliveries(lost, world.secrets), strict=True):
            self._found.append((world.name, replace(finding, also=Place(self._name, self._attempts.get(one.id, 0)))))

    def found(self, restored: Restored) -> Iterator[Finding]:
        """All of it. In a world that is not as it was, nothing is certain."""
        doubtful = {one.world for one in restored.inexact}
        for world, finding in self._found:
            yield replace(finding, severity="note") if restored.more or world in doubtful else finding


def _wanted(definitions: Sequence[Mapping[str, Any]]) -> Wanted:
    """What a server was asked for that served this."""
    shipped = vendors()
    fixtures = [digest for one in definitions for _, digest in one.get("fixtures", ())]
    own = [one for one in definitions if one.get("vendor") not in shipped]
    return Wanted(
        vendors=tuple(dict.fromkeys(one["vendor"] for one in definitions if one not in own)),
        specs=tuple((one["name"], Path(str(one.get("file", "")))) for one in own),
        shipped_scenarios=not any(digest.endswith(KEYS_ONLY) for digest in fixtures),
        any_key=all(one.get("any_key") for one in definitions),
    )


def _doubts(name: str, restored: Restored) -> Iterator[str]:
    """Why it is not certain."""
    if restored.inexact:
        first, more = restored.inexact[0], len(restored.inexact) - 1 + restored.more
        others = f", and {more} more" if more else ""
        what = "manners, webhooks and ends of executions"
        yield f"{name}: {what} are not certain, as not all is as it was: {first}{others}"
