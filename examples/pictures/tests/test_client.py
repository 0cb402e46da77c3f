"""The client, in plain tests."""

import pytest

from mockserver import EachlabsMock, WebhookInbox, matching
from pictures.client import Client, Ordered, Refused

BULK = "bulkTriggerWorkflow"


def test_each_prompt_has_a_run(client: Client, webhook_inbox: WebhookInbox) -> None:
    """The runs are those that the webhooks tell of."""
    ordered = client.order("wf_1", ["sun", "sea"], webhook_inbox.url)

    told = webhook_inbox.wait_for(2)
    assert {one.run for one in ordered} == {webhook.json["execution_id"] for webhook in told}


def test_a_refused_prompt_stops_no_other(
    eachlabs_mock: EachlabsMock, client: Client, webhook_inbox: WebhookInbox
) -> None:
    """It has no run, and the service's own words say why."""
    eachlabs_mock.input(where={"prompt": ""}).reject("invalid input: prompt is empty")
    eachlabs_mock.allow_manners("E305")  # the caller is told, and nothing is sent because of it

    sun, nothing, sea = client.order("wf_1", ["sun", "", "sea"], webhook_inbox.url)

    assert nothing == Ordered("", message="invalid input: prompt is empty")
    assert sun.run
    assert sea.run


def test_eleven_prompts_take_two_calls(
    eachlabs_mock: EachlabsMock, client: Client, webhook_inbox: WebhookInbox
) -> None:
    """A call takes ten inputs; one more would fail this test by itself, with E101."""
    ordered = client.order("wf_1", [f"picture {number}" for number in range(11)], webhook_inbox.url)

    assert len(ordered) == 11
    ten = matching({"type": "array", "minItems": 10, "maxItems": 10})
    eachlabs_mock.assert_called(BULK, times=2)
    eachlabs_mock.assert_called(BULK, times=1, body={"inputs": ten})


def test_it_comes_back_when_it_was_asked_to(
    eachlabs_mock: EachlabsMock, client: Client, webhook_inbox: WebhookInbox
) -> None:
    """Sooner would be E301."""
    before = eachlabs_mock.clock.now
    eachlabs_mock.on(BULK).respond(429, retry_after="30s").emulate()

    client.order("wf_1", ["sun"], webhook_inbox.url)

    eachlabs_mock.assert_called(BULK, times=2)
    assert (eachlabs_mock.clock.now - before).total_seconds() == 30


def test_it_gives_up_in_the_end(eachlabs_mock: EachlabsMock, client: Client, webhook_inbox: WebhookInbox) -> None:
    """After three attempts; a mistake of its own it does not repeat at all."""
    overloaded = eachlabs_mock.on(BULK).respond(503)
    with pytest.raises(Refused, match="503"):
        client.order("wf_1", ["sun"], webhook_inbox.url)

    overloaded.assert_called(times=3)

    no_key = eachlabs_mock.on(BULK).respond(401, json={"error": "Invalid or missing API key"})
    with pytest.raises(Refused, match="Invalid or missing API key"):
        client.order("wf_1", ["sun"], webhook_inbox.url)

    no_key.assert_called(times=1)


def test_the_environment_says_where(
    eachlabs_mock: EachlabsMock, webhook_inbox: WebhookInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`patch_env` sets what the client reads."""
    eachlabs_mock.patch_env(monkeypatch)

    Client.from_env().order("wf_1", ["sun"], webhook_inbox.url)

    eachlabs_mock.assert_called(BULK, path={"workflowID": "wf_1"})
