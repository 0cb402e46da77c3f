"""Every argument of a wrong type or out of range is refused in the line that gives it, in one sentence."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mockserver.arguments import ScriptError, header_pairs, here
from mockserver.errors import MockserverError, UsageError
from mockserver.inbox import WebhookInbox
from mockserver.stubbing import matching
from mockserver.webhook_faults import FAULTS, WebhookFaults
from tests.posting import OPERATION, trigger

CLOCK = 'time goes forward, by a duration such as "30s", and not by'


async def _later(*given):
    return True


def _stub(mock):
    return mock.on(OPERATION)


def _answered(mock):
    return mock.on(OPERATION).respond(503)


def _inbox(mock):
    return WebhookInbox(mock.world)


def _received(mock):
    inbox = _inbox(mock)
    trigger(mock, {}, webhook_url=inbox.url)
    return inbox.wait_for(1)[0]


def _unscripted():
    """Untyped, as tests of users are: what a type checker would refuse comes to us."""
    faults: Any = WebhookFaults(FAULTS[0], pytest.skip)
    return faults


def _faults(mock):
    faults = _unscripted()
    faults.post(mock, _inbox(mock).url)
    return faults


CALLS = {
    "respond-text": (lambda m: _stub(m).respond("503"), "respond() takes a status such as 503, not '503'"),
    "respond-float": (lambda m: _stub(m).respond(503.0), "respond() takes a status such as 503, not 503.0"),
    "respond-bool": (lambda m: _stub(m).respond(True), "respond() takes a status such as 503, not True"),
    "respond-99": (lambda m: _stub(m).respond(99), "99 is no status that ends an answer; they go from 200 to 599"),
    "respond-1000": (lambda m: _stub(m).respond(1000), "1000 is no status that ends an answer"),
    "text": (lambda m: _stub(m).respond(text=b"x"), "text= takes a str, not b'x'"),
    "off-contract": (lambda m: _stub(m).respond(off_contract=True), 'off_contract= takes the reason, such as "an old'),
    "headers": (lambda m: _stub(m).respond(503, headers=["X"]), 'headers= takes a mapping such as {"X-Request-Id"'),
    "header": (lambda m: _stub(m).respond(503, headers={"X": b"7"}), "the header X takes a str, or several, not b'7'"),
    "header-none": (lambda m: _stub(m).respond(503, headers={"X": None}), "the header X takes a str, or several, not"),
    "header-line": (lambda m: _stub(m).respond(503, headers={"X": "a\nb"}), "the header X cannot hold 'a\\nb'"),
    "header-name": (lambda m: _stub(m).respond(503, headers={"X Y": "a"}), "'X Y' is no name of a header"),
    "retry-after": (lambda m: _stub(m).respond(429, retry_after=-1), f"retry_after: {CLOCK} -1"),
    "delay": (lambda m: _stub(m).respond(503, delay="-1s"), f"delay: {CLOCK} -1s"),
    "delay-none": (lambda m: _stub(m).respond(503, delay=None), "delay: None is no duration; write it like"),
    "events": (lambda m: _stub(m).respond(events=5), "events= takes a list such as"),
    "times-text": (lambda m: _answered(m).times("2"), "times() takes a whole number such as 2, not '2'"),
    "times-float": (lambda m: _answered(m).times(1.5), "times() takes a whole number such as 2, not 1.5"),
    "times-0": (lambda m: _answered(m).times(0), "an answer cannot hold 0 times; assert_not_called() says"),
    "called": (lambda m: _answered(m).assert_called("2"), "times= takes a number such as 2 or a range such as (1, 3)"),
    "on": (lambda m: m.on(5), "an operation is named by a str such as"),
    "on-path": (
        lambda m: m.on(OPERATION, path={"workflowId": "wf_1"}),
        'bulkTriggerWorkflow has no path parameter "workflowId"; did you mean "workflowID"?',
    ),
    "not-called-path": (
        lambda m: m.assert_not_called(OPERATION, path={"workflow": "wf_1"}),
        'bulkTriggerWorkflow has no path parameter "workflow"; did you mean "workflowID"?',
    ),
    "on-path-text": (lambda m: m.on(OPERATION, path="wf_1"), "path= takes a mapping such as {\"workflowID\": ...}"),
    "on-headers": (lambda m: m.on(OPERATION, headers="X"), "headers= takes a mapping such as"),
    "on-body": (lambda m: m.on(OPERATION, body=_later), "body= is an async function, which nobody awaits"),
    "input-text": (lambda m: m.input("2"), "input() takes an index such as 2, not '2'"),
    "input-minus": (lambda m: m.input(-1), "input() takes an index such as 2, not -1"),
    "input-bool": (lambda m: m.input(True), "input() takes an index such as 2, not True"),
    "input-where": (lambda m: m.input(where=_later), "where= is an async function, which nobody awaits"),
    "after": (lambda m: m.input(0).complete(after=-1), f"after: {CLOCK} -1"),
    "cause": (lambda m: m.input(0).fail("x", cause=5), "cause= takes a str, not 5"),
    "reject": (lambda m: m.input(0).reject(5), "reject() takes a message such as"),
    "noun": (lambda m: m.workflow(5), 'workflow() takes an id such as "workflow-1", not 5'),
    "noun-schema": (lambda m: m.workflow("wf_1", input_schema=5), "the input_schema of workflow wf_1 is 5"),
    "times-minus": (lambda m: m.assert_called(OPERATION, times=-1), "a range such as (1, 3), not -1"),
    "times-back": (lambda m: m.assert_called(OPERATION, times=(3, 1)), "such as (1, 3), not (3, 1)"),
    "times-three": (lambda m: m.assert_called(OPERATION, times=(1, 2, 3)), "such as (1, 3), not (1, 2, 3)"),
    "times-bool": (lambda m: m.assert_called(OPERATION, times=True), "such as (1, 3), not True"),
    "allow-at": (lambda m: m.allow_violations(at="inputs"), 'at= is a JSON Pointer: did you mean "/inputs"?'),
    "allow-at-number": (lambda m: m.allow_violations(at=0), 'at= is a JSON Pointer such as "/inputs/0", not 0'),
    "allow-violation": (lambda m: m.allow_manners("E101"), "E101 is a violation; allow_violations() lets it pass"),
    "allow-list": (lambda m: m.allow_manners(["E301"]), 'no manners have the code "[\'E301\']"'),
    "clock": (lambda m: m.clock.advance("-1s"), f"{CLOCK} -1s; a test that is to begin"),
    "patch-env": (lambda m: m.patch_env("x"), "patch_env() takes pytest's fixture monkeypatch, not 'x'"),
    "delivered-times": (lambda m: m.webhooks.assert_delivered(times=2), 'takes no "times"; known: count, '),
    "clock-list": (lambda m: m.clock.advance(["1s"]), "['1s'] is no duration"),
    "clock-nan": (lambda m: m.clock.advance(float("nan")), CLOCK),
    "clock-delta": (lambda m: m.clock.advance(timedelta(seconds=-1)), CLOCK),
    "clock-predicate": (lambda m: m.clock.run_until(True), "run_until() takes a function such as lambda: app.results"),
    "clock-async": (lambda m: m.clock.run_until(_later), "the predicate is an async function, which nobody awaits"),
    "clock-events": (lambda m: m.clock.run_until_idle(events=0), "events= takes a whole number such as 100000, not 0"),
    "gate": (lambda m: _stub(m).hold().wait("5s"), "timeout= takes seconds of wall time such as 5, not '5s'"),
    "gate-minus": (lambda m: _stub(m).hold().wait(timeout=-1), "timeout= takes seconds of wall time such as 5, not -1"),
    "duplicate": (lambda m: m.webhooks.duplicate("2"), "duplicate() takes a whole number such as 2, not '2'"),
    "order": (lambda m: m.webhooks.order([2, 0, 1]), "order() takes indexes of inputs, such as order(2, 0, 1), not ["),
    "order-text": (lambda m: m.webhooks.order("1"), "order() takes indexes of inputs, such as order(2, 0, 1), not '1'"),
    "order-none": (lambda m: m.webhooks.order(), "() is no order of inputs"),
    "declare-zeros": (lambda m: m.workflow("0-00"), 'workflows: "0-00" never exists: ids of zeros only are kept free'),
    "declare-kind": (lambda m: m.declare("workflows", "000"), 'workflows: "000" never exists'),
    "schema-type": (
        lambda m: m.workflow("wf", input_schema={"type": "objekt"}),
        'the type of the input_schema of workflow wf is "objekt"; inputs are objects: write object',
    ),
    "schema-property": (
        lambda m: m.workflow("wf", input_schema={"properties": {"p": "string"}}),
        'the property "p" of the input_schema of workflow wf is "string", which is no schema; write one like p: {type',
    ),
    "tamper": (lambda m: m.webhooks.tamper(5), 'tamper() takes no "5"'),
    "timestamp": (lambda m: m.webhooks.timestamp(5), 'timestamp() takes how far it is off, such as "-10m", not 5'),
    "missing": (lambda m: m.webhooks.missing_header(5), "missing_header() takes the name of a header, not 5"),
    "retry": (lambda m: m.webhooks.retry(5), 'takes the name of a schedule, or waits such as ["0s", "1m"], not 5'),
    "retry-waits": (lambda m: m.webhooks.retry(["0s", -1]), CLOCK),
    "sign": (lambda m: m.webhooks.sign(5), "there is no signing"),
    "sign-secret": (lambda m: m.webhooks.sign("hmac", secret=5), "secret= takes a str that is not empty, not 5"),
    "sign-empty": (lambda m: m.webhooks.sign("hmac", secret=""), "secret= takes a str that is not empty, not ''"),
    "sign-secrets": (lambda m: m.webhooks.sign("hmac", secrets="ab"), "takes a list such as [new, old], not 'ab'"),
    "send": (lambda m: m.webhooks.send("executionFinished", 5), "send() takes an address such as"),
    "resend": (lambda m: m.webhooks.resend(5), "resend() takes a delivery of this mock, or its id, not 5"),
    "recover": (lambda m: m.webhooks.recover(since=5), "since is 5, which is no time; write it like"),
    "delivered": (lambda m: m.webhooks.assert_delivered(count="2"), "count= takes a number such as 2 or a range"),
    "delivered-minus": (lambda m: m.webhooks.assert_delivered(count=(3, 1)), "such as (1, 3), not (3, 1)"),
    "none-within": (lambda m: m.webhooks.assert_none(within=-1), CLOCK),
    "inbox": (lambda m: _inbox(m).respond("x"), "respond() takes a status such as 503, not 'x'"),
    "inbox-headers": (lambda m: _inbox(m).respond(503, headers=["X"]), "headers= takes a mapping such as"),
    "inbox-retry": (lambda m: _inbox(m).respond(503, retry_after=-1), f"retry_after: {CLOCK} -1"),
    "wait-minus": (lambda m: _inbox(m).wait_for(-1), "wait_for() takes a whole number such as 2, not -1"),
    "wait-text": (lambda m: _inbox(m).wait_for("2"), "wait_for() takes a whole number such as 2, not '2'"),
    "wait-timeout": (lambda m: _inbox(m).wait_for(1, "5s"), "timeout= takes seconds of wall time such as 5, not '5s'"),
    "verify": (lambda m: _received(m).verify(5), "verify() takes a secret, or a Signing, not 5"),
    "verify-tolerance": (
        lambda m: _received(m).verify("x", tolerance="5m"),
        "tolerance= takes seconds of wall time such as 5, not '5m'",
    ),
    "outcomes": (lambda m: m.outcomes.random(failed="0.2"), "are no shares"),
    "faults-script": (lambda m: _unscripted().script(m.webhooks), "takes a mock such as"),
    "faults-url": (lambda m: _unscripted().post(m, 5), "post() takes an address such as"),
    "faults-check": (lambda m: _faults(m).check(3), "check() takes what the application processed: ids, events, a"),
    "faults-check-text": (lambda m: _faults(m).check("x"), "check() takes what the application processed: ids, events"),
    "faults-check-async": (lambda m: _faults(m).check(_later), "processed is an async function, which nobody awaits"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "told"), CALLS.values(), ids=CALLS)
def test_what_an_argument_cannot_be_is_told_in_its_line(mock, call, told):
    """One sentence that says what could be, and nothing of ours before it."""
    with pytest.raises(ScriptError) as raised:
        call(mock)

    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "test_arguments.py:" in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None or raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("given", "written"),
    [("400ms", "0.4"), ("30d", "2592000"), (10**7, "10000000"), (1.0, "1"), (0, "0"), (timedelta(minutes=2), "120")],
)
def test_retry_after_is_a_plain_number(given, written):
    """However long it is."""
    assert header_pairs({"X": ["a", "b"]}, given, here()) == (("X", "a"), ("X", "b"), ("Retry-After", written))


@pytest.mark.parametrize("given", [{"type": "sting"}, {"properties": 5}, {"pattern": "("}, 5])
def test_what_is_no_schema_is_told_in_its_line(given):
    """And nothing of what read it."""
    with pytest.raises(MockserverError, match=r"test_arguments\.py:\d+") as raised:
        matching(given)

    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert [Path(entry.path).name for entry in raised.traceback] in (
        ["test_arguments.py", "stubbing.py"],
        ["test_arguments.py", "stubbing.py", "arguments.py"],
    )


BLOCKING = {
    "eachlabs_mock.clock.aadvance(...)": lambda m: m.clock.advance("1s"),
    "eachlabs_mock.clock.aadvance_to_next()": lambda m: m.clock.advance_to_next(),
    "eachlabs_mock.clock.arun_until_idle()": lambda m: m.clock.run_until_idle(),
    "eachlabs_mock.clock.arun_until(...)": lambda m: m.clock.run_until(lambda: True),
    'eachlabs_mock.clock.aadvance("2h"), then assert_none()': lambda m: m.webhooks.assert_none(within="2h"),
    "eachlabs_mock.webhooks.aresend(...)": lambda m: m.webhooks.resend("x"),
    "eachlabs_mock.webhooks.arecover(...)": lambda m: m.webhooks.recover(),
    "eachlabs_mock.webhooks.asend(...)": lambda m: m.webhooks.send("x", "http://127.0.0.1:9"),
    "webhook_inbox.await_for(...)": lambda m: _inbox(m).wait_for(1),
    "webhook_faults.acheck(...)": lambda m: _unscripted().check(),
    "gate.await_held()": lambda m: _stub(m).hold().wait(),
}


@pytest.mark.parametrize("twin", BLOCKING)
def test_what_would_block_the_loop_says_what_to_write(mock, twin):
    """As the test writes it, with the name of its mock."""

    async def block():
        BLOCKING[twin](mock)

    with pytest.raises(UsageError, match=rf"would block the running event loop, .*; write: await {re.escape(twin)}$"):
        asyncio.run(block())
