"""Reading runs of each::labs: details, rows, pages; through both contracts."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.engine.inputs import Declare, Freeze, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from tests.vendors.eachlabs_contracts import NOBODY, Both, both

STEPS = [
    {"step_id": "draw", "type": "model", "model": "flux-1-1-pro"},
    {"id": "upscale", "type": "python"},
]


@pytest.fixture
def labs() -> Both:
    labs = both()
    labs.world.apply(Freeze())
    return labs


def script(labs: Both, index: int, **plan) -> None:
    """Say how the input at `index` goes."""
    plan = {key: compile_template(one, None, None) if key in ("output", "error") else one for key, one in plan.items()}
    names = frozenset({"eachlabs", "eachlabs-api"})
    labs.world.apply(PutInputScript(InputScript(index + 1, names, Plan(**plan), index)))


def start(labs: Both, *inputs, workflow: str = "wf_1") -> tuple[str, list[str]]:
    """A bulk of these inputs: its id, and those of its runs."""
    _, body = labs.engine.post(f"/{workflow}/bulk-trigger", {"inputs": list(inputs)})
    return body["bulk_id"], [one["execution_id"] for one in body["executions"] if "execution_id" in one]


def test_a_run_is_running_until_it_has_completed(labs: Both):
    """There is no `queued` in reads, no `completed_at` and no output before the end."""
    bulk, (id,) = start(labs, {"prompt": "sun"})
    running = {
        "execution_id": id,
        "workflow_id": "wf_1",
        "bulk_id": bulk,
        "status": "running",
        "started_at": "2026-01-01T00:00:00Z",
        "inputs": {"prompt": "sun"},
        "step_outputs": {},
        "output": None,
    }

    assert labs.engine.get(f"/executions/{id}") == (200, running)
    labs.pass_by(4.9)
    assert labs.engine.get(f"/executions/{id}") == (200, running)
    labs.pass_by(0.1)
    _, body = labs.engine.get(f"/executions/{id}")
    assert (body["status"], body["completed_at"]) == ("completed", "2026-01-01T00:00:05Z")
    assert re.fullmatch(r"https://cdn\.example\.test/[0-9a-f]{16}\.png", body["output"])


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ({"error": "Boom", "error_cause": "why"}, {"error": "Boom", "error_cause": "why"}),
        ({"error": "Boom", "cause": "why"}, {"error": "Boom", "error_cause": "why"}),
        ("it broke", {"error": "it broke"}),
        ({"error": {"code": 5}}, {"error": '{"code": 5}'}),
    ],
    ids=["the vendor's object", "cause", "a sentence", "anything"],
)
def test_a_failed_run_says_why(labs: Both, error, shown):
    """`error` and `error_cause` only when it failed; no output."""
    script(labs, 0, ends="failed", error=error)
    _, (id, other) = start(labs, {}, {})
    assert "error" not in labs.engine.get(f"/executions/{id}")[1]
    labs.pass_by(5)

    _, body = labs.engine.get(f"/executions/{id}")
    assert {key: body[key] for key in body if key.startswith("error")} == shown
    assert (body["status"], body["output"]) == ("failed", None)
    assert "error" not in labs.engine.get(f"/executions/{other}")[1]


def test_a_failure_without_a_reason_has_the_vendors_example(labs: Both):
    """What clients see in the docs is what they see here."""
    script(labs, 0, ends="failed")
    _, (id,) = start(labs, {})
    labs.pass_by(5)

    _, body = labs.engine.get(f"/executions/{id}")
    assert body["error"] == "ExecutionFailed"
    assert body["error_cause"] == "Step 'generate_image' failed: Model timeout after 30s"


def test_a_cancelled_run_has_ended_and_nothing_else(labs: Both):
    """No output and no error."""
    script(labs, 0, ends="cancelled", output="never shown")
    _, (id,) = start(labs, {})
    labs.pass_by(5)

    _, body = labs.engine.get(f"/executions/{id}")
    assert (body["status"], body["output"], "error" in body) == ("cancelled", None, False)
    assert body["completed_at"] == "2026-01-01T00:00:05Z"


def test_steps_share_the_running_time(labs: Both):
    """1 s queued, then 2 s for each of the two steps of the definition; the last one's output is the run's."""
    labs.world.apply(Declare("eachlabs", "workflows", "wf_s", {"definition": {"steps": STEPS}}))
    script(labs, 0, output=["a.png", "b.png"])
    _, (id,) = start(labs, {}, workflow="wf_s")

    def steps() -> dict[str, str]:
        return {name: one["status"] for name, one in labs.engine.get(f"/executions/{id}")[1]["step_outputs"].items()}

    assert steps() == {}
    labs.pass_by(1)
    assert steps() == {"draw": "running"}
    labs.pass_by(2)
    assert steps() == {"draw": "completed", "upscale": "running"}
    labs.pass_by(2)
    assert steps() == {"draw": "completed", "upscale": "completed"}
    last = labs.engine.get(f"/executions/{id}")[1]["step_outputs"]["upscale"]
    assert last == {
        "step_id": "upscale",
        "kind": "python",
        "status": "completed",
        "started_at": "2026-01-01T00:00:03Z",
        "completed_at": "2026-01-01T00:00:05Z",
        "output": ["a.png", "b.png"],
        "primary": "a.png",
    }


def test_the_step_that_an_error_names_is_the_one_that_failed(labs: Both):
    """Steps behind it have not begun."""
    labs.world.apply(Declare("eachlabs", "workflows", "wf_s", {"definition": {"steps": STEPS}}))
    script(labs, 0, ends="failed", error={"error": "ExecutionFailed", "error_cause": "Step 'draw' failed: no ink"})
    _, (id,) = start(labs, {}, workflow="wf_s")
    labs.pass_by(5)

    _, body = labs.engine.get(f"/executions/{id}")
    assert list(body["step_outputs"]) == ["draw"]
    assert body["step_outputs"]["draw"]["status"] == "failed"
    assert body["step_outputs"]["draw"]["error_cause"] == "Step 'draw' failed: no ink"


def test_an_output_schema_makes_the_outputs(labs: Both):
    """A version that says what it gives gives that."""
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    labs.world.apply(Declare("eachlabs", "workflows", "wf_o", {"output_schema": schema}))
    _, (id,) = start(labs, {}, workflow="wf_o")
    labs.pass_by(5)

    assert isinstance(labs.engine.get(f"/executions/{id}")[1]["output"]["n"], int)


def test_a_run_of_one_contract_is_read_through_the_other(labs: Both):
    """api-service adds the version, and the cost once the run has ended."""
    _, (id,) = start(labs, {})
    _, body = labs.api.post("/workflows/trigger/wf_1/v7", {})
    labs.pass_by(5)

    newer, older = labs.api.get(f"/workflows/executions/{id}")[1], labs.engine.get(f"/executions/{id}")[1]
    assert newer == {**older, "version_id": "v1", "total_cost": 0}
    assert labs.engine.get(f"/executions/{body['execution_id']}")[1]["status"] == "completed"


def test_named_outputs_come_from_the_steps(labs: Both):
    """`workflow_output` follows the `output_mapping`, in either spelling of references."""
    mapping = {"picture": "$.upscale.primary", "draft": "{{draw.output}}", "all": "?"}
    definition = {"steps": STEPS, "output_mapping": mapping}
    labs.world.apply(Declare("eachlabs", "workflows", "wf_s", {"definition": definition}))
    script(labs, 0, output=["a.png"])
    _, (id,) = start(labs, {}, workflow="wf_s")
    assert "workflow_output" not in labs.api.get(f"/workflows/executions/{id}")[1]
    labs.pass_by(5)

    _, body = labs.api.get(f"/workflows/executions/{id}")
    assert body["workflow_output"] == {"picture": "a.png", "draft": "output of draw", "all": ["a.png"]}


def test_an_unknown_run_is_not_found(labs: Both):
    """The vendor's 404, on both."""
    assert labs.engine.get("/executions/exec_xyz") == (404, {"error": "execution not found"})
    assert labs.api.get(f"/workflows/executions/{NOBODY}") == (404, {"error": "execution not found"})


