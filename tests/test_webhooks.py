"""What a test asks of webhooks, what it is told about them, and what fails it. No test here sleeps."""

import asyncio
import json
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from mockserver.engine.signing import Signing
from mockserver.errors import UsageError
from mockserver.inbox import WebhookInbox
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server
from mockserver.stubbing import ScriptError
from mockserver.vendors.assembly import Wanted, assemble
from tests.posting import trigger

NOWHERE = "http://10.1.2.3/hooks"  # beyond the reach of a test
ROTATION = ["whsec_bmV3LXNlY3JldC1vZi0yNC1ieXRlcw==", "whsec_b2xkLXNlY3JldC1vZi0yNC1ieXRlcw=="]


@pytest.fixture(scope="module")
def server():
    """One server for all worlds of this file; a receiver that hangs costs a tenth of a second."""
    with Server(shipped_scenarios=False, webhook_limit=0.1) as running:
        yield running


@pytest.fixture
def world(server):
    """A fresh world."""
    opened = OpenWorld(server)
    yield opened
    opened.close()


@pytest.fixture
def mock(world):
    """each::labs in it."""
    return Mock(world, "eachlabs")


@pytest.fixture
def inbox(world):
    """A receiver in it."""
    return WebhookInbox(world)


def start(mock, url, number=1):
    """Start a bulk of `number` inputs; its answer."""
    return trigger(mock, *({"n": index} for index in range(number)), webhook_url=url)[1]


def read(mock, execution):
    """What a read of an execution answers."""
    request = urllib.request.Request(f"{mock.url}/executions/{execution}", headers={"X-API-Key": mock.api_key})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def inputs(received):
    """The numbers of the inputs that webhooks tell of."""
    return [one.json["inputs"]["n"] for one in received]


def offsets(mock):
    """When attempts were made, in seconds since the first."""
    times = [one.at for one in mock.webhooks.attempts]
    return [round(time - times[0]) for time in times]


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


@pytest.mark.parametrize("scheme", ["secret", "hmac", "standard"])
def test_signed_webhooks_verify(mock, inbox, scheme):
    """With the mock's secret, by the scheme that their headers show, and with no other."""
    mock.webhooks.sign(scheme)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert received.verify(mock.webhook_secret)
    with pytest.raises(AssertionError, match="webhook 1 is not signed as it should be"):
        received.verify("whsec_YW5vdGhlcg==")


@pytest.mark.parametrize("scheme", ["hmac", "standard"])
@pytest.mark.parametrize("fault", ["body", "signature", "-10m", "+10m"])
def test_hostile_webhooks_do_not_verify(mock, inbox, scheme, fault):
    """A changed body, a changed signature, a stale stamp and one from the future."""
    hostile = mock.webhooks.sign(scheme)
    hostile.timestamp(fault) if fault.endswith("m") else hostile.tamper(fault)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    with pytest.raises(AssertionError, match=r"does not fit the body|s off, more than 300s"):
        received.verify(mock.webhook_secret)


def test_a_receiver_does_well_to_refuse_what_was_tampered_with(world, mock, inbox):
    """Then its attempts are used up, and that fails nothing."""
    mock.webhooks.sign("hmac").tamper("body").retry("none")
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    assert [one.state for one in mock.webhooks.deliveries] == ["failed"]
    assert not world.findings()


def test_secrets_rotate(mock, inbox):
    """All of them sign; each verifies."""
    mock.webhooks.sign("standard", secrets=ROTATION)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert mock.webhook_secret == ROTATION[0]
    assert all(received.verify(secret) for secret in ROTATION)


@pytest.mark.parametrize("scheme", ["secret", "hmac", "standard"])
@pytest.mark.parametrize("fault", ["wrong_secret", "missing_header"])
def test_forged_webhooks_do_not_verify(world, mock, inbox, scheme, fault):
    """Signed by somebody else, or not at all. A receiver that refuses them fails nothing, and the secret stays."""
    secret = mock.webhook_secret
    getattr(mock.webhooks.sign(scheme).retry("none"), fault)()
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    with pytest.raises(AssertionError, match="is not signed as it should be"):
        inbox.received[0].verify(Signing(scheme, (secret,)))
    assert mock.webhook_secret == secret
    assert not world.findings()


