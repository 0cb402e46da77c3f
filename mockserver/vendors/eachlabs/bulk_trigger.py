"""The bulk trigger of both contracts: one execution for each input that the version takes (docs: bulk trigger page)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.vendors.eachlabs.trigger import broken, ordered, pace

if TYPE_CHECKING:
    from mockserver.engine.world import World


def bulk_trigger(call: Call, decision: Decision, world: World) -> Answer:
    """Queue the inputs that fit; the others become failed entries. 202 even when all fail (the last is a guess)."""
    order = ordered(call, world)
    # The webhook URL holds a port and a world's name, and neither may enter a draw.
    bulk_id = world.draw(call, {**call.body, "webhook_url": None}, "bulk").uuid()
    planned, notes = order.plan(call, decision, world)
    entries = [
        order.start(one, call, world, notes, bulk_id)
        if one.rejected is None
        else {"status": "failed", "message": one.rejected}
        for one in planned
    ]
    failed = sum(one.rejected is not None for one in planned)
    return json_answer(
        202,
        {"bulk_id": bulk_id, "executions": entries},
        summary=f"bulk {bulk_id[:8]}: {len(entries) - failed} queued, {failed} failed",
        notes=tuple(notes),
        broken=broken(planned),
        **pace(decision),
    )
