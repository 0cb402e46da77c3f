"""What a test is told about webhooks: assertions, scripts that cannot be, findings and notes."""

from pathlib import Path

import pytest

from mockserver.arguments import ScriptError
from mockserver.inbox import WebhookInbox
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.vendors.assembly import Wanted, assemble
from tests.posting import trigger
from tests.webhooks.bulks import NOWHERE, start


def test_too_few_webhooks_say_what_is_still_to_come(mock, inbox):
    """An auto clock names what drives it, a manual one how far to advance."""
    start(mock, inbox.url, 3)
    with pytest.raises(AssertionError) as auto:
        mock.webhooks.assert_delivered(count=3)
    mock.clock.freeze()
    mock.clock.advance("1s")
    with pytest.raises(AssertionError) as manual:
        mock.webhooks.assert_delivered(count=3, status="completed")

    assert str(auto.value).splitlines() == [
        "0 webhooks: 3 executions still running; next is due at +1s: advance the clock, or let "
        "eachlabs_mock.clock.run_until(lambda: ...) drive it",
        "  expected 3",
    ]
    assert str(manual.value).splitlines() == [
        "0 webhooks: 3 executions still running; next is due at +4s: advance the clock: "
        'eachlabs_mock.clock.advance("4s")',
        "  expected 3 with status completed",
    ]


def test_an_empty_inbox_says_why_it_is_empty(mock, inbox):
    """In its repr, which a failed assertion shows; it is the empty tuple all the same."""
    before = inbox.received
    start(mock, inbox.url, 3)
    begun = inbox.received
    mock.clock.run_until_idle()

    assert before == begun == ()
    assert repr(before) == (
        "<nothing arrived: no execution was started: no request came; was the client built before patch_env()?>"
    )
    assert repr(begun) == (
        "<nothing arrived: 3 executions still running; next is due at +1s: advance the clock, or let "
        "eachlabs_mock.clock.run_until(lambda: ...) drive it>"
    )
    assert repr(inbox.received).startswith("(<Received 1 POST")


def test_the_nearest_are_shown_with_only_what_differs(mock, inbox):
    """The one that misses by one field stands first; what was blocked says what allows it."""
    mock.input(0).fail("Boom")
    failed = start(mock, inbox.url)["executions"][0]["execution_id"]
    blocked = start(mock, NOWHERE)
    mock.clock.run_until_idle()
    first, second = mock.webhooks.deliveries

    with pytest.raises(AssertionError) as raised:
        mock.webhooks.assert_delivered(status="completed")

    assert str(raised.value).splitlines() == [
        "0 webhooks: 2 failed, nothing more is due",
        "  expected at least one webhook with status completed",
        f"  webhook {first.id[:8]} of execution {failed}: status failed, wanted completed",
        f"  webhook {second.id[:8]} of execution {blocked['executions'][0]['execution_id']}: status failed, wanted "
        'completed; blocked: 10.1.2.3 is beyond the reach "loopback"; allow it with --webhook-reach private',
    ]


def test_too_many_webhooks_are_listed(mock, inbox):
    """And said to be copies, where they are."""
    mock.webhooks.duplicate(2)
    execution = start(mock, inbox.url)["executions"][0]["execution_id"]
    inbox.wait_for(2)

    with pytest.raises(AssertionError) as raised:
        mock.webhooks.assert_delivered(count=1)

    assert str(raised.value).splitlines() == [
        "2 webhooks: 1 completed, nothing more is due",
        "  expected 1",
        "  1 event, sent as 2 webhooks",
        f"  completed  execution {execution}  to {inbox.url}",
        f"  completed  execution {execution}  to {inbox.url}",
    ]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda mock: None, "0 webhooks: no execution was started"),
        (lambda mock: trigger(mock, {}), "0 webhooks: 1 completed, none was given an address for webhooks"),
    ],
    ids=["no call", "no address"],
)
def test_no_webhooks_say_why(mock, ask, told):
    """Nothing ran, or nobody asked for any."""
    ask(mock)
    mock.clock.run_until_idle()

    with pytest.raises(AssertionError, match=told):
        mock.webhooks.assert_delivered()


