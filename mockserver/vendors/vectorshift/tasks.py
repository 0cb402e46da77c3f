"""Tasks: where a run in the background stands, and how it is stopped, paused and resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.executions import Execution
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.vendors.vectorshift.outputs import TERMINATED
from mockserver.vendors.vectorshift.pipeline import not_found

if TYPE_CHECKING:
    from mockserver.engine.world import World

# The SDK waits for `completed` and `failed` alone: with any other word for a terminated run it would wait on. A paused
# one is none of the three either (both are guesses).
_SHOWN = {"completed": "completed", "failed": "failed", "cancelled": "failed"}


def task_status(call: Call, decision: Decision, world: World) -> Answer:
    """Where a task stands; `result` is the map of its outputs itself (a guess). Raises Refused: 404."""
    task = _task(call.path["task_id"], call, world)
    status = _SHOWN.get(task.state, "in_progress")
    shown: dict[str, Any] = {"task_id": task.id, "status": status}
    if status == "failed":
        shown["error"] = task.error
    if status == "completed":
        shown["result"] = task.output
    return json_answer(
        200,
        shown,
        summary=f"task {task.id[:8]}: {task.state}",
        scripts=task.details["scripts"],
        reads=() if task.is_final else (task.id,),
    )


def terminate(call: Call, decision: Decision, world: World) -> Answer:
    """End a run, paused or not. Raises Refused: 404 for an unknown one, 400 for one that has ended (a guess)."""
    task = _living(call.body["run_id"], call, world)
    world.executions.end(task.id, "cancelled", error=TERMINATED)
    return _done(f"task {task.id[:8]}: terminated")


def pause(call: Call, decision: Decision, world: World) -> Answer:
    """Stop the time of a run; one that is paused stays so. Raises Refused as `terminate` does."""
    task = _living(call.body["run_id"], call, world)
    world.executions.pause(task.id)
    return _done(f"task {task.id[:8]}: paused")


def resume(call: Call, decision: Decision, world: World) -> Answer:
    """Let the time of several runs go on, of all or, where one is unknown or has ended, of none. Raises Refused so."""
    tasks = [_living(id, call, world) for id in call.body["run_ids"]]
    resumed = sum(world.executions.resume(task.id) for task in tasks)
    return _done(f"{resumed} of {len(tasks)} tasks resumed")


def _task(id: str, call: Call, world: World) -> Execution:
    """The task of this id, if it is one of the pipeline in the path."""
    found = world.executions.get(id)
    is_here = found is not None and (found.service, found.resource) == (call.match.service.name, call.path["id"])
    if found is None or not is_here or not found.details["is_task"]:
        raise Refused(not_found("Run"))
    return found


def _living(id: str, call: Call, world: World) -> Execution:
    task = _task(id, call, world)
    if task.is_final:
        ended = "terminated" if task.state == "cancelled" else task.state
        raise Refused(Problem("rejected", f"Run has ended already: {ended}"))
    return task


def _done(summary: str) -> Answer:
    return json_answer(200, {"status": "success"}, summary=summary)
