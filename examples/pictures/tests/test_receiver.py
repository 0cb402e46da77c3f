"""The receiver, in tests that share their event loop with it."""

import asyncio

from mockserver import EachlabsMock, WebhookFaults
from pictures.client import Client
from pictures.receiver import Gallery


async def test_pictures_arrive(eachlabs_mock: EachlabsMock, client: Client, gallery: Gallery, webhook_url: str) -> None:
    """One run fails, and the other's picture is there all the same."""
    eachlabs_mock.input(1).fail("ExecutionFailed", cause="Model timeout", after="30s")
    sun, sea = await asyncio.to_thread(client.order, "wf_1", ["sun", "sea"], webhook_url)

    await eachlabs_mock.clock.arun_until(lambda: len(gallery.taken) == 2)

    assert gallery.pictures.keys() == {sun.run}
    assert gallery.failures == {sea.run: "ExecutionFailed"}


async def test_they_come_twice_and_late_and_in_another_order(
    eachlabs_mock: EachlabsMock, client: Client, gallery: Gallery, webhook_url: str
) -> None:
    """Each is taken once. Two hours pass, and nobody waits."""
    eachlabs_mock.webhooks.duplicate(2).order(2, 0, 1).delay("2h")
    a, b, c = await asyncio.to_thread(client.order, "wf_1", ["a", "b", "c"], webhook_url)

    await eachlabs_mock.clock.aadvance("1h59m")
    assert gallery.taken == []
    await eachlabs_mock.clock.aadvance("2m")
    assert gallery.taken == [c.run, a.run, b.run]
    eachlabs_mock.webhooks.assert_delivered(count=6, status="completed")


async def test_it_conforms(
    eachlabs_mock: EachlabsMock, webhook_faults: WebhookFaults, client: Client, gallery: Gallery, webhook_url: str
) -> None:
    """Runs once for each kind of delivery that a receiver meets some day."""
    webhook_faults.script(eachlabs_mock)
    await asyncio.to_thread(client.order, "wf_1", ["sun", "sea"], webhook_url)

    await webhook_faults.acheck(lambda: gallery.taken)
