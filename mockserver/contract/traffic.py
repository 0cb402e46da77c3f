"""What the worlds of a server saw, as findings, rows and coverage: taken in as it comes, and when a world ends.

A journal is bounded: what falls out of it was taken in before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.contract.coverage import Coverage, of_world
from mockserver.contract.findings import Finding, of_breaches, of_deliveries, of_violation
from mockserver.contract.manners import HASTY, History, manners
from mockserver.contract.report import Row
from mockserver.engine.delivery import Delivery
from mockserver.engine.messages import Entry, Sent
from mockserver.engine.secrets import Secrets
from mockserver.engine.world import World

Manners = Literal["off", "warn", "fail"]
MOST_ROWS = 1000
_MOST_ALIKE = 200  # findings of one fingerprint that are kept


class _Part(Struct):
    """What is known of a world that is open."""

    world: World
    number: int  # tells it from another of the same name
    broken: dict[int, int] = field(default_factory=dict)  # by entry: how many of its violations are taken in


class Traffic:
    """Gathers on the server's thread. `given_up` chooses the webhooks whose receiver had a fair chance."""

    def __init__(
        self, *, manners: Manners = "warn", given_up: Callable[[Sequence[Delivery]], Sequence[Delivery]]
    ) -> None:
        self.own = ""  # where we serve
        self.requests = 0
        self.coverage = Coverage()
        self._manners, self._given_up = manners, given_up
        self._findings: list[Finding] = []
        self._alike: Counter[str] = Counter()
        self._rows: dict[tuple[int, int], Row] = {}
        self._parts: dict[int, _Part] = {}
        self._worlds = 0
        self._told: set[str] = set()  # webhooks

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in order; of very many that are alike, the first ones."""
        return tuple(self._findings)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The first requests, in the order in which they were answered."""
        return tuple(self._rows.values())

    @property
    def left_out(self) -> int:
        """How many findings are alike to so many others that they are only counted here."""
        return sum(max(0, number - _MOST_ALIKE) for number in self._alike.values())

    def heard(self, world: World, entry: Entry, sent: Sent) -> None:
        """Take in a request that was answered, of a world that is open."""
        self._take(world, replace(entry, sent=sent))

    def webhooks(self, worlds: Iterable[World]) -> None:
        """Take in the webhooks that are given up by now: their receiver may be gone soon."""
        for world in worlds:
            lost = [one for one in self._given_up(world.outbox.all) if one.id not in self._told]
            self._told |= {one.id for one in lost}
            for finding in of_deliveries(lost, world.secrets):
                self._add(finding)

    def has_told(self, delivery: Delivery) -> bool:
        """Whether a webhook is among the findings."""
        return delivery.id in self._told

    def leave(self, world: World) -> None:
        """Take in all of a world that ends."""
        self.webhooks([world])
        self.end(world)

    def end(self, world: World) -> None:
        """Take in all of a world but its webhooks."""
        history = History.of(world, self.own)
        for entry in history.entries:
            self._take(world, entry)
        for finding in of_manners(history, world.secrets, self._manners):
            self._add(finding)
        self.requests += world.journal.next_number - 1
        self.coverage = self.coverage.merge(of_world(world))
        self._parts.pop(id(world), None)

    def _take(self, world: World, entry: Entry) -> None:
        part = self._parts.get(id(world))
        if part is None:
            self._worlds += 1
            part = self._parts[id(world)] = _Part(world, self._worlds)
        before = part.broken.get(entry.number)
        if before is not None and before >= len(entry.violations):
            return
        part.broken[entry.number] = len(entry.violations)
        new = [of_violation(one, entry, world.secrets) for one in entry.violations[before or 0 :]]
        for finding in new:
            self._add(finding)
        key = (part.number, entry.number)
        row = self._rows.get(key) or (Row.of(entry, world.secrets) if len(self._rows) < MOST_ROWS else None)
        if row is not None:
            marks = tuple((one.code, one.fingerprint) for one in new)
            self._rows[key] = replace(row, found=row.found + marks)

    def _add(self, finding: Finding) -> None:
        self._alike[finding.fingerprint] += 1
        if self._alike[finding.fingerprint] <= _MOST_ALIKE:
            self._findings.append(finding)


def of_manners(history: History, secrets: Secrets, choice: Manners) -> Iterator[Finding]:
    """The bad manners in a history that are to be told. E301 is asked for by the service, so it is an error always."""
    found = [one for one in manners(history, secrets) if choice != "off" or one.code == HASTY]
    for finding in of_breaches(found, history.entries, secrets):
        is_told = finding.severity == "error" and finding.code != HASTY and choice != "fail"
        yield replace(finding, severity="warning") if is_told else finding
