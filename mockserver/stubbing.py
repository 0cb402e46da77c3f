"""What a test writes to script answers: `on(...).respond(...)`, `matching({...})`; for inputs see scripted_input."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, Self, overload

from msgspec import Struct
from msgspec.structs import replace

from mockserver.arguments import (
    ScriptError,
    Span,
    Times,
    duration,
    final_status,
    header_pairs,
    here,
    refuse_async,
    refuse_unless,
    whole,
)
from mockserver.engine.inputs import Input, PutStub
from mockserver.engine.messages import Entry
from mockserver.engine.stubs import Computed, Matching, Step, Stub, plain
from mockserver.errors import MockserverError, Place, Several
from mockserver.gate import Gate
from mockserver.openapi.operation import Operation
from mockserver.openapi.paths import parameters_of
from mockserver.openapi.validate import Schemas
from mockserver.scenario.events import read_events
from mockserver.scenario.model import MISSING, Fault, FaultKind, Missing, MoreEvents, Respond, StreamFault
from mockserver.scenario.promise import breaches
from mockserver.scenario.render import RESPOND_ROOTS, Template, compile_template

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it


def matching(schema: Mapping[str, Any] | bool) -> Matching:
    """Equal to whatever a JSON Schema (2020-12) accepts: for `body=` and `where=`, whole or anywhere inside them.

    Raises SpecError, with the line of the test, when it is no schema, and ScriptError for a pattern that cannot be run.
    """
    at = here()
    refuse_unless(isinstance(schema, Mapping | bool), 'matching() takes a schema such as {"type": "string"}', schema)
    try:
        schemas = Schemas({"mem:///": schema}, place=lambda pointer: replace(at, pointer=pointer))
        checker = schemas.checker("")
    except MockserverError as error:
        raise error.with_traceback(None) from None
    for pointer, pattern in schemas.uncompilable:
        raise ScriptError(replace(at, pointer=pointer), f"the pattern {pattern!r} cannot be run", "correct it")
    return Matching(schema, checker)


class Stage(Protocol):
    """Where scripts are played, and what became of them."""

    def give(self, given: Input) -> None:
        """Let an input into the world."""

    def entries(self) -> tuple[Entry, ...]:
        """All that reached the mock, oldest first."""

    def demand(self, found: Sequence[Entry], times: Times, wanted: Stub) -> None:
        """Raise AssertionError unless as many calls were found as `times` says."""

    def gate(self, stub: Stub, at: Place) -> Gate:
        """A new gate, for answers of a stub."""


class _Link(Struct, frozen=True):
    """One answer of a chain. `times` None = not said."""

    then: Respond | Fault | None
    times: int | None = None
    always: bool = False
    gate: int = 0


class ScriptedCalls:
    """The calls that a stub answers. Its methods add an answer to its chain, or say how often the last one holds.

    A single answer holds for every fitting call and must be asked for at least once; in a chain each holds once.
    """

    def __init__(self, stub: Stub, operations: Sequence[Operation], stage: Stage) -> None:
        self._stub, self._operations, self._stage = stub, tuple(operations), stage
        self._links: list[_Link] = []
        self._put()

    @overload
    def respond(
        self,
        status: int = 200,
        *,
        json: Any = ...,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: Span | None = None,
        delay: Span = 0,
        off_contract: str = "",
    ) -> Self: ...

    @overload
    def respond(
        self,
        status: int = 200,
        *,
        text: str,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: Span | None = None,
        delay: Span = 0,
        off_contract: str = "",
    ) -> Self: ...

    @overload
    def respond(
        self,
        status: int = 200,
        *,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: Span | None = None,
        delay: Span = 0,
        off_contract: str = "",
        events: Sequence[Mapping[str, Any]],
        more: MoreEvents | None = None,
        fault: StreamFault | None = None,
    ) -> Self: ...

    def respond(
        self,
        status: int = 200,
        *,
        json: Any = MISSING,
        text: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: Span | None = None,
        delay: Span = 0,
        off_contract: str = "",
        events: Sequence[Mapping[str, Any]] | None = None,
        more: MoreEvents | None = None,
        fault: StreamFault | None = None,
    ) -> Self:
        """Answer with this status and body.

        `json` is a value, with the placeholders of fixtures, or a function of the `Call`. `delay` is on the world's
        clock. `events` are server-sent ones, each as in fixtures: `{"after": "1s", "data": {...}}`; after the last the
        stream ends, or goes on for ever (`more`: "last" or "repeat"), or breaks (`fault`: "truncate", "reset", or
        "timeout", which leaves it open).
        Raises ScriptError when the body breaks what the document declares, unless `off_contract` says why it may; a
        status that the document does not declare is fine, and so is an error without a body.
        """
        at = here()
        with self._or_gone():
            number = final_status(status)
            pairs = header_pairs(headers or {}, retry_after, at)
            if json is not MISSING and text is not None:
                raise ScriptError(at, "json and text cannot stand together", "keep one of them")
            refuse_unless(text is None or isinstance(text, str), "text= takes a str", text)
            reason = 'off_contract= takes the reason, such as "an old version"'
            refuse_unless(isinstance(off_contract, str), reason, off_contract)
            refuse_async(json, "json")
            body = Computed(json, str(at)) if callable(json) else self._template(json, "json", at)
            respond = Respond(number, pairs, body, text, duration(delay, at, "delay"), off_contract=off_contract)
            if (events, more, fault) != (None, None, None):
                values = partial(self._template, at=at)
                respond = _streaming(respond, events, more, fault, at, values)
            respond = self._held_to_contract(respond, at)
        return self._add(respond, at)

    def times(self, number: int) -> Self:
        """The answer before holds exactly `number` times."""
        at = here()
        with self._or_gone():
            if whole(number, "times() takes a whole number such as 2") < 1:
                hint = "assert_not_called() says that no call comes"
                raise ScriptError(at, f"an answer cannot hold {number} times", hint)
        return self._say(at, times=number)

    def always(self) -> Self:
        """The answer before, the last of its chain, holds for ever."""
        return self._say(here(), always=True)

    def optional(self) -> Self:
        """Nothing is amiss when answers are left over."""
        self._stub = replace(self._stub, optional=True)
        self._put()
        return self

    def emulate(self) -> Self:
        """From here on the emulator's own behaviour, which is never left over."""
        return self._add(None, here())

    def reset(self) -> Self:
        """Break the connection instead of answering: the client sees a reset."""
        return self._fault("reset")

    def timeout(self) -> Self:
        """Never answer, until the client leaves."""
        return self._fault("timeout")

    def truncate(self) -> Self:
        """Announce a whole body, send half of it and hang up."""
        return self._fault("truncate")

    def garbage(self) -> Self:
        """Answer 200 with a body that is not JSON."""
        return self._fault("garbage")

    def hold(self) -> Gate:
        """Hold the answer before, or the emulator's own where none stands before, until the gate is released.

        Gives the gate: `gate.wait()` until a request is in, `gate.release()`. When the test ends, and after a minute
        of wall time, answers go by themselves.
        """
        at = here()
        if not self._links:
            self._add(None, at)
        with self._or_gone():
            if self._links[-1].gate:
                raise ScriptError(at, "the answer before is held already", "release() lets go of all that it holds")
        gate = self._stage.gate(self._stub, at)
        self._links[-1] = replace(self._links[-1], gate=gate.number)
        self._put()
        return gate

    @property
    def calls(self) -> tuple[Entry, ...]:
        """The entries that this stub answered, oldest first."""
        number = self._stub.number
        return tuple(entry for entry in self._stage.entries() if entry.decision and entry.decision.stub == number)

    def assert_called(self, times: Times = None) -> None:
        """Raise AssertionError unless it answered: at least once, exactly n times, or from m to n times."""
        self._stage.demand(self.calls, times, self._stub)

    def _fault(self, kind: FaultKind) -> Self:
        return self._add(Fault(kind), here())

    def _add(self, then: Respond | Fault | None, at: Place) -> Self:
        last = self._links[-1] if self._links else None
        with self._or_gone():
            if last is not None and (last.always or last.then is None):
                said = "always()" if last.always else "emulate()"
                hint = "write another on(...): the newest stub is asked first"
                raise ScriptError(at, f"nothing comes after {said}", hint)
        self._links.append(_Link(then))
        self._put()
        return self

    def _say(self, at: Place, *, times: int | None = None, always: bool = False) -> Self:
        with self._or_gone():
            if not self._links or self._links[-1].then is None:
                raise ScriptError(at, "there is no answer before this", "begin with respond(...)")
        self._links[-1] = replace(self._links[-1], times=times, always=always)
        self._put()
        return self

    def _put(self) -> None:
        alone = len(self._links) == 1
        steps = tuple(
            Step(
                link.then,
                None if link.always or link.then is None or (alone and link.times is None) else link.times or 1,
                link.gate,
            )
            for link in self._links
        )
        self._stub = replace(self._stub, steps=steps)
        self._stage.give(PutStub(self._stub))

    @contextmanager
    def _or_gone(self) -> Iterator[None]:
        """What is refused inside takes the whole stub out of the world: half a script is none."""
        try:
            yield
        except Exception:
            self._stage.give(PutStub(replace(self._stub, targets=frozenset(), optional=True)))
            raise

    def _template(self, value: Any, what: str, at: Place) -> Template | Missing:
        named = {name for operation in self._operations for name in parameters_of(operation.path)}
        return template(value, at, what, RESPOND_ROOTS, named)

    def _held_to_contract(self, respond: Respond, at: Place) -> Respond:
        """`respond`, as it may be sent. Raises ScriptError for what no operation that it is meant for allows."""
        if respond.off_contract:
            return respond
        if any(operation.reply(respond.status) is None for operation in self._operations):
            return replace(respond, off_contract=f"{respond.status} is not declared")
        has_body = not isinstance(respond.body, Missing) or respond.text is not None or respond.events is not None
        if respond.status >= 400 and not has_body:
            return replace(respond, off_contract="an error without a body, as gateways send it")
        if isinstance(respond.body, Computed):
            return respond
        found = [breaches(respond, operation) for operation in self._operations]
        if all(found):
            what = f"{self._operations[0].id} {respond.status}"
            errors = [ScriptError(at, f"{what}{each.below}: {each.message}", _remedy(each.hint)) for each in found[0]]
            raise errors[0] if len(errors) == 1 else Several(errors)
        return respond


