"""VectorShift's bulk run as a form: documented dotted names, the SDK's bare names, urlencoded."""

import base64
import json
from urllib.parse import urlencode

import pytest

from tests.callers import answer, caller

B = "----boundary"


def part(name, data, filename=None, content_type=None):
    head = f'Content-Disposition: form-data; name="{name}"' + (
        f'; filename="{filename}"' if filename is not None else ""
    )
    typed = f"\r\nContent-Type: {content_type}" if content_type else ""
    return f"--{B}\r\n{head}{typed}\r\n\r\n".encode() + data + b"\r\n"


def multipart(one, *parts, tail=f"--{B}--\r\n".encode(), boundary=f"; boundary={B}"):
    body = b"".join(parts) + tail
    return one.send("POST", "/pipeline/p1/bulk_run", body, {"Content-Type": f"multipart/form-data{boundary}"})


def runs(entry):
    assert entry.answer.status == 200, entry.answer.body
    return entry.call.body["runs"]


def file(data, name, mime="text/plain"):
    return {"type": "file", "raw_bytes": base64.b64encode(data).decode(), "metadata": {"name": name, "mime_type": mime}}


def test_documented_names_build_the_runs(vectorshift):
    """`runs.*.inputs`, `runs.*.conversation_id` and `runs.*.inputs.*` come together to runs."""
    entry = multipart(
        vectorshift,
        part("runs.0.inputs", b'{"q": "a", "n": 3}'),
        part("runs.0.conversation_id", b"c-1"),
        part("runs.1.inputs", b'{"q": "b"}'),
        part("runs.1.inputs.doc", b"BBBB", "b.txt", "text/plain"),
    )

    assert runs(entry) == [
        {"inputs": {"q": "a", "n": 3}, "conversation_id": "c-1"},
        {"inputs": {"q": "b", "doc": file(b"BBBB", "b.txt")}},
    ]


def test_whole_runs_and_dotted_files_are_merged(vectorshift):
    """`runs` is preferred, files are merged in."""
    entry = multipart(
        vectorshift,
        part("runs", b'[{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}}]'),
        part("runs.1.inputs.doc", b"\x00\xff", "b.bin", "application/octet-stream"),
    )

    assert runs(entry)[0] == {"inputs": {"q": "a"}}
    assert runs(entry)[1]["inputs"]["doc"] == file(b"\x00\xff", "b.bin", "application/octet-stream")


def test_bare_names_go_to_the_runs_that_lack_them(vectorshift):
    """The n-th part called NAME goes to the n-th run that has no input of that name."""
    entry = multipart(
        vectorshift,
        part("runs", b'[{"inputs": {"q": "a"}}, {"inputs": {"doc": "has one"}}, {"inputs": {"q": "c"}}]'),
        part("doc", b"AAAA", "a.txt", "text/plain"),
        part("doc", b"CCCC", "%2Fhome%2Fme%2Fc.txt", "text/plain"),
    )

    assert [run["inputs"].get("doc") for run in runs(entry)] == [
        file(b"AAAA", "a.txt"),
        "has one",
        file(b"CCCC", "c.txt"),
    ]


def test_the_fault_of_a_run_is_told_before_that_of_its_files(vectorshift):
    """Inputs that are no object, whichever file would have gone there."""
    entry = multipart(vectorshift, part("runs", b'[{"inputs": [1]}]'), part("doc", b"A", "a"))

    assert answer(entry)["error"] == "/runs/0/inputs: [1] is not an object"


def test_a_part_that_no_run_can_take_is_refused(vectorshift):
    """Nothing is lost silently."""
    entry = multipart(vectorshift, part("runs", b'[{"inputs": {}}]'), part("doc", b"A", "a"), part("doc", b"B", "b"))

    assert entry.answer.status == 400
    assert 'part 3 ("doc")' in answer(entry)["error"]
    assert (entry.violations[0].where, entry.violations[0].said) == ("/doc", 'part 3 ("doc")')


def test_a_conversation_is_a_placeholder(tmp_path):
    """`${conversation_id}` reads what came with the run."""
    fixture = tmp_path / "chat.yaml"
    fixture.write_text(
        "format: 1\nvendor: vectorshift\nabout: One chat.\napi_keys: [vs-test-key]\nresources: {pipelines: {'*': {}}}\n"
        "scenarios:\n  - name: chat\n    operation: bulkRunPipeline\n    then:\n"
        "      executions: [{outputs: {said: '${conversation_id}/${inputs.q}', n: '${inputs.n}'}}]\n"
    )
    one = caller("vectorshift", fixtures=(str(fixture),))

    entry = multipart(one, part("runs.0.inputs", b'{"q": "a", "n": 3}'), part("runs.0.conversation_id", b"c-1"))

    assert answer(entry)["run_outputs"][0]["outputs"] == {"said": "c-1/a", "n": 3}


