"""From an execution that ended to the deliveries that tell of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.chance import Chance
from mockserver.engine.delivery import Delivery, DeliveryScript, WebhookPolicy, script_from
from mockserver.engine.vendor import encode

if TYPE_CHECKING:
    from mockserver.engine.executions import Execution
    from mockserver.engine.world import World


def notify(execution: Execution, policy: WebhookPolicy, world: World) -> None:
    """Put the deliveries of an ended execution into the outbox; none where nobody asked or the vendor is silent."""
    if execution.webhook_url is None:
        return
    script = script_of(execution, policy, world)
    if script.per_batch and execution.batch is not None and policy.batch_body is not None:
        batch = world.executions.of_batch(execution.batch)
        if all(one.is_final for one in batch):
            _deliver(execution, script, policy, encode(policy.batch_body(batch, world)), world)
    elif execution.state in policy.notify:
        _deliver(execution, script, policy, encode(policy.body(execution, world)), world)


def script_of(execution: Execution, policy: WebhookPolicy, world: World) -> DeliveryScript:
    """What is done to its delivery: a test's wishes for the service, a fixture's for this execution over them."""
    script = script_from(execution.webhook, world.delivery_script(execution.service), policy.schedules)
    if "order" in execution.webhook and execution.batch is not None:
        ranked = [one for one in world.executions.of_batch(execution.batch) if "order" in one.webhook]
        ranked.sort(key=lambda one: (one.webhook["order"], one.index))
        return replace(script, order=tuple(one.index for one in ranked))
    return script


def _deliver(execution: Execution, script: DeliveryScript, policy: WebhookPolicy, body: bytes, world: World) -> None:
    assert execution.webhook_url is not None
    chance = Chance(world.settings.seed, "event", execution.id)
    event = f"msg_{chance.hex(24)}"
    for copy in range(1, max(1, script.copies) + 1):
        world.outbox.add(
            Delivery(
                id=chance.uuid(),
                event=event,
                service=execution.service,
                execution_id=execution.id,
                batch=execution.batch,
                status=execution.state,
                url=execution.webhook_url,
                body=body,
                script=script,
                wait=script.wait or policy.wait,
                signing=None if script.unsigned else script.signing or execution.signing or policy.signing,
                index=execution.index,
                copy=copy,
            )
        )
