"""Callbacks and webhooks of a document that no vendor module speaks for: sent without any fixture, or as one says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inputs import Advance, Dial, PutDeliveryScript, PutStub, SendWebhook
from mockserver.engine.stubs import Step, Stub
from mockserver.errors import UsageError
from mockserver.scenario.model import Respond
from mockserver.scenario.render import compile_template
from tests.engine.anyapi import AnyApi

JOBS = Path(__file__).parents[1] / "specs" / "jobs.yaml"
HOOK = "http://127.0.0.1:9/hook"
JOB = {"task": "sum", "callback": HOOK}


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., AnyApi]:
    """Serves a document, jobs.yaml if no other is given, with a fixture of these lines."""

    def served(lines: str = "", *, document: str = "") -> AnyApi:
        spec = JOBS
        if document:
            spec = tmp_path / "jobs.yaml"
            spec.write_text(document, "utf-8")
        path = tmp_path / "fixture.yaml"
        path.write_text(f"format: 1\nvendor: jobs\n{lines}", "utf-8")
        return AnyApi(spec, *([path] if lines else []), clock="manual")

    return served


def test_a_callback_comes_a_second_after_the_answer(serve):
    """Once, with a body that its schema allows; the other callback, which nobody asked for, does not come."""
    api = serve()
    api.ask("POST", "/jobs", JOB)

    assert api.sent() == []
    api.world.apply(Advance(1.0))
    ((url, body),) = api.sent()

    assert url == HOOK
    assert body["state"] in ("waiting", "running", "done", "failed")
    assert [(one.name, one.status, one.execution_id) for one in api.world.outbox.all] == [("finished", "finished", "")]


def test_addresses_come_from_anywhere_in_the_call(serve):
    """A query parameter names the address of the other callback."""
    api = serve()
    api.ask("POST", f"/jobs?notify={HOOK}/percent", {"task": "sum"})
    api.world.apply(Advance(1.0))

    ((url, body),) = api.sent()

    assert url == f"{HOOK}/percent"
    assert set(body) <= {"percent"}


def test_a_refused_call_brings_nothing(serve):
    """Neither does an answer that is scripted as a failure."""
    api = serve()
    stub = Stub(1, "startJob", frozenset({("jobs", "startJob")}), (Step(Respond(503, off_contract="busy"), None),))
    api.world.apply(PutStub(stub))
    api.ask("POST", "/jobs", JOB)
    api.world.apply(Advance(60.0))

    assert api.world.outbox.all == ()


def test_a_scripted_success_brings_it_too(serve):
    """The address may be in the scripted answer."""
    document = JOBS.read_text("utf-8").replace("{$request.body#/callback}", "{$response.body#/hook}")
    api = serve(document=document)
    body = compile_template({"id": "1", "state": "done", "result": 5, "hook": HOOK})
    step = Step(Respond(202, body=body), None)
    api.world.apply(PutStub(Stub(1, "startJob", frozenset({("jobs", "startJob")}), (step,))))
    api.ask("POST", "/jobs", {"task": "sum"})
    api.world.apply(Advance(1.0))

    assert [url for url, _ in api.sent()] == [HOOK]


def test_a_scripted_answer_may_be_anything(serve):
    """An address in an answer that is no JSON, though it says so, is not there."""
    document = JOBS.read_text("utf-8").replace("{$request.body#/callback}", "{$response.body#/hook}")
    api = serve(document=document)
    respond = Respond(202, (("Content-Type", "application/json"),), text="{hook", off_contract="broken")
    api.world.apply(PutStub(Stub(1, "startJob", frozenset({("jobs", "startJob")}), (Step(respond, None),))))

    assert api.ask("POST", "/jobs", {"task": "sum"}).answer.body == b"{hook"
    assert api.world.outbox.all == ()


def test_what_is_no_address_is_a_line_of_the_journal(serve):
    """Nothing is sent, and the journal says why."""
    document = JOBS.read_text("utf-8").replace("callback: {type: string, format: uri}", "callback: {type: string}")
    api = serve(document=document)
    api.ask("POST", "/jobs", {"task": "sum", "callback": "later"})
    api.world.apply(Advance(60.0))

    assert api.world.outbox.all == ()
    assert any(
        'the callback finished is not sent: "later" is no http address' in str(one) for one in api.world.journal.notes
    )


def test_a_fixture_says_when_and_how(serve):
    """`after`, `deliver` and `sign` as for the webhooks of vendors."""
    api = serve("callbacks: {finished: {after: 5s, deliver: twice, sign: secret}}\n")
    api.ask("POST", "/jobs", JOB)
    api.world.apply(Advance(4.0))
    assert api.sent() == []
    api.world.apply(Advance(1.0))

    first, second = api.world.apply(Dial(0.0))

    assert first.body == second.body
    assert "X-Webhook-Secret" in dict(first.headers)


def test_a_fixture_can_silence_it(serve):
    """`deliver: never`."""
    api = serve("callbacks: {finished: {deliver: never}}\n")
    api.ask("POST", "/jobs", JOB)
    api.world.apply(Advance(60.0))

    assert api.sent() == []


def test_a_test_can_spoil_it(serve):
    """The faults of a test hold for those that are under way already."""
    api = serve()
    api.ask("POST", "/jobs", JOB)
    api.world.apply(PutDeliveryScript("jobs", DeliveryScript(tamper="body")))
    api.world.apply(Advance(1.0))

    (posting,) = api.world.apply(Dial(0.0))

    assert posting.body.endswith(b" }")


def test_a_webhook_tells_of_a_call(serve):
    """`on` names the operation, `to` may be made of the call."""
    api = serve('webhooks: {maintenance: {to: "{$request.body#/callback}/down", on: startJob, after: 3s}}\n')
    api.ask("POST", "/jobs", JOB)
    api.world.apply(Advance(2.0))
    assert [url for url, _ in api.sent()] == [HOOK]
    api.world.apply(Advance(1.0))

    ((url, body),) = api.sent()

    assert (url, list(body)) == (f"{HOOK}/down", ["at"])


def test_a_webhook_without_occasion_comes_when_the_world_begins(serve):
    """Once, after the time that the fixture says."""
    api = serve(f"webhooks: {{maintenance: {{to: '{HOOK}', after: 10m}}}}\n")
    api.world.apply(Advance(599.0))
    assert api.sent() == []
    api.world.apply(Advance(1.0))

    assert [url for url, _ in api.sent()] == [HOOK]
    api.world.apply(Advance(6000.0))
    assert api.sent() == []


def test_anything_can_be_sent_by_hand(serve):
    """At once; with the body that is given, else with one of its schema."""
    api = serve()

    api.world.apply(SendWebhook("jobs", "maintenance", HOOK))
    api.world.apply(SendWebhook("jobs", "finished", HOOK, {"any": "thing"}))

    (_, sampled), (_, given) = api.sent()
    assert list(sampled) == ["at"]
    assert given == {"any": "thing"}


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("outage", HOOK, r'has no webhook or callback "outage"; it has maintenance, finished, progress'),
        ("finished", "ftp://x", r"'ftp://x' is no http or https address"),
    ],
)
def test_what_cannot_be_sent_is_said(serve, name, url, said):
    """One sentence that says what there is."""
    with pytest.raises(UsageError, match=said):
        serve().world.apply(SendWebhook("jobs", name, url))


def test_method_and_media_type_are_the_documents(serve):
    """A PUT of a form, and a callback without a body."""
    document = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a/{id}:
    put:
      operationId: a
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      callbacks:
        done:
          '{$request.header.X-Hook}/{$request.path.id}':
            put:
              requestBody:
                content:
                  application/x-www-form-urlencoded:
                    schema: {type: object, required: [n], properties: {n: {const: 5}}}
              responses: {'200': {description: ok}}
            delete: {responses: {'200': {description: ok}}}
      responses: {'204': {description: ok}}
"""
    api = serve(document=document)
    api.ask("PUT", "/a/7", None, ("X-Hook", HOOK))
    api.world.apply(Advance(1.0))

    form, bare = api.world.apply(Dial(0.0))

    assert (form.method, form.url, form.headers, form.body) == (
        "PUT",
        f"{HOOK}/7",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        b"n=5",
    )
    assert (bare.method, bare.headers, bare.body) == ("DELETE", (), b"")


def test_bodies_come_from_the_seed(serve):
    """The same calls bring the same callbacks; the second of two brings another."""

    def bodies() -> list[str]:
        api = serve()
        for _ in range(2):
            api.ask("POST", "/jobs", JOB)
        api.world.apply(Advance(1.0))
        return [json.dumps(body) for _, body in api.sent()]

    assert bodies() == bodies()
    assert len(set(bodies())) == 2
