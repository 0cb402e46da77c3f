"""Requests and answers out of a journal: whole, in order, and good enough to be held against a spec."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.contract.exchanges import exchanges
from mockserver.engine.definition import Definitions
from mockserver.engine.inputs import Advance, Pull, PutStub, Unreadable, Wrote
from mockserver.engine.log import JournalError, Told, line_of, read
from mockserver.engine.messages import Request, Sent, TooLarge
from mockserver.engine.recorder import Recorder
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.stubs import Step, Stub
from mockserver.engine.worlds import Worlds
from mockserver.scenario.model import Event, Fault, Respond
from mockserver.scenario.render import compile_template
from mockserver.vendors.assembly import Wanted
from tests.callers import assembled

SERVICES = assembled(Wanted(vendors=("vectorshift",), shipped_scenarios=False))
PATH = "/vectorshift/v1/pipeline/p/bulk_run"
HEADERS = (("Authorization", "Bearer vs-test-key"), ("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2"))


def recorded(*inputs, worlds=None, keep_body=64 * 1024):
    """The exchanges of a default world that took these inputs, after they were lines."""
    records: list[Mapping[str, Any]] = []
    worlds = worlds or Worlds(SERVICES, Settings(limits=Limits(keep_body=keep_body)))
    recorder = Recorder(records.append, Definitions())
    recorder.header(SERVICES, worlds.settings, "0.1.0")
    worlds.record(recorder)
    for one in inputs:
        worlds.default.apply(one) if not callable(one) else one(worlds)
    return list(exchanges(read(map(line_of, records), "j.jsonl")))


def run(body=b'{"runs": [{"inputs": {"q": 1}}]}', target=PATH, query=""):
    return Request("POST", f"/w/x{target}?{query}", target, query, HEADERS, body)


def stub(then, operation="bulkRunPipeline"):
    return PutStub(Stub(1, operation, frozenset({("vectorshift", operation)}), (Step(then, None),)))


def test_an_exchange_has_all_that_came_and_went():
    """The request with each of its headers and its whole body, and the answer."""
    (one,) = recorded(run(query="a=b"))

    assert (one.method, one.target, one.path, one.query) == ("POST", f"/w/x{PATH}?a=b", PATH, "a=b")
    assert [value for name, value in one.headers if name == "X-A"] == ["1", "2"]
    assert json.loads(one.body) == {"runs": [{"inputs": {"q": 1}}]}
    assert (one.world, one.number, one.at, one.line) == ("", 1, "2026-01-01T00:00:00Z", 3)
    assert (one.service, one.operation, one.status) == ("vectorshift", "bulkRunPipeline", 200)
    assert dict(one.answer_headers)["Content-Type"] == "application/json"
    assert json.loads(one.answer_body)["status"] == "success"


def test_keys_are_masked_and_credentials_keep_their_form():
    """A check can see that there is a credential of the right scheme, and nobody can use it."""
    (one,) = recorded(run())

    scheme, _, key = dict(one.headers)["Authorization"].partition(" ")
    assert scheme == "Bearer"
    assert key.startswith("***")


def test_a_large_body_is_whole():
    """The journal of a world keeps its first part; a file keeps all that came."""
    body = json.dumps({"runs": [{"inputs": {"q": "x" * 5000}}]}).encode()

    (one,) = recorded(run(body), keep_body=100)
    assert one.body == body
    assert one.entry["body_length"] == len(body)


def test_a_body_that_was_not_read_is_none():
    """Too large: its size is known, and nothing else."""
    (one,) = recorded(run(TooLarge(10, 99)))

    assert one.body is None
    assert (one.status, one.entry["body_length"]) == (413, 99)


def test_what_was_wrong_is_there():
    """Violations as the admin API shows them."""
    first, second = recorded(run(b"{}"), Unreadable("it is no HTTP"))

    assert [violation["code"] for violation in first.violations] == ["E101"]
    assert second.is_unreadable
    assert not first.is_unreadable


def test_a_broken_connection_has_no_status():
    """A scripted reset: nothing was answered."""
    (one,) = recorded(stub(Fault("reset")), run())

    assert one.status is None
    assert one.entry["fault"] == "reset"


def test_a_stream_comes_once_and_whole():
    """When it has ended: its request as it came, and all that was sent."""
    events = tuple(Event(compile_template({"n": n}), after=1.0) for n in range(2))
    request = run(b'{"inputs": {}, "stream": true}', "/vectorshift/v1/pipeline/p/run")
    begin = (stub(Respond(events=events), "runPipeline"), request)
    end = (Advance(2.0), Pull(1), Pull(1), Wrote(1, Sent(20, 1.0, 2)))

    later, one = recorded(*begin, run(), *end)
    assert (later.number, one.number) == (2, 1)
    assert one.body == request.body
    assert [value for name, value in one.headers if name == "X-A"] == ["1", "2"]
    assert one.answer_body.count(b"data:") == 2
    (cut_short,) = recorded(*begin)
    assert cut_short.answer_body == b""


def test_worlds_do_not_mix():
    """Each exchange knows its world; a reset begins to count anew."""

    def act(worlds):
        worlds.open("a").apply(run())
        worlds.default.apply(run())
        worlds.reset("a").apply(run())
        worlds.close("a")

    found = recorded(act)
    assert [(one.world, one.number) for one in found] == [("a", 1), ("", 1), ("a", 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"number": "x"},
        {"headers": 5},
        {"status": "x"},
        {"answer": None},
        {"answer": {"headers": {}, "body_base64": "!!"}},
        {"answer": {"headers": {}, "body_base64": "YQ"}},
    ],
    ids=["number", "headers", "status", "no answer", "no base64", "cut base64"],
)
def test_an_entry_that_somebody_changed_is_told_by_its_line(change):
    """It is never read as something else, and it is no crash."""
    entry = {"number": 1, "at": "", "method": "GET", "target": "/a", "headers": {}, "body": "", "status": 200}
    entry |= {"answer": {"headers": {}, "body": ""}}

    assert len(list(exchanges([Told("", entry, 4)], "j.jsonl"))) == 1
    with pytest.raises(JournalError, match=r"^j\.jsonl:4  the entry, or its request, is not what was written; take"):
        list(exchanges([Told("", {**entry, **change}, 4)], "j.jsonl"))
