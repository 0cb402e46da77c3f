"""each::labs' bulk trigger (engine contract), spoken to by function call."""

import re

import pytest

from mockserver.engine.inputs import Declare, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from tests.callers import answer, caller

SUNSET = {"prompt": "Generate image of a sunset", "style": "photorealistic"}
OCEAN = {"prompt": "Generate image of ocean", "style": "minimalist"}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture
def gallery():
    """each::labs with the shipped fixtures: wf_abc123 has versions and an input schema."""
    return caller("eachlabs", shipped_scenarios=True)


def test_the_documented_example_answers_as_documented(gallery):
    """Two good inputs are queued, the one without a prompt fails, all in input order (docs: bulk trigger page)."""
    entry = gallery.bulk_trigger(SUNSET, OCEAN, {"style": "artistic"}, workflow="wf_abc123", version_id="v1")

    body = answer(entry)
    assert entry.answer.status == 202
    assert re.fullmatch(UUID, body["bulk_id"])
    assert [one["status"] for one in body["executions"]] == ["queued", "queued", "failed"]
    assert body["executions"][0] == {
        "execution_id": body["executions"][0]["execution_id"],
        "status": "queued",
        "started_at": "2026-01-01T00:00:00Z",
    }
    assert body["executions"][2] == {"status": "failed", "message": "invalid input: missing required field 'prompt'"}
    assert entry.violations == ()


def test_every_execution_has_an_id_of_its_own(eachlabs):
    """Equal inputs are two executions."""
    body = answer(eachlabs.bulk_trigger(SUNSET, SUNSET))

    assert body["executions"][0]["execution_id"] != body["executions"][1]["execution_id"]


def test_all_inputs_failing_is_still_accepted(gallery):
    """202, as the current docs say of partial failures; for all of them it is a guess."""
    entry = gallery.bulk_trigger({}, {"prompt": ""}, workflow="wf_abc123")

    assert entry.answer.status == 202
    assert [one["status"] for one in answer(entry)["executions"]] == ["failed", "failed"]


def test_a_placeholder_that_names_nothing_is_in_the_journal(eachlabs):
    """Of an output or a reason; null was sent, and the run goes its way."""
    for number, plan in enumerate(
        [
            Plan(output=compile_template("${inputs.n}/${inputs.m}")),
            Plan(ends="failed", error=compile_template("${body.x}")),
        ]
    ):
        eachlabs.world.apply(PutInputScript(InputScript(number, frozenset({"eachlabs"}), plan, number)))

    entry = eachlabs.bulk_trigger({"n": 1}, {"n": 2})

    assert entry.notes == (
        "input 0: the placeholder ${inputs.m} names nothing in this call: null was sent",
        "input 1: the placeholder ${body.x} names nothing in this call: null was sent",
    )
    assert entry.violations == ()


def test_every_fault_of_an_input_is_in_the_journal(gallery):
    """The entry tells the first in schema order, the journal all of them."""
    entry = gallery.bulk_trigger({"style": "cubist"}, workflow="wf_abc123")

    assert answer(entry)["executions"][0]["message"] == "invalid input: missing required field 'prompt'"
    assert "/inputs/0: invalid input: missing required field 'prompt'" in entry.notes
    assert any("'style' must be one of 'photorealistic', 'artistic', 'minimalist'" in note for note in entry.notes)


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"properties": {"style": {"enum": ["a", "b"]}}}, {"style": "c"}, "field 'style' must be one of 'a', 'b'"),
        ({"properties": {"n": {"type": "integer"}}}, {"n": "5"}, "field 'n' must be of type integer"),
        ({"properties": {"n": {"type": "integer", "required": True}}}, {}, "missing required field 'n'"),
        ({"required": ["b", "a"], "properties": {"a": {}, "b": {}}}, {}, "missing required field 'a'"),
        ({"required": ["zzz"], "properties": {}}, {}, "missing required field 'zzz'"),
        ({"properties": {"p": {"type": "image", "required": True}}}, {"p": 5}, "field 'p' must be of type string"),
    ],
    ids=["enum", "type", "required on the property", "schema order", "undeclared", "media"],
)
def test_faults_read_as_the_vendor_writes_them(eachlabs, schema, value, message):
    """Both dialects of `input_schema` are understood."""
    eachlabs.world.apply(Declare("eachlabs", "workflows", "wf_own", {"input_schema": schema}))

    entry = answer(eachlabs.bulk_trigger(value, workflow="wf_own"))["executions"][0]
    assert entry == {"status": "failed", "message": f"invalid input: {message}"}


@pytest.mark.parametrize("count", [0, 11])
def test_one_to_ten_inputs(eachlabs, count):
    """The vendor's sentence, with its en dash."""
    entry = eachlabs.bulk_trigger(*[SUNSET] * count)

    assert entry.answer.status == 400
    assert answer(entry) == {"error": "inputs must contain 1–10 items"}
    assert entry.violations[0].where == "/inputs"


