"""VectorShift's single run, spoken to by function call: values and files in, outputs or the vendor's errors out."""

import base64
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.engine.inputs import Declare, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.errors import FixtureError, Several
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from mockserver.vendors.assembly import Wanted, assemble
from tests.callers import answer, caller

B = "----boundary"
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


def run(one, value, pipeline="p1"):
    return one.post(f"/pipeline/{pipeline}/run", value)


def part(name, data, filename=None):
    file = f'; filename="{filename}"' if filename else ""
    return f'--{B}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"


def form(one, *parts):
    body = b"".join(parts) + f"--{B}--\r\n".encode()
    return one.send("POST", "/pipeline/p1/run", body, {"Content-Type": f"multipart/form-data; boundary={B}"})


def file(data, name):
    metadata = {"name": name} if name else {}
    return {"type": "file", "raw_bytes": base64.b64encode(data).decode(), "metadata": metadata}


def taken(entry):
    assert entry.answer.status == 200, entry.answer.body
    assert entry.violations == ()
    return entry.call.body


def scripted(one, **plan):
    one.world.apply(PutInputScript(InputScript(1, frozenset({"vectorshift"}), Plan(**plan), 0)))


def test_a_run_is_answered_with_its_id_and_outputs(vectorshift):
    """The documented shape; without a script every run succeeds."""
    entry = run(vectorshift, {"inputs": {"q": "a"}})

    body = answer(entry)
    assert entry.violations == ()
    assert set(body) == {"status", "run_id", "outputs"}
    assert body["status"] == "success"
    assert re.fullmatch("[0-9a-f]{24}", body["run_id"])


@pytest.mark.parametrize("body", [{}, {"inputs": {}}, {"inputs": {"q": 5, "l": [1], "z": None}}])
def test_no_input_is_required(vectorshift, body):
    """The schema requires none."""
    assert taken(run(vectorshift, body)) == body


def test_the_same_inputs_give_the_same_outputs_whatever_else_was_sent():
    """Session and trace ids and addresses are new each time a client runs; its outputs are not."""
    more: list[dict[str, Any]] = [
        {},
        {"session_id": "s", "trace_id": "t"},
        {"webhook_url": "http://127.0.0.1:5/x", "stream_all_outputs": True},
    ]
    bodies = [answer(run(caller("vectorshift"), {"inputs": {"q": 1}, **one})) for one in more]
    other = answer(run(caller("vectorshift"), {"inputs": {"q": 2}}))

    assert {body["run_id"] for body in bodies} == {bodies[0]["run_id"]} != {other["run_id"]}
    assert [body["outputs"] for body in bodies] == [bodies[0]["outputs"]] * 3


def test_what_the_sdk_sends_beside_the_inputs_is_recorded(vectorshift):
    """And `trace_id` is given back."""
    sent = {
        "inputs": {"q": "x"},
        "session_id": "s1",
        "node_input_overrides": {"llm.system": "pirate"},
        "send_intermediate_results": False,
        "version": "latest",
        "trace_id": "t1",
    }

    entry = run(vectorshift, sent)

    assert taken(entry) == sent
    assert answer(entry)["trace_id"] == "t1"


def test_documented_and_bare_names_of_files_come_to_the_same(vectorshift):
    """`inputs.NAME` is in the pages, NAME is what the SDK sends."""
    documented = form(vectorshift, part("inputs", b'{"q": "x"}'), part("inputs.doc", b"AAAA", "a.txt"))
    bare = form(vectorshift, part("inputs", b'{"q": "x"}'), part("doc", b"AAAA", "a.txt"))
    alone = form(vectorshift, part("doc", b"AAAA", "a.txt"))

    assert taken(documented) == taken(bare) == {"inputs": {"q": "x", "doc": file(b"AAAA", "a.txt")}}
    assert taken(alone) == {"inputs": {"doc": file(b"AAAA", "a.txt")}}


def test_a_single_run_has_no_runs(vectorshift):
    """A field of that name is one like any other, and files are its inputs all the same."""
    entry = form(vectorshift, part("runs", b"[{}]"), part("doc", b"AAAA", "a.txt"))

    assert taken(entry) == {"inputs": {"doc": file(b"AAAA", "a.txt")}, "runs": "[{}]"}