def template(
    value: Any, at: Place, what: str, roots: frozenset[str], parameters: Collection[str] | None = None
) -> Template | Missing:
    """A copy of a value, with the placeholders of fixtures; `parameters` are those of the path, None = any.

    Raises ScriptError for what is not JSON, FixtureError for a placeholder that is none.
    """
    if isinstance(value, Missing):
        return value
    try:
        copy = plain(value)  # which the test cannot change any more
    except (TypeError, ValueError) as error:
        raise ScriptError(at, f"{what} cannot be sent as JSON: {error}", "give it JSON's types") from None
    try:
        return compile_template(copy, lambda pointer: replace(at, pointer=f"/{what}{pointer}"), roots, parameters)
    except MockserverError as error:
        raise error.with_traceback(None) from None


def _streaming(
    respond: Respond, events: Any, more: Any, fault: Any, at: Place, values: Callable[[Any, str], Template | Missing]
) -> Respond:
    """The same answer as a stream. Raises ScriptError for what cannot be one."""
    refuse_unless(
        events is None or isinstance(events, list | tuple), 'events= takes a list such as [{"data": 1}]', events
    )
    if events is None:
        raise ScriptError(at, "more and fault say how a stream goes on", "give events, or write on(...).truncate()")
    if not isinstance(respond.body, Missing) or respond.text is not None:
        raise ScriptError(at, "events cannot stand together with json or text", "keep one of them")
    if more not in (None, "last", "repeat") or fault not in (None, "truncate", "reset", "timeout") or (more and fault):
        hint = 'more is "last" or "repeat", fault is "truncate", "reset" or "timeout"; give one of the two'
        raise ScriptError(at, f"a stream does not go on with more={more!r} and fault={fault!r}", hint)
    try:
        read = read_events(events, values)
    except ValueError as error:
        raise ScriptError(at, str(error)) from None
    return replace(respond, events=read, more=more, fault=fault)


def _remedy(hint: str) -> str:
    return "; ".join(part for part in (hint, 'correct it, or say why it may: off_contract="..."') if part)
