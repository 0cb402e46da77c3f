"""One vendor in one world, as a test holds it: addresses, scripts, what came, and what fails the test.

    with Server() as server:
        world = OpenWorld(server)
        vendor = world.mock("acme")
        vendor.on("createThing").respond(503)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from mockserver import failures, seen
from mockserver.clock import seconds
from mockserver.engine.inputs import Advance, Declare, Freeze, Input, Serve
from mockserver.engine.messages import Entry
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.world import World
from mockserver.errors import UsageError, Violation
from mockserver.failures import Broken, Findings, LeftOver
from mockserver.openapi.document import UnknownOperation
from mockserver.openapi.operation import Operation
from mockserver.scenario.model import MISSING, Plan
from mockserver.seen import Background
from mockserver.server import Server
from mockserver.stubbing import ScriptedCalls, ScriptedInput, ScriptError, Times, here, unknown

_T = TypeVar("_T")


class Patches(Protocol):
    """What `patch_env` asks of pytest's monkeypatch."""

    def setenv(self, name: str, value: str) -> None:
        """Set an environment variable until the test ends."""

    def setattr(self, target: Any, name: Any, value: Any) -> None:
        """Set an attribute until the test ends."""


@dataclass(slots=True)
class Allowed:
    """What `allow_violations` let pass; filled when its body ends."""

    entries: list[Entry] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)


class OpenWorld:
    """An isolated world of a running server, and the mocks of the vendors in it."""

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
        self._mocks: dict[str, Mock] = {}
        self._count = 0
        self._checked = 0  # entries up to this number were held against the contract
        self._allowed: set[tuple[int, Violation]] = set()
        self._before = Findings()  # what was found before a reset
        self.clock = WorldClock(self)

    @property
    def url(self) -> str:
        """The address of this world; a service's base URL is below it."""
        return f"{self._server.url}/w/{quote(self.name, safe='')}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests that reached this world and were answered, oldest first."""
        return self.ask(lambda world: world.journal.entries)

    def mock(self, vendor: str, *, label: str = "") -> Mock:
        """The mock of a vendor, or of a document by its name; `label` is how failure texts call it."""
        if vendor not in self._mocks:
            services = tuple(each for each in self.services if vendor in (each.vendor.name, each.name))
            if not services:
                unknown(here(), "nothing here is called", vendor, [each.name for each in self.services])
            self._mocks[vendor] = Mock(self, services, label or f"{vendor}_mock")
        return self._mocks[vendor]

    def serve(self, service: Service, *, label: str) -> Mock:
        """Serve one more document, and give its mock."""
        if any(each.name == service.name for each in self.services):
            raise UsageError(f'two documents are called "{service.name}"; give one another name')
        self.give(Serve(service))
        self.services = (*self.services, service)
        return self.mock(service.name, label=label)

    def reset(self) -> None:
        """Begin anew: a fresh journal and clock, no scripts. What was found wrong until then still fails the test."""
        self._before = self.findings()
        self._world = self._server.run(lambda: self._server.worlds.reset(self.name))
        for service in self.services[len(self._world.services) :]:
            self.give(Serve(service))
        self._checked = 0
        self._allowed.clear()

    @contextmanager
    def allow_violations(self, operation: str | None = None, *, at: str | None = None) -> Iterator[Allowed]:
        """Let the client break the contract while the body runs. Raises AssertionError (E203) if it did not."""
        with self.allowing(lambda entry: operation is None or entry.operation == operation, operation, at) as allowed:
            yield allowed

    @contextmanager
    def allowing(self, fits: Callable[[Entry], bool], operation: str | None, at: str | None) -> Iterator[Allowed]:
        """Let entries that `fits` accepts break the contract, at `at` or below where it is given."""
        allowed = Allowed()
        world, before = self._world, self._last
        try:
            yield allowed
        finally:
            came = [entry for entry in self.entries if entry.number > before or self._world is not world]
            for entry in filter(fits, came):
                found = [each for each in entry.violations if each.code.startswith("E1") and _is_below(each.where, at)]
                allowed.entries += [entry] if found else []
                allowed.violations += found
                self._allowed |= {(entry.number, each) for each in found}
        if not allowed.violations:
            raise AssertionError(failures.did_not_happen(operation, at, came, self.background))

    def findings(self) -> Findings:
        """What fails the test by now: broken contracts that were not allowed, and scripts that are left over."""
        entries, left = self.ask(lambda world: (world.journal.entries, tuple(_left_over(world))))
        self._checked = max([self._checked, *(entry.number for entry in entries)])
        return self._before + Findings(self._broken(entries), tuple(self._beside(*each, entries) for each in left))

    def close(self, owner: str = "") -> Findings:
        """Close the world; late requests are told that it was `owner`'s. What was broken since `findings` was asked."""

        def close() -> tuple[Entry, ...]:
            return self._server.worlds.close(self.name, owner).journal.entries

        entries = self._server.run(close)
        return Findings(self._broken([entry for entry in entries if entry.number > self._checked]))

    def report(self, findings: Findings, *, raised: bool = False) -> str:
        """The findings as text; "" when there are none. `raised`: the test failed by itself."""
        return failures.report(findings, self.background, raised=raised)

    def brief(self, findings: Findings) -> str:
        """The broken contracts in few lines."""
        return failures.brief(findings, self.background)

    def journal(self) -> str:
        """What reached the world, as text."""
        entries, dropped = self.ask(lambda world: (world.journal.entries, world.journal.dropped))
        return seen.journal(entries, dropped, self.background)

    @property
    def background(self) -> Background:
        """What failure texts need to know."""
        world = self._world
        names = {service.name: mock.label for mock in self._mocks.values() for service in mock.services}
        setting = f"world {self.name}, seed {world.settings.seed}, clock {world.mode}"
        return Background(self.services, world.secrets, names, self.label, setting)

    def give(self, given: Input) -> None:
        """Let an input into the world."""
        self.ask(lambda world: world.apply(given))

    def ask(self, function: Callable[[World], _T]) -> _T:
        """What `function` says of the world: called on the server's thread."""
        return self._server.run(lambda: function(self._world))

    def next_number(self) -> int:
        """A number for one more script."""
        self._count += 1
        return self._count

    @property
    def _last(self) -> int:
        return self.ask(lambda world: world.journal.next_number - 1)

    def _broken(self, entries: Sequence[Entry]) -> tuple[Broken, ...]:
        return failures.broken(entries, self._allowed)

    def _beside(self, script: Stub | InputScript, clause: str, entries: Sequence[Entry]) -> LeftOver:
        services = {name for name, _ in script.targets} if isinstance(script, Stub) else script.services
        mock = self.background.mock(min(services))
        return LeftOver(script, clause, mock, tuple(entry for entry in entries if entry.service in services))


