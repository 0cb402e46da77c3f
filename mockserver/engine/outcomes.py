"""How executions go, and what they come to, where no script says so: as asked for by a test, else the happy path."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Literal

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.engine.messages import Call
from mockserver.engine.stubs import called
from mockserver.scenario.model import Plan

HAPPY = Plan()
_FAILED = Plan(ends="failed")


class Made(Struct, frozen=True):
    """Outputs that a function of the test makes, one from each input (and the call, if it takes two arguments)."""

    function: Callable[..., Any]
    takes_call: bool
    at: str  # "test_x.py:12"

    @property
    def source(self) -> str:
        """How the journal names it."""
        return f"outputs.use(...) at {self.at}"

    def output(self, value: Any, call: Call) -> Any:
        """What the function returns for an input. Raises Broke when it raises or returns what is not JSON."""
        # A copy: what the function does to its input must not change what the execution says it got.
        given = deepcopy(value)
        return called(self.function, self.at, *((given, call) if self.takes_call else (given,)))


class Outcomes(Struct, frozen=True):
    """What a test asked for. The shares are of 1, and seeded chance picks who is among them."""

    outputs: Literal["random", "example"] | Made = "random"
    failed: float = 0.0
    rejected: float = 0.0
    at: str = ""  # the line that asked for the shares

    def plan(self, chance: Chance, rejection: str) -> tuple[Plan, str]:
        """The plan of an execution that no script speaks for, and who says so ("" = nobody).

        `chance` is its own and is not moved: ids and values stay those of the happy path. `rejection` is what a vendor
        says to an input that it refuses.
        """
        if not (self.failed or self.rejected):
            return HAPPY, ""
        point = chance.derive("outcome").fraction()
        if point < self.rejected:
            return Plan(reject=rejection), self._source
        return (_FAILED, self._source) if point < self.rejected + self.failed else (HAPPY, "")

    @property
    def _source(self) -> str:
        return f"outcomes.random(...) at {self.at}"
