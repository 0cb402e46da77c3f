"""Who answers a call: the newest stub that fits, else the first scenario that fits, else the emulator itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.engine.messages import Call, Decision
from mockserver.scenario.match import Difference, differences, fits
from mockserver.scenario.model import More, Random, Sequence, Then

if TYPE_CHECKING:
    from mockserver.engine.world import World


def decide(call: Call, world: World) -> Decision:
    """The decision for `call`; counts the use of what it chose."""
    notes: list[str] = []
    here = (call.match.service.name, call.operation)
    for stub in world.stubs:
        if here not in stub.targets or not stub.steps or stub.differences(call):
            continue
        used = world.used("stub", stub.number)
        step = stub.step(used)
        if step is None:
            notes.append(f"{stub.source} fitted but was used up")
            continue
        world.use("stub", stub.number)
        return Decision(stub.source, stub.at, step.then, used, tuple(notes), stub.number, step.gate)
    for scenario in world.likely_scenarios(call):
        if not fits(scenario.when, call):
            continue
        key = ("scenario", call.match.service.name, scenario.name)
        then = play(scenario.then, key, call, world)
        if then is None:
            continue
        return Decision(f"scenario {scenario.name}", str(scenario.at), then, world.use(*key), tuple(notes))
    return Decision(notes=tuple(notes)) if notes else _EMULATOR


_EMULATOR = Decision()


def play(then: Then, key: tuple[object, ...], call: Call, world: World) -> Then | None:
    """What a script comes to now: sequences take their next step, dice are thrown. None = it passes."""
    match then:
        case Sequence():
            step = at(then.steps, world.use(*key, "step"), then.more)
            return None if step is None else play(step[1], (*key, step[0]), call, world)
        case Random():
            number, chosen = _throw(then, world.draw(call, call.body, "random", *key))
            return play(chosen, (*key, number), call, world)
    return then


def at(items: tuple[Any, ...], number: int, more: More) -> tuple[int, Any] | None:
    """The index and item for the `number`-th use; beyond the list as `more` says, None = nothing is scripted."""
    if number >= len(items):
        if more == "pass" or not items:
            return None
        number = number % len(items) if more == "repeat" else len(items) - 1
    return number, items[number]


def _throw(then: Random, chance: Chance) -> tuple[int, Then]:
    point = chance.fraction() * sum(weight for weight, _ in then.options)
    for number, (weight, option) in enumerate(then.options):
        point -= weight
        if point < 0:
            return number, option
    return len(then.options) - 1, then.options[-1][1]


class NearMiss(Struct, frozen=True):
    """A stub or scenario of the operation that did not fit, and all that kept it from fitting."""

    source: str
    at: str
    differences: tuple[Difference, ...]


def near_misses(call: Call, world: World) -> tuple[NearMiss, ...]:
    """What was scripted for this operation and did not fit, nearest first. Made only when somebody asks."""
    here = (call.match.service.name, call.operation)
    found = [
        *(
            NearMiss(stub.source, stub.at, tuple(stub.differences(call)))
            for stub in world.stubs
            if here in stub.targets
        ),
        *(
            NearMiss(f"scenario {scenario.name}", str(scenario.at), tuple(differences(scenario.when, call)))
            for scenario in world.scenarios(call.match.service, call.operation)
        ),
    ]
    return tuple(sorted((miss for miss in found if miss.differences), key=lambda miss: len(miss.differences)))