class WorldClock:
    """The clock of a world. The first explicit move of an `auto` clock makes it manual."""

    def __init__(self, world: OpenWorld) -> None:
        self._open = world

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return datetime.fromtimestamp(self._open.ask(lambda world: world.clock.now), UTC)

    @property
    def mode(self) -> ClockMode:
        """`auto`, `manual` or `real`."""
        return self._open.ask(lambda world: world.mode)

    def advance(self, by: str | float | timedelta) -> None:
        """Move on by `"30s"`, `"1h30m"`, a number of seconds or a timedelta; what falls due happens, and nobody waits."""
        try:
            step = by.total_seconds() if isinstance(by, timedelta) else seconds(by)
        except ValueError as error:
            raise ScriptError(here(), str(error)) from error
        if step < 0:
            raise ScriptError(here(), f"a clock does not go back ({by})", "open another world with start=")
        self._open.give(Advance(step))

    def freeze(self) -> None:
        """Stand still from here on."""
        self._open.give(Freeze())


class MockJournal:
    """What reached one mock."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests, refused ones too, oldest first."""
        return self._mock.entries()

    def calls(self, operation: str) -> tuple[Entry, ...]:
        """The requests for one operation (operationId or `METHOD /template`), refused ones too."""
        targets = self._mock.targets(operation)
        return tuple(entry for entry in self.entries if (entry.service, entry.operation) in targets)

    @property
    def dropped(self) -> int:
        """How many entries of the world fell out because its journal is bounded."""
        return self._mock.world.ask(lambda world: world.journal.dropped)


