"""What a test asks of executions that no script speaks for, by function call."""

from pathlib import Path

import pytest

from mockserver.engine.inputs import PutInputScript, PutOutcomes, PutStub
from mockserver.engine.outcomes import Made, Outcomes
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.engine.world import World
from mockserver.openapi.load import load
from mockserver.scenario.model import Plan, Respond
from mockserver.scenario.render import compile_template
from tests.callers import answer, caller

INPUTS = [{"n": number} for number in range(10)]
ROOT = Path(__file__).parents[2]
OVERLAY = """\
overlay: 1.0.0
info: {title: An example, version: "1"}
actions:
  - target: >-
      $.paths['/pipeline/{id}/bulk_run'].post.responses['200'].content['application/json'].schema.properties
      .run_outputs.items.properties.outputs
    description: what a run gives
    x-evidence: guess
    update: {example: {summary: short}}
"""
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def ask(one, **asked):
    one.world.apply(PutOutcomes(one.world.services[0].name, Outcomes(**asked)))


def use(one, function, *, takes_call=False):
    ask(one, outputs=Made(function, takes_call, "test_x.py:7"))


def ends(one, *inputs):
    """How the executions of one bulk trigger will end, by what their input says."""
    one.bulk_trigger(*inputs)
    one.world.clock.advance_to(one.world.clock.now + 60)
    return {execution.input["n"]: execution.state for execution in one.world.executions.all}


def outputs(one, *inputs):
    return [run["outputs"] for run in answer(one.bulk_run(*inputs))["run_outputs"]]


def test_a_share_of_the_executions_fails(eachlabs):
    """They are queued like any other, and fail in the vendor's own words."""
    ask(eachlabs, failed=0.4)

    entries = answer(eachlabs.bulk_trigger(*INPUTS))["executions"]
    eachlabs.world.clock.advance_to(eachlabs.world.clock.now + 60)

    assert {entry["status"] for entry in entries} == {"queued"}
    failed = [one for one in eachlabs.world.executions.all if one.state == "failed"]
    assert 0 < len(failed) < 10
    assert failed[0].error["error"] == "ExecutionFailed"


def test_the_share_is_kept():
    """Of a thousand inputs a fifth, give or take."""
    one = caller("eachlabs")
    ask(one, failed=0.2)
    for start in range(0, 1000, 10):
        one.bulk_trigger(*({"n": start + number} for number in range(10)))
    one.world.clock.advance_to(one.world.clock.now + 60)

    assert 160 < sum(execution.state == "failed" for execution in one.world.executions.all) < 240


def test_who_fails_does_not_depend_on_the_order():
    """Chance is keyed by the input, not by who came before."""
    forth, back = caller("eachlabs"), caller("eachlabs")
    ask(forth, failed=0.5)
    ask(back, failed=0.5)

    assert ends(forth, *INPUTS) == ends(back, *reversed(INPUTS))


def test_another_seed_lets_others_fail():
    """The seed of the world is part of the key."""
    found = []
    for seed in (1, 2):
        one = caller("eachlabs", settings=Settings(seed=seed))
        ask(one, failed=0.5)
        found.append(ends(one, *INPUTS))

    assert found[0] != found[1]


def test_ids_and_values_stay_those_of_the_happy_path(eachlabs):
    """Whoever fails: the others answer as they would without."""
    ask(eachlabs, failed=0.5)

    assert eachlabs.bulk_trigger(*INPUTS).answer.body == caller("eachlabs").bulk_trigger(*INPUTS).answer.body


def test_a_share_of_the_inputs_is_refused(eachlabs):
    """At the door: a failed entry, and nothing starts."""
    ask(eachlabs, rejected=0.5)

    entries = answer(eachlabs.bulk_trigger(*INPUTS))["executions"]

    refused = [entry for entry in entries if entry["status"] == "failed"]
    assert 0 < len(refused) < 10
    assert refused[0] == {"status": "failed", "message": "invalid input: not accepted"}
    assert len(eachlabs.world.executions.all) == 10 - len(refused)


