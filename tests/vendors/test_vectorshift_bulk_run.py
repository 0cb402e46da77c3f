"""VectorShift's bulk run, spoken to by function call."""

import json
import re

import pytest

from mockserver.engine.settings import Limits, Settings
from mockserver.errors import FixtureError
from mockserver.vendors.assembly import Wanted, assemble
from tests.callers import answer, caller


def test_one_entry_for_each_run_in_order(vectorshift):
    """Every run has its own id and outputs; the whole is a success."""
    entry = vectorshift.bulk_run({"q": "a"}, {"q": "b", "n": 5}, {})

    body = answer(entry)
    assert entry.answer.status == 200
    assert body["status"] == "success"
    assert len({run["run_id"] for run in body["run_outputs"]}) == 3
    assert all(re.fullmatch("[0-9a-f]{24}", run["run_id"]) for run in body["run_outputs"])
    assert entry.violations == ()


def test_the_bytes_are_what_the_document_allows(vectorshift):
    """Compact UTF-8, put together from the bytes of the outputs, and held against the published schema as sent."""
    entry = vectorshift.bulk_run({"q": "é"}, {"q": 2})

    body, value = entry.answer.body, answer(entry)
    reply = entry.call.match.operation.reply(200).of("application/json")
    assert body == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert reply.checker.fits(value)
    assert value == answer(caller("vectorshift").bulk_run({"q": "é"}, {"q": 2}))


def test_no_runs_give_no_outputs(vectorshift):
    """The published schema has no minItems, and the SDK sends an empty list happily."""
    body = answer(vectorshift.post("/pipeline/p1/bulk_run", {"runs": []}))

    assert body == {"status": "success", "run_outputs": []}


def test_the_same_inputs_get_the_same_bytes_in_a_fresh_world():
    """Seeded chance is keyed by the input, so a rerun answers alike and another seed does not."""
    bodies = [
        caller("vectorshift", settings=Settings(seed=seed)).bulk_run({"q": "a"}).answer.body for seed in (1, 1, 2)
    ]

    assert bodies[0] == bodies[1] != bodies[2]


def test_the_order_of_other_calls_does_not_change_an_answer(vectorshift):
    """What a request draws depends on its own input, not on who came before."""
    alone = caller("vectorshift").bulk_run({"q": "b"}).answer.body
    vectorshift.bulk_run({"q": "a"})

    assert vectorshift.bulk_run({"q": "b"}).answer.body == alone


def test_a_repeated_input_is_a_new_execution(vectorshift):
    """The second of two equal runs has an id of its own."""
    body = answer(vectorshift.bulk_run({"q": "a"}, {"q": "a"}))

    assert body["run_outputs"][0]["run_id"] != body["run_outputs"][1]["run_id"]


def test_both_paths_are_one_operation(vectorshift):
    """The page says bulk_run, the SDK posts to bulk-run: one operation, and the journal keeps the path that came."""
    entry = vectorshift.post("/pipeline/p1/bulk-run", {"runs": [{"inputs": {"q": "a"}}]})

    assert entry.answer.status == 200
    assert entry.operation == "bulkRunPipeline"
    assert entry.request.path.endswith("/bulk-run")


@pytest.mark.parametrize("strict", [False, True], ids=["relaxed", "strict"])
def test_the_shipped_outputs_keep_the_document_in_both_readings(strict):
    """A literal reading refuses whole numbers, so the example has none."""
    one = caller("vectorshift", shipped_scenarios=True, strict_spec=strict)

    entry = one.bulk_run({"quarter": "Q3"}, pipeline="pipe_summarise")

    assert entry.answer.status == 200
    assert answer(entry)["run_outputs"][0]["outputs"]["quarter"] == "Q3"
    assert entry.violations == ()


@pytest.mark.parametrize(
    ("outputs", "strict", "said"),
    [
        pytest.param("{a: {x: 1}}", False, 'outputs/a  missing "type"', id="no-data-type"),
        pytest.param("{a: 5}", False, "", id="whole-number"),
        pytest.param("{a: 5}", True, "outputs/a  5 ", id="whole-number-read-literally"),
        pytest.param('{a: {x: 1}, b: "${index}"}', False, "", id="with-a-placeholder"),
        pytest.param("5", False, "outputs  5 is not an object", id="no-map"),
    ],
)
def test_scripted_outputs_are_held_against_the_document_at_start(outputs, strict, said, tmp_path):
    """What is the same for every call is known when the fixture is read; the rest is judged when it is sent."""
    (tmp_path / "f.yaml").write_text(
        "format: 1\nvendor: vectorshift\nscenarios:\n"
        f"  - {{name: a, operation: bulkRunPipeline, then: {{executions: [{{outputs: {outputs}}}]}}}}\n"
    )
    wanted = Wanted(vendors=("vectorshift",), fixtures=(str(tmp_path / "f.yaml"),), strict_spec=strict)

    if said:
        with pytest.raises(FixtureError, match=re.escape(said)):
            assemble(wanted)
    else:
        assert assemble(wanted)


