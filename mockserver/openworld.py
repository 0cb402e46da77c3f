"""A world that a test holds open in a running server: its address and clock, and what fails the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

from mockserver import failures, outlook, seen
from mockserver.engine.delivery import Delivery
from mockserver.engine.inbox import Arrival
from mockserver.engine.inputs import Input, Serve
from mockserver.engine.messages import Entry
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.world import World
from mockserver.errors import UsageError, Violation
from mockserver.failures import Broken, Findings, LeftOver
from mockserver.outlook import Outlook
from mockserver.seen import Background
from mockserver.server import Server
from mockserver.stubbing import here, unknown
from mockserver.worldclock import WorldClock, in_loop

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it
_T = TypeVar("_T")


class OpenWorld:
    """An isolated world of a running server."""

    def __init__(
        self,
        server: Server,
        *,
        name: str = "mockserver",
        seed: int | None = None,
        clock: ClockMode | None = None,
        start: float | None = None,
        services: tuple[Service, ...] | None = None,
    ) -> None:
        """Open it. `name` is how failure texts call it; without `services` it serves what the server serves."""
        self.label = name
        self._server = server
        self._world = server.run(partial(server.worlds.open, seed=seed, clock=clock, start=start, services=services))
        self.name = self._world.name
        self.services = self._world.services
        self._names: dict[str, str] = {}
        self._count = 0
        self._checked = 0  # entries up to this number were held against the contract
        self._allowed: set[tuple[int, Violation]] = set()
        self._told: set[str] = set()  # deliveries that were given up and are in the findings
        self._undelivered_allowed: set[str] = set()  # services whose webhooks may be given up
        self._before = Findings()  # what was found before a reset
        self.clock = WorldClock(server, self.name)

    @property
    def url(self) -> str:
        """The address of this world; a service's base URL is below it."""
        return f"{self._server.url}/w/{quote(self.name, safe='')}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests that reached this world and were answered, oldest first."""
        return self.ask(lambda world: world.journal.entries)

    def services_of(self, name: str) -> tuple[Service, ...]:
        """The services of a vendor, or the document of this name. Raises ScriptError when nothing here is called so."""
        found = tuple(each for each in self.services if name in (each.vendor.name, each.name))
        return found or unknown(here(), "nothing here is called", name, [each.name for each in self.services])

    def serve(self, service: Service) -> None:
        """Serve one more document."""
        if any(each.name == service.name for each in self.services):
            raise UsageError(f'two documents are called "{service.name}"; give one another name')
        self.give(Serve(service))
        self.services = (*self.services, service)

    def call(self, services: Sequence[Service], name: str) -> None:
        """From here on failure texts call the mock of these services by this name."""
        self._names |= {service.name: name for service in services}

    def reset(self) -> None:
        """Begin anew: a fresh journal and clock, no scripts. What was found wrong until then still fails the test."""
        self._before = self.findings()
        self._world = self._server.run(lambda: self._server.worlds.reset(self.name))
        for service in self.services[len(self._world.services) :]:
            self.give(Serve(service))
        self._checked = 0
        self._allowed.clear()
        self._undelivered_allowed.clear()

    def allow_violations(self, operation: str | None = None, *, at: str | None = None) -> Allowance:
        """`with world.allow_violations(): ...`: the client may break the contract while the body runs.

        Like pytest.raises: AssertionError (E203) if nothing was broken.
        """
        return Allowance(self, lambda entry: operation is None or entry.operation == operation, operation, at)

    def allow(self, number: int, violations: Sequence[Violation]) -> None:
        """These violations of entry `number` do not fail the test."""
        self._allowed |= {(number, each) for each in violations}

    def allow_undelivered(self, services: Iterable[str]) -> None:
        """Webhooks of these services may be given up: that does not fail the test."""
        self._undelivered_allowed |= set(services)

    def findings(self) -> Findings:
        """What fails the test by now: contracts broken and not allowed, scripts left over, webhooks given up."""
        entries, left, sent = self.ask(lambda world: (world.journal.entries, (*_left_over(world),), world.outbox.all))
        self._checked = max([self._checked, *(entry.number for entry in entries)])
        undelivered = self._undelivered(sent)
        self._told |= {one.id for one in undelivered}
        beside = tuple(self._beside(*each, entries) for each in left)
        return self._before + Findings(self._broken(entries), beside, undelivered)

    def settle(self, limit: float) -> None:
        """Return when no webhook is ready to leave or at its receiver, or after `limit` seconds of wall time.

        Inside a running event loop it returns at once: a receiver in it could not answer.
        """
        if in_loop() or not self.ask(lambda world: world.outbox.is_open):
            return
        loop = asyncio.new_event_loop()
        try:
            with suppress(TimeoutError):
                loop.run_until_complete(asyncio.wait_for(self._server.asettle(self.name), limit))
        finally:
            loop.close()

    async def asettle(self) -> None:
        """Return when no webhook is ready to leave or at its receiver."""
        await self._server.asettle(self.name)

    def close(self, owner: str = "") -> Findings:
        """Close the world; late requests are told that it was `owner`'s. What was found since `findings` was asked."""

        def close() -> tuple[tuple[Entry, ...], tuple[Delivery, ...]]:
            world = self._server.worlds.close(self.name, owner)
            return world.journal.entries, world.outbox.all

        entries, sent = self._server.run(close)
        late = tuple(one for one in self._undelivered(sent) if one.id not in self._told)
        return Findings(self._broken([entry for entry in entries if entry.number > self._checked]), undelivered=late)

    def report(self, findings: Findings, *, raised: bool = False) -> str:
        """The findings as text; "" when there are none. `raised`: the test failed by itself."""
        return failures.report(findings, self.background, raised=raised)

    def brief(self, findings: Findings) -> str:
        """The broken contracts in few lines."""
        return failures.brief(findings, self.background)

    def journal(self) -> str:
        """What reached the world, what it did by itself, and what became of its webhooks, as text."""
        entries, notes, dropped, now = self.ask(
            lambda world: (world.journal.entries, world.journal.notes, world.journal.dropped, Outlook.of(world))
        )
        background = self.background
        came = seen.journal(entries, dropped, background, notes)
        return "\n".join(part for part in (came, outlook.summary(now, background)) if part)

    def notes(self) -> str:
        """What a test that passed may want to know: webhooks that were blocked, dropped, or are not yet due."""
        now = self.outlook
        return outlook.summary(now, self.background) if any(one.state != "delivered" for one in now.deliveries) else ""

    @property
    def outlook(self) -> Outlook:
        """Where the world stands now."""
        return self.ask(Outlook.of)

    @property
    def background(self) -> Background:
        """What failure texts need to know."""
        world = self._world
        setting = f"world {self.name}, seed {world.settings.seed}, clock {world.mode}"
        return Background(self.services, world.secrets, dict(self._names), self.label, setting)

    def give(self, given: Input) -> None:
        """Let an input into the world. Webhooks that it makes due are posted in the background."""
        self._server.give(self.name, given)

    def received(self, inbox: str, number: int = 0, timeout: float = 0.0) -> tuple[Arrival, ...]:
        """What came to an inbox, as soon as that is `number`, or what there is after `timeout` seconds of wall time."""
        if not number:
            return self.ask(lambda world: world.inboxes.received(inbox))
        return self._server.wait_for_inbox(self.name, inbox, number, timeout)

    async def areceived(self, inbox: str, number: int, timeout: float) -> tuple[Arrival, ...]:
        """`received`, awaited."""
        return await self._server.await_for_inbox(self.name, inbox, number, timeout)

    def ask(self, function: Callable[[World], _T]) -> _T:
        """What `function` says of the world: called on the server's thread."""
        return self._server.run(lambda: function(self._world))

    def next_number(self) -> int:
        """A number for one more script."""
        self._count += 1
        return self._count

    def _undelivered(self, sent: Sequence[Delivery]) -> tuple[Delivery, ...]:
        return tuple(one for one in outlook.given_up(sent) if one.service not in self._undelivered_allowed)

    def _broken(self, entries: Sequence[Entry]) -> tuple[Broken, ...]:
        return failures.broken(entries, self._allowed)

    def _beside(self, script: Stub | InputScript, clause: str, entries: Sequence[Entry]) -> LeftOver:
        services = {name for name, _ in script.targets} if isinstance(script, Stub) else script.services
        mock = self.background.mock(min(services))
        return LeftOver(script, clause, mock, tuple(entry for entry in entries if entry.service in services))


