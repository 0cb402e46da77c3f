"""What a test writes to script answers: `on(...).respond(...)`, `input(2).reject(...)`, `matching({...})`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, Protocol, Self

from mockserver.clock import seconds
from mockserver.engine.inputs import Input, PutInputScript, PutStub
from mockserver.engine.messages import Entry
from mockserver.engine.stubs import Computed, InputScript, Matching, Step, Stub
from mockserver.errors import LocatedError, MockserverError, Place, Several
from mockserver.openapi.operation import Operation
from mockserver.openapi.validate import Schemas
from mockserver.scenario.model import MISSING, Fault, FaultKind, Missing, Plan, Respond
from mockserver.scenario.promise import breaches
from mockserver.scenario.render import EXECUTION_ROOTS, RESPOND_ROOTS, Template, compile_template
from mockserver.sentfrom import line_of

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
Times = int | tuple[int, int] | None  # exactly, from and to, at least one
_PACKAGE = str(Path(__file__).parent) + os.sep
_SET_BY_US = frozenset({"content-length", "transfer-encoding", "connection"})


class ScriptError(LocatedError):
    """A test scripts what cannot be. `at` is the line of the test."""


def here() -> Place:
    """The line of the test that is asking: the nearest caller outside of this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return line_of(frame)


def matching(schema: Mapping[str, Any] | bool) -> Matching:
    """Equal to whatever a JSON Schema (2020-12) accepts: for `body=` and `where=`, whole or anywhere inside them.

    Raises SpecError, with the line of the test, when it is no schema.
    """
    at = here()
    return Matching(
        schema, Schemas({"mem:///": schema}, place=lambda pointer: replace(at, pointer=pointer)).checker("")
    )


class Stage(Protocol):
    """Where scripts are played, and what became of them."""

    def give(self, given: Input) -> None:
        """Let an input into the world."""

    def entries(self) -> tuple[Entry, ...]:
        """All that reached the mock, oldest first."""

    def demand(self, found: Sequence[Entry], times: Times, wanted: Stub) -> None:
        """Raise AssertionError unless as many calls were found as `times` says."""


@dataclass(frozen=True, slots=True)
class _Link:
    """One answer of a chain. `times` None = not said."""

    then: Respond | Fault | None
    times: int | None = None
    always: bool = False


class ScriptedCalls:
    """The calls that a stub answers. Its methods add an answer to its chain, or say how often the last one holds.

    A single answer holds for every fitting call and must be asked for at least once; in a chain each holds once.
    """

    def __init__(self, stub: Stub, operations: Sequence[Operation], stage: Stage) -> None:
        self._stub, self._operations, self._stage = stub, tuple(operations), stage
        self._links: list[_Link] = []
        self._put()

    def respond(
        self,
        status: int = 200,
        *,
        json: Any = MISSING,
        text: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: str | float | None = None,
        delay: str | float = 0,
        off_contract: str = "",
    ) -> Self:
        """Answer with this status and body.

        `json` is a value, with the placeholders of fixtures, or a function of the `Call`. `delay` is on the world's
        clock.
        Raises ScriptError when the body breaks what the document declares, unless `off_contract` says why it may; a
        status that the document does not declare is fine, and so is an error without a body.
        """
        at = here()
        with self._or_gone():
            pairs = _pairs(headers or {}, retry_after, at)
            if json is not MISSING and text is not None:
                raise ScriptError(at, "json and text cannot stand together", "keep one of them")
            body = Computed(json, str(at)) if callable(json) else _template(json, at, "json", RESPOND_ROOTS)
            respond = Respond(status, pairs, body, text, _seconds(delay, at, "delay"), off_contract=off_contract)
            respond = self._held_to_contract(respond, at)
        return self._add(respond, at)

    def times(self, number: int) -> Self:
        """The answer before holds exactly `number` times."""
        at = here()
        with self._or_gone():
            if number < 1:
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
        except MockserverError:
            self._stage.give(PutStub(replace(self._stub, targets=frozenset(), optional=True)))
            raise

    def _held_to_contract(self, respond: Respond, at: Place) -> Respond:
        """`respond`, as it may be sent. Raises ScriptError for what no operation that it is meant for allows."""
        if respond.off_contract:
            return respond
        if any(operation.reply(respond.status) is None for operation in self._operations):
            return replace(respond, off_contract=f"{respond.status} is not declared")
        if respond.status >= 400 and isinstance(respond.body, Missing) and respond.text is None:
            return replace(respond, off_contract="an error without a body, as gateways send it")
        if isinstance(respond.body, Computed):
            return respond
        found = [breaches(respond, operation) for operation in self._operations]
        if all(found):
            what = f"{self._operations[0].id} {respond.status}"
            errors = [ScriptError(at, f"{what}{each.below}: {each.message}", _remedy(each.hint)) for each in found[0]]
            raise errors[0] if len(errors) == 1 else Several(errors)
        return respond