MAP = {"type": "map", "items": {"a": 1, "b": {"type": "map", "items": {}}}}
FILE = {"type": "file", "raw_bytes": "QUFB", "metadata": {"name": "a.txt", "size": 3}}


@pytest.mark.parametrize(
    "value",
    ["text", 5, 5.0, 1.5, 2**70, True, None, [1, "a", [2]], MAP, FILE],
    ids=lambda value: str(value)[:20],
)
def test_every_kind_of_value_is_accepted(vectorshift, value):
    """All of DataType goes in, whole numbers included (the integer trap)."""
    assert vectorshift.bulk_run({"x": value}).answer.status == 200


def test_answers_show_whole_numbers_maps_files_and_lists(vectorshift):
    """Chance draws every branch of DataType, and every answer satisfies the spec."""
    entries = [vectorshift.bulk_run(*({"n": n, "m": m} for n in range(10))) for m in range(12)]
    values = [value for entry in entries for run in answer(entry)["run_outputs"] for value in run["outputs"].values()]

    kinds = {value["type"] if isinstance(value, dict) else type(value).__name__ for value in values}
    assert {"int", "float", "str", "bool", "list", "map", "file", "NoneType"} <= kinds
    assert all(entry.violations == () for entry in entries)


@pytest.mark.parametrize(
    ("inputs", "where", "wanted"),
    [
        ({"report": {"type": "file"}}, "/runs/1/inputs/report", 'missing "raw_bytes"'),
        ({"report": {"type": "file", "raw_bytes": "not base64!"}}, "/runs/1/inputs/report/raw_bytes", "base64"),
        ({"report": {"type": "map", "items": {}, "extra": 1}}, "/runs/1/inputs/report", "extra"),
        ({"deep": [[{"type": "map", "items": {"a": {"type": "fle"}}}]]}, "/runs/1/inputs/deep/0/0/items/a", "type"),
    ],
    ids=["missing", "base64", "extra", "deep"],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_place(vectorshift, inputs, where, wanted):
    """400 in the vendor's shape; the sentence names the place, and violations stand beside it."""
    entry = vectorshift.bulk_run({"q": "a"}, inputs)

    body = answer(entry)
    assert entry.answer.status == 400
    assert body["status"] == "failed"
    assert body["violations"][0]["where"].startswith(where)
    assert where in body["error"]
    assert wanted in body["error"]
    assert body["violations"][0]["code"] == "E101"
    assert re.match(r"specs/vectorshift/pipeline.yaml:\d+", body["violations"][0]["at"])
    assert entry.undeclared is False
    assert [violation.code for violation in entry.violations] == ["E101"]


@pytest.mark.parametrize("body", [{}, {"runs": None}, {"runs": {}}, [], {"runs": [5]}], ids=str)
def test_runs_must_be_a_list_of_runs(vectorshift, body):
    """A body of another shape is a 400, not a crash."""
    entry = vectorshift.post("/pipeline/p1/bulk_run", body)

    assert entry.answer.status == 400
    assert answer(entry)["status"] == "failed"


@pytest.mark.parametrize(
    ("authorization", "wanted"),
    [
        (None, "Missing authorization header"),
        ("Basic dXNlcjpwYXNz", "Invalid authorization header format"),
        ("vs-test-key", "Invalid authorization header format"),
        ("Bearer", "Invalid authorization header format"),
        ("Bearer ", "Invalid authorization header format"),
        ("Bearer  vs-test-key", "Invalid authorization header format"),
        ("Bearer wrong", "Invalid API key"),
        ("bearer wrong", "Invalid API key"),
    ],
)
def test_a_key_that_will_not_do_is_refused_in_the_vendors_words(vectorshift, authorization, wanted):
    """The three documented texts, and nothing beside `error`."""
    headers = {
        "Content-Type": "application/json",
        **({"Authorization": authorization} if authorization is not None else {}),
    }

    entry = vectorshift.send("POST", "/pipeline/p1/bulk_run", b"not even JSON", headers, key=False)

    assert entry.answer.status == 401
    assert answer(entry) == {"error": wanted}
    assert [violation.code for violation in entry.violations] == ["E105"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_case_insensitive(vectorshift, scheme):
    """RFC 9110, section 11.1."""
    headers = {"Content-Type": "application/json", "Authorization": f"{scheme} vs-test-key"}

    assert vectorshift.send("POST", "/pipeline/p1/bulk_run", b'{"runs": []}', headers, key=False).answer.status == 200


MALFORMED = {
    "text": b"hello",
    "nan": b'{"runs": [{"inputs": {"x": NaN}}]}',
    "infinity": b'{"runs": [{"inputs": {"x": Infinity}}]}',
    "overflow": b'{"runs": [{"inputs": {"x": 1e999}}]}',
    "surrogate": b'{"runs": [{"inputs": {"x": "\\ud800"}}]}',
    "duplicate": b'{"runs": [{"inputs": {"x": 1, "x": 2}}]}',
    "latin-1": b'{"runs": [{"inputs": {"x": "\xe9"}}]}',
    "empty": b"",
    "nested": b"[" * 100_000,
    "nested and closed": b"[" * 100_000 + b"]" * 100_000,
    "long number": b'{"runs": [{"inputs": {"x": ' + b"9" * 5000 + b"}}]}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_refused_in_one_sentence(vectorshift, body):
    """Whatever cannot be read is a 400 that says why, and the world lives on."""
    entry = vectorshift.send("POST", "/pipeline/p1/bulk_run", body, {"Content-Type": "application/json"})

    assert entry.answer.status == 400
    assert answer(entry)["status"] == "failed"
    assert "\n" not in answer(entry)["error"]
    assert len(answer(entry)["error"]) < 400
    assert entry.violations[0].code in {"E107", "E110"}
    assert vectorshift.bulk_run({"q": "a"}).answer.status == 200


def test_a_duplicate_name_is_not_called_bad_json(vectorshift):
    """Duplicate names are valid JSON, so the sentence says what is wrong with them."""
    entry = vectorshift.send(
        "POST", "/pipeline/p1/bulk_run", MALFORMED["duplicate"], {"Content-Type": "application/json"}
    )

    assert '/runs/0/inputs: the name "x" occurs twice' in answer(entry)["error"]
    assert "not JSON" not in answer(entry)["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 415), ({"Content-Type": "text/plain"}, 415), ({"Content-Type": "nonsense"}, 415)],
    ids=str,
)
def test_a_missing_or_wrong_media_type_is_a_415(vectorshift, headers, status):
    """The sentence names what the operation takes."""
    entry = vectorshift.send("POST", "/pipeline/p1/bulk_run", b'{"runs": []}', headers)

    assert entry.answer.status == status
    assert "application/json" in answer(entry)["error"]
    assert entry.violations[0].code == "E106"


def test_an_unknown_path_is_a_404_that_names_the_nearest(vectorshift):
    """A wrong path is the commonest stumble, so the answer says what would be right."""
    entry = vectorshift.post("/pipeline/p1/bulkrun", {"runs": []})

    assert entry.answer.status == 404
    assert "POST /pipeline/{id}/bulk_run" in answer(entry)["error"]
    assert entry.violations[0].code == "E108"


def test_a_wrong_method_is_a_405_with_allow(vectorshift):
    """RFC 9110, section 15.5.6."""
    entry = vectorshift.send("GET", "/pipeline/p1/bulk_run")

    assert entry.answer.status == 405
    assert "POST" in dict(entry.answer.headers)["Allow"]
    assert entry.violations[0].code == "E109"


def test_a_pipeline_of_zeros_does_not_exist(vectorshift):
    """A client can try its 404; the sentence is the one the SDK's tests show."""
    entry = vectorshift.bulk_run({"q": "a"}, pipeline="0" * 24)

    assert entry.answer.status == 404
    assert answer(entry) == {"status": "failed", "error": "Pipeline not found"}
    assert entry.violations == ()


def test_a_body_beyond_the_limit_of_depth_names_the_setting():
    """The bound is a setting, and the refusal says which."""
    shallow = caller("vectorshift", settings=Settings(limits=Limits(max_depth=8)))
    nested = json.loads("[" * 8 + "]" * 8)

    entry = shallow.bulk_run({"x": nested})

    assert entry.answer.status == 400
    assert "8" in answer(entry)["error"]
    assert entry.violations[0].code == "E110"
