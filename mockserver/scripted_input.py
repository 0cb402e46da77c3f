"""What a test writes to script single inputs of a bulk call: `input(2).reject(...)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, overload

from msgspec.structs import replace

from mockserver.arguments import ScriptError, Span, duration, here, refuse_unless
from mockserver.engine.inputs import PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.errors import Place
from mockserver.scenario.model import MISSING, Missing, Plan
from mockserver.scenario.render import EXECUTION_ROOTS, Template
from mockserver.stubbing import Stage, template

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it


class ScriptedInput:
    """What happens to one input of a bulk call, or to each one that is like `where`.

    An outcome alone holds for every such input, of whatever call; in a chain each holds once, in the order in which the
    inputs come.
    """

    def __init__(self, script: InputScript, roots: frozenset[str], stage: Stage) -> None:
        self._script, self._roots, self._stage = script, EXECUTION_ROOTS | roots, stage
        stage.give(PutInputScript(script))

    def complete(self, output: Any = MISSING, *, after: Span | None = None) -> Self:
        """It succeeds; `output` is its result, with the placeholders of fixtures; else one is drawn.

        `after` counts from the trigger, on the world's clock; without it the vendor's own time goes by.
        """
        at = here()
        with self._or_gone():
            plan = Plan(ends="completed", output=self._value(output, at, "output"), after=_after(after, at))
        return self._put(plan)

    @overload
    def fail(self, error: Any = ..., *, after: Span | None = None) -> Self: ...

    @overload
    def fail(self, error: str = ..., *, cause: str, after: Span | None = None) -> Self: ...

    def fail(self, error: Any = MISSING, *, cause: str | None = None, after: Span | None = None) -> Self:
        """It is accepted and fails while it runs; `error` is a sentence, or an object in the vendor's own shape.

        `cause` is what a vendor shows beside the sentence; `after` counts from the trigger, on the world's clock.
        """
        at = here()
        with self._or_gone():
            refuse_unless(cause is None or isinstance(cause, str), "cause= takes a str", cause)
            if cause is not None:
                if not isinstance(error, str | Missing):
                    raise ScriptError(at, "cause goes with a sentence", f"write it into the object: {{..., {cause!r}}}")
                error = {"cause": cause} if isinstance(error, Missing) else {"error": error, "cause": cause}
            plan = Plan(ends="failed", error=self._value(error, at, "error"), after=_after(after, at))
        return self._put(plan)

    def reject(self, message: str) -> Self:
        """It is refused at the door with this message: nothing starts."""
        with self._or_gone():
            fits = isinstance(message, str) and message != ""
            refuse_unless(fits, 'reject() takes a message such as "no credits"', message)
        return self._put(Plan(reject=message))

    def optional(self) -> Self:
        """Nothing is amiss when no input is like it."""
        self._script = replace(self._script, optional=True)
        self._stage.give(PutInputScript(self._script))
        return self

    @contextmanager
    def _or_gone(self) -> Iterator[None]:
        """What is refused inside takes the whole script out of the world: half a script is none."""
        try:
            yield
        except Exception:
            self._stage.give(PutInputScript(replace(self._script, services=frozenset(), optional=True)))
            raise

    def _value(self, value: Any, at: Place, what: str) -> Template | Missing:
        return template(value, at, what, self._roots)

    def _put(self, plan: Plan) -> Self:
        now = self._script
        self._script = replace(now, plan=plan) if now.says_nothing else replace(now, then=(*now.then, plan))
        self._stage.give(PutInputScript(self._script))
        return self


def _after(given: Span | None, at: Place) -> float | None:
    return None if given is None else duration(given, at, "after")
