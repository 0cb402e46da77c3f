"""VectorShift as its pages have it: what the SDK alone has means nothing, and the journal says where it would fail."""

import pytest

from mockserver.vendors.vectorshift.options import UNDOCUMENTED
from tests.callers import answer, caller

B = "----boundary"
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def pages():
    """The pages alone."""
    return caller("vectorshift", documented_only=True)


def run(one, pipeline="p1", headers=None, **more):
    """The entry of a run."""
    return one.post(f"/pipeline/{pipeline}/run", {"inputs": {"q": "x"}, **more}, headers)


def form(one, verb, *parts):
    """The entry of a form, of which each part is a name, a text and perhaps a file name."""
    body = "".join(
        f'--{B}\r\nContent-Disposition: form-data; name="{name}"'
        + (f'; filename="{more[0]}"' if more else "")
        + f"\r\n\r\n{text}\r\n"
        for name, text, *more in parts
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={B}"}
    return one.send("POST", f"/pipeline/p1/{verb}", f"{body}--{B}--\r\n".encode(), headers)


def test_what_is_undocumented_is_what_the_overlay_adds(vectorshift, pages):
    """No field that the overlay takes from the SDK is missing here, and none is too much."""

    def fields(one, label):
        (service,) = one.world.services
        operation = service.document.operation(label)
        found = {parameter.name for parameter in operation.parameters}
        for media in operation.body.media if operation.body else ():
            if media.media_type == "application/json":
                found |= operation.resolve(media.schema)["properties"].keys()
        return found

    (service,) = pages.world.services
    labels = [one.label for one in service.document.operations]
    added = {label: fields(vectorshift, label) - fields(pages, label) for label in labels}

    wanted = {label: set(names) for label, names in UNDOCUMENTED.items()}
    assert {label: names for label, names in added.items() if names} == wanted


@pytest.mark.parametrize(
    "more",
    [
        {"stream": True},
        {"background": True},
        {"version": "no version"},
        {"version": "1.0.0"},
        {"trace_id": "t"},
        {"node_input_overrides": {"llm.system": "pirate"}},
        {"webhook_url": "http://127.0.0.1:9/h"},
        {"session_id": 5, "send_intermediate_results": "perhaps", "stream_all_outputs": True},
    ],
    ids=str,
)
def test_an_option_of_a_run_changes_nothing(more):
    """The answer is that of the plain run, to the byte, and a note names what was passed over."""
    plain = run(caller("vectorshift", documented_only=True))

    entry = run(caller("vectorshift", documented_only=True), **more)

    assert (entry.answer.status, entry.answer.body, entry.violations) == (200, plain.answer.body, ())
    assert plain.notes == ()
    names = ", ".join(f"`{name}`" for name in UNDOCUMENTED["POST /pipeline/{id}/run"] if name in more)
    assert entry.notes == (f"no page of the vendor has {names}: with --documented-only that changes nothing",)


def test_an_option_in_a_form_changes_nothing(pages):
    """Nor as text."""
    entry = form(pages, "run", ("inputs", "{}"), ("stream", "true"), ("background", "true"))

    assert (entry.answer.status, entry.answer.chunks) == (200, None)
    assert "`stream`, `background`" in entry.notes[0]


def test_a_stream_is_asked_for_in_the_header(pages):
    """The pages have the event stream as an answer, so `Accept` may ask for it; every event is what they say."""
    entry = run(pages, headers=STREAM, stream_all_outputs=True, trace_id="t")

    assert entry.answer.chunks is not None
    assert entry.violations == ()
    for chunk in entry.answer.chunks:
        assert {"type", "run_id", "output_name", "output_value"} <= chunk.value.keys()
        assert isinstance(chunk.value["output_value"], dict)
        assert "trace_id" not in chunk.value


@pytest.mark.parametrize(
    ("verb", "whole", "documented"), [("run", "inputs", "inputs.doc"), ("bulk_run", "runs", "runs.*.inputs.doc")]
)
def test_a_file_goes_by_the_name_of_the_pages(pages, verb, whole, documented):
    """The SDK's bare name is refused, and told how the pages have it."""
    text = "{}" if verb == "run" else "[{}]"

    bare = form(pages, verb, (whole, text), ("doc", "A", "a.txt"))
    dotted = form(pages, verb, (whole, text), (documented.replace("*", "0"), "A", "a.txt"))

    assert bare.answer.status == 400
    said = f'part 2 ("doc") has a name that no page of the vendor has; the pages\' name is "{documented}"'
    assert said in answer(bare)["error"]
    assert (dotted.answer.status, dotted.violations) == (200, ())


def test_a_list_is_not_cut_into_pages(pages):
    """All pipelines come, whatever folder and page the SDK asks for."""
    ids = [answer(pages.post("/pipeline", {"name": "p", "config": {}}))["id"] for _ in range(3)]

    entry = pages.send("GET", "/pipelines?offset=1&limit=1&folder_id=none")

    assert answer(entry)["object_ids"] == ids
    assert "`folder_id`, `offset`, `limit`" in entry.notes[0]


def test_a_pipeline_has_no_versions_and_no_nodes(pages):
    """Those of the SDK are passed over: a version that never was is none, and nodes make no echo."""
    nodes = {
        "i": {"name": "q", "type": "input", "inputs": {}},
        "o": {"name": "o", "type": "output", "inputs": {"value": "{{ i.text }}"}},
    }
    made = pages.post("/pipeline", {"name": "p", "config": {}, "nodes": nodes})
    id = answer(made)["id"]

    fetched = pages.send("GET", f"/pipeline?id={id}&version=9")

    assert answer(fetched)["object"]["nodes"] == {}
    assert answer(run(pages, id))["outputs"] != {"o": "x"}
    assert ("`nodes`" in made.notes[0], "`version`" in fetched.notes[0]) == (True, True)


def test_the_shipped_stream_is_what_the_pages_say():
    """Its texts are put into objects, as those of a stream without a script are."""
    shipped = caller("vectorshift", documented_only=True, shipped_scenarios=True)

    entry = run(shipped, "pipe_stream", STREAM)

    *pieces, last = entry.answer.chunks
    assert entry.violations == ()
    assert [one.value["output_value"]["items"]["summary"] for one in pieces] == ["Revenue ", "rose ", "by a tenth."]
    assert last.value["outputs"] == {"summary": "Revenue rose by a tenth."}


@pytest.mark.parametrize("headers", [{}, STREAM], ids=["json", "stream"])
def test_nobody_waits_for_a_run_that_was_to_go_on_in_the_background(headers):
    """A shipped script takes half an hour of a background run: where there is none, the answer comes at once."""
    shipped = caller("vectorshift", documented_only=True, shipped_scenarios=True)
    before = shipped.world.clock.now

    entry = run(shipped, "pipe_long", headers, background=True)

    assert sum(chunk.after for chunk in entry.answer.chunks or ()) < 60
    assert (entry.answer.status, shipped.world.clock.now, entry.violations) == (200, before, ())
