"""Manners: each rule with what breaks it, and with what comes near and must not alarm."""

import pytest
from msgspec.structs import replace

from mockserver.contract.manners import HASTY, History, hasty
from mockserver.engine.delivery import DeliveryScript, signing_from
from mockserver.engine.stubs import Step
from mockserver.scenario.model import Plan, Respond
from mockserver.scenario.render import compile_template
from tests.contract.client import BULK, HOOK, Client, asks_to_wait

STANDARD, SECRET = (DeliveryScript(**signing_from(scheme)) for scheme in ("standard", "secret"))


@pytest.fixture
def client():
    return Client()


@pytest.mark.parametrize(
    ("waited", "found"),
    [(0, [("E301", "#2 after #1")]), (1.9, [("E301", "#2 after #1")]), (1.96, []), (2, []), (60, [])],
)
def test_retry_after_is_an_appointment(client, waited, found):
    """To come sooner is a breach, up to what a timer may be early; on time and later is none."""
    asks_to_wait(client)

    client.caller.bulk_trigger({"n": 1})
    if waited:
        client.wait(waited)
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == found


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(lambda client: client.caller.bulk_trigger({"n": 2}), id="another body"),
        pytest.param(lambda client: client.caller.bulk_trigger({"n": 1}, workflow="wf_2"), id="another path"),
        pytest.param(lambda client: client.caller.send("GET", "/executions/x"), id="another operation"),
    ],
)
def test_another_request_need_not_wait(client, second):
    """`Retry-After` holds for the request that it answered."""
    asks_to_wait(client)

    client.caller.bulk_trigger({"n": 1})
    second(client)

    assert client.found() == []


def test_each_answer_asks_anew(client):
    """The second one to come too soon is too soon after the first retry."""
    client.answers(BULK, Step(Respond(429, headers=(("retry-after", "2"),), off_contract="test"), times=3))

    for _ in range(3):
        client.caller.bulk_trigger({"n": 1})

    assert client.found() == [("E301", "#2 after #1"), ("E301", "#3 after #2")]


def test_names_in_another_order_are_the_same_body(client):
    """Bodies are compared as values."""
    asks_to_wait(client)

    client.caller.bulk_trigger({"a": 1, "b": 2})
    client.caller.bulk_trigger({"b": 2, "a": 1})

    assert client.found() == [("E301", "#2 after #1")]


def test_the_wait_begins_when_the_answer_is_out(client):
    """An answer that took ten seconds is not waited for from the time of its request."""
    asks_to_wait(client, delay=10.0)

    client.caller.bulk_trigger({"n": 1})  # moves the clock by its delay
    client.wait(1)
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == [("E301", "#2 after #1")]


def test_a_date_is_not_held_against_the_world(client):
    """Of whose clock it is cannot be known."""
    asks_to_wait(client, "Wed, 21 Oct 2099 07:28:00 GMT")

    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == []


def test_under_an_auto_clock_haste_is_uncertain():
    """A sleep moves nothing there."""
    client = Client(clock="auto")
    asks_to_wait(client)
    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})

    (breach,) = hasty(History.of(client.world, ""))

    assert not breach.is_certain
    assert breach.sentence.endswith("the clock is auto, where a sleep moves nothing")


def test_a_move_by_hand_makes_haste_certain():
    """The patched sleep of a client moved the clock, and not far enough."""
    client = Client(clock="auto")
    asks_to_wait(client)

    client.caller.bulk_trigger({"n": 1})
    client.wait(1)
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == [("E301", "#2 after #1")]
    assert client.breaches()[0].sentence == "sent again after 1s, Retry-After asked for 2s"


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_repeated_unchanged(client, status):
    """Nothing about the request had changed."""
    client.answers(BULK, Step(Respond(status, off_contract="test"), times=1))

    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == [("E303", "#2 after #1")]


def test_a_refusal_by_the_emulator_repeated(client):
    """Also where the request never became a call."""
    client.caller.bulk_trigger()
    client.caller.bulk_trigger()

    assert client.found() == [("E303", "#2 after #1")]


@pytest.mark.parametrize("status", [404, 408, 409, 429, 500, 503])
def test_other_refusals_may_be_tried_again(client, status):
    """They may go away by themselves."""
    client.answers(BULK, Step(Respond(status, off_contract="test"), times=1))

    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == []


def test_another_key_after_a_401_is_a_new_try(client):
    """The client has fetched a fresh one."""
    client.caller.auth = ("X-API-Key", "stale")
    client.caller.bulk_trigger({"n": 1})
    client.caller.auth = ("X-API-Key", "el-test-key")
    client.caller.bulk_trigger({"n": 1})

    assert client.found() == []


