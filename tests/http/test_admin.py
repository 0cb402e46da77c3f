"""The admin API: questions about a world, a few changes, and nobody from outside."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import yaml

from mockserver.engine.messages import Answer, Request
from mockserver.engine.settings import Settings
from mockserver.engine.worlds import Worlds
from mockserver.http.admin import Admin, Ask, Guard
from mockserver.http.driver import Driver
from mockserver.http.realclock import RealClocks
from mockserver.http.sender import Sender
from tests.http.client import KEY, Client

HOST = ("Host", "localhost:4010")
JSON = ("Content-Type", "application/json")
ANYBODY = Guard()


def ask(
    method: str, path: str, *headers: tuple[str, str], body: bytes = b"", guard: Guard = ANYBODY, host: bool = True
) -> tuple[int, Any]:
    """Status and JSON of an admin request, without a server."""

    async def asked() -> Answer:
        worlds = Worlds((), Settings())
        driver = Driver(worlds, Sender("loopback", "1.2.3"), RealClocks())
        admin = Admin(worlds, "1.2.3", lambda fixtures: (), guard, driver)
        target, _, query = path.partition("?")
        located = worlds.locate(target)
        route = admin.route(located.path)
        assert route is not None
        sent = Request(method, path, located.path, query, ((HOST,) if host else ()) + headers, body)
        answer = await admin.answer(Ask(sent, located, route))
        await driver.stop(0)
        return answer

    answer = asyncio.run(asked())
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
    return answer.status, answer.value


def test_health_says_that_it_is_well() -> None:
    """Health has a status, the version and what is served."""
    assert ask("GET", "/__admin/health") == (200, {"status": "ok", "version": "1.2.3", "services": []})


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:4010", "[::1]:4010", "LOCALHOST:1", "localhost.:4010", "ci.test"]
)
def test_our_own_names_are_answered(host: str) -> None:
    """The loopback's names and those that `--allow-host` adds, with any port."""
    status, _ = ask("GET", "/__admin/health", ("Host", host), guard=Guard(frozenset({"ci.test"})), host=False)

    assert status == 200


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:4010", "", "[::2]"])
def test_a_foreign_host_is_refused(host: str) -> None:
    """A name that is not ours may be somebody's DNS trick: 403, and how to add it."""
    status, value = ask("GET", "/__admin/health", ("Host", host), host=False)

    assert status == 403
    assert "--allow-host" in value["error"]


@pytest.mark.parametrize("hosts", [(), (HOST, HOST)], ids=["none", "two"])
def test_exactly_one_host_is_needed(hosts: tuple[tuple[str, str], ...]) -> None:
    """No Host, or two, is refused."""
    assert ask("GET", "/__admin/health", *hosts, host=False)[0] == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost:4010", 200), ("http://localhost:3000", 403), ("https://evil.test", 403), ("null", 403)],
)
def test_only_our_own_origin_may_ask(origin: str, status: int) -> None:
    """A page of another site, or of another port, is refused."""
    assert ask("GET", "/__admin/health", ("Origin", origin))[0] == status


@pytest.mark.parametrize("path", ["/__admin/reset", "/%5f_admin/reset", "/__admi%6E/reset", "/__admin%2Freset"])
def test_the_guard_is_on_the_decoded_route(path: str) -> None:
    """However a path is encoded, what leads to the admin API is guarded."""
    status, _ = ask("POST", path, ("Origin", "https://evil.test"), JSON)

    assert status == 403


@pytest.mark.parametrize("path", ["/", "/x", "/__administration", "/__adm", "/v1/__admin/health"])
def test_other_paths_are_not_the_admin_api(path: str) -> None:
    """Only /__admin and what is below it."""
    assert Admin.route(path) is None


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/__admin/reset"), ("DELETE", "/__admin/journal")])
def test_a_change_needs_json(method: str, path: str, media_type: str) -> None:
    """What a form of another site could send changes nothing."""
    assert ask(method, path, *([("Content-Type", media_type)] if media_type else []))[0] == 415


@pytest.mark.parametrize("path", ["health", "journal", "coverage", "specs", "worlds", "clock"])
def test_no_get_changes_anything(path: str) -> None:
    """Every GET can be sent twice with the same result."""
    assert ask("GET", f"/__admin/{path}") == ask("GET", f"/__admin/{path}")