def test_fields_of_a_form_are_typed(vectorshift):
    """As the SDK writes them: booleans in lower case, objects as JSON."""
    entry = form(
        vectorshift,
        part("inputs", b'{"q": "x"}'),
        part("session_id", b"1"),
        part("send_intermediate_results", b"false"),
        part("node_input_overrides", b'{"llm.system": "pirate"}'),
        part("conversation_id", b"c1"),
    )

    assert taken(entry) == {
        "inputs": {"q": "x"},
        "session_id": "1",
        "send_intermediate_results": False,
        "node_input_overrides": {"llm.system": "pirate"},
        "conversation_id": "c1",
    }


def test_a_urlencoded_run(vectorshift):
    """JSON text in one field, as for `runs`."""
    fields = {"inputs": json.dumps({"q": "a", "n": 3}), "session_id": "s1", "send_intermediate_results": "true"}

    entry = vectorshift.send("POST", "/pipeline/p1/run", urlencode(fields).encode(), URLENCODED)

    assert taken(entry) == {"inputs": {"q": "a", "n": 3}, "session_id": "s1", "send_intermediate_results": True}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((part("inputs", b'{"doc": "here"}'), part("doc", b"A", "a")), 'part 2 ("doc"): there is an input'),
        ((part("doc", b"A", "a"), part("doc", b"B", "b")), 'part 2 ("doc"): there is an input of that name already'),
        ((part("inputs", b'{"doc": 1}'), part("inputs.doc", b"A", "a")), 'part 2 ("inputs.doc"): there is a value'),
        ((part("inputs", b'{"doc": null}'), part("inputs.doc", b"A")), 'part 2 ("inputs.doc"): there is a value'),
        ((part("inputs.", b"A", "a"),), 'part 1 ("inputs.") names nothing in the form; there are inputs.*'),
        ((part("inputs", b"{nope"),), '"inputs"'),
        ((part("inputs", b"[1]"), part("doc", b"A", "a")), "/inputs: [1] is not an object"),
        ((part("send_intermediate_results", b"perhaps"),), "/send_intermediate_results"),
        ((part("inputs", b'{"x": {"y": 1}}'),), "/inputs/x"),
    ],
    ids=["taken", "twice", "dotted", "taken by null", "no name", "no JSON", "no object", "no boolean", "no DataType"],
)
def test_a_form_that_cannot_be_is_refused(vectorshift, parts, said):
    """400, and nothing is lost silently."""
    entry = form(vectorshift, *parts)

    assert entry.answer.status == 400
    assert answer(entry)["status"] == "failed"
    assert said in answer(entry)["error"]
    assert [violation.code for violation in entry.violations] in (["E107"], ["E101"])


def test_a_scripted_output_is_what_the_run_gives(vectorshift):
    """With the inputs of the run in it."""
    scripted(vectorshift, output=compile_template({"o": "${inputs.q}!", "again": "${inputs.n}"}), after=30.0)
    before = vectorshift.world.clock.now

    entry = run(vectorshift, {"inputs": {"q": "x", "n": 3}})

    assert answer(entry)["outputs"] == {"o": "x!", "again": 3}
    assert vectorshift.world.clock.now == before + 30


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("Node 'llm' failed", "Node 'llm' failed"),
        ({"error": "no model", "code": 7}, "no model"),
        ({"code": 7}, '{"code": 7}'),
        (None, "pipeline execution failed"),
    ],
)
def test_a_run_that_fails_is_a_500_with_the_reason(vectorshift, error, said):
    """The vendor's shape, as in the tests of its SDK."""
    scripted(vectorshift, ends="failed", **({"error": compile_template(error)} if error else {}))

    entry = run(vectorshift, {"inputs": {"q": "x"}})

    assert (entry.answer.status, answer(entry)) == (500, {"status": "failed", "error": said})
    assert entry.violations == ()


def test_a_failed_run_can_be_an_answer(vectorshift):
    """A pipeline's `failed_status` of 200: failed, without outputs, and the journal has the reason."""
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "p1", {"failed_status": 200}))
    scripted(vectorshift, ends="failed", error=compile_template("no model"))

    entry = run(vectorshift, {"inputs": {}})

    assert entry.answer.status == 200
    assert (answer(entry)["status"], answer(entry)["outputs"]) == ("failed", {})
    assert any("no model" in note for note in entry.notes)


