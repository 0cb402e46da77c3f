"""Which calls came nearest to a script: what a test is told of them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.engine.inputs import PutInputScript, PutStub
from mockserver.engine.messages import Entry
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.failures import Findings, LeftOver, report
from mockserver.scenario.model import Plan, Respond
from mockserver.seen import Background, journal, nearest, remarks
from tests.callers import Caller, caller

OPERATION = "bulkTriggerWorkflow"
WANTED = {"login": {"password": "a"}, "n": 1}
SCRIPTS = {
    "a stub": Stub(1, OPERATION, frozenset({("eachlabs", OPERATION)}), body={"inputs": [WANTED]}),
    "a script of inputs": InputScript(1, frozenset({"eachlabs"}), Plan(reject="no"), where=WANTED),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_of_a_secret_that_differs_nothing_is_told(eachlabs, script):
    """That it differs is enough; what differs beside it is shown, and so is what is missing."""
    world = eachlabs.world
    background = Background(world.services, world.secrets, {"eachlabs": "eachlabs_mock"}, "mockserver", "world t-1")
    entry = eachlabs.bulk_trigger({"login": {"password": "s3cr3t-value"}, "n": 2})
    empty = eachlabs.bulk_trigger({"login": {}, "n": 1})

    told = "\n".join(nearest(script, [entry], background, "eachlabs"))
    of_empty = "\n".join(nearest(script, [empty], background, "eachlabs"))

    assert 'login/password  wanted "a", got ***' in told
    assert "n  wanted 1, got 2" in told
    assert "s3cr3t" not in told
    assert 'login/password  wanted "a", got nothing' in of_empty


def test_an_input_that_another_script_took_names_it(eachlabs):
    """The newest script that fits speaks; the one below it is told who that was."""
    older, newer = _script(1, where={"n": 1}), _script(2, where={"n": 1})
    _put(eachlabs, older, newer)
    entry = eachlabs.bulk_trigger({"n": 0}, {"n": 1})

    assert _told(older, eachlabs, entry)[1:] == ["  input 1 was taken by input(where=...) at t.py:2"]


def test_a_call_that_another_script_refused_names_it(vectorshift):
    """It was refused because its inputs were looked at."""
    older, newer = _script(1, index=0), _script(2, index=0)
    _put(vectorshift, older, newer)
    entry = vectorshift.bulk_run({"q": 1})

    assert _told(older, vectorshift, entry)[1:] == ["  refused with 400: input 0 was taken by input(0) at t.py:2"]


@pytest.mark.parametrize("which", [{"index": 0}, {"where": {"n": 1}}])
def test_a_script_that_came_after_its_input_is_told_so(eachlabs, which):
    """Nobody took it, and it fits."""
    entry = eachlabs.bulk_trigger({"n": 1})

    assert _told(_script(1, **which), eachlabs, entry)[1:] == ["  input 0 fits, and came before this was scripted"]


def test_inputs_of_a_call_that_a_stub_answered_were_not_looked_at(eachlabs):
    """The stub is named."""
    targets = frozenset({("eachlabs", OPERATION)})
    eachlabs.world.apply(PutStub(Stub(1, OPERATION, targets, (Step(Respond(503, off_contract="x")),), at="t.py:9")))
    entry = eachlabs.bulk_trigger({"n": 1})

    assert _told(_script(2, index=0), eachlabs, entry)[1:] == [
        "  stub at t.py:9 answered it before its inputs were looked at"
    ]


def test_a_call_that_the_script_spoke_in_is_none_that_came_near(eachlabs):
    """The rest of its chain is left over; the others are shown."""
    chain = InputScript(1, frozenset({"eachlabs"}), Plan(ends="failed"), where={"n": 1}, then=(Plan(),))
    _put(eachlabs, chain)
    entries = [eachlabs.bulk_trigger({"n": 1}), eachlabs.bulk_trigger({"n": 2})]

    assert _told(chain, eachlabs, *entries) == [
        "request #2  POST /wf_1/bulk-trigger   bulkTriggerWorkflow",
        "  input 0/n  wanted 1, got 2",
    ]


def test_the_calls_that_had_the_others_of_a_chain_are_named(eachlabs):
    """The input was not submitted again."""
    chain = InputScript(7, frozenset({"eachlabs"}), Plan(ends="failed"), 0, at="t.py:3", then=(Plan(ends="completed"),))
    _put(eachlabs, chain)
    left = LeftOver(chain, chain.left_over(1), "the_mock", (eachlabs.bulk_trigger({"n": 0}),))
    background = Background(eachlabs.world.services, eachlabs.world.secrets, {}, "mockserver", "")

    assert report(Findings(left=(left,)), background).splitlines() == [
        "E201 a scripted answer was left over: input(0) at t.py:3 (the_mock, strict)",
        "  1 of 2 scripted outcomes left over: #1 got the other",
        "  allow it: .optional()     explain: mockserver explain E201",
    ]


def test_calls_without_inputs_did_not_come_near(eachlabs):
    """Neither those that start nothing nor those that were refused without a body; alone they are counted."""
    script = _script(1, index=5)
    bulk = eachlabs.bulk_trigger({})
    reads = [eachlabs.send("GET", f"/executions/{id}") for id in (_started(bulk), "nobody")]
    refused = eachlabs.bulk_trigger()

    assert _told(script, eachlabs, bulk, *reads, refused) == [
        "request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow",
        "  has 1 input, counted from 0",
        "request #4  POST /wf_1/bulk-trigger   bulkTriggerWorkflow",
        "  refused with 400 before its inputs were looked at",
    ]
    assert _told(script, eachlabs, *reads) == ["2 calls reached the_mock, none with inputs: getExecution"]


def test_a_body_that_the_journal_cut_is_not_told_as_refused():
    """What was in it is not known any more."""
    small = caller("eachlabs", settings=Settings(limits=Limits(keep_body=10)))
    small.bulk_trigger({"n": 1})

    assert _told(_script(1, index=5), small, *small.world.journal.entries)[1:] == [
        "  the journal kept only the beginning of its body"
    ]


@pytest.mark.parametrize(
    ("where", "runs", "told"),
    [
        pytest.param(
            {"q": 7},
            [{"q": 3}, {"q": 7}],
            ['input 1 has q at /inputs/q: write where={"inputs": {"q": ...}}'],
            id="deeper",
        ),
        pytest.param(
            {"q": 7, "r": 1},
            [{"q": 3, "r": 1}],
            [
                'input 0 has q, r at /inputs/q, /inputs/r: write where={"inputs": {"q": ..., "r": ...}}',
                "input 0/inputs/q  wanted 7, got 3",
            ],
            id="deeper-and-different",
        ),
        pytest.param(
            {"run": {"inputs": {"q": 7}}},
            [{"q": 7}],
            ['input 0 has inputs at /inputs: write where={"inputs": ...}'],
            id="higher",
        ),
        pytest.param({"q": 7}, [{"r": 7}], ["input 0/q  wanted 7, got nothing"], id="nowhere"),
        pytest.param(
            {"q": 7, "r": 1},
            [{"q": 7}],
            ["input 0/q  wanted 7, got nothing", "input 0/r  wanted 1, got nothing"],
            id="in-part",
        ),
        pytest.param({"inputs": {"q": 7}}, [{"q": 3}], ["input 0/inputs/q  wanted 7, got 3"], id="level"),
    ],
)
def test_what_stands_on_another_level_is_told_with_its_place(vectorshift, where, runs, told):
    """Once, and not for each input that does not have it."""
    entry = vectorshift.bulk_run(*runs)

    lines = [line.strip() for line in _told(_script(1, where=where), vectorshift, entry)[1:]]
    assert lines == told


def _script(number: int, **which: Any) -> InputScript:
    services = frozenset({"eachlabs", "vectorshift"})
    return InputScript(number, services, Plan(reject="no"), at=f"t.py:{number}", **which)


def _put(caller: Caller, *scripts: InputScript) -> None:
    for script in scripts:
        caller.world.apply(PutInputScript(script))


def _started(entry: Entry) -> str:
    return str(entry.answer.value["executions"][0]["execution_id"])


def _told(script: InputScript, caller: Caller, *entries: Entry) -> list[str]:
    world = caller.world
    return nearest(script, entries, Background(world.services, world.secrets, {}, "mockserver", ""), "the_mock")


@pytest.fixture
def background(eachlabs):
    """What the plugin would know of this world."""
    world = eachlabs.world
    return Background(world.services, world.secrets, {"eachlabs": "eachlabs_mock"}, "mockserver", "world t-1")


def test_a_misspelt_name_is_among_the_remarks_and_said_once(eachlabs, background):
    """Also of a test that passed. What is alike of many requests is one line, and a few lines are enough."""
    same = [eachlabs.bulk_trigger({}, webhookUrl="") for _ in range(8)]
    others = [eachlabs.bulk_trigger({}, **{f"webhook_url{number}": ""}) for number in range(30)]

    one, *more = remarks([*same, *others], background)

    assert one == "#1, #2, #3, ..., #8  /webhookUrl is not in the document; did you mean webhook_url?"
    assert len(more) == 10
    assert more[-1] == "and 21 more notes"


def test_the_journal_of_a_mock_that_nobody_called_says_so(eachlabs, background):
    """The likeliest reason is beside it; where one request came, there is nothing to say."""
    nobody = journal([], 0, background, raised=True).splitlines()

    assert nobody == [
        "world t-1: 0 requests",
        "  0 calls reached eachlabs_mock; was the client built before patch_env()?",
    ]
    assert "patch_env" not in journal([eachlabs.bulk_trigger({})], 0, background, raised=True)
    assert "patch_env" not in journal([], 3, background, raised=True)
    assert "patch_env" not in journal([], 0, background)


def test_a_world_without_a_mock_that_a_test_asked_for_is_called_by_its_name(background):
    """Several mocks stand in one sentence."""
    both = {"eachlabs": "eachlabs_mock", "eachlabs-api": "eachlabs_mock", "vectorshift": "vectorshift_mock"}

    assert "0 calls reached mockserver;" in journal([], 0, replace(background, names={}), raised=True)
    both_mocks = replace(background, names=both)
    assert "0 calls reached eachlabs_mock, vectorshift_mock;" in journal([], 0, both_mocks, raised=True)
