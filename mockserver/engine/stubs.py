"""What a test scripts: stubs that answer calls, and scripts for single inputs of a bulk call.

All frozen; use is counted by the world.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from mockserver.engine.messages import Call
from mockserver.openapi.jsontext import MAX_DEPTH
from mockserver.scenario.match import Difference, Facts, partial
from mockserver.scenario.model import MISSING, Fault, Plan, Respond

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker


class Step(Struct, frozen=True):
    """One link of a stub's chain. `then` None means the emulator's own behaviour; `times` None means for ever."""

    then: Respond | Fault | None
    times: int | None = 1
    gate: int = 0  # the answer waits until the gate of this number is released, 0 = none


class Stub(Struct, frozen=True):
    """Answers the calls of its operations that fit. `targets` are (service, operation id) pairs."""

    number: int
    operation: str  # as the test named it
    targets: frozenset[tuple[str, str]]
    steps: tuple[Step, ...] = ()
    path: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = MISSING  # a partial literal or a predicate
    optional: bool = False
    at: str = ""  # "test_x.py:12"

    @property
    def says_nothing(self) -> bool:
        """Whether no answer was given."""
        return not self.steps

    @property
    def source(self) -> str:
        """How the journal names it."""
        return f"stub at {self.at}" if self.at else f"stub {self.number} on {self.operation}"

    def differences(self, call: Facts) -> list[Difference]:
        """Why `call` does not fit; empty means that it fits."""
        return [
            *partial(dict(self.path), dict(call.path), "path"),
            *partial({k.lower(): v for k, v in self.headers.items()}, dict(call.headers), "headers"),
            *value_differences(self.body, call.body, "body"),
        ]

    def step(self, used: int) -> Step | None:
        """The link that answers when `used` calls were answered before; None when the chain is used up."""
        for step in self.steps:
            if step.times is None or used < step.times:
                return step
            used -= step.times
        return None

    def left_over(self, used: int) -> str:
        """What was scripted and never asked for, as a clause; "" when nothing is left."""
        if self.optional:
            return ""
        if self.says_nothing:
            return "it says no answer: add .respond(...)"
        wanted = 0
        for step in self.steps:
            if step.then is None and not step.gate:
                break
            wanted += 1 if step.times is None else step.times
        if used >= wanted:
            return ""
        return f"{wanted - used} of {wanted} scripted answers left over" if used else "scripted and never called"


class InputScript(Struct, frozen=True):
    """What happens to one input of a bulk call: the one at `index`, or each one that fits `where`.

    `plan` alone holds for all of them; in a chain it and those of `then` hold once each.
    """

    number: int
    services: frozenset[str]
    plan: Plan
    index: int | None = None
    where: Any = MISSING
    optional: bool = False
    at: str = ""
    then: tuple[Plan, ...] = ()

    @property
    def says_nothing(self) -> bool:
        """Whether it was not said what happens: then it speaks for no input."""
        return self.plan == _UNSAID

    @property
    def source(self) -> str:
        """How the journal names it."""
        which = f"input({self.index})" if self.index is not None else "input(where=...)"
        return f"{which} at {self.at}" if self.at else which

    def fits(self, index: int, value: Any) -> bool:
        """Whether it speaks for this input."""
        if self.index is not None:
            return self.index == index
        return not value_differences(self.where, value, "")

    def outcome(self, used: int) -> Plan | None:
        """What it says when it spoke for `used` inputs before; None when its chain is used up."""
        if not self.then:
            return self.plan
        chain = (self.plan, *self.then)
        return chain[used] if used < len(chain) else None

    def left_over(self, used: int) -> str:
        """A clause when no input was ever like it, or too few for its chain; "" otherwise."""
        if self.optional:
            return ""
        if self.says_nothing:
            return "it says no outcome: add .complete(...), .fail(...) or .reject(...)"
        wanted = 1 + len(self.then)
        if used >= wanted:
            return ""
        return f"{wanted - used} of {wanted} scripted outcomes left over" if used else "it spoke for no input"


_UNSAID = Plan()


class Broke(Exception):
    """A function that a test gave did not make what it was asked for."""


def called(function: Callable[..., Any], at: str, *given: Any) -> Any:
    """What a function of the test returns, as JSON holds it. Raises Broke, with its place, when there is no such."""
    name = getattr(function, "__name__", "the function")
    try:
        value = function(*given)
    except BaseException as error:  # pytest.fail() and sys.exit() are no Exception, and must not stop a server either
        raise Broke(f"{name} at {at} raised {type(error).__name__}: {error}") from error
    try:
        return plain(value)
    except (TypeError, ValueError) as error:
        raise Broke(f"{name} at {at} returned what cannot be sent as JSON: {error}") from error


def plain(value: Any) -> Any:
    """A copy of a value that a test gave, with JSON's types only. Raises TypeError or ValueError for what has none."""
    try:
        copy = json.loads(json.dumps(value, allow_nan=False))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    layer = [copy]
    for _ in range(MAX_DEPTH):
        layer = [one for each in layer for one in _members(each)]
        if not layer:
            return copy
    if any(isinstance(each, dict | list) for each in layer):
        raise ValueError(_TOO_DEEP)
    return copy


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


_TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"


class Computed(Struct, frozen=True):
    """The body of an answer, made from each call by a function of the test. What that raises is told, not thrown."""

    function: Callable[[Call], Any]
    at: str  # "test_x.py:12"

    @property
    def constant(self) -> bool:
        """Never: it is made for each call."""
        return False

    def render(self, scope: Mapping[str, Any]) -> Any:
        """What the function returns for `scope["call"]`. Raises Broke when it raises or returns what is not JSON."""
        return called(self.function, self.at, scope["call"])

    def missing(self, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """It has no placeholders."""
        return ()


class Matching(Struct, frozen=True, eq=False):
    """Equal to every value that a JSON Schema accepts: it may stand anywhere in a partial literal, or alone."""

    schema: Any
    checker: Checker

    def __eq__(self, other: object) -> bool:
        return self.checker.fits(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"matching({json.dumps(self.schema, ensure_ascii=False, default=repr)})"

    def differences(self, value: Any, where: str) -> list[Difference]:
        """Why the schema does not accept `value`."""
        if value is MISSING:
            return partial(_Words(repr(self)), value, where)
        if self.checker.fits(value):
            return []
        found = self.checker.explain(value).violations
        differences = [Difference(where + each.where, each.said, each.wanted) for each in found]
        return differences or partial(_Words(repr(self)), value, where)


def value_differences(expected: Any, actual: Any, where: str) -> list[Difference]:
    """Why `actual` does not fit: `expected` is a partial literal, a `Matching`, or a predicate on the value."""
    if expected is MISSING:
        return []
    if isinstance(expected, Matching):
        return expected.differences(actual, where)
    if not callable(expected):
        return partial(expected, actual, where)
    name = getattr(expected, "__name__", "the predicate")
    try:
        if expected(actual):
            return []
        raised = ""
    except BaseException as error:  # noqa: BLE001 - a test's own code; a value that it chokes on is not what it asks for
        raised = f" (it raised {type(error).__name__}: {error})"
    return partial(_Words(f"what {name} accepts{raised}"), actual, where)


class _Words(Struct, frozen=True, eq=False):
    """Equal to nothing; shown as what was wanted."""

    words: str

    def __repr__(self) -> str:
        return self.words
