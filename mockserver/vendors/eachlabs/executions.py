"""Reading runs: one by its id, or the page of a workflow's runs (docs: get execution, list executions)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mockserver.engine.executions import Execution
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Refused
from mockserver.vendors.eachlabs.api_service import SERVICES, is_api
from mockserver.vendors.eachlabs.details import details, row, status_of
from mockserver.vendors.eachlabs.workflow import called, not_found

if TYPE_CHECKING:
    from mockserver.engine.world import World

PAGE = 50  # rows, where no `limit` is given


def get_execution(call: Call, decision: Decision, world: World) -> Answer:
    """One run, whichever contract started it. Raises Refused: 404 for an unknown one."""
    execution = known(call.path["executionID"], world)
    if execution is None:
        raise Refused(not_found("execution"))
    return json_answer(
        200,
        details(execution, world, api=is_api(call)),
        summary=f"execution {execution.id[:8]}: {status_of(execution)}",
        reads=living([execution]),
    )


def list_executions(call: Call, decision: Decision, world: World) -> Answer:
    """The runs of a workflow, newest first, and within a bulk in the order of its inputs (a guess)."""
    workflow = called(call, world)
    wanted = [
        one
        for one in _candidates(call.query.get("bulk_id"), world)
        if one.resource == workflow.id and one.service in SERVICES
    ]
    first, limit = call.query.get("offset", 0), call.query.get("limit", PAGE)
    page = newest_first(wanted)[first : first + limit]
    rows = [row(one, workflow.name or workflow.id, world) for one in page]
    shown: dict[str, Any] = {"executions": rows}
    if is_api(call):
        shown["limit"] = limit
    elif first + limit < len(wanted):
        shown["offset"] = first + limit
    shown["total_count"] = len(wanted)
    return json_answer(200, shown, summary=f"{len(page)} of {len(wanted)} executions", reads=living(page))


def known(id: str, world: World) -> Execution | None:
    """The run of this id, if it is one of each::labs."""
    found = world.executions.get(id)
    return found if found is not None and found.service in SERVICES else None


def living(executions: Iterable[Execution]) -> tuple[str, ...]:
    """The ids of those that have not ended."""
    return tuple(one.id for one in executions if not one.is_final)


def newest_first(executions: Iterable[Execution]) -> list[Execution]:
    """Call after call, the newest first; the runs of one call stay in the order of its inputs."""
    calls = [list(runs) for _, runs in groupby(executions, lambda one: one.batch or one.id)]
    return [one for runs in reversed(calls) for one in runs]


def _candidates(bulk_id: str | None, world: World) -> tuple[Execution, ...]:
    # Ours are in lower case; a UUID means the same in any case (RFC 9562, section 4).
    return world.executions.all if bulk_id is None else world.executions.of_batch(bulk_id.lower())
