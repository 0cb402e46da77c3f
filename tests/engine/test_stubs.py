"""Stubs and scripts: who answers, how often, and what is left over."""

import pytest
from msgspec.structs import replace

from mockserver.engine.decide import near_misses
from mockserver.engine.inputs import PutInputScript, PutStub
from mockserver.engine.messages import Spoken
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.scenario.model import Fault, Plan, Respond
from mockserver.scenario.render import compile_template
from tests.callers import answer

TARGET = frozenset({("vectorshift", "bulkRunPipeline")})
EACHLABS = frozenset({"eachlabs"})


def put(world, number, *steps, **more):
    world.apply(PutStub(Stub(number, "bulkRunPipeline", TARGET, steps, at=f"test_x.py:{number}", **more)))


def statuses(caller, count):
    return [caller.bulk_run({"q": "a"}).answer.status for _ in range(count)]


def test_a_chain_answers_link_by_link_and_then_the_emulator(vectorshift):
    """A used-up stub no longer fits, and the journal says so."""
    put(vectorshift.world, 1, Step(Respond(500)), Step(Respond(429), times=2))

    assert statuses(vectorshift, 4) == [500, 429, 429, 200]
    assert vectorshift.world.journal.entries[-1].notes == ("stub at test_x.py:1 fitted but was used up",)


def test_the_newest_stub_that_fits_answers(vectorshift):
    """A later stub takes precedence, an earlier one follows when it is used up."""
    put(vectorshift.world, 1, Step(Respond(500), times=None))
    put(vectorshift.world, 2, Step(Respond(429)))

    assert statuses(vectorshift, 3) == [429, 500, 500]


def test_emulate_ends_a_chain(vectorshift):
    """From there on the emulator's own behaviour, which is never left over."""
    put(vectorshift.world, 1, Step(Respond(503, off_contract="outage")), Step(None, times=None))

    assert statuses(vectorshift, 3) == [503, 200, 200]


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"body": {"runs": [{"inputs": {"q": "a"}}]}}, True),
        ({"body": {"runs": [{"inputs": {"q": "b"}}]}}, False),
        ({"body": {"runs": []}}, False),
        ({"body": lambda body: len(body["runs"]) == 1}, True),
        ({"path": {"id": "p1"}}, True),
        ({"path": {"id": "p2"}}, False),
        ({"headers": {"content-TYPE": "application/json"}}, True),
    ],
    ids=["body", "other body", "length", "predicate", "path", "other path", "header"],
)
def test_a_stub_fits_by_partial_literals_and_predicates(vectorshift, more, fits):
    """Every key given must be there; lists have equal length."""
    put(vectorshift.world, 1, Step(Respond(500)), **more)

    assert (statuses(vectorshift, 1) == [500]) is fits


def test_near_misses_say_what_differs(vectorshift):
    """The report and the decision come from one function."""
    put(vectorshift.world, 1, Step(Respond(500)), path={"id": "p2"})
    entry = vectorshift.bulk_run({"q": "a"})

    (miss,) = near_misses(entry.call, vectorshift.world)

    assert miss.source == "stub at test_x.py:1"
    assert "p1" in str(miss.differences[0])
    assert "p2" in str(miss.differences[0])


@pytest.mark.parametrize(
    ("steps", "used", "left"),
    [
        ((Step(Respond(), times=None),), 0, "scripted and never called"),
        ((Step(Respond(), times=None),), 1, ""),
        ((Step(Respond()), Step(Respond())), 1, "1 of 2 scripted answers left over"),
        ((Step(Respond(), times=3),), 3, ""),
        ((Step(Respond()), Step(None, None)), 0, "scripted and never called"),
        ((Step(Respond()), Step(None, None)), 1, ""),
        ((Step(None, None, gate=1),), 0, "scripted and never called"),
        ((Step(None, None, gate=1),), 3, ""),
        ((Step(Respond()), Step(None, None, gate=1)), 1, "1 of 2 scripted answers left over"),
    ],
)
def test_what_was_scripted_and_not_asked_for_is_left_over(steps, used, left):
    """E201 is made from this."""
    assert Stub(1, "op", TARGET, steps).left_over(used) == left
    assert Stub(1, "op", TARGET, steps, optional=True).left_over(used) == ""


def test_a_fault_is_handed_to_the_shell(vectorshift):
    """The engine decides, the shell plays it."""
    put(vectorshift.world, 1, Step(Fault("reset")))

    entry = vectorshift.bulk_run({"q": "a"})

    assert entry.answer.fault == "reset"
    assert entry.violations == ()


def test_a_delay_moves_a_virtual_clock(vectorshift):
    """The client does not wait."""
    put(
        vectorshift.world,
        1,
        Step(Respond(200, body=compile_template({"status": "success", "run_outputs": []}), delay=90.0)),
    )
    before = vectorshift.world.clock.now

    vectorshift.bulk_run({"q": "a"})

    assert vectorshift.world.clock.now == before + 90.0


def test_an_answer_that_breaks_the_spec_is_sent_and_recorded(vectorshift):
    """E501 with the script's line; `off_contract` lifts it."""
    wrong = compile_template({"status": "done"})
    put(vectorshift.world, 1, Step(Respond(200, body=wrong)), Step(Respond(200, body=wrong, off_contract="old server")))

    first, second = vectorshift.bulk_run({"q": "a"}), vectorshift.bulk_run({"q": "a"})

    assert answer(first) == {"status": "done"}
    assert {violation.code for violation in first.violations} == {"E501"}
    assert "test_x.py:1" in first.violations[0].clause
    assert second.violations == ()


