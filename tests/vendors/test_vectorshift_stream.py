"""Streamed runs of VectorShift: shape, order, scripts, failures."""

import json
from time import process_time

import pytest

from mockserver.engine.inputs import AddScenarios, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.scenario.load import parse_fixture
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from mockserver.scenario.words import VendorWords
from mockserver.vendors.assembly import words_of
from tests.callers import caller


def stream(vectorshift, body=None, headers=None, **inputs):
    """The entry of a streamed run."""
    return vectorshift.post("/pipeline/p1/run", {"inputs": inputs, **(body or {"stream": True})}, headers)


def events(entry):
    """What the events say, without the id of the run."""
    assert entry.answer.chunks is not None
    ids = {chunk.value.pop("run_id") for chunk in entry.answer.chunks}
    assert len(ids) == 1
    return [chunk.value for chunk in entry.answer.chunks]


@pytest.fixture
def script(vectorshift):
    """Plays a `then` for every run."""

    def play(then):
        (service,) = vectorshift.world.services
        text = f"format: 1\nvendor: vectorshift\nscenarios:\n  - {{name: s, operation: runPipeline, then: {then}}}\n"

        def words(name) -> VendorWords:
            return words_of(service.vendor)

        fixture = parse_fixture(text, label="f.yaml", documents=lambda name: [service.document], words=words)
        vectorshift.world.apply(AddScenarios("vectorshift", fixture.scenarios))

    return play


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param({"stream": True}, {}, id="body"),
        pytest.param({}, {"Accept": "text/event-stream"}, id="accept"),
    ],
)
def test_a_stream_is_asked_for_in_the_body_or_the_header(vectorshift, body, headers):
    """Either way; without both a run is answered as one JSON body."""
    entry = vectorshift.post("/pipeline/p1/run", {"inputs": {}, **body}, headers)
    plain = vectorshift.post("/pipeline/p1/run", {"inputs": {}, "stream": False}, {"Accept": "*/*"})

    assert dict(entry.answer.headers)["Content-Type"] == "text/event-stream"
    assert plain.answer.chunks is None
    assert entry.violations == plain.violations == ()


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream, application/json", True),
        ("Text/Event-Stream, */*;q=0.1", True),
        ("application/json;q=0.5, text/event-stream", True),
        ("application/json, text/event-stream;q=0", False),
        ("text/event-stream;q=0.4, application/json;q=0.5", False),
        ("text/event-streams", False),
        ("*/*", False),
    ],
)
def test_the_header_is_weighed(vectorshift, accept, streams):
    """An event stream has to be named, and JSON must not be liked better."""
    entry = vectorshift.post("/pipeline/p1/run", {"inputs": {}}, {"Accept": accept})

    assert (entry.answer.chunks is not None) is streams


def test_a_form_may_ask_for_it(vectorshift):
    """The SDK sends a form when there are files."""
    body = b"inputs=%7B%7D&stream=true"
    entry = vectorshift.send("POST", "/pipeline/p1/run", body, {"Content-Type": "application/x-www-form-urlencoded"})

    assert entry.answer.chunks is not None


def test_texts_come_in_pieces_and_the_result_at_the_end(vectorshift, script):
    """The pieces of a text are the text; what is no text comes with the result."""
    script('{executions: [{outputs: {summary: "All is  well\\nhere ", n: 5}}]}')

    *pieces, last = events(stream(vectorshift))

    assert "".join(one["output_value"] for one in pieces) == "All is  well\nhere "
    assert [one["type"] for one in pieces] == ["stream"] * 4
    assert {one["output_name"] for one in pieces} == {"summary"}
    assert (last["type"], last["status"]) == ("result", "success")
    assert last["outputs"] == {"summary": "All is  well\nhere ", "n": 5}


def test_all_outputs_come_where_they_are_wanted(vectorshift, script):
    """With `stream_all_outputs` each of the others is an event of its own."""
    script("{executions: [{outputs: {n: 5, ok: true, t: hi}}]}")

    found = events(stream(vectorshift, {"stream": True, "stream_all_outputs": True}))

    assert [(one["output_name"], one["output_value"]) for one in found[:-1]] == [("n", 5), ("ok", True), ("t", "hi")]


def test_a_long_text_comes_in_a_bounded_number_of_pieces(vectorshift, script):
    """However long it is."""
    script(f"{{executions: [{{outputs: {{t: '{'word ' * 5000}'}}}}]}}")

    found = events(stream(vectorshift))

    assert len(found) == 51
    assert "".join(one["output_value"] for one in found[:-1]) == "word " * 5000


@pytest.mark.parametrize("text", [" " * 1_000_000, " a" + " " * 300_000, "\n \t"], ids=["spaces", "a tail", "few"])
def test_white_space_is_sent_too(vectorshift, text):
    """All of it, in a time that grows as the text does."""
    plan = Plan(output=compile_template({"t": text}))
    vectorshift.world.apply(PutInputScript(InputScript(1, frozenset({"vectorshift"}), plan, 0)))

    began = process_time()
    entry = stream(vectorshift)
    took = process_time() - began

    assert "".join(chunk.value["output_value"] for chunk in entry.answer.chunks[:-1]) == text
    assert took < 5


def test_a_timeline_stretches_the_stream(vectorshift, script):
    """As it does a run that is waited for: half an hour, spread over its pieces."""
    script("{executions: [{timeline: {in_progress: 30m}, outputs: {t: one two}}]}")

    chunks = stream(vectorshift).answer.chunks

    assert [chunk.after for chunk in chunks] == [600.0] * 3