def test_a_failed_run_can_be_an_error_of_its_bulk_call(vectorshift):
    """A pipeline's `failed_status` of 500, with the reason of the first failed run; by default it is a 200."""
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "p2", {"failed_status": 500}))
    statuses = []
    for pipeline in ("p1", "p2"):
        scripted(vectorshift, ends="failed", error=compile_template("no model"))
        statuses.append(vectorshift.bulk_run({"q": 1}, {"q": 2}, pipeline=pipeline))

    partial, whole = statuses
    assert (partial.answer.status, answer(partial)["status"]) == (200, "failed")
    assert [run["outputs"] == {} for run in answer(partial)["run_outputs"]] == [True, False]
    assert (whole.answer.status, answer(whole)) == (500, {"status": "failed", "error": "no model"})
    assert (partial.violations, whole.violations) == ((), ())


def test_a_refused_run_is_a_400(vectorshift):
    """`reject` of a script."""
    scripted(vectorshift, reject="no such input")

    entry = run(vectorshift, {"inputs": {}})

    assert (entry.answer.status, answer(entry)["error"]) == (400, "no such input")


OUTPUTS = {
    "text": "string",
    "count": "integer",
    "share": "number",
    "good": "bool",
    "table": "map",
    "chart": "file",
    "tags": "vec<string>",
    "matrix": "vec<vec<float>>",
    "when": "timestamp",
    "nothing": "null",
    "said": {"type": "string", "value": "${inputs.q} of ${index}"},
    "same": {"type": "array", "value": [1, "two"]},
}


@pytest.mark.parametrize("bulk", [False, True], ids=["run", "bulk_run"])
def test_declared_outputs_are_of_their_types(vectorshift, bulk):
    """Each by its name, the same for the same inputs; those with a value have it."""
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "p1", {"outputs": OUTPUTS}))

    entry = vectorshift.bulk_run({"q": "x"}) if bulk else run(vectorshift, {"inputs": {"q": "x"}})

    found = answer(entry)["run_outputs"][0]["outputs"] if bulk else answer(entry)["outputs"]
    assert entry.violations == ()
    assert list(found) == list(OUTPUTS)
    assert [type(found[name]) for name in ("text", "count", "share", "good", "when")] == [str, int, float, bool, str]
    assert (found["table"]["type"], found["chart"]["type"], found["nothing"]) == ("map", "file", None)
    assert all(isinstance(number, float) for row in found["matrix"] for number in row)
    assert (found["said"], found["same"]) == ("x of 0", [1, "two"])


def test_a_value_that_is_no_data_is_told_with_its_pipeline(vectorshift):
    """A placeholder may name anything; what it comes to is checked when it is sent."""
    outputs = {"all": {"type": "map", "value": "${body}"}}
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "p1", {"outputs": outputs}))

    entry = run(vectorshift, {"inputs": {}})

    assert entry.answer.status == 200
    assert {violation.code for violation in entry.violations} == {"E501"}
    assert "the outputs of pipeline p1" in entry.violations[0].clause


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"output": {}}, 'a pipeline has no "output"; did you mean "outputs"?'),
        ({"colour": {}}, 'a pipeline has no "colour"; it has name'),
        ({"name": 5}, "the name of pipeline p1 is 5"),
        ({"failed_status": 404}, "the failed_status of pipeline p1 is 404; it can be 200 or 500"),
        ({"outputs": {"o": "strnig"}}, 'the type of "o" is \'strnig\', which is none; did you mean "string"?'),
        ({"outputs": {"o": 5}}, '"o" is 5; give its type'),
        ({"outputs": {"o": {"typ": "string"}}}, '"o" has no "typ"; it has type, description, value'),
        ({"inputs": {"q": {"type": "string", "value": 1}}}, '"q" has no "value"; it has type, description'),
        ({"outputs": {"o": {"type": "integer", "value": "x"}}}, "which is no integer"),
        ({"outputs": {"o": {"type": "map", "value": {"a": 1}}}}, "an object must be {type: map, items: ...}"),
        ({"outputs": {"o": {"value": "${nope.x}"}}}, 'the value of "o": '),
        ({"outputs": {"o": {"type": "vec<" * 50 + "string" + ">" * 50}}}, "which is none"),
        ({"outputs": {"o": {"description": 5}}}, "which is no text"),
    ],
)
def test_a_pipeline_that_cannot_be_is_refused_in_a_sentence(vectorshift, value, said):
    """When it is declared, not when it runs."""
    with pytest.raises(ValueError, match=re.escape(said)):
        vectorshift.world.apply(Declare("vectorshift", "pipelines", "p1", value))


