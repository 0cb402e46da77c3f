"""`POST /pipeline/{id}/run`: one run, answered when it is over, piece by piece, or at once with a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockserver.engine.batch import plan_inputs
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.scenario.model import Executions
from mockserver.vendors.vectorshift.background import Outcome, start, tell, tell_of_stream
from mockserver.vendors.vectorshift.life import length
from mockserver.vendors.vectorshift.options import asks_for_background, traced
from mockserver.vendors.vectorshift.outputs import BULK_RUN, FAILURES, NO_OUTPUTS, RUN, failure, outputs, scripts
from mockserver.vendors.vectorshift.pipeline import run_by
from mockserver.vendors.vectorshift.stream import asks_for_stream, stream
from mockserver.vendors.vectorshift.webhooks import webhook_url

if TYPE_CHECKING:
    from mockserver.engine.world import World

# Of the fields of a run, those that its outputs hang on. The others may be new each time the client runs (trace and
# session ids, addresses with ports), and the same inputs are to get the same outputs.
_INPUT = ("inputs", "conversation_id", "node_input_overrides", "version")


def inputs(call: Call) -> tuple[Any, ...]:
    """The runs that a call asks for; a run without inputs is one (`inputs` is not required)."""
    match call.match.operation.label:
        case label if label == BULK_RUN:
            return tuple(call.body["runs"])
        case label if label == RUN:
            return ({key: call.body[key] for key in _INPUT if key in call.body},)
    return ()


def run(call: Call, decision: Decision, world: World) -> Answer:
    """Run a pipeline once. A run that fails is a 500 with the reason, or as the pipeline's `failed_status` says."""
    body: Mapping[str, Any] = call.body
    pipeline = run_by(call, world).at(body.get("version"))
    webhook_url(call)  # what cannot be is refused before anything is drawn
    planned = plan_inputs(call, decision, world)
    (one,) = planned
    if one.rejected is not None:
        raise Refused(Problem("rejected", one.rejected))
    run_id = one.chance.mark(24)
    notes: list[str] = []
    then = decision.then
    waits = then.delay if isinstance(then, Executions) else 0.0
    more: dict[str, Any] = {
        "scripts": scripts(planned, pipeline),
        "broken": (one.broken,) if one.broken else (),
        "delay": waits,
        "hold": then.hold if isinstance(then, Executions) else 0.0,
    }
    if asks_for_stream(call) and not asks_for_background(call):
        streamed = stream(one, run_id, pipeline, call, world, **more)
        tell_of_stream(streamed, one, run_id, call, world)
        return streamed
    if one.plan.ends in FAILURES:
        outcome = Outcome(NO_OUTPUTS.value, failure(one, run_id, call, world))
    else:
        outcome = Outcome(outputs(one, run_id, pipeline, call, world, notes).value)
    if asks_for_background(call):
        return start(one, run_id, outcome, call, world, notes=tuple(notes), **more)
    more["delay"] += length(one)
    outcome = tell(one, run_id, outcome, more["delay"], call, world)
    made, error = outcome.outputs, outcome.error
    if error is None:
        return _answer("success", run_id, made, body, summary="the run succeeded", notes=tuple(notes), **more)
    if pipeline.failed_status != 200:
        return json_answer(500, {"status": "failed", "error": error}, summary=f"the run failed: {error}", **more)
    note = f"the run failed: {error}; the contract has no place for the reason"
    return _answer("failed", run_id, made, body, summary="the run failed", notes=(note,), **more)


def _answer(status: str, run_id: str, outputs: Any, body: Mapping[str, Any], **more: Any) -> Answer:
    return json_answer(200, {"status": status, "run_id": run_id, "outputs": outputs, **traced(body)}, **more)
