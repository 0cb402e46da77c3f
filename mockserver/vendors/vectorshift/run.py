"""`POST /pipeline/{id}/run`: one run, answered when it is over, piece by piece, or at once with a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.scenario.model import Executions
from mockserver.vendors.vectorshift.background import Outcome, start, tell, tell_of_stream
from mockserver.vendors.vectorshift.life import length
from mockserver.vendors.vectorshift.options import (
    asks_for_background,
    asks_for_stream,
    option,
    takes_options,
    traced,
    unheeded,
)
from mockserver.vendors.vectorshift.outputs import BULK_RUN, FAILURES, NO_OUTPUTS, RUN, failure, outputs, scripts
from mockserver.vendors.vectorshift.pipeline import Pipeline, run_by
from mockserver.vendors.vectorshift.webhooks import webhook_url

if TYPE_CHECKING:
    from mockserver.engine.world import World

# Of the fields of a run, those that its outputs hang on. The others may be new each time the client runs (trace and
# session ids, addresses with ports), and the same inputs are to get the same outputs.
_INPUT = ("inputs", "conversation_id")
_OPTIONS = ("node_input_overrides", "version")


def inputs(call: Call) -> tuple[Any, ...]:
    """The runs that a call asks for; a run without inputs is one (`inputs` is not required)."""
    match call.match.operation.label:
        case label if label == BULK_RUN:
            return tuple(call.body["runs"])
        case label if label == RUN:
            fields = (*_INPUT, *_OPTIONS) if takes_options(call) else _INPUT
            return ({key: call.body[key] for key in fields if key in call.body},)
    return ()


def run(call: Call, decision: Decision, world: World) -> Answer:
    """Run a pipeline once. A run that fails is a 500 with the reason, or as the pipeline's `failed_status` says."""
    pipeline = run_by(call, world).at(option(call, "version"))
    webhook_url(call)  # what cannot be is refused before anything is drawn
    planned = plan_inputs(call, decision, world)
    (one,) = planned
    if one.rejected is not None:
        raise Refused(Problem("rejected", one.rejected))
    one, run_id = _unhindered(one, call), one.chance.mark(24)
    told = scripts(planned, pipeline)
    then = decision.then if isinstance(decision.then, Executions) else _AT_ONCE
    if asks_for_background(call):
        notes: list[str] = []
        answer = start(one, run_id, _outcome(one, run_id, pipeline, call, world, notes), told, notes, call, world)
    elif asks_for_stream(call):
        from mockserver.vendors.vectorshift.stream import stream  # few clients ask for one

        answer = stream(one, run_id, pipeline, call, world)
        tell_of_stream(answer, one, run_id, then.delay, call, world)
    else:
        answer = _waited_for(one, run_id, pipeline, then.delay, call, world)
    return replace(
        answer,
        notes=(*answer.notes, *unheeded(call)),
        scripts=told,
        broken=(one.broken,) if one.broken else (),
        delay=answer.delay + then.delay,
        hold=then.hold,
    )


_AT_ONCE = Executions(())


def _unhindered(one: Planned, call: Call) -> Planned:
    """Without the time that a script gives a run in the background, where only the pages count: nobody waits for it."""
    if call.body.get("background") is not True or asks_for_background(call):
        return one
    return replace(one, plan=replace(one.plan, after=None, timeline=None))


def _outcome(one: Planned, run_id: str, pipeline: Pipeline, call: Call, world: World, notes: list[str]) -> Outcome:
    if one.plan.ends in FAILURES:
        return Outcome(NO_OUTPUTS.value, failure(one, run_id, call, world))
    return Outcome(outputs(one, run_id, pipeline, call, world, notes).value)


def _waited_for(one: Planned, run_id: str, pipeline: Pipeline, delay: float, call: Call, world: World) -> Answer:
    """The answer when the run is over; its webhook is sent then, `delay` being added to all answers."""
    notes: list[str] = []
    seconds = length(one)
    outcome = _outcome(one, run_id, pipeline, call, world, notes)
    outcome = tell(one, run_id, outcome, seconds + delay, call, world)
    status, summary = "success", "the run succeeded"
    if outcome.error is not None:
        summary = f"the run failed: {outcome.error}"
        if pipeline.failed_status != 200:
            return json_answer(500, {"status": "failed", "error": outcome.error}, summary=summary, delay=seconds)
        notes.append(f"{summary}; the contract has no place for the reason")
        status, summary = "failed", "the run failed"
    value = {"status": status, "run_id": run_id, "outputs": outcome.outputs, **traced(call)}
    return json_answer(200, value, summary=summary, notes=tuple(notes), delay=seconds)
