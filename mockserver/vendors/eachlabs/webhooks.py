"""When each::labs tells of runs, how often it tries, and what it sends (docs: webhooks pages)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.delivery import WebhookPolicy
from mockserver.engine.executions import Execution
from mockserver.vendors.eachlabs.api_service import API
from mockserver.vendors.eachlabs.details import details, status_of

if TYPE_CHECKING:
    from mockserver.engine.world import World

# 3 attempts in all, about 10 s apart (page about payloads, since 2026-07-07; older pages say otherwise).
RETRIES = (0.0, 10.0, 10.0)


def _body(execution: Execution, world: World) -> dict[str, Any]:
    """What a read of the run says, in the contract that started it."""
    return details(execution, world, api=execution.service == API)


def _batch_body(batch: tuple[Execution, ...], world: World) -> dict[str, Any]:
    """One webhook for a whole bulk: some pages speak of one, and none shows its body. This is a guess."""
    states = {status_of(one) for one in batch}
    return {
        "bulk_id": batch[0].batch,
        "workflow_id": batch[0].resource,
        "status": "completed" if states == {"completed"} else "failed",
        "executions": [_body(one, world) for one in batch],
    }


WEBHOOKS = WebhookPolicy(
    notify=frozenset({"completed", "failed"}),  # none for a cancelled run, as with predictions (inferred)
    wait=RETRIES,
    body=_body,
    batch_body=_batch_body,
    schedules={"eachlabs": RETRIES},
)
