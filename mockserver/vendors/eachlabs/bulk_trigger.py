"""`POST /{workflowID}/bulk-trigger`: one execution for each input that the workflow takes (docs: bulk trigger page)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.executions import Execution
from mockserver.engine.launch import launch
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.scenario.model import Executions
from mockserver.vendors.eachlabs.workflow import Workflow

if TYPE_CHECKING:
    from mockserver.engine.world import World


def inputs(call: Call) -> tuple[Any, ...]:
    """The inputs of the call."""
    return tuple(call.body["inputs"])


def bulk_trigger(call: Call, decision: Decision, world: World) -> Answer:
    """Queue the inputs that fit; the others become failed entries. 202 even when all fail (the last is a guess)."""
    workflow = _workflow(call, world)
    version = call.body.get("version_id", workflow.latest)
    if not workflow.has_version(version):
        raise Refused(Problem("not_found", "version not found", reason="version"))

    notes: list[str] = []

    def reject(value: Any) -> str | None:
        faults = workflow.faults(value)
        notes.extend(faults)
        return faults[0] if faults else None

    bulk_id = world.draw(call, call.body, "bulk").uuid()
    planned = plan_inputs(call, decision, world, reject)
    entries = [_entry(one, call, world, bulk_id, version) for one in planned]
    failed = sum(one.rejected is not None for one in planned)
    then = decision.then
    pace = {"delay": then.delay, "hold": then.hold} if isinstance(then, Executions) else {}
    return json_answer(
        202,
        {"bulk_id": bulk_id, "executions": entries},
        summary=f"bulk {bulk_id[:8]}: {len(entries) - failed} queued, {failed} failed",
        notes=tuple(notes),
        **pace,
    )


def _workflow(call: Call, world: World) -> Workflow:
    found = world.resource(call.match.service, "workflows", call.path["workflowID"])
    # A literal id in a scenario exists without being declared; nothing is known of its inputs.
    return found if isinstance(found, Workflow) else Workflow()


def _entry(one: Planned, call: Call, world: World, bulk_id: str, version: str) -> dict[str, Any]:
    if one.rejected is not None:
        return {"status": "failed", "message": one.rejected}
    execution = launch(
        one,
        call,
        world,
        Execution(
            id=one.chance.uuid(),
            service=call.match.service.name,
            operation=call.operation,
            resource=call.path["workflowID"],
            version=version,
            input=one.input,
            started=world.clock.now,
            batch=bulk_id,
            index=one.index,
            webhook_url=call.body.get("webhook_url"),
        ),
        bulk_id=bulk_id,
    )
    return {"execution_id": execution.id, "status": "queued", "started_at": stamp(execution.started)}
