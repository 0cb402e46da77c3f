"""What a test may write to script answers, and what it is told when it writes what cannot be."""

from datetime import datetime
from typing import Any

import pytest

from mockserver.arguments import ScriptError, here
from mockserver.engine.inputs import PutInputScript, PutStub
from mockserver.engine.stubs import Broke, Computed, InputScript, Matching, Stub, value_differences
from mockserver.errors import FixtureError, Several, SpecError
from mockserver.gate import Gate
from mockserver.scenario.model import MISSING, Fault, Plan, Respond
from mockserver.scripted_input import ScriptedInput
from mockserver.stubbing import ScriptedCalls, matching

OPERATION = "bulkTriggerWorkflow"
GOOD = {"bulk_id": "550e8400-e29b-41d4-a716-446655440000", "executions": [{"status": "failed", "message": "no"}]}


class Stage:
    """Keeps what it is given."""

    def __init__(self):
        self.given = []

    def give(self, given):
        self.given.append(given)

    def entries(self):
        return ()

    def demand(self, found, times, wanted):
        self.given.append((len(found), times, wanted.number))

    def gate(self, stub, at):
        keeper: Any = self  # a gate that nobody waits at asks nothing of it
        return Gate(7, stub, str(at), keeper)

    @property
    def script(self):
        match self.given[-1]:
            case PutStub(stub):
                return stub
            case PutInputScript(script):
                return script


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def on(eachlabs, stage):
    """A stub for each::labs' bulk trigger."""
    operation = eachlabs.world.services[0].document.operation(OPERATION)
    return ScriptedCalls(Stub(1, OPERATION, frozenset({("eachlabs", OPERATION)})), [operation], stage)


@pytest.fixture
def which(stage):
    """The script of one input."""
    return ScriptedInput(InputScript(1, frozenset({"eachlabs"}), Plan(), 0), frozenset({"bulk_id"}), stage)


@pytest.mark.parametrize(
    ("write", "steps"),
    [
        pytest.param(lambda on: on.respond(500), [(500, None)], id="single"),
        pytest.param(lambda on: on.respond(500).respond(503), [(500, 1), (503, 1)], id="chain"),
        pytest.param(lambda on: on.respond(500).times(3), [(500, 3)], id="times"),
        pytest.param(lambda on: on.respond(500).times(2).respond(503), [(500, 2), (503, 1)], id="times-in-chain"),
        pytest.param(lambda on: on.respond(500).respond(503).always(), [(500, 1), (503, None)], id="always"),
        pytest.param(lambda on: on.respond(500).emulate(), [(500, 1), (None, None)], id="emulate"),
        pytest.param(lambda on: on.emulate(), [(None, None)], id="emulate-alone"),
        pytest.param(lambda on: on.reset().timeout(), [("reset", 1), ("timeout", 1)], id="faults"),
        pytest.param(lambda on: on.truncate().garbage().times(2), [("truncate", 1), ("garbage", 2)], id="more-faults"),
    ],
)
def test_a_chain_says_how_often_each_answer_holds(on, stage, write, steps):
    """One alone: for every call; several: once each; `times` and `always` say it themselves."""
    write(on)

    assert [(_name(step.then), step.times) for step in stage.script.steps] == steps


@pytest.mark.parametrize(
    ("write", "steps"),
    [
        pytest.param(lambda on: on.hold(), [(None, None, 7)], id="alone"),
        pytest.param(lambda on: on.respond(500).hold(), [(500, None, 7)], id="single"),
        pytest.param(lambda on: on.respond(500).respond(503).hold(), [(500, 1, 0), (503, 1, 7)], id="chain"),
        pytest.param(lambda on: on.respond(500).times(2).hold(), [(500, 2, 7)], id="times"),
        pytest.param(lambda on: on.reset().emulate().hold(), [("reset", 1, 0), (None, None, 7)], id="emulate"),
    ],
)
def test_a_gate_holds_the_answer_before_it(on, stage, write, steps):
    """Without one, the emulator's own; how often an answer holds stays as it is."""
    gate = write(on)

    assert gate.number == 7
    assert [(_name(step.then), step.times, step.gate) for step in stage.script.steps] == steps


async def _later(call):
    return {}


def _nested(levels):
    value: object = []
    for _ in range(levels - 1):
        value = [value]
    return value


def _name(then):
    match then:
        case Respond():
            return then.status
        case Fault():
            return then.kind
    return None