def test_one_header_may_be_missing(mock, inbox):
    """However its name is spelt; the others are there."""
    mock.webhooks.sign("standard").missing_header("Webhook-Id")
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert "webhook-id" not in received.headers
    assert {"webhook-timestamp", "webhook-signature"} <= set(received.headers)


def test_a_secret_may_be_under_rotation(mock, inbox):
    """Two signatures, and the second is by the secret that the receiver has."""
    secret = mock.webhook_secret
    mock.webhooks.sign("standard").rotate()
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert len(received.headers["webhook-signature"].split()) == 2
    assert received.verify(secret)
    assert mock.webhook_secret == secret


def test_a_rotation_needs_a_header_with_room(mock):
    """HMAC of one secret has one signature."""
    with pytest.raises(ScriptError, match='the scheme "hmac" has one signature'):
        mock.webhooks.sign("hmac").rotate()


@pytest.mark.parametrize(("repeat", "same"), [("replay", True), ("redeliver", False)])
def test_what_was_acknowledged_may_come_again(mock, inbox, repeat, same):
    """The same event a minute later: replayed byte for byte, or delivered anew with a stamp of its own."""
    getattr(mock.webhooks.sign("standard"), repeat)()
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    first, second = inbox.received

    assert offsets(mock) == [0, 60]
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert (first.headers["webhook-timestamp"] == second.headers["webhook-timestamp"]) == same
    assert (first.headers["webhook-signature"] == second.headers["webhook-signature"]) == same
    assert second.verify(mock.webhook_secret)


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


def test_nothing_is_signed_when_nobody_asks(mock, inbox):
    """`sign(None)` takes it away."""
    mock.webhooks.sign("standard").sign(None)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert mock.webhooks.signing is None
    with pytest.raises(AssertionError, match="X-Webhook-Secret"):
        received.verify(mock.webhook_secret)


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


def test_a_receiver_that_hangs_is_given_up(mock, inbox):
    """The attempt fails without a status and is made again."""
    inbox.hang()
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    assert [one.status for one in mock.webhooks.attempts] == [None, 200]
    assert mock.webhooks.attempts[0].error == "no answer within 0.1s"


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


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda m: m.webhooks.retry("eachlab"), 'no retry schedule "eachlab"; known: eachlabs, github'),
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

    assert raised.value.at.file == "tests/test_webhooks.py"
    assert told in str(raised.value)


def test_a_vendor_without_webhooks_says_so(server):
    """Where they are asked for: of a document alone nobody knows what is told when."""
    spec = Path(__file__).parent / "vendor" / "bakery.yaml"
    world = OpenWorld(server, services=assemble(Wanted(specs=((None, spec),))))
    mock = Mock(world, "bakery")

    with pytest.raises(ScriptError, match="bakery sends no webhooks"):
        mock.webhooks.duplicate(2)
    assert mock.webhooks.deliveries == ()
    world.close()


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


def test_an_input_that_is_refused_has_no_turn(mock, inbox):
    """Nobody waits for its webhook."""
    mock.input(2).reject("no")
    mock.webhooks.order(2, 1, 0)
    start(mock, inbox.url, 3)
    mock.clock.run_until_idle()

    assert inputs(inbox.received) == [1, 0]


def test_wishes_hold_for_what_is_not_yet_delivered(mock, inbox):
    """How it is signed and tampered with, not when it is due: that was asked for before."""
    mock.webhooks.delay("2h")
    start(mock, inbox.url)
    mock.clock.advance("1h")
    mock.webhooks.sign("hmac").tamper()
    mock.clock.advance("2h")

    with pytest.raises(AssertionError, match="x-webhook-signature does not fit the body"):
        inbox.received[0].verify(mock.webhook_secret)


def test_what_was_tampered_with_can_be_recovered_whole(mock, inbox):
    """Once the wish is taken back."""
    mock.webhooks.sign("hmac").tamper().retry("none")
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()
    mock.webhooks.as_usual().sign("hmac")
    mock.webhooks.recover()

    assert inbox.received[1].verify(mock.webhook_secret)
    mock.webhooks.assert_delivered(count=1)