RUNS = [{"inputs": {"q": "a", "n": 3}}, {"inputs": {"q": "b"}}]


@pytest.mark.parametrize(
    "fields",
    [[("runs", json.dumps(RUNS))], [("runs", json.dumps(run)) for run in RUNS]],
    ids=["one array", "repeated objects"],
)
def test_urlencoded_runs(vectorshift, fields):
    """One JSON array in one field, or an object in each of several."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    entry = vectorshift.send("POST", "/pipeline/p1/bulk_run", urlencode(fields).encode(), headers)

    assert runs(entry) == RUNS


@pytest.mark.parametrize(
    ("parts", "more", "said"),
    [
        ((), {"boundary": ""}, "boundary"),
        ((part("runs", b"[]"),), {"tail": b""}, "part"),
        ((b'--%s\r\nContent-Disposition: form-data\r\n\r\nx\r\n' % B.encode(),), {}, "name"),
        ((part("runs", b"{nope"),), {}, '"runs"'),
        ((part("runs.0.inputs", b"{nope"),), {}, "runs.0.inputs"),
        ((part("runs.0.inputs", b"{}"), part("runs.2.inputs", b"{}")), {}, "runs.1"),
        ((part("runs.1.inputs", b"{}"),), {}, 'part 1 ("runs.1.inputs") comes after "runs.0"'),
        ((part("runs.99999999999.inputs", b"{}"),), {}, "runs"),
        ((part("runs.x.inputs", b"{}"),), {}, 'part 1 ("runs.x.inputs"): "x" is no index'),
        ((part("runs.-1.inputs", b"{}"),), {}, 'part 1 ("runs.-1.inputs"): "-1" is no index'),
        ((part("runs.*.inputs", b"{}"),), {}, 'part 1 ("runs.*.inputs"): "*" is no index'),
        ((part("runs.0.inputs", b"{}"), part("runs.0.foo", b"1")), {}, 'part 2 ("runs.0.foo") names nothing in the'),
        ((part("runs.0.foo", b"A", "a.txt"),), {}, 'part 1 ("runs.0.foo") names nothing in the form'),
        ((part("runs", b'[{"inputs": {"d": 1}}]'), part("runs.0.inputs.d", b"A", "a")), {}, "runs.0.inputs.d"),
    ],
    ids=["no boundary", "truncated", "no name", "runs not JSON", "inputs not JSON", "gap", "no first", "huge index",
         "a name", "a negative index", "the page's star", "a field that is none", "a file that is none", "a value"],
)  # fmt: skip
def test_a_broken_form_is_refused_and_says_which_part(vectorshift, parts, more, said):
    """400 in the vendor's shape."""
    entry = multipart(vectorshift, *parts, **more)

    assert entry.answer.status == 400
    assert answer(entry)["error"].startswith("Invalid form data: ")
    assert said in answer(entry)["error"]
    assert entry.violations[0].code == "E107"


def test_a_wrong_value_in_a_part_is_refused_like_in_json(vectorshift):
    """A `format: json` part is checked against what it stands for."""
    entry = multipart(vectorshift, part("runs.0.inputs", b"{}"), part("runs.1.inputs", b'{"report": {"type": "file"}}'))

    assert entry.answer.status == 400
    assert '/runs/1/inputs/report: missing "raw_bytes"' in answer(entry)["error"]
    assert entry.violations[0].code == "E101"


def test_fields_that_are_no_files_stay_beside_the_runs(vectorshift):
    """As a further property of the JSON body would; they are nobody's input."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    urlencoded = vectorshift.send("POST", "/pipeline/p1/bulk_run", b"runs=[{},{}]&quarter=1&quarter=2", form)
    parts = multipart(vectorshift, part("runs", b"[{}]"), part("note", b"hello"))

    assert runs(urlencoded) == [{}, {}]
    assert runs(parts) == [{}]


def test_a_part_called_runs_holds_a_list(vectorshift):
    """An object alone is no list of runs, as in JSON."""
    entry = multipart(vectorshift, part("runs", b'{"inputs": {}}'))

    assert entry.answer.status == 400
    assert "/runs" in answer(entry)["error"]


def test_nothing_is_made_up_about_a_file(vectorshift):
    """Without a file name and a type there is no metadata to tell."""
    entry = multipart(vectorshift, part("runs.0.inputs.doc", b"AAAA"))

    assert runs(entry)[0]["inputs"]["doc"] == {"type": "file", "raw_bytes": "QUFBQQ==", "metadata": {}}