def test_an_answer_is_taken_over_word_for_word(on, stage):
    """Status, headers, several values of one, Retry-After, and a delay on the world's clock."""
    on.respond(429, headers={"X-A": "1", "Set-Cookie": ["a=1", "b=2"]}, retry_after="2s", delay="1m30s").optional()

    (step,) = stage.script.steps
    assert step.then.headers == (("X-A", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Retry-After", "2"))
    assert (step.then.status, step.then.delay) == (429, 90.0)
    assert stage.script.optional


def test_a_body_is_a_copy_with_placeholders(on, stage):
    """What the test changes later is not sent; `${...}` is filled in as in a fixture."""
    executions = [{"status": "failed", "message": "no ${path.workflowID}"}]
    on.respond(202, json={**GOOD, "executions": executions})
    executions.clear()

    rendered = stage.script.steps[0].then.body.render({"path": {"workflowID": "wf_1"}})
    assert rendered["executions"] == [{"status": "failed", "message": "no wf_1"}]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 202, "json": GOOD}, id="fits"),
        pytest.param({"status": 418, "json": {"any": "thing"}}, id="undeclared-status"),
        pytest.param({"status": 400}, id="error-without-body"),
        pytest.param({"status": 202, "json": {}, "off_contract": "an old version"}, id="says-why"),
        pytest.param({"status": 202, "json": lambda call: {}}, id="function"),
    ],
)
def test_what_the_document_allows_may_be_sent(on, stage, answer):
    """A declared body that fits, a status that is not declared, an error without a body, or a reason."""
    on.respond(**answer)

    assert stage.script.steps[0].then.status == answer["status"]


@pytest.mark.parametrize(
    ("write", "told"),
    [
        pytest.param(
            lambda on: on.respond(202, json={**GOOD, "bulk_id": 5}), "202/body/bulk_id: 5 is not a string", id="schema"
        ),
        pytest.param(lambda on: on.respond(202), "202: the body is missing", id="no-body"),
        pytest.param(lambda on: on.respond(202, text="no"), "202/text: text/plain is not declared", id="media-type"),
        pytest.param(lambda on: on.respond(json={}, text=""), "json and text cannot stand together", id="both"),
        pytest.param(lambda on: on.respond(418, json=datetime), "", id="callable-class"),
        pytest.param(lambda on: on.respond(418, json={1, 2}), "json cannot be sent as JSON", id="no-json"),
        pytest.param(lambda on: on.respond(418, json=float("nan")), "json cannot be sent as JSON", id="nan"),
        pytest.param(
            lambda on: on.respond(418, json=_nested(257)), "it is nested more than 256 levels deep", id="deep"
        ),
        pytest.param(
            lambda on: on.respond(418, json=_nested(900)), "it is nested more than 256 levels deep", id="deeper"
        ),
        pytest.param(lambda on: on.respond(418, delay="soon"), "delay: 'soon' is no duration", id="delay"),
        pytest.param(lambda on: on.respond(418, retry_after="x"), "retry_after: 'x' is no duration", id="retry"),
        pytest.param(
            lambda on: on.respond(418, headers={"Content-Length": "1"}), "is written by the server itself", id="header"
        ),
        pytest.param(lambda on: on.respond(418, json=_later), "json is an async function", id="async"),
        pytest.param(lambda on: on.respond(418).times(0), "cannot hold 0 times", id="times"),
        pytest.param(lambda on: on.times(2), "there is no answer before this", id="nothing-before"),
        pytest.param(lambda on: on.emulate().always(), "there is no answer before this", id="emulate-always"),
        pytest.param(
            lambda on: on.respond(418).always().respond(503), "nothing comes after always()", id="after-always"
        ),
        pytest.param(lambda on: on.emulate().reset(), "nothing comes after emulate()", id="after-emulate"),
        pytest.param(lambda on: (on.hold(), on.hold()), "is held already", id="hold-twice"),
        pytest.param(lambda on: (on.hold(), on.respond(418)), "nothing comes after emulate()", id="after-hold"),
    ],
)
def test_what_cannot_be_raises_at_once(on, write, told):
    """With the line of the test, and what would be right."""
    if not told:
        write(on)
        return
    with pytest.raises(ScriptError) as error:
        write(on)

    assert told in str(error.value)
    assert error.value.at.file.endswith("test_stubbing.py")


def test_all_that_is_wrong_with_a_body_is_told_together(on):
    """One sentence each."""
    with pytest.raises(Several) as error:
        on.respond(202, json={"bulk_id": 5, "executions": []})

    assert len(error.value.errors) == 2


def test_a_placeholder_that_is_none_raises_at_once(on):
    """The line of the test is named, and the spot in the body."""
    with pytest.raises(FixtureError, match=r"test_stubbing.py:\d+  /json/a  unknown name .inpts."):
        on.respond(418, json={"a": "${inpts.x}"})


