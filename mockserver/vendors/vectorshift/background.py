"""Runs that are more than their answer: those that go on in the background, and those that tell of their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.engine.batch import Planned
from mockserver.engine.executions import Execution
from mockserver.engine.launch import launch
from mockserver.engine.messages import Answer, Call
from mockserver.engine.vendor import json_answer
from mockserver.scenario.model import MISSING
from mockserver.vendors.vectorshift.options import option, traced
from mockserver.vendors.vectorshift.webhooks import webhook_url

if TYPE_CHECKING:
    from mockserver.engine.world import World


class Outcome(Struct, frozen=True):
    """What a run comes to, which is known when it begins: its outputs, or why it fails."""

    outputs: dict[str, Any]
    error: str | None = None


def start(
    one: Planned, run_id: str, outcome: Outcome, scripts: tuple[str, ...], notes: list[str], call: Call, world: World
) -> Answer:
    """Begin a run that nobody waits for. Its id is that of the task, as the SDK's `terminate` has it.

    `scripts` are who spoke for it, which is told whenever its result is read.
    """
    task = _begin(one, run_id, outcome, call, world, is_task=True, scripts=scripts)
    summary = f"task {task.id[:8]}: {task.state}"
    return json_answer(200, {"task_id": task.id, **traced(call)}, summary=summary, notes=tuple(notes))


def tell(one: Planned, run_id: str, outcome: Outcome, seconds: float, call: Call, world: World) -> Outcome:
    """See to the webhook of a run that is answered when it is over, `seconds` from now, if the caller wants one.

    The outcome as it is told: a test may want text beyond ASCII in it.
    """
    if webhook_url(call) is None:
        return outcome
    timed = replace(one, plan=replace(one.plan, after=seconds, timeline=None))
    run = _begin(timed, run_id, outcome, call, world, is_task=False)
    return Outcome(run.output, run.error)


def tell_of_stream(streamed: Answer, one: Planned, run_id: str, delay: float, call: Call, world: World) -> None:
    """See to the webhook of a run streamed after `delay`: it ends with its last event and comes to what that says."""
    assert isinstance(streamed.chunks, tuple)
    said = streamed.chunks[-1].value
    outcome = Outcome(said.get("outputs", {}), said.get("error"))
    tell(one, run_id, outcome, delay + sum(chunk.after for chunk in streamed.chunks), call, world)


def _begin(one: Planned, run_id: str, outcome: Outcome, call: Call, world: World, **details: Any) -> Execution:
    # What a script or function of the test makes is in the outcome already.
    settled = replace(one, plan=replace(one.plan, output=MISSING, error=MISSING), made=MISSING)
    return launch(
        settled,
        call,
        world,
        Execution(
            id=run_id,
            service=call.match.service.name,
            operation=call.operation,
            resource=call.path["id"],
            version=option(call, "version") or "latest",
            input=one.input,
            started=world.clock.now,
            output=outcome.outputs,
            error=outcome.error,
            webhook_url=webhook_url(call),
            details={**details, **traced(call)},
        ),
    )