class Mock:
    """One vendor in a test's world. What its users declare (`m.workflow(...)`) are methods that its vendor names."""

    def __init__(self, world: OpenWorld, services: tuple[Service, ...], label: str) -> None:
        self.world, self.services, self.label = world, services, label
        self.journal = MockJournal(self)

    @property
    def url(self) -> str:
        """The base URL of the vendor's first contract in this world."""
        return self.world.url + self.services[0].mounts[0]

    @property
    def api_key(self) -> str:
        """A key that works."""
        return self.services[0].test_key

    @property
    def clock(self) -> WorldClock:
        """The clock of the world, which all mocks of a test share."""
        return self.world.clock

    @property
    def env(self) -> dict[str, str]:
        """Base URL and key by the names that clients read from the environment."""
        face = self.services[0].vendor.face
        return {
            "MOCKSERVER_URL": self.world.url,
            **dict.fromkeys(face.base_url_names, self.url),
            **dict.fromkeys(face.api_key_names, self.api_key),
        }

    def patch_env(self, monkeypatch: Patches) -> None:
        """Set `env`, and base URL and key in a known SDK that is imported already; pytest's monkeypatch restores them.

        Raises UsageError when the SDK keeps them elsewhere: its requests would go to the real service.
        """
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)
        for module, path, what in self.services[0].vendor.face.patches:
            if module in sys.modules:
                holder, name = _holder(module, path)
                monkeypatch.setattr(holder, name, self.url if what == "url" else self.api_key)

    def on(
        self,
        operation: str,
        *,
        body: Any = MISSING,
        headers: Mapping[str, Any] | None = None,
        path: Mapping[str, Any] | None = None,
    ) -> ScriptedCalls:
        """A stub: `.respond(...)` and the like say what the calls of an operation get.

        The newest stub that fits answers, then the scenarios, then the emulator. `body`, `headers` and `path` are partial
        literals; `body` may be `matching(schema)` or a function that says yes or no.
        Raises ScriptError (E202) for an operation that no document of the vendor has.
        """
        operations = self.targets(operation)
        stub = self._wanted(operation, operations, body, headers, path, number=self.world.next_number())
        return ScriptedCalls(stub, tuple(operations.values()), self)

    def input(self, index: int | None = None, *, where: Any = MISSING) -> ScriptedInput:
        """One input of a bulk call: the one at `index` (from 0), or each that is like `where`."""
        if (index is None) == (where is MISSING):
            raise ScriptError(here(), "input() takes an index or where=, and not both", "write input(2) or input(where={...})")
        services = frozenset(service.name for service in self.services)
        script = InputScript(self.world.next_number(), services, Plan(), index, where, at=str(here()))
        return ScriptedInput(script, self.services[0].vendor.scope, self)

    def declare(self, kind: str, name: str, **value: Any) -> None:
        """Something exists from here on: `kind` and `value` as in the `resources` of a fixture.

        Raises ScriptError when the value says what cannot be.
        """
        at = here()
        for service in self.services:
            try:
                self.give(Declare(service.name, kind, name, value))
            except ValueError as error:
                raise ScriptError(at, f"{kind}/{name}: {error}", "write it as in a fixture's resources") from error

    def __getattr__(self, name: str) -> Callable[..., None]:
        nouns = self.services[0].vendor.face.nouns if "services" in self.__dict__ else {}
        noun = nouns.get(name)
        if noun is None:
            raise AttributeError(f"{self.__dict__.get('label', 'a mock')} has no {name!r}")

        def declare(id: str, **value: Any) -> None:
            for given in value:
                if given not in noun.fields:
                    unknown(here(), f"{name}() takes no", given, noun.fields)
            self.declare(noun.kind, id, **{key: one for key, one in value.items() if one is not None})

        return declare

    def assert_called(
        self,
        operation: str,
        *,
        times: Times = None,
        body: Any = MISSING,
        headers: Mapping[str, Any] | None = None,
        path: Mapping[str, Any] | None = None,
    ) -> None:
        """Raise AssertionError unless such calls came: at least one, exactly n, or from m to n (`times=(1, 3)`)."""
        wanted = self._wanted(operation, self.targets(operation), body, headers, path)
        self.demand(self._like(wanted, operation), times, wanted)

    def assert_not_called(
        self,
        operation: str,
        *,
        body: Any = MISSING,
        headers: Mapping[str, Any] | None = None,
        path: Mapping[str, Any] | None = None,
    ) -> None:
        """Raise AssertionError if such a call came."""
        self.assert_called(operation, times=0, body=body, headers=headers, path=path)

    @contextmanager
    def allow_violations(self, operation: str | None = None, *, at: str | None = None) -> Iterator[Allowed]:
        """Let the client break the contract while the body runs: any of it, or of one operation, at `at` and below.

        Like pytest.raises: AssertionError (E203) if nothing was broken.
        """
        names = {service.name for service in self.services}
        targets = self.targets(operation) if operation else None

        def fits(entry: Entry) -> bool:
            return entry.service in names and (targets is None or (entry.service, entry.operation) in targets)

        with self.world.allowing(fits, operation, at) as allowed:
            yield allowed

    def reset(self) -> None:
        """Begin anew, for all mocks of the test: a fresh journal and clock, no scripts."""
        self.world.reset()

    def give(self, given: Input) -> None:
        """Let an input into the world."""
        self.world.give(given)

    def entries(self) -> tuple[Entry, ...]:
        """All that reached this mock, oldest first."""
        names = {service.name for service in self.services}
        return tuple(entry for entry in self.world.entries if entry.service in names)

    def demand(self, found: Sequence[Entry], times: Times, wanted: Stub) -> None:
        """Raise AssertionError unless as many calls were found as `times` says."""
        least, most = times if isinstance(times, tuple) else (1, None) if times is None else (times, times)
        if len(found) < least or (most is not None and len(found) > most):
            raise AssertionError(failures.miscount(found, times, wanted, self.entries(), self.world.background))

    def targets(self, operation: str) -> dict[tuple[str, str], Operation]:
        """The operations of this name, by service and id. Raises ScriptError (E202) when there is none."""
        found: dict[tuple[str, str], Operation] = {}
        for service in self.services:
            try:
                one = service.document.operation(operation)
            except UnknownOperation:
                continue
            found[service.name, one.id] = one
        if not found:
            known = [name for service in self.services for one in service.document.operations for name in (one.id, one.label)]
            unknown(here(), "E202 unknown operation", operation, known)
        return found

    def _wanted(
        self,
        operation: str,
        targets: Mapping[tuple[str, str], Operation],
        body: Any,
        headers: Mapping[str, Any] | None,
        path: Mapping[str, Any] | None,
        number: int = 0,
    ) -> Stub:
        name = next(iter(targets))[1] if targets else operation
        return Stub(number, name, frozenset(targets), (), path or {}, headers or {}, body, at=str(here()))

    def _like(self, wanted: Stub, operation: str) -> list[Entry]:
        facts = self.world.background.facts
        return [entry for entry in self.journal.calls(operation) if not wanted.differences(facts(entry))]


def _left_over(world: World) -> Iterator[tuple[Stub | InputScript, str]]:
    """The scripts that were not asked for as often as they say, oldest first."""
    pairs = [("stub", stub) for stub in reversed(world.stubs)], [("input", one) for one in reversed(world.input_scripts)]
    for kind, script in (*pairs[0], *pairs[1]):
        clause = script.left_over(world.used(kind, script.number))
        if clause:
            yield script, clause


def _holder(module: str, path: str) -> tuple[Any, str]:
    """The object that holds the attribute `path` of a module, and the attribute's name."""
    holders, _, name = path.rpartition(".")
    try:
        holder = attrgetter(holders)(sys.modules[module]) if holders else sys.modules[module]
        getattr(holder, name)
    except AttributeError:
        told = f"{module} has no {path}: this version keeps its settings elsewhere and would reach the real service"
        raise UsageError(f"{told}; give the client its base URL and key by hand") from None
    return holder, name


def _is_below(where: str, at: str | None) -> bool:
    return at is None or where == at or where.startswith(f"{at.rstrip('/')}/")