def test_a_mended_body_or_media_type_after_a_400_is_a_new_try(client):
    """Whatever may have been the matter has changed."""
    client.caller.bulk_trigger()
    client.caller.bulk_trigger({"n": 1})
    client.caller.send("POST", "/wf_1/bulk-trigger", b'{"inputs": [{}]}', {"Content-Type": "text/plain"})
    client.caller.send("POST", "/wf_1/bulk-trigger", b'{"inputs": [{}]}', {"Content-Type": "application/json"})

    assert client.found() == []


def test_requests_for_nothing_known_are_not_compared(client):
    """An unknown path has findings of its own."""
    for _ in range(2):
        client.caller.send("GET", "/nowhere")

    assert client.found() == []


def test_polling_after_the_end(client):
    """One read too many is let pass, the next is not; its line counts them all."""
    (id,) = client.submit({"n": 1})
    client.read(id, 5)
    client.wait(30)
    client.read(id, 2)
    assert client.found() == []

    client.read(id, 3)

    assert client.found() == [("E304", "#9 after #7")]
    assert client.breaches()[0].sentence == f"execution {id[:8]} was read 4 more times when #7 had shown it completed"


def test_polling_in_the_instant_of_the_end_is_told_apart(client):
    """An answer in that instant counts only when it shows the end."""
    (id,) = client.submit({"n": 1})
    client.wait(5)
    client.read(id, 3)

    assert client.found() == [("E304", "#4 after #2")]


@pytest.mark.parametrize(
    "reads",
    [
        pytest.param(lambda client, ids: client.caller.send("GET", "/workflows/wf_1/executions"), id="lists"),
        pytest.param(lambda client, ids: [client.read(id) for id in ids], id="each once"),
        pytest.param(lambda client, ids: client.read("unknown", 5), id="unknown"),
    ],
)
def test_other_reads_are_no_polling(client, reads):
    """Lists, and the executions of one batch each by its own id."""
    ids = client.submit({"n": 1}, {"n": 2}, {"n": 3}, {"n": 4})
    client.wait(30)

    for _ in range(2):
        reads(client, ids)

    assert client.found() == []


def test_scripted_answers_show_no_end(client):
    """A stub may say what it likes."""
    (id,) = client.submit({"n": 1})
    client.wait(30)
    body = compile_template({"id": id, "status": "completed"})
    client.answers("getExecution", Step(Respond(200, body=body, off_contract="test"), times=5))

    client.read(id, 5)

    assert client.found() == []


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        (replace(STANDARD, tamper="body"), "its body was tampered with"),
        (replace(STANDARD, tamper="signature"), "its signature was tampered with"),
        (replace(STANDARD, wrong_secret=True), "it was signed with another secret"),
        (replace(SECRET, wrong_secret=True), "it was signed with another secret"),
        (replace(STANDARD, missing_header=""), "its proof was left out"),
    ],
    ids=["body", "signature", "wrong secret", "plain wrong secret", "no proof"],
)
def test_a_forged_webhook_that_is_believed(client, forged, sentence):
    """The receiver answered 2xx; the line names the webhook and the call that started what it tells of."""
    client.hooks(forged)

    (breach,) = client.breaches()
    delivery = client.world.outbox.all[0].id
    assert (breach.code, breach.place) == ("E306", f"webhook {delivery[:8]} after #1")
    assert breach.sentence == f"{sentence}, and {HOOK} answered 200"


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(replace(STANDARD, tamper="body"), 401, id="refused"),
        pytest.param(STANDARD, 200, id="genuine"),
        pytest.param(replace(STANDARD, copies=2), 200, id="twice"),
        pytest.param(DeliveryScript(tamper="body", unsigned=True), 200, id="unsigned"),
        pytest.param(replace(SECRET, tamper="body"), 200, id="a secret says nothing of the body"),
    ],
)
def test_other_webhooks_may_be_acknowledged(client, script, status):
    """Where a receiver could not see it, or did refuse, nothing is amiss."""
    client.hooks(script, status)

    assert client.found() == []


def test_our_own_inbox_believes_what_it_likes(client):
    """It is the test that verifies there."""
    client.hooks(replace(STANDARD, tamper="body"))

    assert client.found(own="http://127.0.0.1:9") == []


def test_a_well_behaved_client_breaks_nothing(client):
    """Submit, wait as asked, poll to the end, submit anew what failed."""
    asks_to_wait(client)
    client.later(1, Plan(ends="failed"))
    client.caller.bulk_trigger({"n": 0}, {"n": 1})
    client.wait(2)
    ids = client.submit({"n": 0}, {"n": 1})
    for _ in range(4):
        for id in ids:
            client.read(id)
        client.wait(1.7)
    client.submit({"n": 1})

    assert client.breaches() == ()


def test_haste_alone_needs_no_other_look(client):
    """`hasty` is the same finding without the rest."""
    asks_to_wait(client)
    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})

    assert [each.code for each in hasty(History.of(client.world, ""))] == [HASTY]