class Allowance:
    """A stretch of a test in which the client may break the contract; afterwards it says how the client did."""

    def __init__(self, world: OpenWorld, fits: Callable[[Entry], bool], operation: str | None, at: str | None) -> None:
        self._open, self._fits, self._operation, self._at = world, fits, operation, at
        self._first = 1
        self.entries: tuple[Entry, ...] = ()  # the requests that broke it
        self.violations: tuple[Violation, ...] = ()

    def __enter__(self) -> Self:
        self._first = self._open.ask(lambda world: world.journal.next_number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        came = tuple(entry for entry in self._open.entries if entry.number >= self._first)
        for entry in filter(self._fits, came):
            broken = tuple(each for each in entry.violations if self._covers(each))
            if broken:
                self._open.allow(entry.number, broken)
                self.entries += (entry,)
                self.violations += broken
        if error is None and not self.violations:
            raise AssertionError(failures.did_not_happen(self._operation, self._at, came, self._open.background))

    def _covers(self, violation: Violation) -> bool:
        at, where = self._at, violation.where
        return violation.code.startswith("E1") and (at is None or where == at or where.startswith(f"{at.rstrip('/')}/"))


def _left_over(world: World) -> Iterator[tuple[Stub | InputScript, str]]:
    """The scripts that were not asked for as often as they say, oldest first."""
    for stub in reversed(world.stubs):
        if clause := stub.left_over(world.used("stub", stub.number)):
            yield stub, clause
    for script in reversed(world.input_scripts):
        if clause := script.left_over(world.used("input", script.number)):
            yield script, clause
