"""How a run is shown: the details that a read and a webhook share, and the row of a list, which has other names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.engine.executions import Execution
from mockserver.vendors.eachlabs.steps import step_outputs, workflow_output

if TYPE_CHECKING:
    from mockserver.engine.world import World

_READ = frozenset({"completed", "failed", "cancelled"})


def status_of(execution: Execution) -> str:
    """The status that reads show: there is no `queued`, so a run that has not begun reads as running (inferred)."""
    return execution.state if execution.state in _READ else "running"


def failure(error: Any) -> dict[str, str]:
    """`error` and `error_cause` from what a script said: a sentence, or an object in the vendor's shape."""
    if not isinstance(error, dict):
        return {"error": _text(error)}
    cause = error.get("error_cause", error.get("cause"))
    found = {"error": _text(error.get("error", "ExecutionFailed"))}
    return found if cause is None else {**found, "error_cause": _text(cause)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def details(execution: Execution, world: World, *, api: bool) -> dict[str, Any]:
    """One run. `api`: as the api-service shows it, which adds version, named outputs and cost."""
    status = status_of(execution)
    reason = failure(execution.error) if status == "failed" else {}
    steps = step_outputs(execution, reason, world.clock.now)
    shown: dict[str, Any] = {
        "execution_id": execution.id,
        "workflow_id": execution.resource,
        **({"version_id": execution.version} if api else {}),
        **({"bulk_id": execution.batch} if execution.batch is not None else {}),
        "status": status,
        "started_at": stamp(execution.started),
    }
    if execution.ended is not None:
        shown["completed_at"] = stamp(execution.ended)
    shown |= {
        "inputs": execution.input,
        "step_outputs": steps,
        "output": execution.output if status == "completed" else None,
        **reason,
    }
    if api:
        named = workflow_output(execution, steps)
        shown |= {"workflow_output": named} if named is not None else {}
        shown |= {"total_cost": 0} if execution.is_final else {}
    return shown


def row(execution: Execution, flow_name: str, world: World) -> dict[str, Any]:
    """One run in a list."""
    status = status_of(execution)
    shown: dict[str, Any] = {
        "execution_id": execution.id,
        "flow_id": execution.resource,
        "flow_name": flow_name,
        "version_id": execution.version,
        "status": status,
        "created_at": stamp(execution.started),
        "started_at": stamp(execution.started),
    }
    if execution.ended is not None:
        shown["ended_at"] = stamp(execution.ended)
    shown |= {"updated_at": stamp(execution.entered[-1][1]), "inputs": execution.input}
    shown["step_results"] = step_outputs(
        execution, failure(execution.error) if status == "failed" else {}, world.clock.now
    )
    if status == "completed":
        # Of the two fields one takes text and one an object (docs: list page); a list becomes text (a guess).
        output = execution.output
        shown |= {"output_json": output} if isinstance(output, dict) else {"output": _text(output)}
    return shown
