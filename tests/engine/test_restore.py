"""Worlds from records: they answer the same bytes, and whatever is not exact is told."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.engine.definition import Definitions
from mockserver.engine.delivery import DEFAULT_SECRET, DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import (
    AddReplies,
    AddScenarios,
    Advance,
    Arrive,
    Attempted,
    ClearJournal,
    Declare,
    Dial,
    DropScenarios,
    Freeze,
    Jump,
    Pull,
    PutDeliveryScript,
    PutInputScript,
    PutOutcomes,
    PutStub,
    Release,
    Resend,
    Serve,
    Tick,
    Unreadable,
    Wrote,
)
from mockserver.engine.log import Header, JournalError, line_of, read
from mockserver.engine.messages import Request, Sent
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.recorder import Recorder
from mockserver.engine.restore import fitting, pick_up, restore
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.signing import Signing
from mockserver.engine.stubs import Computed, InputScript, Step, Stub
from mockserver.engine.worlds import Worlds
from mockserver.errors import Place, UsageError
from mockserver.scenario.model import Event, Plan, Respond, Scenario, When
from mockserver.scenario.render import compile_template
from mockserver.vendors.assembly import Wanted
from tests.callers import assembled

SERVICES = assembled(Wanted(shipped_scenarios=False))
KEYS = (("Authorization", "Bearer vs-test-key"), ("X-API-Key", "el-test-key"), ("Content-Type", "application/json"))
BULK = ("eachlabs", "bulkTriggerWorkflow")


class Book:
    """Worlds that are recorded, and what was."""

    def __init__(self, settings=Settings(seed=3)):
        self.records: list[Mapping[str, Any]] = []
        self.worlds = Worlds(SERVICES, settings)
        recorder = Recorder(self.records.append, Definitions())
        recorder.header(SERVICES, settings, "0.1.0")
        self.worlds.record(recorder)

    @property
    def lines(self):
        return [line_of(record) for record in self.records]

    def restored(self, lines=None):
        """New worlds from the lines, and what became of them."""
        worlds = Worlds(SERVICES, self.worlds.settings)
        return worlds, restore(read(lines or self.lines, "j.jsonl"), worlds, Sources(), Definitions(), "j.jsonl")


class Sources:
    def services(self, fixtures):
        raise AssertionError("no world has fixtures of its own")

    def document(self, name, file, mounts):
        return next(one for one in SERVICES if one.document.place("").file == file).but(name=name)


def trigger(*inputs, path="/eachlabs/api/v1/wf_1/bulk-trigger", **more):
    return Request("POST", path, path, "", KEYS, json.dumps({"inputs": list(inputs), **more}).encode())


def run(text, **more):
    path = "/vectorshift/v1/pipeline/p/bulk_run"
    return Request("POST", path, path, "", KEYS, json.dumps({"runs": [{"inputs": {"q": text}}], **more}).encode())


def stub(number, then, operation=BULK, **more):
    return Stub(number, operation[1], frozenset({operation}), (Step(then, gate=more.pop("gate", 0)),), **more)


STREAM = Respond(200, events=tuple(Event(compile_template({"n": n}), after=1.0) for n in range(3)))
SCENARIO = Scenario("busy", "bulkRunPipeline", When(body_has={"runs": [{}]}), Respond(503), Place("f.yaml", 3))
HOOK = "http://127.0.0.1:9/hook"
GIVEN = {
    "requests": [trigger({"a": 1}), run("x"), trigger({"a": 1}), Request("GET", "/nowhere", "/nowhere")],
    "no http": [Unreadable("it begins with nothing", "GET")],
    "a stub": [PutStub(stub(1, Respond(429, headers=(("Retry-After", "2"),)))), trigger({"a": 1})],
    "a gate": [PutStub(stub(1, None, gate=4)), trigger({"a": 1}), Release(4), trigger({"a": 2})],
    "a stream": [
        PutStub(stub(1, STREAM, ("vectorshift", "runPipeline"))),
        replace(run("x"), path="/vectorshift/v1/pipeline/p/run", body=b'{"inputs": {}, "stream": true}'),
        Advance(1.0),
        Pull(1),
        Advance(1.0),
        Pull(1),
        Wrote(1, Sent(20, 1.0, 2, cut_off=True)),
    ],
    "an input script": [PutInputScript(InputScript(1, frozenset({"eachlabs"}), Plan(reject="no"), 1)), trigger({}, {})],
    "a chain of an input": [
        PutInputScript(InputScript(1, frozenset({"eachlabs"}), Plan(reject="no"), 0, then=(Plan(ends="failed"),))),
        *(trigger({}), trigger({}), trigger({})),
    ],
    "outcomes": [PutOutcomes("eachlabs", Outcomes(failed=0.5)), trigger({"a": 1}, {"a": 2}, {"a": 3}), Advance(60)],
    "webhooks": [
        PutDeliveryScript("eachlabs", DeliveryScript(copies=2, signing=Signing("hmac", (DEFAULT_SECRET,)))),
        trigger({"a": 1}, webhook_url=HOOK),
        Advance(60.0),
        Dial(1e9),
        AddReplies("app", (Reply(500),)),
        Arrive("app", 1e9, run("hook")),
    ],
    "time": [Freeze(), Advance(5.0), Jump(1_767_225_700.0, "because", explicit=True), trigger({})],
    "scenarios": [AddScenarios("vectorshift", (SCENARIO,)), run("x"), DropScenarios(), run("x")],
    "what exists": [Declare("eachlabs", "workflows", "wf_1", {"versions": ["v2"]}), trigger({}, version="v9")],
    "a document": [
        Serve(SERVICES[0].but(name="twin", mounts=("/twin",))),
        run("x"),
        ClearJournal(),
        run("x"),
    ],
}


def attempts(world):
    """What became of the deliveries that are under way: the second fails for good."""
    for number, id in enumerate(world.outbox.under_way):
        world.apply(Attempted(id, 410 if number else 200, ms=1.5, answer=b"ok"))
        world.apply(Resend(id))


@pytest.mark.parametrize("inputs", GIVEN.values(), ids=GIVEN)
def test_a_restored_world_is_the_one_that_was_recorded(inputs):
    """All that a world can take in: the same journal, deliveries and time, and the same bytes for the next request."""
    book = Book()
    for one in inputs:
        book.worlds.default.apply(one)
    attempts(book.worlds.default)

    worlds, restored = book.restored()
    before, after = book.worlds.default, worlds.default
    assert restored.inexact == ()
    assert not restored.untold
    assert after.clock.now == before.clock.now
    assert after.outbox.all == before.outbox.all
    assert after.inboxes.received("app") == before.inboxes.received("app")
    assert [(one.request, one.answer.body, one.sent) for one in after.journal.entries] == [
        (one.request, one.answer.body, one.sent) for one in before.journal.entries
    ]
    for one in (trigger({"a": 1}, {"b": 2}), run("y")):
        assert after.apply(one).answer == before.apply(one).answer


@pytest.mark.parametrize(
    "given",
    [
        trigger({"a": 1}, webhook_url=HOOK, webhook_secret="own-secret"),
        trigger({"prompt": "x", "api_key": "own"}, {"login": {"password": 5}}),
        trigger({"from": "http://me:own@127.0.0.1/"}),
    ],
    ids=["of webhooks", "of inputs", "in addresses"],
)
def test_what_is_drawn_does_not_hang_on_a_secret(given):
    """A file has fingerprints in the place of secrets: what a client got to know its executions by is the same."""
    book = Book()
    book.worlds.default.apply(given)

    worlds, restored = book.restored()

    assert restored.inexact == ()
    assert worlds.default.outbox.all == book.worlds.default.outbox.all


def test_no_key_is_in_the_lines():
    """Keys of clients and secrets of webhooks: fingerprints stand for them."""
    book = Book()
    own = PutDeliveryScript("eachlabs", DeliveryScript(signing=Signing("secret", ("own-secret",))))
    for one in (own, trigger({}, webhook_secret="own-secret"), *(one for inputs in GIVEN.values() for one in inputs)):
        book.worlds.default.apply(one)

    text = b"".join(book.lines).decode()
    assert not [key for key in ("vs-test-key", "el-test-key", DEFAULT_SECRET, "own-secret") if key in text]


def test_worlds_are_opened_reset_and_closed_as_they_were():
    """Each with its own seed and clock; names that were given are not given again."""
    book = Book()
    first = book.worlds.open(seed=9, clock="manual")
    book.worlds.open("b")
    book.worlds.close("b", "tests/test_x.py::test_b")
    first.apply(run("x"))
    book.worlds.reset("world-1")

    worlds, _ = book.restored()
    assert worlds.names == ("", "world-1")
    again = worlds.find("world-1")
    assert again is not None
    assert again.settings == first.settings
    assert again.journal.entries == ()
    assert worlds.locate("/w/b/x").closed == "tests/test_x.py::test_b"
    assert worlds.open().name == "world-2"


def test_what_is_reported_to_a_world_that_was_left_is_not_its_successors():
    """An answer that is written after a reset belongs to no world any more."""
    book = Book()
    left = book.worlds.default
    left.apply(run("x"))
    book.worlds.reset()
    count = len(book.records)

    left.apply(Wrote(1, Sent(1, 1.0)))
    assert len(book.records) == count


def test_a_refused_move_is_refused_again():
    """A clock that may not be moved raised an error then, and changes nothing now."""
    book = Book(Settings(clock="real"))
    with pytest.raises(UsageError):
        book.worlds.default.apply(Advance(5.0))
    book.worlds.default.apply(Tick(1_767_225_700.0))

    worlds, restored = book.restored()
    assert restored.inexact == ()
    assert worlds.default.clock.now == 1_767_225_700.0


def test_a_request_without_its_answer_is_taken_and_told():
    """Killed between the two records: the world has it, and its entry can be written."""
    book = Book()
    entry = book.worlds.default.apply(run("x"))

    _, restored = book.restored(book.lines[:-1])
    assert [one.answer.body for one in restored.untold] == [entry.answer.body]


def test_a_function_of_a_test_cannot_be_repeated_and_that_is_told():
    """The stub, by its line; and the request that it answered, which the emulator answers now."""
    book = Book()
    body = Computed(lambda call: {"bulk_id": "b", "executions": []}, "t.py:3")
    book.worlds.default.apply(PutStub(stub(1, Respond(202, body=body), at="t.py:3")))
    book.worlds.default.apply(trigger({}))

    _, restored = book.restored()
    assert [str(one) for one in restored.inexact] == [
        "line 2, the default world: PutStub cannot be repeated: the function <lambda> at t.py:3",
        "line 4, the default world: request #1 is answered otherwise now",
    ]


def test_missing_records_are_told_and_what_can_be_restored_is():
    """A disk was full: worlds whose beginning is missing are passed over, others go on."""
    book = Book()
    book.worlds.open("a").apply(run("x"))
    book.worlds.default.apply(run("x"))
    lines = book.lines
    gap = line_of({"record": "lost", "count": 1})

    worlds, restored = book.restored([lines[0], gap, *lines[2:]])
    assert worlds.names == ("",)
    assert len(worlds.default.journal.entries) == 1
    assert str(restored.inexact[0]) == "line 2: 1 record is missing: it could not be written"
    assert str(restored.inexact[1]) == "line 3, world a: its beginning is among the missing records"


def test_what_was_under_way_is_given_up_or_tried_again():
    """Nobody will report what a server that was killed was about to do."""
    book = Book()
    for one in [*GIVEN["a stream"][:4], *GIVEN["webhooks"][:4]]:
        book.worlds.default.apply(one)

    worlds, _ = book.restored()
    assert worlds.default.streams.numbers == (1,)
    assert len(worlds.default.outbox.under_way) == 2
    pick_up(worlds)
    assert worlds.default.streams.numbers == ()
    assert not worlds.default.outbox.is_open


@pytest.mark.parametrize(
    ("settings", "services", "said"),
    [
        (Settings(seed=4), SERVICES, "recorded with seed 3, and seed 4 is asked for; say --seed 3"),
        (Settings(seed=3, clock="real"), SERVICES, "recorded with clock auto, and clock real is asked for"),
        (Settings(seed=3, limits=Limits(max_depth=9)), SERVICES, "recorded with other limits"),
        (Settings(seed=3), SERVICES[:1], "it is of vectorshift, eachlabs, eachlabs-api, and vectorshift is served"),
        (
            Settings(seed=3),
            (*SERVICES[:2], SERVICES[2].but(fixtures=())),
            "the fixtures of eachlabs-api are others",
        ),
        (
            Settings(seed=3),
            (SERVICES[0].but(document=SERVICES[1].document), *SERVICES[1:]),
            "the document of vectorshift is another now",
        ),
    ],
    ids=["seed", "clock", "limits", "services", "fixtures", "document"],
)
def test_another_world_is_not_restored(settings, services, said):
    """What it was recorded with, and what is served now."""
    header = next(read(Book().lines, "j.jsonl"))

    assert isinstance(header, Header)
    with pytest.raises(JournalError) as refused:
        fitting(header, Worlds(services, settings), Definitions(), "j.jsonl")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"record": "input", "world": "x", "input": {"is": "Freeze"}}, 'there is no world "x" at this line'),
        ({"record": "input", "world": "", "input": {"is": "Frieze"}}, "the input is no input that this version knows"),
        ({"record": "reset", "world": "x"}, 'there is no world "x" at this line'),
        ({"record": "opened", "world": "a/b", "seed": 1, "clock": "auto", "start": 1.0, "services": None}, "in a URL"),
    ],
    ids=["world", "input", "reset", "name"],
)
def test_an_edited_line_is_named(record, said):
    """Where it is and what is wrong, in one line."""
    with pytest.raises(JournalError) as refused:
        Book().restored([Book().lines[0], line_of(record)])

    assert str(refused.value).startswith("j.jsonl:2  ")
    assert said in str(refused.value)