def test_events_are_written_as_the_sdk_reads_them(vectorshift, script):
    """A line with the type, and one line of JSON."""
    script("{executions: [{outputs: {t: hi}}]}")

    chunks = stream(vectorshift).answer.chunks

    name, data, *rest = chunks[0].data.decode().split("\n")
    assert name == "event: stream"
    assert json.loads(data.removeprefix("data: ")) == chunks[0].value
    assert rest == ["", ""]


def test_the_same_run_is_streamed_alike(vectorshift):
    """By seed: ids, pieces and gaps."""
    again = caller("vectorshift")

    assert stream(vectorshift, q="a").answer.chunks == stream(again, q="a").answer.chunks


def test_a_run_takes_the_time_that_a_script_says(vectorshift, script):
    """Spread over its pieces; without a script the gaps are drawn."""
    drawn = stream(vectorshift).answer.chunks
    script("""{executions: [{
        stream: [{after: 2s, data: "a "}, {after: 500ms, data: {output_name: x, output_value: 1}}]}]}""")

    assert all(0.02 <= chunk.after < 0.2 for chunk in drawn)
    assert [chunk.after for chunk in stream(vectorshift).answer.chunks] == [2.0, 0.5, 0.0]


def test_a_scripted_stream_is_completed(vectorshift, script):
    """What an event does not say is added; the result is what the pieces come to."""
    script("""{executions: [{stream: [
        {data: {output_name: summary, output_value: "Of ${inputs.q}"}},
        {data: {output_name: summary, output_value: "."}},
        {data: 7}, {text: "[DONE]"}]}]}""")
    entry = stream(vectorshift, q="x")

    *pieces, done, last = entry.answer.chunks
    assert [one.value["type"] for one in pieces] == ["stream"] * 3
    assert (pieces[2].value["output_name"], pieces[2].value["output_value"]) == ("output", 7)
    assert done.data == b"data: [DONE]\n\n"
    assert last.value["outputs"] == {"summary": "Of x.", "output": 7}
    assert entry.violations == ()


def test_the_result_may_differ_from_what_was_streamed(vectorshift, script):
    """`outputs` beside `stream` says what it is."""
    script("{executions: [{stream: [{data: draft}], outputs: {summary: final}}]}")

    assert events(stream(vectorshift))[-1]["outputs"] == {"summary": "final"}


def test_a_run_that_fails_says_so_in_mid_stream(vectorshift, script):
    """After half of its pieces; the JSON of a 500, as an event `error`."""
    script("{executions: [{outputs: {t: one two three four}, ends: failed, error: \"Node 'llm' failed\"}]}")

    entry = stream(vectorshift)

    *pieces, last = entry.answer.chunks
    assert "".join(one.value["output_value"] for one in pieces) == "one two"
    assert last.data.startswith(b"event: error\n")
    assert (last.value["status"], last.value["error"]) == ("failed", "Node 'llm' failed")
    assert "outputs" not in last.value
    assert (entry.answer.status, entry.violations) == (200, ())


def test_a_scripted_stream_may_end_in_an_error(vectorshift, script):
    """All that is scripted comes first."""
    script("{executions: [{stream: [{data: a}, {data: b}], ends: failed, error: no more}]}")

    found = events(stream(vectorshift))

    assert [one.get("output_value") for one in found[:-1]] == ["a", "b"]
    assert found[-1]["error"] == "no more"


def test_an_event_that_breaks_the_document_is_told(vectorshift, script):
    """A type that no event has is E501 with the script's line."""
    script("{executions: [{stream: [{data: {type: chat}}]}]}")

    (violation,) = stream(vectorshift).violations

    assert (violation.code, violation.where) == ("E501", "/type")
    assert "f.yaml" in violation.clause


def test_a_trace_id_is_given_back(vectorshift):
    """With the result, as for other runs."""
    assert events(stream(vectorshift, {"stream": True, "trace_id": "t1"}))[-1]["trace_id"] == "t1"


def test_a_pipeline_that_is_not_there_is_a_404(vectorshift):
    """As for other runs: no stream begins."""
    entry = vectorshift.post(f"/pipeline/{'0' * 24}/run", {"inputs": {}, "stream": True})

    assert (entry.answer.status, entry.answer.chunks) == (404, None)


@pytest.mark.parametrize(
    ("pipeline", "pieces", "fault"),
    [("pipe_stream", 4, None), ("pipe_stream_fails", 2, None), ("pipe_stream_stops", 2, "truncate"),
     ("pipe_stream_hangs", 2, "timeout")],
)  # fmt: skip
def test_the_shipped_streams_do_what_they_say(pipeline, pieces, fault):
    """Those that end, fail, stop and hang; the endless one goes on."""
    shipped = caller("vectorshift", shipped_scenarios=True)

    entry = shipped.post(f"/pipeline/{pipeline}/run", {"inputs": {}, "stream": True})
    endless = shipped.post("/pipeline/pipe_stream_endless/run", {"inputs": {}, "stream": True})

    assert isinstance(entry.answer.chunks, tuple)
    assert (len(entry.answer.chunks), entry.answer.fault, entry.violations) == (pieces, fault, ())
    assert not isinstance(endless.answer.chunks, tuple)
