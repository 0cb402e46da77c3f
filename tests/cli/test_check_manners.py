"""`mockserver check JOURNAL --manners`: how the clients of a journal behaved, as `run` and pytest find it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import data
from mockserver.cli.main import main
from mockserver.engine.inputs import Advance, Attempted, Dial
from mockserver.engine.messages import Request
from mockserver.engine.worlds import Worlds
from mockserver.server import Server
from tests.contract.orders import ORDERS

BULK = "/eachlabs/api/v1/wf_1/bulk-trigger"
INPUTS = {"inputs": [{"prompt": "a"}, {"prompt": "b"}]}
BUSY = """\
format: 1
vendor: eachlabs
resources: {workflows: {"*": {}}}
scenarios:
- name: busy
  operation: bulkTriggerWorkflow
  then:
    sequence:
    - {respond: {status: 429, headers: {Retry-After: '30'}, body: {error: later}, off_contract: it is busy}}
    - {executions: [{}]}
"""


def check(*words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(["check", *words], {}, out), out.getvalue()


def post(body: Any, path: str = BULK) -> Request:
    """A request with the key that works."""
    headers = (("X-API-Key", "el-test-key"), ("X-Key", "k"), ("Content-Type", "application/json"))
    return Request("POST", path, path, headers=headers, body=json.dumps(body).encode())


def get(path: str) -> Request:
    """One that reads."""
    return Request("GET", path, path, headers=(("X-API-Key", "el-test-key"),))


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes `j.jsonl`, where we are then: what this does to the worlds of a server."""
    monkeypatch.chdir(tmp_path)

    def record(use: Callable[[Worlds], Any], **settings: Any) -> None:
        with Server(journal=Path("j.jsonl"), **settings) as server:
            server.run(lambda: use(server.worlds))

    return record


def nuisance(worlds: Worlds) -> None:
    """What a client with bad manners does: E303, E304 and E307."""
    world = worlds.default
    world.apply(post({}))
    world.apply(post({}))
    started = json.loads(world.apply(post(INPUTS)).answer.body)
    id = started["executions"][0]["execution_id"]
    for _ in range(20):
        world.apply(get(f"/eachlabs/api/v1/executions/{id}"))
    world.apply(post(INPUTS))


def found(name: str = "r.json") -> list[tuple[str, str]]:
    """Code and severity of each finding of a report about manners."""
    record = json.loads(Path(name).read_text("utf-8"))
    return [(one["code"], one["severity"]) for one in record["findings"] if one["code"].startswith("E3")]


def test_a_journal_tells_how_its_clients_behaved(recorded: Callable[..., None]) -> None:
    """As warnings, each with its request and the line of the journal."""
    recorded(nuisance)

    code, text = check("j.jsonl", "--report", "json=r.json")

    assert code == 1  # of the bad bodies
    assert found() == [("E303", "warning"), ("E304", "warning"), ("E307", "warning")]
    assert "#2 after #1: sent again unchanged, although the answer had been 400" in text
    lines = Path("j.jsonl").read_text("utf-8").splitlines()
    repeated = next(i for i, line in enumerate(lines, 1) if '"record":"entry"' in line and '"number":2,' in line)
    assert f"see also j.jsonl:{repeated}\n" in text


def pays_twice(worlds: Worlds) -> None:
    """Submits what has completed: E307, and nothing else."""
    worlds.default.apply(post(INPUTS))
    worlds.default.apply(Advance(3600.0))
    worlds.default.apply(post(INPUTS))


@pytest.mark.parametrize(
    ("words", "code", "severities"),
    [
        ((), 0, ["warning"]),
        (("--strict",), 1, ["warning"]),
        (("--manners", "fail"), 1, ["error"]),
        (("--manners", "off"), 0, []),
        (("--manners", "off", "--strict"), 0, []),
    ],
    ids=["as it is", "strict", "fail", "off", "off and strict"],
)
def test_what_manners_lead_to_can_be_chosen(
    recorded: Callable[..., None], words: tuple[str, ...], code: int, severities: list[str]
) -> None:
    """As for `run`."""
    recorded(pays_twice)

    assert check("j.jsonl", *words, "--report", "json=r.json")[0] == code
    assert [severity for _, severity in found()] == severities


def test_a_client_that_came_back_too_soon_fails(recorded: Callable[..., None]) -> None:
    """E301 is an error, also with `--manners off`: the answer said how long to wait."""

    def hurries(worlds: Worlds) -> None:
        for _ in range(2):
            worlds.default.apply(post(INPUTS))
            worlds.default.apply(Advance(10.0))

    Path("busy.yaml").write_text(BUSY, "utf-8")
    recorded(hurries, clock="manual", fixtures=["busy.yaml"])

    code, text = check("j.jsonl", "--manners", "off")

    assert code == 1
    assert "sent again after 10s, Retry-After asked for 30s" in text


