"""Mistakes that a type checker finds before any test runs. Nothing here is called: `make check` reads it.

Each `type: ignore` names the mistake. mypy reports one that is not needed, so a form that is let pass again shows up.
"""

from typing import assert_type

import pytest

from mockserver import EachlabsMock, Mock, OpenapiMock, Received, VectorshiftMock, WebhookFaults, WebhookInbox
from mockserver.scripted_input import ScriptedInput
from mockserver.stubbing import ScriptedCalls


def an_input_is_chosen_in_one_way(eachlabs_mock: EachlabsMock) -> None:
    assert_type(eachlabs_mock.input(2), ScriptedInput)
    assert_type(eachlabs_mock.input(where={"prompt": ""}), ScriptedInput)
    eachlabs_mock.input()  # type: ignore[call-overload]
    eachlabs_mock.input(2, where={"prompt": ""})  # type: ignore[call-overload]
    eachlabs_mock.input("2")  # type: ignore[call-overload]


def an_answer_has_one_body(eachlabs_mock: EachlabsMock) -> None:
    stub = eachlabs_mock.on("bulkTriggerWorkflow")
    assert_type(stub.respond(), ScriptedCalls)
    assert_type(stub.respond(503).respond(429, retry_after="2s").emulate(), ScriptedCalls)
    assert_type(stub.respond(json={"error": "no"}, delay="1s"), ScriptedCalls)
    assert_type(stub.respond(text="no"), ScriptedCalls)
    assert_type(stub.respond(events=[{"data": {}}], more="last"), ScriptedCalls)
    stub.respond(json={"error": "no"}, text="no")  # type: ignore[call-overload]
    stub.respond(json={"error": "no"}, events=[])  # type: ignore[call-overload]
    stub.respond(text="no", events=[])  # type: ignore[call-overload]
    stub.respond(more="last")  # type: ignore[call-overload]
    stub.respond(events=[], more="first")  # type: ignore[call-overload]
    stub.respond("503")  # type: ignore[call-overload]
    stub.hold().respond()  # type: ignore[attr-defined]


def a_cause_goes_with_a_sentence(eachlabs_mock: EachlabsMock) -> None:
    assert_type(eachlabs_mock.input(0).fail("ExecutionFailed", cause="timeout"), ScriptedInput)
    assert_type(eachlabs_mock.input(0).fail({"error": "ExecutionFailed"}, after="30s"), ScriptedInput)
    eachlabs_mock.input(0).fail({"error": "ExecutionFailed"}, cause="timeout")  # type: ignore[call-overload]


def webhooks_are_signed_in_one_way(eachlabs_mock: EachlabsMock) -> None:
    eachlabs_mock.webhooks.sign("standard", secret="whsec_a").sign("hmac", secrets=["new", "old"]).sign(None)
    eachlabs_mock.webhooks.sign("hmac", secret="new", secrets=["new", "old"])  # type: ignore[call-overload]
    eachlabs_mock.webhooks.sign("md5")  # type: ignore[call-overload]
    eachlabs_mock.webhooks.sign(None, secret="new")  # type: ignore[call-overload]
    eachlabs_mock.webhooks.tamper("header")  # type: ignore[arg-type]


def names_are_known(
    eachlabs_mock: EachlabsMock, vectorshift_mock: VectorshiftMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    eachlabs_mock.patch_env(monkeypatch)
    eachlabs_mock.workflow("wf_1", input_schema={"type": "object"})
    vectorshift_mock.pipeline("p_1", outputs={"summary": "string"})
    eachlabs_mock.pipeline("p_1")  # type: ignore[attr-defined]
    eachlabs_mock.workflow("wf_1", schema={})  # type: ignore[call-arg]
    eachlabs_mock.assert_caled("bulkTriggerWorkflow")  # type: ignore[attr-defined]
    eachlabs_mock.clock.advance(["30s"])  # type: ignore[arg-type]


def any_document_has_a_mock(openapi_mock: OpenapiMock) -> None:
    assert_type(openapi_mock("shop.yaml"), Mock)
    openapi_mock(name="shop")  # type: ignore[call-arg]
    openapi_mock("shop.yaml").workflow("wf_1")  # type: ignore[attr-defined]


def what_arrived_cannot_be_changed(webhook_inbox: WebhookInbox, webhook_faults: WebhookFaults) -> None:
    assert_type(webhook_inbox.wait_for(1), tuple[Received, ...])
    webhook_inbox.received = ()  # type: ignore[misc]
    webhook_inbox.received[0].body = b""  # type: ignore[misc]
    webhook_faults.name = "valid"  # type: ignore[misc]