def test_there_is_one_kind_of_thing(vectorshift):
    """A fixture that names another is told."""
    with pytest.raises(ValueError, match='there are no "pipes" here; VectorShift has pipelines'):
        vectorshift.world.apply(Declare("vectorshift", "pipes", "p1", {}))


def test_all_that_is_wrong_with_pipelines_is_told_at_once(tmp_path):
    """Each at the key that says it: what editors know too, and what only the vendor knows."""
    (tmp_path / "f.yaml").write_text(
        "format: 1\nvendor: vectorshift\nresources:\n  pipelines:\n"
        "    p1: {name: 5, outputs: {o: strnig}, nmae: x}\n    p2: {failed_status: 404}\n    p3:\n"
    )

    with pytest.raises(Several) as caught:
        assemble(Wanted(vendors=("vectorshift",), fixtures=(str(tmp_path / "f.yaml"),)))

    located = [error for error in caught.value.errors if isinstance(error, FixtureError)]
    pointers = [error.at.pointer.removeprefix("/resources/pipelines") for error in located]
    assert pointers == ["/p1/name", "/p1/outputs", "/p1/nmae", "/p2/failed_status"]


def test_a_bulk_call_waits_for_its_slowest_run(vectorshift):
    """Runs go in parallel; the clock moves, nobody waits."""
    scripted(vectorshift, after=30.0)
    before = vectorshift.world.clock.now

    vectorshift.bulk_run({"q": 1}, {"q": 2})

    assert vectorshift.world.clock.now == before + 30


@pytest.fixture
def shipped():
    """The shipped pipelines, as `serve` has them."""
    return caller("vectorshift", fixtures=("vectorshift/pipelines",))


@pytest.mark.parametrize(
    ("pipeline", "status", "said"),
    [
        ("pipe_failing", 500, {"status": "failed", "error": "Node 'llm' failed: the model did not answer"}),
        ("pipe_endless", 500, {"status": "failed", "error": "pipeline execution timed out after 300s"}),
        ("pipe_limited", 429, {"error": "Rate limit exceeded"}),
        ("pipe_guarded", 403, {"error": "Origin not allowed"}),
        ("pipe_unverified", 401, {"error": "Invalid API key: verification failed"}),
    ],
)
def test_the_shipped_fixture_has_each_error(shipped, pipeline, status, said):
    """In the words that clients look for."""
    entry = run(shipped, {"inputs": {}}, pipeline)

    assert (entry.answer.status, answer(entry)) == (status, said)
    assert entry.violations == ()


def test_the_shipped_fixture_limits_with_and_without_retry_after(shipped):
    """Then all is well."""
    entries = [run(shipped, {"inputs": {}}, "pipe_limited").answer for _ in range(3)]

    assert [dict(entry.headers).get("Retry-After") for entry in entries] == ["2", None, None]
    assert [entry.status for entry in entries] == [429, 429, 200]


def test_the_shipped_pipelines_answer(shipped):
    """Values with the inputs in them, and values of the declared types."""
    greeting = run(shipped, {"inputs": {"name": "Zoë"}}, "pipe_greeter")
    report = run(shipped, {"inputs": {"quarter": "Q3"}}, "pipe_report")
    brittle = shipped.bulk_run({}, {}, {}, pipeline="pipe_brittle")

    assert answer(greeting)["outputs"] == {"greeting": "Hello, Zoë!", "languages": ["en", "de"]}
    assert list(answer(report)["outputs"]) == ["summary", "growth", "chart", "highlights"]
    assert (brittle.answer.status, "the model did not answer" in answer(brittle)["error"]) == (500, True)
    assert [one.violations for one in (greeting, report, brittle)] == [(), (), ()]
