"""Each input as JSON and back: nothing of it is lost, and what cannot be written says so."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from mockserver.engine import inputs
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.inputform import SHAPES, Unrepeatable, from_json, to_json
from mockserver.engine.inputs import (
    AddScenarios,
    Arrive,
    Declare,
    Input,
    PutInputScript,
    PutOutcomes,
    PutStub,
    Serve,
)
from mockserver.engine.messages import Request, Sent, TooLarge
from mockserver.engine.outcomes import Made, Outcomes
from mockserver.engine.signing import Signing
from mockserver.engine.stubs import Computed, InputScript, Matching, Step, Stub
from mockserver.errors import Place
from mockserver.scenario import model
from mockserver.scenario.model import (
    MISSING,
    Event,
    Executions,
    Fault,
    Plan,
    Random,
    Respond,
    Scenario,
    Sequence,
    When,
)
from mockserver.scenario.render import compile_template
from mockserver.stubbing import matching
from tests.callers import caller

LONGEST_LIST = 3

texts = st.text(max_size=12)  # surrogates too: addresses come as they come
numbers = st.integers(0, 10**6)
seconds = st.floats(0, 1e9)
bodies = st.binary(max_size=20) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))
pairs = st.lists(st.tuples(texts, texts), max_size=LONGEST_LIST).map(tuple)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=LONGEST_LIST) | st.dictionaries(texts, inner, max_size=LONGEST_LIST),
    max_leaves=6,
)
objects = st.dictionaries(texts, plain, max_size=LONGEST_LIST)
templates = st.sampled_from(["x", "${body.runs.0}", "$${x} and ${headers.X-Y}", {"a": ["${inputs.q}", 1]}, None]).map(
    compile_template
)
maybe_template = templates | st.just(MISSING)
requests = st.builds(
    Request,
    texts,
    texts,
    texts,
    texts,
    pairs,
    bodies | st.builds(TooLarge, numbers, st.none() | numbers),
    texts,
)
events = st.lists(st.builds(Event, maybe_template, texts, seconds, texts, texts), max_size=2).map(tuple)
responds = st.builds(
    Respond,
    numbers,
    pairs,
    maybe_template,
    st.none() | texts,
    seconds,
    seconds,
    texts,
    st.none() | events,
    st.sampled_from([None, "last", "repeat"]),
    st.sampled_from([None, "reset", "timeout"]),
)
faults = st.builds(Fault, st.sampled_from(["reset", "timeout", "truncate", "garbage"]), seconds, seconds)
plans = st.tuples(
    st.none() | st.just((("queued", 1.0), ("running", (2.0, 9.0)))),
    st.none() | seconds,
    st.sampled_from([None, "failed"]),
    maybe_template,
    maybe_template,
    st.none() | texts,
    objects,
    st.none() | events,
).map(lambda said: Plan(*said))
executions = st.builds(Executions, st.lists(plans, max_size=2).map(tuple), st.sampled_from(["last", "pass"]))
thens = st.recursive(
    responds | faults | executions,
    lambda inner: (
        st.builds(Sequence, st.lists(inner, max_size=2).map(tuple))
        | st.builds(Random, st.lists(st.tuples(seconds, inner), max_size=2).map(tuple))
    ),
    max_leaves=3,
)
strings = st.dictionaries(texts, texts, max_size=2)
whens = st.tuples(strings, objects, strings, st.none(), plain | st.just(MISSING)).map(lambda said: When(*said))
scenarios = st.builds(Scenario, texts, texts, whens, thens, st.builds(Place, texts, numbers, numbers, texts), texts)
scripts = st.builds(
    DeliveryScript,
    copies=st.integers(0, 2),
    after=seconds,
    tamper=st.sampled_from(["", "body"]),
    order=st.just((2, 0, 1)) | st.just(()),
    wait=st.none() | st.just((0.0, 5.0)),
    signing=st.none() | st.builds(Signing, st.just("hmac"), st.just(("one", "two"))),
    missing_header=st.none() | texts,
)
stubs = st.builds(
    Stub,
    numbers,
    texts,
    st.frozensets(st.tuples(texts, texts), max_size=2),
    st.lists(st.builds(Step, responds | faults | st.none(), st.none() | numbers, numbers), max_size=2).map(tuple),
    objects,
    objects,
    plain | st.just(MISSING),
    st.booleans(),
    texts,
)
input_scripts = st.builds(
    InputScript,
    numbers,
    st.frozensets(texts, max_size=2),
    plans,
    st.none() | numbers,
    plain | st.just(MISSING),
    st.booleans(),
    texts,
    st.lists(plans, max_size=2).map(tuple),
)
outcomes = st.builds(Outcomes, st.sampled_from(["random", "example"]), st.floats(0, 1), st.floats(0, 1), texts)
replies = st.builds(Reply, numbers, pairs, st.none() | bodies, st.sampled_from([None, "reset"]), texts)

EACH = {
    Request: requests,
    inputs.Unreadable: st.builds(inputs.Unreadable, texts, texts),
    inputs.Wrote: st.builds(inputs.Wrote, numbers, st.builds(Sent, numbers, seconds, numbers, st.booleans())),
    inputs.Pull: st.builds(inputs.Pull, numbers),
    inputs.Advance: st.builds(inputs.Advance, seconds),
    inputs.Jump: st.builds(inputs.Jump, seconds, texts, st.booleans()),
    inputs.Freeze: st.builds(inputs.Freeze),
    inputs.Tick: st.builds(inputs.Tick, seconds),
    PutStub: st.builds(PutStub, stubs),
    PutInputScript: st.builds(PutInputScript, input_scripts),
    PutOutcomes: st.builds(PutOutcomes, texts, outcomes),
    inputs.Release: st.builds(inputs.Release, numbers),
    inputs.SendWebhook: st.builds(inputs.SendWebhook, texts, texts, texts, plain | st.just(MISSING)),
    Declare: st.builds(Declare, texts, texts, texts, objects),
    Serve: st.just(Serve(caller("eachlabs").world.services[0])),
    AddScenarios: st.builds(AddScenarios, texts, st.lists(scenarios, max_size=2).map(tuple)),
    inputs.DropScenarios: st.builds(inputs.DropScenarios),
    inputs.ClearJournal: st.builds(inputs.ClearJournal),
    inputs.PutDeliveryScript: st.builds(inputs.PutDeliveryScript, texts, scripts),
    inputs.Dial: st.builds(inputs.Dial, seconds),
    inputs.Attempted: st.builds(
        inputs.Attempted, texts, st.none() | numbers, texts, seconds, bodies, st.none() | seconds, st.booleans()
    ),
    inputs.Resend: st.builds(inputs.Resend, texts),
    Arrive: st.builds(Arrive, texts, seconds, requests),
    inputs.AddReplies: st.builds(inputs.AddReplies, texts, st.lists(replies, max_size=2).map(tuple), st.booleans()),
}


def made_of(service):
    return {"name": "here"}


def no_service(said):
    raise AssertionError("no document is served in it")


def one_word(call):
    return "word"


def there_and_back(one):
    """An input after it was a line of a file."""
    services = {"here": one.service} if isinstance(one, Serve) else {}
    line = json.dumps(to_json(one, made_of))
    return from_json(json.loads(line), lambda said: services[said["name"]])


def test_every_kind_of_input_is_tried():
    """Whoever adds an input adds it here: a journal that does not know it would not restore its world."""
    assert set(EACH) == set(get_args(Input))


def test_all_that_a_scenario_can_say_is_known():
    """Scenarios are added while a server runs: whoever adds a word to them adds it here."""
    said = {
        one
        for one in vars(model).values()
        if isinstance(one, type) and issubclass(one, Struct) and one.__module__ == model.__name__
    }

    assert said - {model.Fixture} <= set(SHAPES.values())


@pytest.mark.parametrize("kind", EACH, ids=lambda kind: kind.__name__)
def test_an_input_comes_back_as_it_was(kind):
    """Whatever is in it: the line of a journal gives the same value again."""

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(EACH[kind])
    def holds(one):
        assert there_and_back(one) == one

    holds()


def test_a_schema_comes_back_as_one_that_judges_alike():
    """`matching` inside a partial literal, and the schema of a scenario's `when.body`."""
    schema = {"type": "string", "minLength": 3}
    checker = matching(schema).checker
    stub = Stub(1, "run", frozenset(), body={"runs": [matching(schema)]})
    when = When(body=checker)

    (wanted,) = there_and_back(PutStub(stub)).stub.body["runs"]
    assert isinstance(wanted, Matching)
    assert [wanted == text for text in ("ab", "abc")] == [False, True]
    (scenario,) = there_and_back(AddScenarios("a", (Scenario("s", "run", when, Respond(), Place("f.yaml")),))).scenarios
    assert [scenario.when.body.fits(text) for text in ("ab", "abc")] == [False, True]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            PutStub(Stub(1, "run", frozenset(), (Step(Respond(body=Computed(one_word, "t.py:3"))),), at="t.py:3")),
            "the function one_word at t.py:3",
        ),
        (PutStub(Stub(1, "run", frozenset(), body=callable, at="t.py:4")), "the function callable at t.py:4"),
        (PutInputScript(InputScript(1, frozenset(), Plan(), where={"q": object()})), "an object of the type object"),
        (PutOutcomes("a", Outcomes(Made(len, False, "t.py:5"))), "the function len at t.py:5"),
        (inputs.Advance(float("inf")), "an object of the type float"),
    ],
    ids=["body", "predicate", "literal", "outputs", "number"],
)
def test_what_only_python_knows_says_so(one, said):
    """A function of a test cannot be written to a file: what it is, and the line of the test."""
    with pytest.raises(Unrepeatable) as refused:
        to_json(one, made_of)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    "value",
    [{}, [], None, {"is": "Nobody"}, {"is": "Wrote"}, {"is": "Tick", "when": 1}, {"is": "Place", "file": "x"}],
    ids=str,
)
def test_what_is_no_input_is_refused(value):
    """An edited line is a ValueError with a sentence, whatever it is."""
    with pytest.raises(ValueError, match="is no input"):
        from_json(value, no_service)
