"""The inputs of a bulk call, each with its plan: refused at the door, or how its execution will go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.chance import Chance
from mockserver.engine.decide import at
from mockserver.engine.messages import Call, Decision
from mockserver.scenario.model import Executions, Plan

if TYPE_CHECKING:
    from mockserver.engine.world import World

HAPPY = Plan()


@dataclass(frozen=True, slots=True)
class Planned:
    """One input: `rejected` is why nothing starts (None = accepted), `chance` its own source of draws."""

    index: int
    input: Any
    plan: Plan
    chance: Chance
    rejected: str | None = None
    source: str = ""  # the script that spoke for it


def plan_inputs(
    call: Call, decision: Decision, world: World, reject: Callable[[int, Any], str | None] = lambda index, value: None
) -> tuple[Planned, ...]:
    """A plan for each input of the call, in order.

    A test's `input(i)` speaks first, then `reject` (the vendor's check of one input, None = fine), then the decision's
    executions by position among the accepted inputs, then the happy path.
    """
    scripted = decision.then if isinstance(decision.then, Executions) else None
    name = call.match.service.name
    scripts = [script for script in world.input_scripts if name in script.services]
    planned = []
    accepted = 0
    for index, value in enumerate(call.match.service.vendor.inputs(call)):
        chance = world.draw(call, value)
        script = next((one for one in scripts if one.fits(index, value)), None) if scripts else None
        if script is not None:
            world.use("input", script.number)
            plan, source = script.plan, script.source
            rejected = plan.reject or reject(index, value)
            accepted += rejected is None
        elif (rejected := reject(index, value)) is not None:
            plan, source = HAPPY, ""
        else:
            step = at(scripted.plans, accepted, scripted.more) if scripted else None
            plan, source = (step[1], decision.source) if step else (HAPPY, "")
            rejected = plan.reject
            accepted += 1
        planned.append(Planned(index, value, plan, chance, rejected, source))
    return tuple(planned)
