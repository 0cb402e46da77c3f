"""How an execution lives: the states it passes through, how long it stays in each, and where it may end. Data."""

from __future__ import annotations

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.scenario.model import Plan


class Lifecycle(Struct, frozen=True):
    """A vendor's lifecycle; the defaults are the happy path of DESIGN: queued 1 s, running 4 s, completed."""

    timeline: tuple[tuple[str, float | tuple[float, float]], ...] = (("queued", 1.0), ("running", 4.0))
    ends: str = "completed"
    final: frozenset[str] = frozenset({"completed", "failed", "cancelled"})

    @property
    def start(self) -> str:
        """The first state."""
        return self.timeline[0][0]

    def path(self, plan: Plan, chance: Chance) -> tuple[tuple[str, float], ...]:
        """The (state, seconds in it) steps of one execution, then its end with 0 seconds."""
        steps = [(state, _length(stay, chance)) for state, stay in plan.timeline or self.timeline]
        if plan.after is not None:
            *first, (last, _) = steps
            before = sum(stay for _, stay in first)
            short = before > plan.after  # then the earlier states share what there is
            scale = plan.after / before if short else 1.0
            steps = [*((state, stay * scale) for state, stay in first), (last, 0.0 if short else plan.after - before)]
        return (*steps, (plan.ends or self.ends, 0.0))


def _length(stay: float | tuple[float, float], chance: Chance) -> float:
    if isinstance(stay, tuple):
        return round(chance.derive("stay").number(*stay), 3)
    return stay