class ScriptedInput:
    """What happens to one input of a bulk call, or to each one that is like `where`."""

    def __init__(self, script: InputScript, roots: frozenset[str], stage: Stage) -> None:
        self._script, self._roots, self._stage = script, EXECUTION_ROOTS | roots, stage

    def complete(self, output: Any = MISSING, *, after: str | float | None = None) -> Self:
        """It succeeds; `output` is its result, with the placeholders of fixtures; else one is drawn.

        `after` counts from the trigger, on the world's clock; without it the vendor's own time goes by.
        """
        at = here()
        with self._or_gone():
            plan = Plan(ends="completed", output=self._value(output, at, "output"), after=_after(after, at))
        return self._put(plan)

    def fail(self, error: Any = MISSING, *, cause: str | None = None, after: str | float | None = None) -> Self:
        """It is accepted and fails while it runs; `error` is a sentence, or an object in the vendor's own shape.

        `cause` is what a vendor shows beside the sentence; `after` counts from the trigger, on the world's clock.
        """
        at = here()
        with self._or_gone():
            if cause is not None:
                if not isinstance(error, str | Missing):
                    raise ScriptError(at, "cause goes with a sentence", f"write it into the object: {{..., {cause!r}}}")
                error = {"cause": cause} if isinstance(error, Missing) else {"error": error, "cause": cause}
            plan = Plan(ends="failed", error=self._value(error, at, "error"), after=_after(after, at))
        return self._put(plan)

    def reject(self, message: str) -> Self:
        """It is refused at the door with this message: nothing starts."""
        return self._put(Plan(reject=message))

    def optional(self) -> Self:
        """Nothing is amiss when no input is like it."""
        self._script = replace(self._script, optional=True)
        self._stage.give(PutInputScript(self._script))
        return self

    @contextmanager
    def _or_gone(self) -> Iterator[None]:
        """As for `ScriptedCalls`."""
        try:
            yield
        except MockserverError:
            self._stage.give(PutInputScript(replace(self._script, services=frozenset(), optional=True)))
            raise

    def _value(self, value: Any, at: Place, what: str) -> Template | Missing:
        return _template(value, at, what, self._roots)

    def _put(self, plan: Plan) -> Self:
        self._script = replace(self._script, plan=plan)
        self._stage.give(PutInputScript(self._script))
        return self


def unknown(at: Place, what: str, name: str, known: Sequence[str]) -> NoReturn:
    """Raise ScriptError for a name that is none of `known`, with the one that was probably meant."""
    near = get_close_matches(name, known, 1)
    raise ScriptError(
        at, f'{what} "{name}"', f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known) or 'none'}"
    )


def _pairs(
    headers: Mapping[str, str | Sequence[str]], retry_after: str | float | None, at: Place
) -> tuple[tuple[str, str], ...]:
    """The headers of an answer, one pair for each value. Raises ScriptError for those that the server writes."""
    pairs = [(name, str(one)) for name, given in headers.items() for one in _each(given)]
    for name, _ in pairs:
        if name.lower() in _SET_BY_US:
            hint = "truncate() breaks an answer off"
            raise ScriptError(at, f"the header {name} is written by the server itself", hint)
    if retry_after is not None:
        pairs.append(("Retry-After", f"{_seconds(retry_after, at, 'retry_after'):g}"))
    return tuple(pairs)


def _each(given: str | Sequence[str]) -> Iterator[str]:
    yield from [given] if isinstance(given, str | int | float) else given


def _after(text: str | float | None, at: Place) -> float | None:
    return None if text is None else _seconds(text, at, "after")


def _seconds(text: str | float, at: Place, what: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise ScriptError(at, f"{what}: {error}") from error


def _template(value: Any, at: Place, what: str, roots: frozenset[str]) -> Template | Missing:
    if isinstance(value, Missing):
        return value
    try:
        # There and back: a copy that the test cannot change any more, with JSON's types only.
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(at, f"{what} cannot be sent as JSON: {error}", "give it JSON's types") from error
    return compile_template(plain, lambda pointer: replace(at, pointer=f"/{what}{pointer}"), roots)


def _remedy(hint: str) -> str:
    return "; ".join(part for part in (hint, 'correct it, or say why it may: off_contract="..."') if part)
