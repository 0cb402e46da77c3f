"""When, how often and in which order webhooks come, and what becomes of them. No test here sleeps."""

from contextlib import closing
from datetime import timedelta

import pytest

from mockserver.engine.delivery import REVERSED
from mockserver.inbox import WebhookInbox
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server
from tests.webhooks.bulks import inputs, offsets, read, start


@pytest.mark.parametrize(
    ("order", "inputs", "told"),
    [
        ((1, 2), 2, "webhooks.order(1, 2) names input 2; this call has 2 inputs, counted from 0"),
        ((3, 1, 2), 1, "webhooks.order(3, 1, 2) names input 1, 2, 3; this call has 1 input, counted from 0"),
        ((1, 0), 2, None),
        ((0,), 2, None),
        (REVERSED, 2, None),
    ],
)
def test_an_order_of_inputs_that_do_not_come_is_told(world, mock, inbox, order, inputs, told):
    """In the journal, in the notes of a test that passed, and beside a failure of its own; of other calls it is not."""
    mock.webhooks.order(*order)
    start(mock, inbox.url, inputs)
    mock.on("bulkTriggerWorkflow").respond(503)
    start(mock, inbox.url, inputs)
    mock.clock.run_until_idle()

    assert [note for entry in world.entries for note in entry.notes] == ([told] if told else [])
    assert world.notes() == (f"#1  {told}" if told else "")
    assert world.brief(world.findings()) == (f"#1  {told}" if told else "")
    assert len(inbox.received) == inputs


def test_each_run_of_a_bulk_sends_its_own(mock, inbox):
    """With the id of the bulk; what was delivered can be asked for by it."""
    bulk = start(mock, inbox.url, 3)["bulk_id"]

    received = inbox.wait_for(3)

    assert {one.json["bulk_id"] for one in received} == {bulk}
    mock.webhooks.assert_delivered(count=3, bulk_id=bulk, status="completed")
    mock.webhooks.assert_delivered(execution_id=received[0].json["execution_id"], url=inbox.url)
    mock.webhooks.assert_delivered(count=(1, 3))
    mock.webhooks.assert_none(status="failed")
    assert [one.state for one in mock.webhooks.deliveries] == ["delivered"] * 3


def test_wishes_add_up(mock, inbox):
    """Twice, in another order, two hours late, as in the interface's example."""
    mock.webhooks.duplicate(2).order(2, 0, 1).delay("2h")
    start(mock, inbox.url, 3)

    mock.clock.advance("1h59m")
    assert inbox.received == ()
    mock.clock.advance("2m")

    assert list(dict.fromkeys(inputs(inbox.received))) == [2, 0, 1]
    assert sorted(inputs(inbox.received)) == [0, 0, 1, 1, 2, 2]
    assert mock.webhooks.deliveries[0].faults == ("duplicate", "delay", "order")


def test_wishes_can_be_taken_back(mock, inbox):
    """`as_usual` forgets them all."""
    mock.webhooks.duplicate(3).delay("2h").sign("secret")
    mock.webhooks.as_usual()
    start(mock, inbox.url)

    assert len(inbox.wait_for(1)) == 1
    assert "X-Webhook-Secret" not in inbox.received[0].headers


def test_early_webhooks_come_before_the_answer(mock, inbox):
    """The client has not got its 202 when they are there."""
    mock.webhooks.early()
    execution = start(mock, inbox.url)["executions"][0]

    assert [one.json["execution_id"] for one in inbox.received] == [execution["execution_id"]]
    assert execution["status"] == "queued"


def test_dropped_webhooks_are_never_sent(world, mock, inbox):
    """And fail nothing: the test wanted it so."""
    mock.webhooks.drop()
    start(mock, inbox.url, 2)
    mock.clock.run_until_idle()

    assert inbox.received == ()
    assert [one.state for one in mock.webhooks.deliveries] == ["failed", "failed"]
    assert not world.findings()


