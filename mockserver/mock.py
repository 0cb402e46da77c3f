"""One vendor in one world, as a test holds it: addresses, scripts, and assertions about what came.

with Server() as server:
    vendor = Mock(OpenWorld(server), "acme")
    vendor.on("createThing").respond(503)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, overload

from mockserver import failures, seen
from mockserver.arguments import (
    ScriptError,
    Times,
    bounds,
    here,
    refuse_async,
    refuse_unless,
    unknown,
    whole,
)
from mockserver.engine.inputs import Declare, Input, Release
from mockserver.engine.messages import Entry
from mockserver.engine.service import Service
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.vendor import Face
from mockserver.errors import LocatedError, Place, UsageError
from mockserver.hints import likely
from mockserver.openapi.document import UnknownOperation
from mockserver.openapi.operation import Operation
from mockserver.openapi.paths import segments
from mockserver.openworld import Allowance, OpenWorld
from mockserver.outcomes import OutcomeMaker, OutputMaker, refuse_without_executions
from mockserver.scenario.model import MISSING, Plan
from mockserver.scenario.resources import NEVER, never_exists
from mockserver.webhooks import Webhooks
from mockserver.worldclock import WorldClock

if TYPE_CHECKING:
    from mockserver.gate import Gate
    from mockserver.scripted_input import ScriptedInput
    from mockserver.stubbing import ScriptedCalls

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it


class Patches(Protocol):
    """What `patch_env` asks of pytest's monkeypatch."""

    def setenv(self, name: str, value: str) -> None:
        """Set an environment variable until the test ends."""

    def setattr(self, target: Any, name: Any, value: Any) -> None:
        """Set an attribute until the test ends."""


class _Stage:
    """What a mock and its scripts share: the services, and what reached them."""

    def __init__(self, world: OpenWorld, services: tuple[Service, ...]) -> None:
        self.world, self.services = world, services

    def give(self, given: Input) -> None:
        """Let an input into the world."""
        self.world.give(given)

    def entries(self) -> tuple[Entry, ...]:
        """All that reached this mock, oldest first."""
        names = {service.name for service in self.services}
        return tuple(entry for entry in self.world.entries if entry.service in names)

    def demand(self, found: Sequence[Entry], times: Times, wanted: Stub) -> None:
        """Raise AssertionError unless as many calls were found as `times` says."""
        least, most = bounds(times)
        if len(found) < least or (most is not None and len(found) > most):
            raise AssertionError(failures.miscount(found, times, wanted, self.entries(), self.world.background))

    def gate(self, stub: Stub, at: Place) -> Gate:
        """A new gate, for answers of a stub."""
        from mockserver.gate import Gate

        return Gate(self.world.new_gate(), stub, str(at), self)

    def wait_for_gate(self, gate: int, timeout: float) -> bool:
        """Whether a request is held, as soon as one is. Raises UsageError inside a running event loop."""
        return self.world.held(gate, timeout)

    async def await_for_gate(self, gate: int, timeout: float) -> bool:
        """`wait_for_gate`, awaited."""
        return await self.world.aheld(gate, timeout)

    def release(self, gate: int) -> None:
        """Let go of what is held at a gate, and of what comes later."""
        self.world.give(Release(gate))

    def nearest(self, stub: Stub) -> list[str]:
        """The calls that came nearest to a stub, each with what differs, as lines."""
        background = self.world.background
        return seen.nearest(stub, self.entries(), background, background.mock(self.services[0].name))

    def targets(self, operation: str) -> dict[tuple[str, str], Operation]:
        """The operations of this name, by service and id. Raises ScriptError (E202) when there is none."""
        takes = 'an operation is named by a str such as "getThing" or "GET /things/{id}"'
        refuse_unless(isinstance(operation, str), takes, operation)
        found: dict[tuple[str, str], Operation] = {}
        for service in self.services:
            try:
                one = service.document.operation(operation)
            except UnknownOperation:
                continue
            found[service.name, one.id] = one
        if not found:
            every = [one for service in self.services for one in service.document.operations]
            known = [name for one in every for name in dict.fromkeys((one.id, one.label))]
            unknown(here(), "E202 unknown operation", operation, known)
        return found


