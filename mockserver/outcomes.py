"""What a test asks of executions that no script speaks for: `m.outputs.use(...)`, `m.outcomes.random(failed=0.2)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from mockserver.arguments import ScriptError, here
from mockserver.engine.inputs import PutOutcomes
from mockserver.engine.outcomes import Made, Outcomes
from mockserver.engine.service import Service
from mockserver.engine.vendor import Vendor, no_inputs
from mockserver.errors import Place
from mockserver.openworld import OpenWorld

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
_NOTHING_ASKED = Outcomes()


def refuse_without_executions(vendor: Vendor, line: Place) -> None:
    """Raise ScriptError where no call starts executions."""
    if vendor.inputs is not no_inputs:
        return
    hint = "on(...).respond(...) says what calls get"
    if vendor.generic:
        life = "lifecycle: {starts: operation, id: /id, state: /status, ...}"
        hint += f"; a fixture with `{life}`, given as openapi_mock(..., fixtures=...), says which calls start some"
        raise ScriptError(line, f"the document {vendor.name} has no lifecycle, so nothing starts executions", hint)
    raise ScriptError(line, f"{vendor.name} starts no executions", hint)


class _Unscripted:
    """What both share: a service whose vendor starts executions, in a world."""

    def __init__(self, world: OpenWorld, service: Service) -> None:
        self._open, self._service = world, service

    @property
    def _vendor(self) -> Vendor:
        return self._service.vendor

    def _put(self, line: Place, /, **changes: Any) -> None:
        vendor = self._vendor
        refuse_without_executions(vendor, line)
        now = self._open.ask(lambda world: world.outcomes(vendor)) or _NOTHING_ASKED
        self._open.give(PutOutcomes(self._service.name, replace(now, **changes)))


class OutputMaker(_Unscripted):
    """What executions come to whose output no script names. The last word holds, from here on."""

    def random(self) -> None:
        """As always: a value that fits the schema, drawn by seeded chance."""
        self._put(here(), outputs="random")

    def example(self) -> None:
        """The example of the output that the schema itself has, where there is one; else as `random`."""
        self._put(here(), outputs="example")

    def use(self, function: Callable[..., Any]) -> None:
        """What `function(input)` returns, or `function(input, call)` when it takes two arguments.

        `input` is a copy of the one input, as `input(where=...)` sees it; `call` is the whole `Call`: `call.path`,
        `call.body`, `call.headers`. It is asked on the server's thread, once for each accepted input, when the call
        comes. When it raises, or returns what is not JSON, that is E501 at this line, and the output is a random one.
        """
        at = here()
        self._put(at, outputs=Made(function, _takes_call(function, at), str(at)))


class OutcomeMaker(_Unscripted):
    """How executions end that no script speaks for. The last word holds, from here on."""

    def random(self, *, failed: float = 0.0, rejected: float = 0.0) -> None:
        """These shares of them fail while they run, or are refused at the door; `failed=0.2` is one in five.

        Who does is seeded chance: the same inputs in another order, or from parallel clients, fail alike.
        Raises ScriptError for shares that cannot be, and for `rejected` where the vendor refuses no single input.
        """
        at = here()
        numbers = isinstance(failed, int | float) and isinstance(rejected, int | float)
        if not (numbers and 0 <= failed <= 1 and 0 <= rejected <= 1 and failed + rejected <= 1):
            said = f"failed={failed!r}, rejected={rejected!r} are no shares"
            raise ScriptError(at, said, "each is from 0 to 1, and so is their sum: failed=0.2")
        if rejected and not self._vendor.rejection:
            raise ScriptError(at, f"{self._vendor.name} refuses no single inputs", "failed= lets them fail")
        self._put(at, failed=failed, rejected=rejected, at=str(at))

    def succeed(self) -> None:
        """As always: all succeed."""
        self._put(here(), failed=0.0, rejected=0.0)


def _takes_call(function: Callable[..., Any], at: Place) -> bool:
    """Whether a function wants the call beside the input. Raises ScriptError when it can be called with neither."""
    hint = "give it a function of the input, or of the input and the call"
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise ScriptError(at, f"use() cannot call {function!r:.60}", hint)
    try:
        signature = inspect.signature(function)
    except ValueError:
        return False  # some of Python's own have none
    wanted = [one for one in signature.parameters.values() if one.default is one.empty]
    takes_call = sum(one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in wanted) == 2
    try:
        signature.bind(*((None, None) if takes_call else (None,)))
    except TypeError:
        name = getattr(function, "__name__", repr(function))
        raise ScriptError(at, f"use() cannot call {name}{signature}", hint) from None
    return takes_call