def test_both_shares_are_of_the_same_whole(eachlabs):
    """Nobody is left when they add up to one."""
    ask(eachlabs, failed=0.5, rejected=0.5)

    assert set(ends(eachlabs, *INPUTS).values()) == {"failed"}
    assert 0 < len(eachlabs.world.executions.all) < 10


def test_a_run_that_fails_gives_no_outputs(vectorshift):
    """In the way of a vendor whose runs end within the call."""
    ask(vectorshift, failed=1.0)

    entry = vectorshift.bulk_run({"q": "a"})

    assert answer(entry)["status"] == "failed"
    assert answer(entry)["run_outputs"][0]["outputs"] == {}
    assert entry.violations == ()


def test_scripts_win_over_chance(eachlabs):
    """An input that a test scripted goes as it says."""
    ask(eachlabs, failed=1.0)
    script = InputScript(1, frozenset({"eachlabs"}), Plan(ends="completed"), 1)
    eachlabs.world.apply(PutInputScript(script))

    assert ends(eachlabs, {"n": 0}, {"n": 1}) == {0: "failed", 1: "completed"}


def test_scenarios_win_over_chance():
    """What a fixture says of an input is said."""
    one = caller("eachlabs", shipped_scenarios=True)
    ask(one, rejected=1.0)
    entries = [answer(one.bulk_trigger({"prompt": "x"}, workflow=name))["executions"][0] for name in ("wf_mixed", "w")]

    assert [entry["status"] for entry in entries] == ["queued", "failed"]


def test_stubs_win_over_outcomes(eachlabs):
    """A verbatim answer starts nothing."""
    asked: list[object] = []
    use(eachlabs, asked.append)
    stub = Stub(1, "bulkTriggerWorkflow", frozenset({("eachlabs", "bulkTriggerWorkflow")}), (Step(Respond(503)),))
    eachlabs.world.apply(PutStub(stub))

    assert eachlabs.bulk_trigger({}).answer.status == 503
    assert asked == []


def test_a_function_makes_the_outputs(vectorshift, eachlabs):
    """From the input as `where=` sees it; at both kinds of vendors."""
    use(vectorshift, lambda run: {"echo": run["inputs"]["q"]})
    use(eachlabs, lambda given: [given["n"] * 2])
    eachlabs.bulk_trigger({"n": 1}, {"n": 2})

    assert outputs(vectorshift, {"q": "a"}, {"q": 5}) == [{"echo": "a"}, {"echo": 5}]
    assert [execution.output for execution in eachlabs.world.executions.all] == [[2], [4]]


def test_a_function_of_two_arguments_sees_the_call(vectorshift):
    """The whole decoded call."""
    use(vectorshift, lambda run, call: {"id": call.path["id"], "of": len(call.body["runs"])}, takes_call=True)

    assert outputs(vectorshift, {"q": "a"}) == [{"id": "p1", "of": 1}]


def test_a_function_cannot_change_what_came(eachlabs):
    """It gets a copy of the input."""
    use(eachlabs, lambda given: given.pop("n"))
    eachlabs.bulk_trigger({"n": 1})

    assert [(one.input, one.output) for one in eachlabs.world.executions.all] == [({"n": 1}, 1)]