class MockJournal:
    """What reached one mock."""

    def __init__(self, stage: _Stage) -> None:
        self._stage = stage

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests, refused ones too, oldest first."""
        return self._stage.entries()

    def calls(self, operation: str) -> tuple[Entry, ...]:
        """The requests for one operation (operationId or `METHOD /template`), refused ones too."""
        targets = self._stage.targets(operation)
        return tuple(entry for entry in self.entries if (entry.service, entry.operation) in targets)

    @property
    def dropped(self) -> int:
        """How many entries of the world fell out because its journal is bounded."""
        return self._stage.world.ask(lambda world: world.journal.dropped)


class Mock:
    """One vendor in a test's world. What its users declare (`m.workflow(...)`) are methods that its vendor names."""

    def __init__(self, world: OpenWorld, vendor: str, *, name: str = "") -> None:
        """Take the mock of a vendor, or of a document by its name. `name` is how failure texts call it."""
        refuse_unless(isinstance(world, OpenWorld), "Mock() takes a world such as OpenWorld(server)", world)
        self.world, self.services = world, world.services_of(vendor)
        self.name = name or f"{vendor}_mock"
        self._stage = _Stage(world, self.services)
        self.journal = MockJournal(self._stage)
        self.webhooks = Webhooks(world, self.services, self.name)
        self.outputs = OutputMaker(world, self.services[0])
        self.outcomes = OutcomeMaker(world, self.services[0])
        world.call(self.services, self.name)

    @property
    def url(self) -> str:
        """The base URL of the vendor's first contract in this world."""
        return self.world.url + self.services[0].mounts[0]

    @property
    def stable_url(self) -> str:
        """The base URL that is the same all session and leads to the world of the test that is running."""
        return self.world.stable_url + self.services[0].mounts[0]

    @property
    def api_key(self) -> str:
        """A key that works."""
        return self.services[0].test_key

    @property
    def webhook_secret(self) -> str:
        """What webhooks are signed with, once `webhooks.sign` or the vendor says so."""
        return self.webhooks.secret

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
        takes = "patch_env() takes pytest's fixture monkeypatch"
        refuse_unless(hasattr(monkeypatch, "setenv") and hasattr(monkeypatch, "setattr"), takes, monkeypatch)
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)
        patch_sdk(self.services[0].vendor.face, self.url, self.api_key, monkeypatch)

    def on(
        self,
        operation: str,
        *,
        body: Any = MISSING,
        headers: Mapping[str, Any] | None = None,
        path: Mapping[str, Any] | None = None,
    ) -> ScriptedCalls:
        """A stub: `.respond(...)` and the like say what the calls of an operation get.

        The newest stub that fits answers, then the scenarios, then the emulator. `body`, `headers` and `path` are
        partial literals; `body` may be `matching(schema)` or a function that says yes or no.
        Raises ScriptError (E202) for an operation that no document of the vendor has.
        """
        from mockserver.stubbing import ScriptedCalls  # when needed: many tests script nothing

        operations = self._stage.targets(operation)
        stub = self._wanted(operation, operations, body, headers, path, number=self.world.next_number())
        return ScriptedCalls(stub, tuple(operations.values()), self._stage)

    @overload
    def input(self, index: int) -> ScriptedInput: ...

    @overload
    def input(self, *, where: Any) -> ScriptedInput: ...

    def input(self, index: int | None = None, *, where: Any = MISSING) -> ScriptedInput:
        """One input of every bulk call: the one at `index` (from 0), or each that is like `where`.

        The newest script that fits speaks; `.fail("x").complete()` holds once each.
        """
        from mockserver.scripted_input import ScriptedInput

        if (index is None) == (where is MISSING):
            raise ScriptError(
                here(), "input() takes an index or where=, and not both", "write input(2) or input(where={...})"
            )
        if index is not None:
            whole(index, "input() takes an index such as 2")
        refuse_async(where, "where=")
        refuse_without_executions(self.services[0].vendor, here())
        services = frozenset(service.name for service in self.services)
        script = InputScript(self.world.next_number(), services, Plan(), index, where, at=str(here()))
        return ScriptedInput(script, self.services[0].vendor.scope, self._stage)

    def declare(self, kind: str, name: str, /, **value: Any) -> None:
        """Something exists from here on: `kind` and `value` as in the `resources` of a fixture.

        Raises ScriptError when the value says what cannot be.
        """
        if never_exists(name):
            raise ScriptError(here(), f'{kind}: "{name}" never exists: {NEVER}', "give it another id")
        try:
            self.world.give(Declare(self.services[0].name, kind, name, value))
        except (ValueError, LocatedError) as error:
            raise ScriptError(here(), f"{kind}/{name}: {error}", "write it as in a fixture's resources") from None

    if not TYPE_CHECKING:  # else a type checker would let any misspelt name pass

        def __getattr__(self, name: str) -> Callable[..., None]:
            nouns = self.services[0].vendor.face.nouns if "services" in self.__dict__ else {}
            noun = nouns.get(name)
            if noun is None:
                raise AttributeError(
                    f"{self.__dict__.get('name', 'a mock')} has no {name!r}{_instead(self, name, nouns)}"
                )

            def declare(id: str, **value: Any) -> None:
                refuse_unless(isinstance(id, str) and id != "", f'{name}() takes an id such as "{name}-1"', id)
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
        wanted = self._wanted(operation, self._stage.targets(operation), body, headers, path)
        self._stage.demand(self._like(wanted, operation), times, wanted)

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

    def allow_violations(self, operation: str | None = None, *, at: str | None = None) -> Allowance:
        """`with m.allow_violations("op", at="/inputs"): ...`: the client may break the contract there or below.

        Like pytest.raises: AssertionError (E203) if nothing was broken.
        """
        names = {service.name for service in self.services}
        targets = self._stage.targets(operation) if operation else None

        def fits(entry: Entry) -> bool:
            return entry.service in names and (targets is None or (entry.service, entry.operation) in targets)

        return Allowance(self.world, fits, operation, at)

    def allow_manners(self, *codes: str) -> None:
        """In this test the client may have these manners (`"E301"`, `"E303"` to `"E307"`; none given: all)."""
        self.world.allow_manners(*codes, services=[service.name for service in self.services])

    def reset(self) -> None:
        """Begin anew, for all mocks of the test: a fresh journal and clock, no scripts."""
        self.world.reset()

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
        parts = [part for each in targets.values() for part in segments(each.path)]
        known = list(dict.fromkeys(one for part in parts for one in part.names))
        takes = f'path= takes a mapping such as {{"{known[0] if known else "id"}": ...}}'
        refuse_unless(path is None or isinstance(path, Mapping), takes, path)
        for given in path or ():
            if given not in known:
                unknown(here(), f"{name} has no path parameter", given, known)
        fits = headers is None or isinstance(headers, Mapping)
        refuse_unless(fits, 'headers= takes a mapping such as {"X-Request-Id": "7"}', headers)
        refuse_async(body, "body=")
        return Stub(number, name, frozenset(targets), (), path or {}, headers or {}, body, at=str(here()))

    def _like(self, wanted: Stub, operation: str) -> list[Entry]:
        facts = self.world.background.facts
        return [entry for entry in self.journal.calls(operation) if not wanted.differences(facts(entry))]


def _instead(mock: Mock, name: str, nouns: Mapping[str, object]) -> str:
    """What a mock has instead of an attribute that is not there."""
    vendors = [service.vendor for service in mock.world.services] if "world" in mock.__dict__ else []
    theirs = dict.fromkeys(f"{one.name}_mock has {name}()" for one in vendors if name in one.face.nouns)
    near = [] if theirs else likely(name, [*nouns, *(one for one in dir(mock) if not one.startswith("_"))])
    if near:
        return f"; did you mean {near[0]!r}?"
    ours = [f"it has {' and '.join(f'{noun}()' for noun in nouns)}"] if nouns else []
    return f"; {', and '.join([*ours, *theirs])}" if ours or theirs else ""


def patch_sdk(face: Face, url: str, key: str, monkeypatch: Patches) -> None:
    """Set base URL and key in a vendor's SDK that is imported already.

    Raises UsageError when this version of it keeps them elsewhere: its requests would go to the real service.
    """
    for module, path, what in face.patches:
        if module in sys.modules:
            holder, name = _holder(module, path)
            monkeypatch.setattr(holder, name, url if what == "url" else key)


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
