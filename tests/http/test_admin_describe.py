"""The documents that the admin API gives: the effective ones of what is served, and its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from mockserver.engine.settings import Settings
from mockserver.engine.worlds import Worlds
from mockserver.http.admin import Admin, Guard
from mockserver.http.admin_describe import DOCUMENT
from mockserver.http.driver import Driver
from mockserver.http.realclock import RealClocks
from mockserver.http.sender import Sender
from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from mockserver.openapi.mediatype import parse
from mockserver.openapi.operation import Operation
from mockserver.openapi.paths import NotFound, WrongMethod
from mockserver.server import Server
from tests.http.client import Client, Got

SPECS = Path(__file__).parents[1] / "specs"
OWN = load(DOCUMENT, name="admin", answering=True)


@pytest.fixture(scope="module")
def any_server() -> Iterator[Server]:
    """Serves two documents that no vendor module speaks for."""
    with Server(specs=((None, SPECS / "transcoder.yaml"), (None, SPECS / "jobs.yaml"))) as running:
        yield running


@pytest.fixture
def any_client(any_server: Server) -> Client:
    """A client of a fresh world of it."""
    return Client(any_server, any_server.run(any_server.worlds.open))


def test_it_is_without_fault() -> None:
    """The document of the admin API has no warnings, and names nothing twice."""
    assert [str(one) for one in OWN.warnings] == []


def test_no_comma_of_a_sentence_begins_a_key() -> None:
    """`{description: The document, where ...}` says half of a sentence, and a key without a value."""

    def stray(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{pointer}/{name}" for name, one in value.items() if one is None or " " in name)
        parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, one in parts:
            yield from stray(one, f"{pointer}/{name}")

    assert list(stray(yaml.safe_load(DOCUMENT.read_text("utf-8")), "")) == []


def test_every_route_is_described_and_nothing_else() -> None:
    """The routes and methods of the document are those that the admin API has."""

    async def routes() -> Mapping[str, frozenset[str]]:
        worlds = Worlds((), Settings())
        driver = Driver(worlds, Sender("loopback", "1"), RealClocks())
        found = Admin(worlds, "1", lambda fixtures: (), Guard(), driver).routes
        await driver.stop(0)
        return found

    described = {(one.path.lstrip("/"), one.method) for one in OWN.operations}

    assert described == {(route, method) for route, methods in asyncio.run(routes()).items() for method in methods}


def operation_of(method: str, path: str) -> Operation:
    match = OWN.routes.match(method, path.partition("?")[0])
    assert not isinstance(match, NotFound | WrongMethod)
    return match.operation


def held(client: Client, method: str, path: str, body: object = None) -> Got:
    """An answer of the admin API that is as its document says."""
    got = client.send(method, f"/__admin{path}", body)
    reply = operation_of(method, path).reply(got.status)
    kind = parse(got.headers["Content-Type"])
    assert reply is not None
    assert kind is not None
    media = reply.of(kind.media_type)
    assert media is not None
    assert reply.status != "default", got.body
    if kind.media_type == "application/json" and media.checker is not None:
        assert media.checker.explain(got.json).violations == ()
    return got


def test_answers_are_as_it_says(client: Client) -> None:
    """Each operation, in a world in which something has happened."""
    inbox = f"{client.prefix}/__inbox/mine"
    url = f"http://127.0.0.1:{client.server.port}{inbox}"
    key = {"X-API-Key": "el-test-key"}
    started = client.send("POST", "/eachlabs/api/v1/wf_1/trigger", {"inputs": {"a": 1}, "webhook_url": url}, key).json
    client.bulk_run(runs={"runs": "none"})
    held(client, "POST", "/clock/advance", {"by": "10s"})
    (delivery,) = held(client, "GET", "/deliveries").json["deliveries"]
    scenario = {"name": "n", "operation": "bulkRunPipeline", "then": {"respond": {"status": 429, "off_contract": "x"}}}

    asked: tuple[tuple[str, str, object], ...] = (
        ("GET", "/health", None),
        ("GET", "/openapi.yaml", None),
        ("GET", "/specs", None),
        ("GET", "/specs/eachlabs.yaml", None),
        ("GET", "/journal?limit=5", None),
        ("GET", "/violations", None),
        ("GET", "/coverage", None),
        ("GET", "/executions", None),
        ("GET", f"/executions/{started['execution_id']}", None),
        ("GET", f"/deliveries/{delivery['id']}", None),
        ("POST", f"/deliveries/{delivery['id']}/resend", {}),
        ("GET", "/inbox/mine", None),
        ("GET", "/clock", None),
        ("POST", "/clock/run-until-idle", {}),
        ("POST", "/clock/freeze", {}),
        ("POST", "/scenarios", {"vendor": "vectorshift", "scenarios": [scenario]}),
        ("GET", "/scenarios", None),
        ("DELETE", "/scenarios", b""),
        ("DELETE", "/journal", b""),
        ("GET", "/worlds", None),
        ("POST", "/worlds", {"name": "described", "seed": 1}),
        ("DELETE", "/worlds/described", b""),
        ("POST", "/reset", {}),
    )
    for method, path, body in asked:
        held(client, method, path, body)

    seen = {operation_of(method, path).id for method, path, _ in asked} | {"advanceClock", "listDeliveries"}
    assert {one.id for one in OWN.operations} - seen == {"sendWebhook"}


def test_it_says_where_it_is(client: Client) -> None:
    """Its server is the admin API of this world."""
    value = yaml.safe_load(client.send("GET", "/__admin/openapi.yaml").body)

    assert value["servers"][0]["url"].endswith(f"{client.prefix}/__admin")
    assert value["paths"].keys() == yaml.safe_load(DOCUMENT.read_text("utf-8"))["paths"].keys()


def reread(text: bytes, tmp_path: Path, name: str) -> Document:
    path = tmp_path / f"{name}.yaml"
    path.write_bytes(text)
    return load(path, name=name)


@pytest.mark.parametrize("name", ["transcoder", "jobs"])
def test_any_document_is_given_as_it_is_served(any_client: Client, tmp_path: Path, name: str) -> None:
    """What is given can be served again: the same operations, callbacks and webhooks, at this world's address."""
    (service,) = [one for one in any_client.world.services if one.name == name]

    given = any_client.send("GET", f"/__admin/specs/{name}.yaml")
    again = reread(given.body, tmp_path, name)

    (url,) = [one["url"] for one in any_client.send("GET", "/__admin/specs").json["specs"] if one["name"] == name]
    assert [one["url"] for one in again.value["servers"]] == [url]
    assert re.search(rf"{any_client.prefix}/{name}(/v\d)?$", url)
    assert [one.label for one in again.operations] == [one.label for one in service.document.operations]
    assert again.callbacks.keys() == service.document.callbacks.keys()
    assert [one.name for one in again.webhooks] == [one.name for one in service.document.webhooks]


def test_a_webhook_is_sent_by_hand(any_client: Client) -> None:
    """At once, to an inbox; the answer is the delivery."""
    url = f"http://127.0.0.1:{any_client.server.port}{any_client.prefix}/__inbox/mine"

    sent = held(any_client, "POST", "/webhooks", {"name": "outage", "url": url}).json

    assert (sent["state"], sent["name"], sent["execution_id"]) == ("delivered", "outage", "")
    (received,) = held(any_client, "GET", "/inbox/mine").json["received"]
    assert received["body"] == sent["body"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"name": "nothing", "url": "http://x"},
            'no document here sends "nothing"; there is filmDone, finished, maintenance',
        ),
        ({"name": "outage"}, "say which and where to"),
        ({"name": "outage", "url": "x"}, "'x' is no http or https address"),
        ({"name": "outage", "url": "http://x", "service": "jobs"}, 'no document here sends "outage"'),
    ],
)
def test_what_cannot_be_sent_is_said(any_client: Client, body: dict[str, str], said: str) -> None:
    """400, in one sentence."""
    answer = any_client.send("POST", "/__admin/webhooks", body)

    assert answer.status == 400
    assert answer.json["error"].startswith(said)