@pytest.mark.parametrize("ends", ["completed", "failed"])
def test_text_may_go_beyond_ascii(mock, inbox, ends):
    """In what an execution made or why it failed: as UTF-8, without escapes, and a read says the same."""
    mock.webhooks.non_ascii()
    if ends == "failed":
        mock.input(0).fail("ExecutionFailed", cause="Model timeout after 30s")
    execution = start(mock, inbox.url)["executions"][0]["execution_id"]

    (received,) = inbox.wait_for(1)

    said = received.json["output"] if ends == "completed" else received.json["error_cause"]
    assert said.endswith("Zoë-東京-🌅")
    assert said.encode() in received.body
    assert read(mock, execution) == received.json


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("eachlabs", [0, 10, 20]),
        ("standard", [0, 5, 305, 2105]),
        ("none", [0]),
        (["0s", "1m", timedelta(minutes=2)], [0, 60, 180]),
    ],
    ids=["the vendor's", "by name", "once", "own waits"],
)
def test_schedules_say_when_it_is_tried_again(mock, inbox, schedule, seconds):
    """On the world's clock; a 2xx ends it."""
    for _ in range(3):
        inbox.respond(500)
    mock.webhooks.retry(schedule)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    assert offsets(mock) == seconds


def test_retry_after_is_honoured(mock, inbox):
    """Where it asks for more time than the schedule gives."""
    inbox.respond(503, json={"error": "later"}, retry_after=60)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    assert offsets(mock) == [0, 60]
    assert [one.status for one in mock.webhooks.attempts] == [503, 200]


def test_a_receiver_that_hangs_is_given_up():
    """The attempt fails without a status and is made again; here for want of patience."""
    with Server(shipped_scenarios=False, webhook_limit=0.1) as server, closing(OpenWorld(server)) as world:
        mock, inbox = Mock(world, "eachlabs"), WebhookInbox(world)
        inbox.hang()
        start(mock, inbox.url)
        mock.clock.advance_to_next()  # running
        mock.clock.advance_to_next()  # completed, and told for the first time

        first = mock.webhooks.attempts[0]

    assert (first.status, first.error) == (None, "no answer within 0.1s")


def test_a_body_may_trickle(mock, inbox):
    """It arrives whole."""
    mock.webhooks.drip("50ms")
    start(mock, inbox.url)

    assert inbox.wait_for(1)[0].json["status"] == "completed"


def test_one_can_be_sent_again(mock, inbox):
    """The same event, byte for byte."""
    mock.webhooks.sign("standard")
    start(mock, inbox.url)
    inbox.wait_for(1)

    mock.webhooks.resend(mock.webhooks.deliveries[0])

    first, second = inbox.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_all_that_failed_can_be_recovered(world, mock, inbox):
    """Since a time of the world; what arrives then fails nothing any more."""
    mock.webhooks.retry("none")
    inbox.respond(500).respond(500)
    start(mock, inbox.url)
    mock.clock.run_until_idle()
    moment = mock.clock.now + timedelta(seconds=1)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    (late,) = mock.webhooks.recover(since=moment)
    assert [one.state for one in mock.webhooks.deliveries] == ["failed", "delivered"]
    assert late.attempts[-1].status == 200
    mock.webhooks.recover()

    mock.webhooks.assert_delivered(count=2)
    assert not world.findings()


def test_a_reset_forgets_wishes_and_remembers_what_was_given_up(world, mock, inbox):
    """As with scripts and findings."""
    mock.webhooks.duplicate(2).retry("none")
    inbox.respond(500).respond(500)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    mock.reset()

    assert mock.webhooks.deliveries == ()
    assert len(world.findings().undelivered) == 2
    start(mock, inbox.url)
    assert len(inbox.wait_for(1)) == 1


def test_an_input_that_is_refused_has_no_turn(mock, inbox):
    """Nobody waits for its webhook."""
    mock.input(2).reject("no")
    mock.webhooks.order(2, 1, 0)
    start(mock, inbox.url, 3)
    mock.clock.run_until_idle()

    assert inputs(inbox.received) == [1, 0]