def test_inputs_get_a_plan(which, stage):
    """Completed with an output, failed with a reason, refused with a message: in a chain one after the other."""
    which.complete({"image": "${bulk_id}.png"})
    assert stage.script.then == ()

    which.fail("Node 'llm' failed").optional().reject("no credits")
    plan, (failed, rejected) = stage.script.plan, stage.script.then
    assert plan.ends == "completed"
    assert plan.output.render({"bulk_id": "b"}) == {"image": "b.png"}
    assert (failed.ends, failed.error.render({})) == ("failed", "Node 'llm' failed")
    assert rejected == Plan(reject="no credits")
    assert stage.script.optional


def test_a_function_makes_the_body_of_each_call():
    """It is given the call, and returns what JSON can hold."""
    assert Computed(lambda call: {"n": (call, 2)}, "t:1").render({"call": 1}) == {"n": [1, 2]}


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (
            lambda call: call["x"],
            "<lambda> at t.py:1 raised TypeError: 'int' object is not subscriptable",
        ),
        (lambda call: pytest.fail("no"), "<lambda> at t.py:1 raised Failed: no"),
        (lambda call: {1, 2}, "<lambda> at t.py:1 returned what cannot be sent as JSON: "),
        (lambda call: float("inf"), "<lambda> at t.py:1 returned what cannot be sent as JSON: "),
        (lambda call: _nested(900), "<lambda> at t.py:1 returned .*: it is nested more than 256 levels deep"),
    ],
)
def test_a_function_that_breaks_is_told(function, told):
    """Never a traceback in the server."""
    with pytest.raises(Broke, match=told):
        Computed(function, "t.py:1").render({"call": 1})


def test_a_broken_function_is_a_broken_script(eachlabs):
    """The client sees a 500, the journal E501 with the line of the stub."""
    targets = frozenset({("eachlabs", OPERATION)})
    stage = Stage()
    operation = eachlabs.world.services[0].document.operation(OPERATION)
    ScriptedCalls(Stub(1, OPERATION, targets), [operation], stage).respond(202, json=lambda call: call.body["nothing"])
    eachlabs.world.apply(stage.given[-1])

    entry = eachlabs.bulk_trigger({})

    assert entry.answer.status == 500
    assert [violation.code for violation in entry.violations] == ["E501"]
    assert "test_stubbing.py:" in entry.violations[0].clause


def test_a_function_whose_answer_breaks_the_document_is_a_broken_script(eachlabs):
    """It is sent as it is, and the journal says what is wrong with it."""
    targets = frozenset({("eachlabs", OPERATION)})
    stage = Stage()
    operation = eachlabs.world.services[0].document.operation(OPERATION)
    ScriptedCalls(Stub(1, OPERATION, targets, at="t.py:1"), [operation], stage).respond(
        202, json=lambda call: {**GOOD, "bulk_id": len(call.body["inputs"])}
    )
    eachlabs.world.apply(stage.given[-1])

    entry = eachlabs.bulk_trigger({}, {})

    assert entry.answer.value["bulk_id"] == 2
    (violation,) = entry.violations
    assert (violation.code, violation.where, violation.said) == ("E501", "/bulk_id", "2")
    assert "stub at t.py:1" in violation.clause


def test_matching_stands_for_all_that_a_schema_accepts():
    """Alone it says what is wrong; inside a literal it is equal or not."""
    wanted = matching({"type": "object", "properties": {"n": {"type": "integer"}}})

    assert isinstance(wanted, Matching)
    assert value_differences(wanted, {"n": 1}, "body") == []
    assert [str(each) for each in value_differences(wanted, {"n": "x"}, "body")] == [
        'body/n  wanted an integer, got "x"'
    ]
    assert value_differences({"a": [wanted]}, {"a": [{"n": 1}]}, "body") == []
    (difference,) = value_differences({"a": [wanted]}, {"a": [{"n": "x"}]}, "body")
    assert difference.where == "body/a/0"
    assert difference.wanted.startswith('matching({"type": "object"')
    assert value_differences(wanted, MISSING, "body")[0].said == "nothing"


def test_matching_takes_schemas_only():
    """The line of the test is named."""
    with pytest.raises(SpecError, match=r"test_stubbing.py:\d+"):
        matching({"type": "objekt"})


@pytest.mark.parametrize(
    ("predicate", "told"),
    [
        (lambda body: body["n"] == 2, 'body  wanted what <lambda> accepts, got {"n": 1}'),
        (lambda body: body["x"], "body  wanted what <lambda> accepts (it raised KeyError: 'x'), got {\"n\": 1}"),
    ],
)
def test_a_predicate_that_says_no_or_breaks_does_not_fit(predicate, told):
    """What it raises is told in the near miss; the server goes on."""
    assert [str(each) for each in value_differences(predicate, {"n": 1}, "body")] == [told]


def test_here_is_the_line_that_asks():
    """Relative to where pytest runs."""
    assert str(here()).endswith(f"tests/test_stubbing.py:{here().line}")