def test_that_none_comes_is_exact(mock, inbox):
    """The clock is moved on to the end of the time; a webhook due within it is found."""
    mock.webhooks.delay("2h")
    start(mock, inbox.url)

    mock.webhooks.assert_none(within="2h")
    with pytest.raises(AssertionError, match="1 webhook sent within 1m, expected none"):
        mock.webhooks.assert_none(within="1m")


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda m: m.webhooks.retry("eachlab"), 'no retry schedule "eachlab"; did you mean "eachlabs"'),
        (lambda m: m.webhooks.retry([]), "a schedule without an attempt"),
        (lambda m: m.webhooks.sign("sha1"), 'no signing "sha1"; known: secret, hmac, standard'),
        (lambda m: m.webhooks.sign("hmac", secret="a", secrets=["b"]), "cannot stand together"),
        (lambda m: m.webhooks.delay("soon"), "'soon' is no duration"),
        (lambda m: m.webhooks.timestamp("soon"), "'soon' is no duration"),
        (lambda m: m.webhooks.duplicate(0), "cannot be delivered 0 times; drop() delivers none"),
        (lambda m: m.webhooks.order(0, 0), "is no order of inputs"),
        (lambda m: m.webhooks.tamper("bdy"), 'tamper() takes no "bdy"; did you mean "body"?'),
        (lambda m: m.webhooks.assert_delivered(bulk="x"), 'takes no "bulk"; did you mean "bulk_id"?'),
        (lambda m: m.webhooks.assert_none(batch="x"), 'assert_none() takes no "batch"'),
        (
            lambda m: m.webhooks.assert_delivered(count=0, status="complete"),
            'webhooks have no status "complete"; did you mean "completed"?',
        ),
        (
            lambda m: m.webhooks.assert_none(status="succes"),
            'no status "succes"; known: queued, running, cancelled, completed, failed',
        ),
        (lambda m: m.webhooks.assert_none(name="end"), 'eachlabs_mock: webhooks have no name "end"; known: none'),
        (lambda m: m.webhooks.resend("x"), 'eachlabs_mock has no delivery "x"'),
        (lambda m: m.webhooks.recover(since="noon"), "since is 'noon', which is no time"),
        (lambda m: m.input(0).complete(after="soon"), "after: 'soon' is no duration"),
        (lambda m: m.input(0).fail({"error": "x"}, cause="y"), "cause goes with a sentence"),
        (lambda m: WebhookInbox(m.world).respond(100), "100 is no status that ends an answer"),
        (lambda m: WebhookInbox(m.world).respond(json={1}), "json cannot be sent as JSON"),
    ],
)
def test_what_cannot_be_raises_in_its_line(mock, write, told):
    """With the line of the test and a remedy."""
    with pytest.raises(ScriptError) as raised:
        write(mock)

    assert raised.value.at.file == "tests/webhooks/test_what_is_said.py"
    assert told in str(raised.value)


@pytest.mark.parametrize("status", ["queued", "running", "cancelled", "completed", "failed", None])
def test_a_status_that_executions_have_can_be_asked_for(mock, status):
    """Told of or not."""
    mock.webhooks.assert_delivered(count=0, status=status)
    mock.webhooks.assert_none(status=status)


def test_a_vendor_without_webhooks_says_so(server):
    """Where they are asked for: of a document alone nobody knows what is told when."""
    spec = Path(__file__).parents[1] / "vendor" / "bakery.yaml"
    world = OpenWorld(server, services=assemble(Wanted(specs=((None, spec),))))
    mock = Mock(world, "bakery")

    with pytest.raises(ScriptError, match="bakery sends no webhooks"):
        mock.webhooks.duplicate(2)
    assert mock.webhooks.deliveries == ()
    world.close()


def test_an_inbox_that_gets_too_few_says_what_is_missing(world, mock, inbox):
    """What is running, where else webhooks go, and what was blocked."""
    mock.clock.freeze()
    start(mock, NOWHERE, 2)

    with pytest.raises(AssertionError) as raised:
        inbox.wait_for(2, timeout=0.01)

    assert str(raised.value).splitlines() == [
        "0 webhooks arrived at the inbox within 0.01s, expected 2",
        '  2 executions still running; next is due at +1s: advance the clock: eachlabs_mock.clock.advance("1s")',
        f"  2 executions asked for webhooks at {NOWHERE}",
    ]


def test_what_is_received_is_shown_without_secrets(mock, inbox):
    """Headers are found however they are spelt; their values are not printed."""
    mock.webhooks.sign("secret")
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert received.headers["x-WEBHOOK-secret"] == mock.webhook_secret
    assert "X-Webhook-Secret" in received.headers
    assert len(received.headers) == len(list(received.headers))
    assert received.headers.get("absent") is None
    assert mock.webhook_secret not in f"{received!r}{received.headers!r}"


def test_a_webhook_that_is_given_up_fails_the_test(world, mock, inbox):
    """E302, with its attempts and the way to allow it."""
    inbox.respond(500).respond(503).respond(500)
    bulk = start(mock, inbox.url)
    mock.clock.run_until_idle()

    text = world.report(world.findings())

    assert (
        text
        == f"""\
E302 webhook attempts were used up without a 2xx: 1 webhook (eachlabs_mock, strict)
  completed  execution {bulk["executions"][0]["execution_id"]}  to {inbox.url}
    attempt 1  +0s   500
    attempt 2  +10s  503
    attempt 3  +20s  500
    3 attempts used up without a 2xx; the last: status 500
  allow it: eachlabs_mock.webhooks.allow_undelivered()     explain: mockserver explain E302"""
    )
    mock.webhooks.allow_undelivered()
    assert not world.findings()


def test_what_is_blocked_or_not_yet_due_is_a_note(world, mock, inbox):
    """It fails nothing, and the notes say what allows it and when it is due."""
    start(mock, NOWHERE)
    mock.clock.run_until_idle()
    mock.webhooks.delay("2h")
    start(mock, inbox.url)
    mock.clock.advance("1h")

    assert not world.findings()
    assert "webhooks: 1 blocked, 1 pending" in world.notes()
    assert "allow it with --webhook-reach private" in world.notes()
    assert "due at +1h5s" in world.notes()