def test_each_world_is_looked_at_when_it_ends(recorded: Callable[..., None]) -> None:
    """One that was closed, one that was reset, and one that was open at the end; numbers begin anew in each."""

    def three(worlds: Worlds) -> None:
        for world in (worlds.open("first"), worlds.default):
            world.apply(post({}))
            world.apply(post({}))
        worlds.close("first")
        worlds.reset()
        worlds.default.apply(post({}))
        worlds.default.apply(post({}))

    recorded(three)

    _, text = check("j.jsonl")

    assert text.count("error E101") == 1
    assert "and 2 more like it" in text.partition("warning E303")[2].partition("mend it")[0]


def test_manners_are_those_of_the_documents_of_then(recorded: Callable[..., None]) -> None:
    """Whatever the traffic is held against: of other services nothing is told."""
    recorded(nuisance)

    check("j.jsonl", "--spec", "eachlabs", "--report", "json=same.json")
    code, _ = check("j.jsonl", "--spec", "vectorshift", "--report", "json=other.json")

    assert found("same.json") == [("E303", "warning"), ("E304", "warning"), ("E307", "warning")]
    assert (code, found("other.json")) == (3, [])


def test_a_document_by_a_new_name_gets_only_what_it_knows(recorded: Callable[..., None]) -> None:
    """Of a journal of several: what was for the others is passed over, and is no unknown path."""
    other = Request("GET", "/vectorshift/v1/pipelines", "/vectorshift/v1/pipelines")
    recorded(lambda worlds: [worlds.default.apply(one) for one in (post(INPUTS), other)])
    Path("tomorrow.yaml").write_bytes((data.specs_dir() / "eachlabs" / "engine.yaml").read_bytes())

    code, text = check("j.jsonl", "--spec", "tomorrow.yaml")

    assert code == 0
    assert "1 request was for other addresses and passed over: /vectorshift/v1/pipelines" in text
    assert text.endswith("no findings in 1 request\n")


def test_documents_that_are_others_now_are_told(recorded: Callable[..., None]) -> None:
    """In one remark; the traffic is held all the same."""
    Path("orders.yaml").write_text(ORDERS, "utf-8")
    order = post({}, "/orders/v1/orders")
    recorded(
        lambda worlds: [worlds.default.apply(order), worlds.default.apply(order)], specs=((None, Path("orders.yaml")),)
    )

    before = check("j.jsonl")[1]
    Path("orders.yaml").write_text(ORDERS.replace("title: Orders", "title: New"), "utf-8")
    code, after = check("j.jsonl")

    assert "warning E303" in before
    assert "warning E303" not in after
    assert "j.jsonl: manners, webhooks (E301 to E307) and ends of executions were not looked at: " in after
    assert "the document of orders is another now" in after
    assert code == 1


def test_webhooks_that_were_given_up_are_told(recorded: Callable[..., None]) -> None:
    """E302, as `run` finds it, at the line of the last attempt; also with a secret that the journal does not hold."""

    def nobody_listens(worlds: Worlds) -> None:
        world = worlds.default
        world.apply(post({**INPUTS, "webhook_url": "http://127.0.0.1:9/hook", "webhook_secret": "own-secret"}))
        for _ in range(3):
            world.apply(Advance(3600.0))
            world.apply(Dial(1e9))
            for id in world.outbox.under_way:
                world.apply(Attempted(id, None, "connection refused"))

    recorded(nobody_listens, clock="manual")

    code, text = check("j.jsonl", "--manners", "off")
    other, _ = check("j.jsonl", "--spec", "vectorshift")

    assert code == 1
    assert "error E302: webhook attempts were used up without a 2xx\n  POST http://127.0.0.1:9/hook" in text
    assert "3 attempts, the last connection refused\n    see also j.jsonl:" in text
    assert other == 3


def test_what_was_not_as_it_is_makes_manners_uncertain(recorded: Callable[..., None]) -> None:
    """A world that cannot be repeated for certain has notes, and a remark says where it begins to differ."""
    recorded(nuisance)
    text = Path("j.jsonl").read_text("utf-8")
    Path("j.jsonl").write_text(text.replace('"digest":"', '"digest":"0', 1), "utf-8")

    _, told = check("j.jsonl", "--report", "json=r.json", "--manners", "fail")

    assert {severity for _, severity in found()} == {"note"}
    assert "j.jsonl: manners, webhooks and ends of executions are not certain, as not all is as it was: line " in told
