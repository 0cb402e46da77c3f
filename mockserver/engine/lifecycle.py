"""How an execution lives: the states it passes through, how long it stays in each, and where it may end. Data."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.scenario.model import Plan


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A vendor's lifecycle; the defaults are the happy path of DESIGN: queued 1 s, running 4 s, completed."""

    timeline: tuple[tuple[str, float], ...] = (("queued", 1.0), ("running", 4.0))
    ends: str = "completed"
    final: frozenset[str] = frozenset({"completed", "failed", "cancelled"})

    @property
    def start(self) -> str:
        """The first state."""
        return self.timeline[0][0]

    def path(self, plan: Plan) -> tuple[tuple[str, float], ...]:
        """The (state, seconds in it) steps of one execution, then its end with 0 seconds."""
        return (*(self.timeline if plan.timeline is None else plan.timeline), (plan.ends or self.ends, 0.0))