def test_a_function_is_not_asked_in_vain(eachlabs):
    """Not for an output that is scripted, nor for what is refused or fails."""
    asked: list[object] = []
    use(eachlabs, asked.append)
    for number, plan in enumerate([Plan(output=compile_template("own")), Plan(reject="no"), Plan(ends="failed")]):
        eachlabs.world.apply(PutInputScript(InputScript(number, frozenset({"eachlabs"}), plan, number)))
    plan = Plan(ends="completed", after=5.0)
    eachlabs.world.apply(PutInputScript(InputScript(4, frozenset({"eachlabs"}), plan, 3)))
    eachlabs.bulk_trigger(*INPUTS[:5])

    assert asked == [{"n": 3}, {"n": 4}]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda given: given["x"], "<lambda> at test_x.py:7 raised KeyError: 'x'; input {} got a random output"),
        (lambda given: {1, 2}, "<lambda> at test_x.py:7 returned what cannot be sent as JSON: *; input {} got *"),
        (lambda given: float("nan"), "<lambda> at test_x.py:7 returned what cannot be sent as JSON: *"),
    ],
    ids=["raises", "no-json", "nan"],
)
@pytest.mark.parametrize("vendor", ["vectorshift", "eachlabs"])
def test_a_function_that_breaks_is_a_broken_script(vendor, function, told):
    """E501 for each input, at the function's place; the answer is as good as any."""
    one, plain = caller(vendor), caller(vendor)
    use(one, function)
    post = "bulk_run" if vendor == "vectorshift" else "bulk_trigger"

    entry = getattr(one, post)({"n": 0}, {"n": 1})

    assert entry.answer.body == getattr(plain, post)({"n": 0}, {"n": 1}).answer.body
    assert [violation.code for violation in entry.violations] == ["E501", "E501"]
    for number, violation in enumerate(entry.violations):
        begin, _, end = told.format(number).partition("*")
        assert violation.clause.startswith(begin)
        assert end.strip("*") in violation.clause


def test_a_single_trigger_takes_outcomes_too(eachlabs):
    """It is one input like any other."""
    use(eachlabs, lambda given: given["x"])

    entry = eachlabs.post("/wf_1/trigger", {"inputs": {"n": 1}})

    assert entry.answer.status == 202
    assert [violation.code for violation in entry.violations] == ["E501"]


def test_an_output_that_breaks_the_document_is_sent_and_told(vectorshift):
    """As it is, with the function's place."""
    use(vectorshift, lambda run: "no object")

    entry = vectorshift.bulk_run({"q": "a"})

    assert answer(entry)["run_outputs"][0]["outputs"] == "no object"
    assert [violation.code for violation in entry.violations] == ["E501"]
    assert "outputs.use(...) at test_x.py:7" in entry.violations[0].clause


def test_the_example_of_the_schema_is_the_output(eachlabs):
    """Where it has one; else a value is drawn as always."""
    for name, more in (("wf_1", {"example": {"n": 42}}), ("wf_2", {})):
        one = eachlabs.world
        one.declare(
            one.services[0].vendor,
            "workflows",
            name,
            one.services[0].vendor.resource("workflows", name, {"output_schema": {**SCHEMA, **more}}),
        )
    ask(eachlabs, outputs="example")
    plain = [eachlabs.bulk_trigger({}, workflow=name) for name in ("wf_1", "wf_2")]

    given, drawn = (execution.output for execution in eachlabs.world.executions.all)
    assert all(entry.violations == () for entry in plain)
    assert given == {"n": 42}
    assert isinstance(drawn["n"], int)


def test_the_example_of_the_document_is_the_output(tmp_path):
    """An overlay may give one where the vendor has none; without one a value is drawn as always."""
    overlay = tmp_path / "example.overlay.yaml"
    overlay.write_text(OVERLAY, "utf-8")
    one, plain = caller("vectorshift"), caller("vectorshift")
    (service,) = one.world.services
    shipped = Path("specs/vectorshift/pipeline.yaml"), Path("specs/vectorshift/pipeline.overlay.yaml")
    loaded = load(ROOT / shipped[0], name="vectorshift", overlays=(ROOT / shipped[1], overlay))
    one.world = World((service.but(document=loaded),), one.world.settings)
    ask(one, outputs="example")
    ask(plain, outputs="example")

    assert outputs(one, {"q": "a"}, {"q": "b"}) == [{"summary": "short"}] * 2
    assert outputs(plain, {"q": "a"}) == outputs(caller("vectorshift"), {"q": "a"})