def test_one_input_can_be_scripted(eachlabs):
    """By its index, or by what it looks like; the others go their way."""
    eachlabs.world.apply(PutInputScript(InputScript(1, frozenset({"eachlabs"}), Plan(reject="no credits"), index=1)))
    eachlabs.world.apply(
        PutInputScript(InputScript(2, frozenset({"eachlabs"}), Plan(reject="bad style"), where={"style": "x"}))
    )

    body = answer(eachlabs.bulk_trigger({"prompt": "a"}, {"prompt": "b"}, {"prompt": "c", "style": "x"}))

    assert [one.get("message") for one in body["executions"]] == [None, "no credits", "bad style"]
    assert eachlabs.world.used("input", 1) == eachlabs.world.used("input", 2) == 1


def test_a_chain_of_outcomes_holds_once_each(eachlabs):
    """For the inputs that are like it, in their order; when it is used up the script before it speaks again."""
    eachlabs.world.apply(PutInputScript(InputScript(1, EACHLABS, Plan(reject="older"), where={"n": 1})))
    chain = InputScript(2, EACHLABS, Plan(reject="first"), where={"n": 1}, then=(Plan(), Plan(reject="third")))
    eachlabs.world.apply(PutInputScript(chain))

    first = answer(eachlabs.bulk_trigger({"n": 1}, {"n": 2}, {"n": 1}))
    second = answer(eachlabs.bulk_trigger({"n": 1}, {"n": 1}))

    told = [one.get("message") for one in (*first["executions"], *second["executions"])]
    assert told == ["first", None, None, "third", "older"]


@pytest.mark.parametrize(
    ("used", "left"),
    [(0, "it spoke for no input"), (1, "2 of 3 scripted outcomes left over"), (3, "")],
)
def test_a_chain_of_outcomes_is_asked_for_to_its_end(used, left):
    """Else it is left over, unless it is optional."""
    chain = InputScript(1, EACHLABS, Plan(reject="a"), 0, then=(Plan(reject="b"), Plan(reject="c")))

    assert chain.left_over(used) == left
    assert replace(chain, optional=True).left_over(used) == ""


def test_the_entry_says_which_script_spoke_for_which_input(vectorshift):
    """Of a call that a script refused too."""
    scripts = [
        InputScript(1, frozenset({"vectorshift"}), Plan(ends="failed"), index=0, at="t.py:1"),
        InputScript(2, frozenset({"vectorshift"}), Plan(reject="no"), where={"inputs": {"q": 2}}, at="t.py:2"),
    ]
    for script in scripts:
        vectorshift.world.apply(PutInputScript(script))

    spoken = [vectorshift.bulk_run(*({"q": n} for n in range(count))).spoken for count in (2, 3)]
    nothing = vectorshift.bulk_run()

    first = Spoken(0, 1, "input(0) at t.py:1")
    assert spoken == [(first,), (first, Spoken(2, 2, "input(where=...) at t.py:2"))]
    assert nothing.spoken == ()


def test_a_run_can_be_given_outputs_or_fail(vectorshift):
    """The failed run has no outputs and the whole says failed."""
    plans = {
        0: Plan(output=compile_template({"o": "${inputs.q}", "n": 3})),
        1: Plan(ends="failed", error=compile_template("Node 'llm' failed")),
    }
    for index, plan in plans.items():
        vectorshift.world.apply(PutInputScript(InputScript(index, frozenset({"vectorshift"}), plan, index=index)))

    entry = vectorshift.bulk_run({"q": "a"}, {"q": "b"})

    assert answer(entry)["status"] == "failed"
    assert [run["outputs"] for run in answer(entry)["run_outputs"]] == [{"o": "a", "n": 3}, {}]
    assert any("Node 'llm' failed" in note for note in entry.notes)
    assert entry.answer.status == 200


def test_an_output_that_breaks_the_spec_is_the_scripts_fault(vectorshift):
    """E501 with the line of `input(i)`, not E902."""
    plan = Plan(output=compile_template({"a": {"x": 1}}))
    script = InputScript(1, frozenset({"vectorshift"}), plan, index=0, at="test_x.py:7")
    vectorshift.world.apply(PutInputScript(script))

    entry = vectorshift.bulk_run({"q": "a"})

    assert {violation.code for violation in entry.violations} == {"E501"}
    assert "input(0) at test_x.py:7" in entry.violations[0].clause


@pytest.mark.parametrize("kind", ["truncate", "garbage"])
def test_a_spoilt_answer_is_the_one_that_would_have_come(vectorshift, kind):
    """Half of it, or its head with something else behind it."""
    put(vectorshift.world, 1, Step(Fault(kind)))

    entry = vectorshift.bulk_run({"q": "a"})

    assert (entry.answer.status, entry.answer.fault) == (200, kind)
    assert (b'"run_outputs"' in entry.answer.body) is (kind == "truncate")


@pytest.mark.parametrize("kind", ["reset", "timeout"])
def test_nothing_is_sent_when_the_connection_breaks(vectorshift, kind):
    """So there is no status, and nothing was run."""
    put(vectorshift.world, 1, Step(Fault(kind)))

    entry = vectorshift.bulk_run({"q": "a"})

    assert (entry.answer.status, entry.answer.body) == (0, b"")