def test_eleven_inputs_are_refused_before_the_workflow_is_looked_up(eachlabs):
    """DESIGN's order of refusals."""
    entry = eachlabs.bulk_trigger(*[SUNSET] * 11, workflow="00000000-0000-0000-0000-000000000000")

    assert entry.answer.status == 400


@pytest.mark.parametrize("url", ["not a url", "ftp://example.test/x", "", 5, "//example.test"], ids=str)
def test_a_malformed_webhook_url_is_refused(eachlabs, url):
    """400 with the place; nothing starts."""
    entry = eachlabs.bulk_trigger(SUNSET, webhook_url=url)

    assert entry.answer.status == 400
    assert "/webhook_url" in answer(entry)["error"]
    assert eachlabs.world.executions.all == ()


def test_the_webhook_url_is_remembered(eachlabs):
    """It belongs to each execution that was queued."""
    eachlabs.bulk_trigger(SUNSET, OCEAN, webhook_url="http://127.0.0.1:9/hook")

    assert [one.webhook_url for one in eachlabs.world.executions.all] == ["http://127.0.0.1:9/hook"] * 2


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "wrong"}, {"X-API-Key": ""}, {"Authorization": "Bearer wrong"}], ids=str
)
def test_a_missing_or_wrong_key(eachlabs, headers):
    """One text for both (docs: errors page)."""
    entry = eachlabs.send(
        "POST", "/wf_1/bulk-trigger", b"nonsense", {"Content-Type": "application/json", **headers}, key=False
    )

    assert entry.answer.status == 401
    assert answer(entry) == {"error": "Invalid or missing API key"}
    assert entry.violations[0].code == "E105"


def test_a_bearer_key_serves_as_well(eachlabs):
    """Later docs use Bearer; both headers are taken on both mounts (inferred)."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer el-test-key"}

    assert eachlabs.send("POST", "/wf_1/bulk-trigger", b'{"inputs": [{}]}', headers, key=False).answer.status == 202


def test_unknown_workflow_and_version(gallery):
    """The vendor's 404 texts."""
    unknown = gallery.bulk_trigger(SUNSET, workflow="00000000-0000-0000-0000-000000000000")
    version = gallery.bulk_trigger(SUNSET, workflow="wf_abc123", version_id="v99")

    assert (unknown.answer.status, answer(unknown)) == (404, {"error": "workflow not found"})
    assert (version.answer.status, answer(version)) == (404, {"error": "version not found"})
    assert unknown.violations == version.violations == ()


def test_a_workflow_without_versions_takes_any(eachlabs):
    """A new user's own ids work at once."""
    assert eachlabs.bulk_trigger(SUNSET, version_id="v7").answer.status == 202


def test_an_input_that_is_no_object_refuses_the_whole_call(eachlabs):
    """As the current docs say; the engine's are silent."""
    entry = eachlabs.bulk_trigger(SUNSET, "text")

    assert entry.answer.status == 400
    assert "/inputs/1" in answer(entry)["error"]


def test_the_webhook_url_does_not_enter_a_draw(eachlabs):
    """It holds a port and the name of a world; the same inputs get the same ids whatever these are."""
    bodies = [
        answer(caller("eachlabs").bulk_trigger(SUNSET, webhook_url=f"http://127.0.0.1:{port}/hook")) for port in (9, 10)
    ]

    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/x", "https://u:p@a.example/x", "http://a..b/x"], ids=["port", "user", "host"]
)
def test_an_address_that_nothing_can_be_sent_to_breaks_the_contract(eachlabs, url):
    """E101 at its place, so that a strict test fails; what came is not repeated."""
    entry = eachlabs.bulk_trigger(SUNSET, webhook_url=url)

    assert entry.answer.status == 400
    assert [(one.code, one.where) for one in entry.violations] == [("E101", "/webhook_url")]
    assert url not in answer(entry)["error"]


def test_other_faults_are_told_with_their_place(eachlabs):
    """In the vendor's manner: a guess, and a sentence all the same."""
    schema = {"properties": {"tags": {"type": "array", "items": {"type": "string"}}, "p": {"minLength": 1}}}
    eachlabs.world.apply(Declare("eachlabs", "workflows", "wf_own", {"input_schema": schema}))

    entries = answer(eachlabs.bulk_trigger({"tags": ["a", 5]}, {"p": ""}, workflow="wf_own"))["executions"]

    assert [entry["message"] for entry in entries] == [
        "invalid input: field 'tags.1': 5 is not a string",
        "invalid input: field 'p': 0 characters, at least 1 needed",
    ]