def test_rows_are_newest_first_and_within_a_bulk_in_input_order(labs: Both):
    """A guess: no page gives an order."""
    _, first = start(labs, {"n": 1}, {"n": 2})
    labs.pass_by(1)
    _, second = start(labs, {"n": 3}, {"n": 4})
    _, single = labs.engine.post("/wf_1/trigger", {"inputs": {"n": 5}})
    start(labs, {}, workflow="wf_other")

    _, body = labs.engine.get("/workflows/wf_1/executions")
    assert [row["execution_id"] for row in body["executions"]] == [single["execution_id"], *second, *first]
    assert body["total_count"] == 5


def test_rows_have_names_of_their_own(labs: Both):
    """`flow_id`, `ended_at` and `output_json` where the details have other names; no `bulk_id`."""
    script(labs, 0, output={"n": 1})
    script(labs, 1, output="text")
    script(labs, 2, output=[1])
    start(labs, {"q": 1}, {}, {}, {})
    labs.pass_by(5)

    _, body = labs.engine.get("/workflows/wf_1/executions")
    first = body["executions"][0]
    assert first == {
        "execution_id": first["execution_id"],
        "flow_id": "wf_1",
        "flow_name": "wf_1",
        "version_id": "v1",
        "status": "completed",
        "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:00Z",
        "ended_at": "2026-01-01T00:00:05Z",
        "updated_at": "2026-01-01T00:00:05Z",
        "inputs": {"q": 1},
        "step_results": {},
        "output_json": {"n": 1},
    }
    assert [row.get("output") for row in body["executions"][1:3]] == ["text", "[1]"]


