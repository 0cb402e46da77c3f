"""The inputs of a bulk call, each with its plan: refused at the door, or how its execution will go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.decide import at
from mockserver.engine.messages import Call, Decision
from mockserver.engine.outcomes import HAPPY, Made, Outcomes
from mockserver.engine.stubs import Broke, InputScript
from mockserver.scenario.model import MISSING, Executions, Missing, Plan

if TYPE_CHECKING:
    from mockserver.engine.world import World


class Planned(Struct, frozen=True):
    """One input: `rejected` is why nothing starts (None = accepted), `chance` its own source of draws."""

    index: int
    input: Any
    plan: Plan
    chance: Chance
    rejected: str | None = None
    source: str = ""  # the script that spoke for it
    example: bool = False  # an output that no script names is the document's own example, where it has one
    made: Any = MISSING  # an output that no script names, where a function of the test makes those
    broken: str = ""  # why that function did not make it: an output is drawn instead


def plan_inputs(
    call: Call, decision: Decision, world: World, reject: Callable[[int, Any], str | None] = lambda index, value: None
) -> tuple[Planned, ...]:
    """A plan for each input of the call, in order.

    A test's `input(i)` speaks first, then `reject` (the vendor's check of one input, None = fine), then the decision's
    executions by position among the accepted inputs, then the test's outcomes, then the happy path.
    """
    scripted = decision.then if isinstance(decision.then, Executions) else None
    name = call.match.service.name
    scripts = [script for script in world.input_scripts if name in script.services and not script.says_nothing]
    vendor = call.match.service.vendor
    outcomes = world.outcomes(vendor)
    planned = []
    accepted = 0
    inputs = vendor.inputs(call)
    drawn = inputs if vendor.drawn is None else vendor.drawn(call)
    for index, (value, chance) in enumerate(zip(inputs, world.draws(call, drawn), strict=True)):
        spoken = _spoken(scripts, index, value, world) if scripts else None
        if spoken is not None:
            plan, source = spoken
            rejected = plan.reject if plan.reject is not None else reject(index, value)
            accepted += rejected is None
        elif (rejected := reject(index, value)) is not None:
            plan, source = HAPPY, ""
        else:
            step = at(scripted.plans, accepted, scripted.more) if scripted else None
            if step is not None:
                plan, source = step[1], decision.source
            else:
                plan, source = outcomes.plan(chance, vendor.rejection) if outcomes else (HAPPY, "")
            rejected = plan.reject
            accepted += 1
        planned.append(Planned(index, value, plan, chance, rejected, source))
    return tuple(_with_output(one, call, outcomes) for one in planned) if outcomes else tuple(planned)


def _spoken(scripts: Sequence[InputScript], index: int, value: Any, world: World) -> tuple[Plan, str] | None:
    """What the newest script says that fits an input and is not used up, and how it is called; None: none speaks."""
    for script in scripts:
        if not script.fits(index, value):
            continue
        plan = script.outcome(world.used("input", script.number))
        if plan is not None:
            world.speak(script, index)
            return plan, script.source
    return None


def _with_output(one: Planned, call: Call, outcomes: Outcomes) -> Planned:
    """`one`, with what its output is made from, if it comes to one that no script names."""
    happy_end = one.plan.ends in (None, call.match.service.vendor.lifecycle.ends)
    if one.rejected is not None or not happy_end or not isinstance(one.plan.output, Missing):
        return one
    if not isinstance(outcomes.outputs, Made):
        return replace(one, example=outcomes.outputs == "example")
    source = f"{one.source}, {outcomes.outputs.source}" if one.source else outcomes.outputs.source
    try:
        return replace(one, source=source, made=outcomes.outputs.output(one.input, call))
    except Broke as broke:
        return replace(one, source=source, broken=f"{broke}; input {one.index} got a random output")