@pytest.mark.parametrize(
    ("token", "status"), [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401), ("bearer é", 401)]
)
def test_a_token_is_asked_for_where_one_is_set(token: str, status: int) -> None:
    """Beyond loopback nobody gets in without it."""
    headers = [("Authorization", token)] if token else []

    assert ask("GET", "/__admin/health", *headers, guard=Guard(token="right"))[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/__admin/nothing", 404, "/__admin/health"),
        ("GET", "/__admin", 404, "/__admin/health"),
        ("PUT", "/__admin/reset", 405, "allowed: POST"),
        ("GET", "/__admin/specs/none.yaml", 404, '"none"'),
        ("DELETE", "/__admin/worlds/none", 404, 'no world "none"'),
        ("GET", "/w/none/__admin/journal", 404, 'no world "none"'),
        ("GET", "/__admin/journal?statsu=4", 400, "'statsu'"),
        ("GET", "/__admin/journal?limit=-1", 400, "limit=-1"),
        ("GET", "/__admin/journal?invalid=maybe", 400, "invalid=maybe"),
        ("GET", "/__admin/journal?status=9", 400, "the status '9'; write one from 100 to 599, or a class"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(method: str, path: str, status: int, said: str) -> None:
    """Errors are JSON and say what would be right."""
    got, value = ask(method, path, JSON)

    assert got == status
    assert said in value["error"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (b'{"seed": "x"}', "seed is"),
        (b'{"seed": true}', "seed is true"),
        (b'{"clock": "fast"}', "'fast'"),
        (b'{"nmae": "x"}', "'nmae'"),
        (b'{"name": "a/b"}', '"a/b"'),
        (b'{"name": 5}', "name is 5"),
    ],
)
def test_a_world_that_cannot_be_opened_is_refused(body: bytes, said: str) -> None:
    """Each wrong member is named."""
    status, value = ask("POST", "/__admin/worlds", JSON, body=body)

    assert status == 400
    assert said in value["error"]


def test_a_world_can_be_opened_used_and_closed(client: Client) -> None:
    """POST opens one with its own address and seed; DELETE closes it, and late requests are told."""
    opened = client.send("POST", "/__admin/worlds", {"name": "mine", "seed": 5, "clock": "manual"})
    mine = Client(client.server, client.server.worlds.find("mine") or client.world)

    assert (opened.status, opened.json["name"]) == (201, "mine")
    assert opened.json["url"].endswith("/w/mine")
    assert mine.bulk_run().status == 200
    assert (mine.world.settings.seed, mine.world.mode) == (5, "manual")
    names = [world["name"] for world in client.send("GET", "/__admin/worlds").json["worlds"]]
    assert "mine" in names
    assert client.send("DELETE", "/__admin/worlds/mine", b"").status == 200
    assert mine.bulk_run().status == 410


def test_a_world_can_have_fixtures_of_its_own(client: Client) -> None:
    """`fixtures` are loaded for this world alone; a missing one is refused."""
    opened = client.send("POST", "/__admin/worlds", {"name": "other", "fixtures": ["eachlabs/bulk"]})
    missing = client.send("POST", "/__admin/worlds", {"fixtures": ["eachlabs/none"]})

    assert opened.status == 201
    assert (missing.status, "eachlabs/none" in missing.json["error"]) == (400, True)


def test_the_journal_tells_what_happened(client: Client) -> None:
    """Entries come oldest first, with secrets masked, and can be filtered."""
    client.bulk_run()
    client.send("POST", "/vectorshift/v1/pipeline/p1/bulk-run", {"runs": 5}, KEY)
    client.send("GET", "/vectorshift/v1/nowhere")

    def numbers(query: str = "") -> list[int]:
        return [entry["number"] for entry in client.send("GET", f"/__admin/journal{query}").json["entries"]]

    whole = client.send("GET", "/__admin/journal")
    assert whole.json["dropped"] == 0
    assert [entry["status"] for entry in whole.json["entries"]] == [200, 400, 404]
    assert b"vs-test-key" not in whole.body
    assert numbers("?operation=bulkRunPipeline") == [1, 2]
    assert numbers("?operation=POST%20/pipeline/{id}/bulk-run") == [1, 2]
    assert numbers("?status=4xx") == [2, 3]
    assert numbers("?status=404") == [3]
    assert numbers("?invalid=true") == [2, 3]
    assert numbers("?invalid=false") == [1]
    assert numbers("?after=1&limit=1") == [2]
    assert client.send("GET", "/__admin/journal?operation=bulkRun").status == 400
    assert client.send("DELETE", "/__admin/journal", b"").status == 200
    assert numbers() == []


def test_reset_makes_a_new_world(client: Client) -> None:
    """After a reset the journal is empty and the world has the same address."""
    client.bulk_run()

    answer = client.send("POST", "/__admin/reset", {})

    assert (answer.status, answer.json["name"]) == (200, client.world.name)
    assert client.send("GET", "/__admin/journal").json == {"entries": [], "dropped": 0}


def test_specs_are_listed_and_given_as_they_are_served(client: Client) -> None:
    """The effective document has the overlay's operationIds and this world's address."""
    (listed,) = [one for one in client.send("GET", "/__admin/specs").json["specs"] if one["name"] == "vectorshift"]
    answer = client.send("GET", "/__admin/specs/vectorshift.yaml")

    document = yaml.safe_load(answer.body)
    assert answer.headers["Content-Type"] == "application/yaml"
    assert listed["document"].endswith(f"{client.prefix}/__admin/specs/vectorshift.yaml")
    assert document["servers"] == [{"url": listed["url"]}]
    assert document["paths"]["/pipeline/{id}/bulk_run"]["post"]["operationId"] == "bulkRunPipeline"
    assert "/pipeline/{id}/bulk-run" in document["paths"]


def test_the_clock_says_what_time_it_is(client: Client) -> None:
    """Mode, now, and when the next thing is due."""
    assert client.send("GET", "/__admin/clock").json == {
        "mode": "auto",
        "now": "2026-01-01T00:00:00Z",
        "next_due": None,
    }


def test_admin_answers_are_json_text(client: Client) -> None:
    """Even a header that is no text comes out as JSON that everybody can read."""
    client.raw(f"GET {client.prefix}/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ".encode() + b"\xff\r\n\r\n")

    body = client.send("GET", "/__admin/journal").body

    assert json.loads(body.decode("utf-8"))["entries"][0]["status"] == 404
