"""The clock of a test, and what waits for webhooks, in and out of a running event loop."""

import asyncio

import pytest

from mockserver.errors import UsageError
from tests.webhooks.bulks import start


def test_a_clock_goes_from_event_to_event(mock, inbox):
    """`advance_to_next` says whether there was one; `run_until` stops as soon as it is true."""
    start(mock, inbox.url, 2)

    mock.clock.run_until(lambda: inbox.received)
    assert mock.clock.mode == "auto"
    assert mock.clock.now.second == 5
    start(mock, inbox.url)
    assert mock.clock.advance_to_next()
    assert mock.clock.now.second == 6
    mock.clock.run_until_idle()

    assert not mock.clock.advance_to_next()


def test_an_idle_world_is_bounded(mock, inbox):
    """What never ends within the limit is named."""
    mock.webhooks.delay("10d")
    start(mock, inbox.url)

    with pytest.raises(UsageError, match=r"not idle within .*next is due in"):
        mock.clock.run_until_idle(limit="1d")


def test_inputs_end_when_they_are_told_to(mock, inbox):
    """`after` counts from the trigger; a failure has a cause beside its sentence."""
    mock.input(0).fail("ExecutionFailed", cause="Model timeout after 30s", after="30s")
    mock.input(1).complete({"url": "x"}, after=10)
    mock.input(2).fail(cause="no credits", after="40s")
    start(mock, inbox.url, 3)

    second, first, third = inbox.wait_for(3)

    assert second.at.second == 10
    assert second.json["output"] == {"url": "x"}
    assert first.at.second == 30
    assert first.json["error"] == third.json["error"] == "ExecutionFailed"
    assert first.json["error_cause"] == "Model timeout after 30s"
    assert third.json["error_cause"] == "no credits"


BLOCKING = {
    "aadvance": lambda mock, inbox: mock.clock.advance("1s"),
    "aadvance_to_next": lambda mock, inbox: mock.clock.advance_to_next(),
    "arun_until_idle": lambda mock, inbox: mock.clock.run_until_idle(),
    "arun_until": lambda mock, inbox: mock.clock.run_until(lambda: True),
    "await_for": lambda mock, inbox: inbox.wait_for(1),
    "aresend": lambda mock, inbox: mock.webhooks.resend("x"),
    "arecover": lambda mock, inbox: mock.webhooks.recover(),
    "clock.aadvance": lambda mock, inbox: mock.webhooks.assert_none(within="1s"),
}


@pytest.mark.parametrize("twin", BLOCKING)
def test_what_waits_raises_inside_a_running_loop(mock, inbox, twin):
    """At once, naming what to await: a receiver in that loop could never answer."""

    async def block():
        BLOCKING[twin](mock, inbox)

    with pytest.raises(UsageError, match=rf"await .*{twin}\("):
        asyncio.run(block())


def test_twins_are_awaited(mock, inbox):
    """They do what their namesakes do."""

    async def story():
        inbox.respond(500)
        await asyncio.to_thread(start, mock, inbox.url)
        assert len(await inbox.await_for(1)) == 1
        await mock.clock.aadvance("5s")
        assert await mock.clock.aadvance_to_next()
        assert len(inbox.received) == 2
        await mock.webhooks.aresend(mock.webhooks.deliveries[0])
        await mock.clock.arun_until(lambda: len(inbox.received) == 3)
        await mock.clock.arun_until_idle()
        assert await mock.webhooks.arecover() == ()
        mock.webhooks.assert_delivered(count=1)

    asyncio.run(story())
