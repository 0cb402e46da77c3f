"""A world that a test holds open in a running server: its address and clock, and what fails the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from msgspec.structs import replace

from mockserver import failures, outlook, seen
from mockserver.arguments import ScriptError, here, pointer, refuse_unless, unknown
from mockserver.contract import manners
from mockserver.contract.manners import Breach, History
from mockserver.engine.delivery import Delivery
from mockserver.engine.inbox import Arrival, InboxScript
from mockserver.engine.inputs import Input, Release, Serve
from mockserver.engine.messages import Entry
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.world import World
from mockserver.errors import UsageError, Violation
from mockserver.failures import Broken, Findings, LeftOver
from mockserver.http.addresses import world_url
from mockserver.http.moves import in_loop
from mockserver.look import Look, gates_of
from mockserver.outlook import Outlook
from mockserver.seen import Background
from mockserver.server import Server
from mockserver.worldclock import WorldClock

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
        alias: str | None = None,
        manners: bool = False,
    ) -> None:
        """Open it. `name` is how failure texts call it; without `services` it serves what the server serves.

        `alias`: a name that the server has reserved, which leads here as long as this world is open.
        `manners`: `findings` look at all manners of the client, not only at `Retry-After`.
        """
        refuse_unless(isinstance(server, Server), "OpenWorld() takes a server such as Server().start()", server)
        self.label = name
        self._server = server
        self._alias = alias
        opened = partial(server.worlds.open, alias=alias, seed=seed, clock=clock, start=start, services=services)
        self._world = server.run(opened)
        self.name = self._world.name
        self._path = world_url("", self.name)
        self.services = self._world.services
        self._names: dict[str, str] = {}
        self._count = 0
        self._gates: list[int] = []
        self._checked = 0  # entries up to this number were held against the contract
        self._allowed: set[tuple[int, Violation]] = set()
        self._told: set[str] = set()  # deliveries that were given up and are in the findings
        self._undelivered_allowed: set[str] = set()  # services whose webhooks may be given up
        self._manners = manners
        self._manners_allowed: set[tuple[str, str]] = set()  # (service, code)
        self._before = Findings()  # what was found before a reset
        self._missed: set[int] = set()  # gates that a test waited at in vain
        self._ended: str | None = None  # whose the world was, once it is closed
        self.clock = WorldClock(server, self._name_while_open, lambda: next(iter(self._names.values()), self.label))

    @property
    def url(self) -> str:
        """The address of this world; a service's base URL is below it."""
        return self._server.url + self._path

    @property
    def stable_url(self) -> str:
        """An address that is the same for each world opened with this alias, one after another; without one: `url`."""
        return self.url if self._alias is None else world_url(self._server.url, self._alias)

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

    @property
    def mocked(self) -> tuple[str, ...]:
        """The services that the mocks made so far lead to, by name: the first contract of each."""
        firsts = {mock: service for service, mock in reversed(self._names.items())}
        return tuple(firsts.values())

    def reset(self) -> None:
        """Begin anew: a fresh journal and clock, no scripts. What was found wrong until then still fails the test."""
        self._before = self.findings()
        self.release()
        name = self._name_while_open()
        self._world = self._server.run(lambda: self._server.worlds.reset(name))
        for service in self.services[len(self._world.services) :]:
            self.give(Serve(service))
        self._checked = 0
        self._allowed.clear()
        self._undelivered_allowed.clear()
        self._manners_allowed.clear()

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

    def allow_manners(self, *codes: str, services: Iterable[str] | None = None) -> None:
        """These manners (E301, E303 to E307; none given: all) are let pass, of all services or of these.

        Raises ScriptError for a code that is none of them.
        """
        for code in codes:
            if str(code).startswith("E1"):
                raise ScriptError(here(), f"{code} is a violation", "allow_violations() lets it pass")
            if code not in manners.CODES:
                unknown(here(), "no manners have the code", code, manners.CODES)
        names = [each.name for each in self.services] if services is None else services
        self._manners_allowed |= {(name, code) for name in names for code in codes or manners.CODES}

    def look(self) -> Look:
        """How things stand now: asked once, since each question is a way to the server's thread and back."""
        own = self._server.url
        return self.ask(lambda world: Look.of(world, own))

    def at_rest(self, limit: float) -> Look:
        """How things stand when no webhook is on its way any more, or after `limit` seconds of wall time.

        Inside a running event loop: now. A receiver in it could not answer.
        """
        look = self.look()
        if not look.is_open or in_loop():
            return look
        self.settle(limit)
        return self.look()

    def findings(self, look: Look | None = None) -> Findings:
        """What was found by now, or by then: contracts broken and not allowed, scripts left over, webhooks given up,
        manners."""
        look = look or self.look()
        entries = look.history.entries
        self._checked = max([self._checked, *(entry.number for entry in entries)])
        undelivered = self._undelivered(look.outlook.deliveries)
        self._told |= {one.id for one in undelivered}
        beside = tuple(self._beside(*each, entries) for each in look.left)
        return self._before + Findings(self._broken(entries), beside, undelivered, self._ill_mannered(look.history))

    def settle(self, limit: float) -> None:
        """Return when no webhook is ready to leave or at its receiver, or after `limit` seconds of wall time.

        Inside a running event loop it returns at once: a receiver in it could not answer.
        """
        if in_loop() or not self.ask(lambda world: world.outbox.is_open):
            return
        loop = asyncio.new_event_loop()
        try:
            with suppress(TimeoutError):
                loop.run_until_complete(asyncio.wait_for(self.asettle(), limit))
        finally:
            loop.close()

    async def asettle(self) -> None:
        """Return when no webhook is ready to leave or at its receiver."""
        await self._server.asettle(self._name_while_open())

    def close(self, owner: str = "") -> Findings:
        """Close the world; late requests are told that it was `owner`'s. What was found since `findings` was asked."""
        self.release()

        def close() -> tuple[tuple[Entry, ...], tuple[Delivery, ...]]:
            world = self._server.worlds.close(self.name, owner)
            return world.journal.entries, world.outbox.all

        entries, sent = self._server.run(close)
        self._ended = owner
        late = tuple(one for one in self._undelivered(sent) if one.id not in self._told)
        return Findings(self._broken([entry for entry in entries if entry.number > self._checked]), undelivered=late)

    def report(self, findings: Findings, *, raised: bool = False) -> str:
        """The findings as text; "" when there are none. `raised`: the test failed by itself."""
        if raised and self._missed:
            # That nobody came to a gate has been said where the test waited.
            left = tuple(one for one in findings.left if not self._missed & gates_of(one.script))
            findings = replace(findings, left=left)
        return failures.report(findings, self.background, raised=raised)

    def told(self, findings: Findings, failing: Findings) -> str:
        """The manners among the findings that fail no test, as text; "" when there are none."""
        told = [each for each in findings.manners if each not in failing.manners]
        return failures.ill_mannered(told, self.background) if told else ""

    def brief(self, findings: Findings) -> str:
        """In few lines, for a test that failed by itself: broken contracts, reads while the clock stood still, and
        orders of inputs that did not come."""
        told = seen.remarks(self.entries, self.background)
        return "\n".join(part for part in (failures.brief(findings, self.background), *told) if part)

    def journal(self, *, raised: bool = False) -> str:
        """What reached the world, what it did by itself, what is still to come and what became of its webhooks, as
        text. `raised`: the test failed by itself, maybe because nothing came."""
        world = self._world
        entries, notes, dropped, now = self._server.run(  # not `ask`: a teardown that fails shows it too
            lambda: (world.journal.entries, world.journal.notes, world.journal.dropped, Outlook.of(world))
        )
        background = self.background
        came = seen.journal(entries, dropped, background, notes, raised=raised)
        still = outlook.unfinished(now, background)
        return "\n".join(part for part in (came, still, outlook.summary(now, background)) if part)

    def notes(self, look: Look | None = None) -> str:
        """What a test that passed may want to know: reads under a clock that stood still, orders of inputs that did not
        come, and webhooks that were blocked, dropped, or are not yet due, be it that their executions still run."""
        found, background = look or self.look(), self.background
        told = list(seen.remarks(found.history.entries, background))
        if found.outlook.pending or any(one.webhook_url is not None for one in found.outlook.running):
            told.append(outlook.unfinished(found.outlook, background))
        if any(one.state != "delivered" for one in found.outlook.deliveries):
            told.append(outlook.summary(found.outlook, background))
        return "\n".join(told)

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
        self._server.give(self._name_while_open(), given)

    def received(self, inbox: str, number: int = 0, timeout: float = 0.0) -> tuple[Arrival, ...]:
        """What came to an inbox, as soon as that is `number`, or what there is after `timeout` seconds of wall time."""
        if not number:
            return self.ask(lambda world: world.inboxes.received(inbox))
        return self._server.wait_for_inbox(self._name_while_open(), inbox, number, timeout)

    async def areceived(self, inbox: str, number: int, timeout: float) -> tuple[Arrival, ...]:
        """`received`, awaited."""
        return await self._server.await_for_inbox(self._name_while_open(), inbox, number, timeout)

    def held(self, gate: int, timeout: float) -> bool:
        """Whether a request is held at a gate, as soon as one is, or after `timeout` seconds of wall time."""
        return self._held(gate, self._server.wait_for_gate(self._name_while_open(), gate, timeout))

    async def aheld(self, gate: int, timeout: float) -> bool:
        """`held`, awaited."""
        return self._held(gate, await self._server.await_for_gate(self._name_while_open(), gate, timeout))

    def release(self) -> None:
        """Release every gate: nobody is held any more."""
        while self._gates:
            self.give(Release(self._gates.pop()))

    def ask(self, function: Callable[[World], _T]) -> _T:
        """What `function` says of the world: called on the server's thread."""
        self._name_while_open()
        return self._server.run(lambda: function(self._world))

    def next_number(self) -> int:
        """A number for one more script."""
        self._name_while_open()
        self._count += 1
        return self._count

    def new_gate(self) -> int:
        """The number of one more gate, which `release` knows."""
        self._gates.append(self.next_number())
        return self._gates[-1]

    def _held(self, gate: int, came: bool) -> bool:
        self._missed = self._missed - {gate} if came else self._missed | {gate}
        return came

    def _name_while_open(self) -> str:
        """The name of this world in its server. Raises UsageError when its test has ended."""
        if self._ended is not None:
            raise UsageError(self._too_late(self._ended))
        return self.name

    def _too_late(self, owner: str) -> str:
        mocks = list(dict.fromkeys(self._names.values())) or [self.label]
        belongs = f"{' and '.join(mocks)} {'belongs' if len(mocks) == 1 else 'belong'}"
        if not owner:
            return f"{belongs} to a world that is closed; open another one"
        return f"{belongs} to {owner}, which has ended; ask for the fixture in this test"

    def _undelivered(self, sent: Sequence[Delivery]) -> tuple[Delivery, ...]:
        return tuple(one for one in outlook.given_up(sent) if one.service not in self._undelivered_allowed)

    def _ill_mannered(self, history: History) -> tuple[Breach, ...]:
        found = manners.manners(history, self._world.secrets) if self._manners else manners.hasty(history)
        return tuple(one for one in found if (one.service, one.code) not in self._manners_allowed)

    def _broken(self, entries: Sequence[Entry]) -> tuple[Broken, ...]:
        return failures.broken(entries, self._allowed)

    def _beside(self, script: Stub | InputScript | InboxScript, clause: str, entries: Sequence[Entry]) -> LeftOver:
        if isinstance(script, InboxScript):
            return LeftOver(script, clause, "webhook_inbox", ())
        services = {name for name, _ in script.targets} if isinstance(script, Stub) else script.services
        mock = self.background.mock(min(services))
        return LeftOver(script, clause, mock, tuple(entry for entry in entries if entry.service in services))


class Allowance:
    """A stretch of a test in which the client may break the contract; afterwards it says how the client did."""

    def __init__(self, world: OpenWorld, fits: Callable[[Entry], bool], operation: str | None, at: str | None) -> None:
        self._open, self._fits, self._operation, self._at = world, fits, operation, pointer(at)
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
