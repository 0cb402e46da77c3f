"""What api-service tells of webhooks: one record for each run that told of its end, with its attempts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.engine.delivery import Attempt, Delivery
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.openapi.formats import is_uuid
from mockserver.vendors.eachlabs.api_service import SERVICES
from mockserver.vendors.eachlabs.executions import PAGE, known, living

if TYPE_CHECKING:
    from mockserver.engine.world import World


def list_webhooks(call: Call, decision: Decision, world: World) -> Answer:
    """All webhooks, newest first; here `offset` is the one that was asked for."""
    ours = _by_execution(world)
    first, limit = call.query.get("offset", 0), call.query.get("limit", PAGE)
    page = list(reversed(ours.values()))[first : first + limit]
    shown = {
        "webhooks": [_record(copies, world) for copies in page],
        "limit": limit,
        "offset": first,
        "total_count": len(ours),
    }
    return json_answer(
        200,
        shown,
        summary=f"{len(page)} of {len(ours)} webhooks",
        reads=_pending([one for copies in page for one in copies]),
    )


def get_webhook(call: Call, decision: Decision, world: World) -> Answer:
    """The webhook of a run. Raises Refused: 400 for an id that is no UUID; the rest is 404."""
    id = call.path["executionID"]
    if not is_uuid(id):
        raise Refused(Problem("rejected", "invalid execution_id"))
    copies = _by_execution(world).get(id)
    if copies is None:
        run = known(id, world)
        # Whoever waits for the webhook reads the run with it: under an `auto` clock it moves on.
        reads = living([run]) if run is not None else ()
        return json_answer(404, {"error": "webhook not found"}, summary="webhook not found", reads=reads)
    shown = {**_record(copies, world), "attempts": [one for copy in copies for one in _attempts(copy, world)]}
    return json_answer(200, shown, summary=f"webhook of execution {id[:8]}", reads=_pending(copies))


def _by_execution(world: World) -> dict[str, list[Delivery]]:
    """The deliveries of each run: several where a script makes copies."""
    found: dict[str, list[Delivery]] = {}
    for delivery in world.outbox.all:
        if delivery.service in SERVICES:
            found.setdefault(delivery.execution_id, []).append(delivery)
    return found


def _pending(deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    return tuple(one.id for one in deliveries if one.state == "pending")


def _record(copies: Sequence[Delivery], world: World) -> dict[str, Any]:
    first = copies[0]
    return {
        "execution_id": first.execution_id,
        "url": first.url,
        "request": first.body.decode(),
        "headers": {"Content-Type": "application/json"},
        "source": "workflow",
        "created_at": _ended(first, world),
    }


def _attempts(delivery: Delivery, world: World) -> list[dict[str, Any]]:
    shown = [_attempt(one) for one in delivery.attempts]
    if delivery.state == "pending":
        due = delivery.next_due
        shown.append({"status": "PENDING", "created_at": stamp(world.clock.now if due is None else due)})
    return shown


def _attempt(attempt: Attempt) -> dict[str, Any]:
    received = attempt.status is not None and 200 <= attempt.status < 300
    return {
        "status": "SUCCESS" if received else "FAILED",
        "status_code": attempt.status,
        "response": attempt.answer.decode("utf-8", "replace") if attempt.status is not None else None,
        "error_message": attempt.error or None,
        "created_at": stamp(attempt.at),
    }


def _ended(delivery: Delivery, world: World) -> str:
    run = world.executions.get(delivery.execution_id)
    return stamp(run.ended if run is not None and run.ended is not None else world.clock.now)