def test_a_row_of_a_living_run_has_no_end(labs: Both):
    """`ended_at` and outputs are absent."""
    start(labs, {})

    (row,) = labs.engine.get("/workflows/wf_1/executions")[1]["executions"]
    assert row["status"] == "running"
    assert not {"ended_at", "output", "output_json"} & row.keys()


def test_pages_of_the_engine_name_the_next_one(labs: Both):
    """`offset` is where the next page begins, and absent at the end."""
    _, ids = start(labs, *[{}] * 5)

    def page(query: str) -> tuple[Any, ...]:
        _, body = labs.engine.get(f"/workflows/wf_1/executions?{query}")
        return [row["execution_id"] for row in body["executions"]], body.get("offset"), body["total_count"]

    assert page("limit=2") == (ids[:2], 2, 5)
    assert page("limit=2&offset=2") == (ids[2:4], 4, 5)
    assert page("limit=2&offset=4") == (ids[4:], None, 5)
    assert page("limit=5") == (ids, None, 5)
    assert page("offset=9") == ([], None, 5)


def test_pages_of_api_service_repeat_the_limit(labs: Both):
    """Its envelope has `limit` and no `offset`."""
    start(labs, *[{}] * 3)

    _, body = labs.api.get("/workflows/wf_1/executions?limit=2")
    assert (body.keys(), body["limit"], body["total_count"]) == ({"executions", "limit", "total_count"}, 2, 3)
    assert labs.api.get("/workflows/wf_1/executions")[1]["limit"] == 50


def test_a_bulk_is_found_by_its_id(labs: Both):
    """Only its own runs, in any case of the UUID; an unknown one has none, and so has another workflow."""
    bulk, ids = start(labs, {}, {})
    start(labs, {})

    for wanted in (bulk, bulk.upper()):
        _, body = labs.engine.get(f"/workflows/wf_1/executions?bulk_id={wanted}")
        assert [row["execution_id"] for row in body["executions"]] == ids
        assert body["total_count"] == 2
    assert labs.engine.get(f"/workflows/wf_1/executions?bulk_id={NOBODY}")[1] == {"executions": [], "total_count": 0}
    assert labs.engine.get(f"/workflows/wf_2/executions?bulk_id={bulk}")[1]["total_count"] == 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("bulk_id=exec-1", "invalid bulk_id format"),
        ("bulk_id=", "invalid bulk_id format"),
        ("limit=0", "limit must be between 1 and 100"),
        ("limit=101", "limit must be between 1 and 100"),
        ("limit=many", "limit must be between 1 and 100"),
        ("offset=-1", "offset must not be negative"),
    ],
)
def test_a_query_that_cannot_be_read(labs: Both, query, message):
    """The vendor's 400s, on both."""
    for contract in (labs.engine, labs.api):
        assert contract.get(f"/workflows/wf_1/executions?{query}") == (400, {"error": message})


def test_runs_are_listed_by_slug_too(labs: Both):
    """Triggered by slug, listed by id, and the other way round."""
    labs.world.apply(Declare("eachlabs", "workflows", "wf_n", {"name": "Text to Image"}))
    start(labs, {}, workflow="text-to-image")
    start(labs, {}, workflow="wf_n")

    by_id, by_slug = (labs.engine.get(f"/workflows/{name}/executions")[1] for name in ("wf_n", "text-to-image"))
    assert by_id == by_slug
    assert [row["flow_name"] for row in by_id["executions"]] == ["Text to Image"] * 2


def test_the_list_of_an_unknown_workflow(labs: Both):
    """The vendor's 404."""
    assert labs.engine.get(f"/workflows/{NOBODY}/executions") == (404, {"error": "workflow not found"})


def test_another_vendors_run_is_none_of_ours(labs: Both):
    """One world may hold several vendors."""
    start(labs, {})
    other = replace(labs.world.executions.all[0], id="run_1", service="another", batch=None)
    labs.world.executions.start(other, (("running", 60.0), ("completed", 0.0)))

    assert labs.engine.get("/executions/run_1")[0] == 404
    assert labs.engine.get("/workflows/wf_1/executions")[1]["total_count"] == 1
