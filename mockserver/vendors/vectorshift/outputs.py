"""What one run comes to: what a script says, else its pipeline, else seeded chance; and how a run fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver.engine.batch import Planned
from mockserver.engine.messages import Call
from mockserver.engine.respond import scope
from mockserver.engine.vendor import Encoded
from mockserver.openapi.operation import Operation
from mockserver.scenario.model import Missing
from mockserver.vendors.vectorshift.graph import run_of
from mockserver.vendors.vectorshift.pipeline import Pipeline
from mockserver.vendors.vectorshift.ports import made_up

if TYPE_CHECKING:
    from mockserver.engine.world import World
    from mockserver.scenario.render import Template

RUN = "POST /pipeline/{id}/run"
BULK_RUN = "POST /pipeline/{id}/bulk_run"
FAILURES = frozenset({"failed", "cancelled"})
TERMINATED = "pipeline execution was terminated"
NO_OUTPUTS = Encoded.of({}, sound=True)

# Where the published document says what a run's outputs look like; a single run's are the same.
_RULE = (
    "/paths/~1pipeline~1{id}~1bulk_run/post/responses/200/content/application~1json/schema"
    "/properties/run_outputs/items/properties/outputs"
)


def output_rule(operation: Operation) -> str | None:
    """The rule of outputs, for the operations whose calls have some."""
    return _RULE if operation.label in (RUN, BULK_RUN) else None


def outputs(one: Planned, run_id: str, pipeline: Pipeline, call: Call, world: World, notes: list[str]) -> Encoded:
    """The outputs of a run that succeeds. What its placeholders lack is added to `notes`."""
    if not isinstance(one.plan.output, Missing):
        return Encoded.of(_rendered(one.plan.output, one, run_id, call, world, notes))
    if not isinstance(one.made, Missing):
        return Encoded.of(one.made)
    if pipeline.outputs:
        return Encoded.of(_declared(one, run_id, pipeline, call, world, notes))
    if pipeline.saved is not None:
        given = one.input.get("inputs") or {}
        return Encoded.of(run_of(pipeline.saved.nodes, pipeline.saved.canvas.get("edges"), given, one.chance))
    example = call.match.service.document.sampler(_RULE).example() if one.example else None
    return world.sample(call.match.service, _RULE, one.chance) if example is None else Encoded.of(example)


def failure(one: Planned, run_id: str, call: Call, world: World) -> str:
    """Why a run failed, as one sentence."""
    if isinstance(one.plan.error, Missing):
        return TERMINATED if one.plan.ends == "cancelled" else "pipeline execution failed"
    error = one.plan.error.render(placeholders(one, run_id, call, world))
    if isinstance(error, dict) and isinstance(error.get("error"), str):
        return str(error["error"])
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def _declared(
    one: Planned, run_id: str, pipeline: Pipeline, call: Call, world: World, notes: list[str]
) -> dict[str, Any]:
    return {
        name: made_up(port.type, one.chance.derive("output", name))
        if isinstance(port.value, Missing)
        else _rendered(port.value, one, run_id, call, world, notes)
        for name, port in pipeline.outputs.items()
    }


def _rendered(template: Template, one: Planned, run_id: str, call: Call, world: World, notes: list[str]) -> Any:
    names = placeholders(one, run_id, call, world)
    where = f"/runs/{one.index}: " if call.match.operation.label == BULK_RUN else ""
    notes += [
        f"{where}the placeholder ${{{name}}} names nothing in this run: null was sent"
        for name in template.missing(names)
    ]
    return template.render(names)


def placeholders(one: Planned, run_id: str, call: Call, world: World) -> dict[str, Any]:
    """`inputs`, `index`, `run_id` (also `execution_id`) and `conversation_id` beside those of every answer."""
    names = {"inputs": one.input.get("inputs") or {}, "index": one.index, "run_id": run_id, "execution_id": run_id}
    if "conversation_id" in one.input:
        names["conversation_id"] = one.input["conversation_id"]
    return scope(call, world, **names)


def scripts(planned: tuple[Planned, ...], pipeline: Pipeline) -> tuple[str, ...]:
    """Who spoke for the outputs of these runs."""
    told = {one.source: None for one in planned if one.source}
    if pipeline.outputs and any(not isinstance(port.value, Missing) for port in pipeline.outputs.values()):
        told[f"the outputs of pipeline {pipeline.id}"] = None
    return tuple(told)
