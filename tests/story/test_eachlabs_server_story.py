"""The story of each::labs' bulk trigger over real HTTP: three inputs, their lives, and the webhooks about them."""

import json
import time
import urllib.request
from collections import Counter

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mockserver.inbox import WebhookInbox
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld

ROTATION = ["whsec_bmV3LXNlY3JldC1vZi0yNC1ieXRlcw==", "whsec_b2xkLXNlY3JldC1vZi0yNC1ieXRlcw=="]
SUNSET, MOUNTAINS = {"prompt": "sunset", "style": "photorealistic"}, {"prompt": "mountains", "style": "artistic"}
INVALID = {"style": "minimalist"}


class Client:
    """Knows the vendor's pages, and nothing of an emulator."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def call(self, method, path, body=None):
        """The JSON of an answer."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method)) as answer:
            return json.load(answer)

    def start(self, inputs, webhook_url=None):
        """Start a bulk; its answer."""
        more = {} if webhook_url is None else {"webhook_url": webhook_url}
        return self.call("POST", "/wf_abc123/bulk-trigger", {"inputs": inputs, **more})

    def wait(self, execution_id):
        """Poll a run until it has ended, as the vendor's snippets do."""
        while (details := self.call("GET", f"/executions/{execution_id}"))["status"] == "running":
            time.sleep(0)
        return details


@pytest.fixture
def world(server):
    """A fresh world under an auto clock, held against the contract at the end."""
    opened = OpenWorld(server)
    yield opened
    assert opened.report(opened.findings()) == ""
    opened.close()


@pytest.fixture
def mock(world):
    """each::labs with the workflow of the story."""
    mock = Mock(world, "eachlabs")
    stage(mock)
    return mock


def stage(mock):
    """The workflow needs a prompt; mountains fail while they are made."""
    mock.workflow("wf_abc123", input_schema={"type": "object", "required": ["prompt"]})
    mock.input(where={"prompt": "mountains"}).fail("ExecutionFailed", cause="Model timeout after 30s", after="31s")


@pytest.fixture
def client(mock):
    """The code that is tried out."""
    return Client(mock.url, mock.api_key)


@pytest.fixture
def inbox(world):
    """Whoever receives the webhooks."""
    return WebhookInbox(world)


def told(received):
    """What webhooks say: for each run its status, once."""
    return {one.json["execution_id"]: one.json["status"] for one in received}


def test_the_whole_story(mock, client, inbox):
    """One input is refused, two are queued, end, and send a webhook with the bulk's id; the list shows both."""
    answer = client.start([SUNSET, INVALID, MOUNTAINS], inbox.url)

    first, refused, second = answer["executions"]
    assert [entry["status"] for entry in answer["executions"]] == ["queued", "failed", "queued"]
    assert refused == {"status": "failed", "message": "invalid input: missing required field 'prompt'"}

    received = inbox.wait_for(2)
    assert told(received) == {first["execution_id"]: "completed", second["execution_id"]: "failed"}
    assert {one.json["bulk_id"] for one in received} == {answer["bulk_id"]}
    assert received[1].json["error_cause"] == "Model timeout after 30s"
    assert [one.at.second for one in received] == [5, 31]

    page = client.call("GET", f"/workflows/wf_abc123/executions?bulk_id={answer['bulk_id']}")
    assert {row["execution_id"]: row["status"] for row in page["executions"]} == told(received)
    assert page["total_count"] == 2
    assert client.call("GET", f"/executions/{first['execution_id']}") == received[0].json
    mock.webhooks.assert_delivered(count=2, bulk_id=answer["bulk_id"])
    mock.webhooks.assert_none(status="cancelled", within="30d")


def test_the_same_with_hostile_delivery(mock, client, inbox):
    """Duplicates, disorder and a receiver that fails first: every event arrives, and its copies are the same bytes."""
    mock.webhooks.duplicate(2).order(2, 0)
    inbox.respond(500).respond(503)
    answer = client.start([SUNSET, INVALID, MOUNTAINS], inbox.url)
    first, _, second = answer["executions"]

    mock.clock.run_until_idle()

    assert [attempt.status for attempt in mock.webhooks.attempts].count(200) == 4
    assert Counter(one.json["execution_id"] for one in inbox.received).keys() == {
        first["execution_id"],
        second["execution_id"],
    }
    assert inbox.received[0].json["execution_id"] == second["execution_id"]
    assert len({one.body for one in inbox.received}) == 2
    assert len(inbox.received) == 6
    mock.webhooks.assert_delivered(count=4, bulk_id=answer["bulk_id"])
    page = client.call("GET", f"/workflows/wf_abc123/executions?bulk_id={answer['bulk_id']}")
    assert {row["execution_id"]: row["status"] for row in page["executions"]} == told(inbox.received)


def test_a_client_that_polls_comes_to_an_end(mock, client):
    """It knows nothing of our clock and waits for nothing; each read moves an auto clock to what is next."""
    entries = client.start([SUNSET, MOUNTAINS])["executions"]

    ends = [client.wait(entry["execution_id"]) for entry in entries]

    assert [end["status"] for end in ends] == ["completed", "failed"]
    assert mock.clock.mode == "auto"


@pytest.mark.parametrize("secrets", [ROTATION[:1], ROTATION], ids=["one secret", "rotation"])
def test_the_stock_verifier_accepts_every_signed_attempt(mock, client, inbox, secrets):
    """Retries and duplicates too: the same id, a signature of their own."""
    mock.webhooks.sign("standard", secrets=secrets).duplicate(2)
    inbox.respond(500).respond(500)
    client.start([SUNSET, MOUNTAINS], inbox.url)
    mock.clock.run_until_idle()

    verified = [Webhook(secret).verify(one.body, dict(one.headers)) for one in inbox.received for secret in secrets]

    assert len(inbox.received) == 6
    assert verified == [one.json for one in inbox.received for _ in secrets]
    assert len({one.headers["webhook-id"] for one in inbox.received}) == 2


@pytest.mark.parametrize("fault", ["body", "signature", "-10m", "+10m"])
def test_the_stock_verifier_refuses_every_tampered_attempt(mock, client, inbox, fault):
    """A changed body or signature, a stale stamp, and one from the future."""
    hostile = mock.webhooks.sign("standard").duplicate(2)
    hostile.timestamp(fault) if fault.endswith("m") else hostile.tamper(fault)
    inbox.respond(401)
    client.start([SUNSET, MOUNTAINS], inbox.url)
    mock.clock.run_until_idle()

    assert len(inbox.received) == 5
    for one in inbox.received:
        with pytest.raises(WebhookVerificationError):
            Webhook(mock.webhook_secret).verify(one.body, dict(one.headers))


def test_the_story_can_be_told_again(mock, client, inbox):
    """Same seed, same requests: the same answers, events and bytes, in the same order."""
    stories = []
    for turn in range(2):
        if turn:
            mock.reset()
            stage(mock)
        mock.webhooks.sign("standard")
        answer = client.start([SUNSET, INVALID, MOUNTAINS], inbox.url)
        stories.append((answer, [(one.body, one.headers["webhook-id"], one.at) for one in inbox.wait_for(2)]))

    assert stories[0] == stories[1]
