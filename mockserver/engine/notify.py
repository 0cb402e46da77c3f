"""From an execution that ended to the deliveries that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.delivery import Delivery, DeliveryScript, WebhookPolicy, script_from
from mockserver.engine.vendor import encode

if TYPE_CHECKING:
    from mockserver.engine.executions import Execution
    from mockserver.engine.signing import Signing
    from mockserver.engine.vendor import Vendor
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
        _deliver(execution, script, policy, (policy.encode or encode)(policy.body(execution, world)), world)
    elif execution.batch is not None and execution.index in script.order:
        world.outbox.pass_over(execution.batch, script.order.index(execution.index))


def revise(world: World, vendor: Vendor) -> None:
    """What a test wants done to the deliveries of a vendor has changed: it holds for those not yet delivered too."""
    policy = vendor.webhooks
    if policy is None:
        return
    for delivery in world.outbox.all:
        if not delivery.execution_id and delivery.state != "delivered" and world.vendor(delivery.service) is vendor:
            script = _wishes(delivery.name, world.delivery_script(delivery.service), policy)
            wait = script.wait or policy.wait
            world.outbox.revise(delivery.id, script, wait, None if script.unsigned else script.signing)
        execution = world.executions.get(delivery.execution_id)
        if delivery.state == "delivered" or execution is None or world.vendor(execution.service) is not vendor:
            continue
        script = script_of(execution, policy, world)
        world.outbox.revise(delivery.id, script, *_manner(execution, script, policy))


def script_of(execution: Execution, policy: WebhookPolicy, world: World) -> DeliveryScript:
    """What is done to its delivery: a test's wishes for the service, a fixture's for this execution over them."""
    wishes = _wishes(policy.name, world.delivery_script(execution.service), policy)
    script = script_from(execution.webhook, wishes, policy.schedules)
    if script.order and execution.batch is not None and not script.early:
        # An input that was refused has no turn; nobody waits for it.
        started = {one.index for one in world.executions.of_batch(execution.batch)}
        script = replace(script, order=tuple(index for index in script.order if index in started))
    if "order" in execution.webhook and execution.batch is not None:
        ranked = [one for one in world.executions.of_batch(execution.batch) if "order" in one.webhook]
        ranked.sort(key=lambda one: (one.webhook["order"], one.index))
        return replace(script, order=tuple(one.index for one in ranked))
    return script


def _wishes(name: str, base: DeliveryScript, policy: WebhookPolicy) -> DeliveryScript:
    """What is done to all of this name: `base`, with what a fixture says of it over that."""
    words = policy.words.get(name)
    return script_from(words, base, policy.schedules) if words else base


def _deliver(execution: Execution, script: DeliveryScript, policy: WebhookPolicy, body: bytes, world: World) -> None:
    assert execution.webhook_url is not None
    chance = Chance(world.settings.seed, "event", execution.id)
    event = f"msg_{chance.hex(24)}"
    wait, signing = _manner(execution, script, policy)
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
                wait=wait,
                signing=signing,
                index=execution.index,
                copy=copy,
                name=policy.name,
                method=policy.method,
                media_type=policy.media_type,
            )
        )


def _manner(
    execution: Execution, script: DeliveryScript, policy: WebhookPolicy
) -> tuple[tuple[float, ...], Signing | None]:
    """When it is tried again, and how it is signed."""
    signing = None if script.unsigned else script.signing or execution.signing or policy.signing
    return script.wait or policy.wait, signing
