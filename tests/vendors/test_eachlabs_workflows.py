"""each::labs' workflows and versions: created, read, changed, listed; through both contracts."""

import re
from typing import Any

import pytest

from mockserver.engine.inputs import Declare
from mockserver.vendors.eachlabs.workflow import workflow
from tests.vendors.eachlabs_contracts import NOBODY, Both, both

STEP = {"step_id": "generate", "type": "model", "model": "flux-1-1-pro"}
SCHEMA = {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}}}
NEW = {
    "name": "Text to Image Generator",
    "description": "Generates images",
    "categories": ["image-generation"],
    "definition": {"version": "v1", "input_schema": SCHEMA, "steps": [STEP]},
}


@pytest.fixture
def labs() -> Both:
    return both()


def created(labs: Both, **more) -> str:
    """The id of a new workflow."""
    status, body = labs.engine.post("/workflows", {**NEW, **more})
    assert status == 201
    return str(body["workflow_id"])


def test_a_workflow_is_created_with_its_first_version(labs: Both):
    """201 with all that is known of it, and both contracts have it from here on."""
    status, body = labs.engine.post("/workflows", NEW)

    assert status == 201
    assert re.fullmatch(r"[0-9a-f-]{36}", body["workflow_id"])
    shown = {key: body[key] for key in ("slug", "name", "description", "categories", "latest_version_id", "status")}
    assert shown == {
        "slug": "text-to-image-generator",
        "name": "Text to Image Generator",
        "description": "Generates images",
        "categories": ["image-generation"],
        "latest_version_id": "v1",
        "status": "active",
    }
    assert body["versions"][0]["definition"] == NEW["definition"]
    assert labs.engine.get("/workflows/text-to-image-generator") == (200, body)
    newer = labs.api.get(f"/workflows/{body['workflow_id']}")[1]
    assert {"latest_version_id", "locked"} == body.keys() - newer.keys()


def test_its_input_schema_counts_at_once(labs: Both):
    """What is created can be triggered, and refuses what does not fit."""
    created(labs)

    bulk = labs.engine.post("/text-to-image-generator/bulk-trigger", {"inputs": [{"prompt": "sun"}, {}]})
    assert [one["status"] for one in bulk[1]["executions"]] == ["queued", "failed"]


def test_a_created_workflow_takes_only_its_own_versions(labs: Both):
    """Other than one that a fixture leaves open."""
    id = created(labs)

    assert labs.engine.post(f"/{id}/trigger", {"inputs": {"prompt": "x"}, "version_id": "v2"})[0] == 404


def test_names_may_be_alike_and_slugs_not(labs: Both):
    """The second one gets a number."""
    created(labs)
    second = created(labs)

    assert labs.engine.get("/workflows/text-to-image-generator-2")[1]["workflow_id"] == second


def test_api_service_needs_a_name_only(labs: Both):
    """The rest comes later, or never."""
    status, body = labs.api.post("/workflows", {"name": "Bare"})

    assert (status, body["slug"]) == (201, "bare")
    assert [one["version_id"] for one in body["versions"]] == ["v1"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": None}, "name is required"),
        ({"name": ""}, "name is required"),
        ({"description": None}, "description is required"),
        ({"definition": None}, "definition is required"),
        ({"definition": {}}, "definition must include at least one step"),
        ({"definition": {"steps": []}}, "definition must include at least one step"),
        ({"name": 5}, "invalid request body"),
        ({"categories": "x"}, "invalid request body"),
    ],
    ids=str,
)
def test_what_a_new_workflow_must_have(labs: Both, body, message):
    """The vendor's 400s; a None here is a key left out."""
    given = {key: one for key, one in {**NEW, **body}.items() if one is not None}

    assert labs.engine.post("/workflows", given) == (400, {"error": message})


@pytest.mark.parametrize("path", ["/workflows", "/workflows/wf_1", "/workflows/wf_1/versions/v1"])
def test_a_body_that_is_no_json(labs: Both, path):
    """One text each for all that cannot be read."""
    method = "POST" if path == "/workflows" else "PUT"
    headers = {"Content-Type": "application/json"}

    for contract, text in ((labs.engine, "invalid request body"), (labs.api, "invalid JSON body")):
        for body in (b"{", b"[]", b""):
            assert contract.told(contract.caller.send(method, path, body, headers)) == (400, {"error": text})


@pytest.mark.parametrize(
    "definition",
    [
        {"input_schema": {"properties": {"a": {"type": 5}}}},
        {"input_schema": {"properties": ["a"]}},
        {"input_schema": {"required": "prompt"}},
        {"input_schema": {"required": [1]}},
        {"input_schema": {"properties": {"a": {"$ref": "http://example.test/x"}}}},
        {"output_schema": {"type": "nonsense"}},
        {"output_schema": {"$ref": "#/nowhere"}},
        {"output_schema": {"enum": 5}},
        {"output_schema": {"type": "string", "minLength": 3, "maxLength": 2}},
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_refused(labs: Both, definition):
    """400 with a sentence, and nothing is created."""
    status, body = labs.engine.post("/workflows", {**NEW, "definition": {"steps": [STEP], **definition}})

    assert status == 400
    assert "put_schema" in body["error"]
    assert labs.api.get("/workflows")[1]["total_count"] == 0


def test_an_unknown_workflow(labs: Both):
    """The vendor's 404, wherever a workflow is named."""
    missing = (404, {"error": "workflow not found"})

    for contract in (labs.engine, labs.api):
        assert contract.get(f"/workflows/{NOBODY}") == missing
        assert contract.put(f"/workflows/{NOBODY}", {"name": "x"}) == missing
        body = {"version_id": "v1", "definition": {"steps": []}}
        assert contract.put(f"/workflows/{NOBODY}/versions/v1", body) == missing


def test_every_other_id_stands_for_a_workflow(labs: Both):
    """The entry `"*"`: clients that ask for the latest version before a trigger find one."""
    status, body = labs.engine.get("/workflows/wf_anything")

    assert (status, body["workflow_id"], body["latest_version_id"]) == (200, "wf_anything", "v1")
    assert body["created_at"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("star", ["*", "%2A"])
def test_a_star_is_no_id_that_a_client_can_name(labs: Both, star):
    """What stands for every other id is read, changed and run by nobody, and goes on to stand for them."""
    for contract in (labs.engine, labs.api):
        body = {"version_id": "v1", "definition": {"steps": []}}
        told = [
            contract.get(f"/workflows/{star}"),
            contract.put(f"/workflows/{star}", {"name": "x"}),
            contract.put(f"/workflows/{star}/versions/v1", body),
        ]
        assert [status for status, _ in told] == [404] * 3
    assert labs.engine.post(f"/{star}/trigger", {"inputs": {}})[0] == 404

    assert labs.engine.get("/workflows/wf_anything")[0] == 200


def test_the_engine_changes_all_that_its_page_lists(labs: Both):
    """Name and slug, description, categories, flags."""
    id = created(labs)
    changes = {"name": "New name", "description": "d", "categories": ["a"], "production": True}

    status, body = labs.engine.put(f"/workflows/{id}", changes)
    assert status == 200
    assert {key: body[key] for key in changes} == changes
    assert body["slug"] == "new-name"
    assert labs.engine.get("/workflows/new-name")[1] == body


def test_api_service_changes_the_name_alone(labs: Both):
    """Changelog of 2026-08-14: the others were never honoured."""
    id = created(labs)

    status, body = labs.api.put(f"/workflows/{id}", {"name": "New", "description": "d", "locked": True})
    assert (status, body["name"], body["slug"], body["description"]) == (200, "New", "new", "Generates images")
    assert labs.engine.get(f"/workflows/{id}")[1]["locked"] is False


def test_a_name_whose_slug_is_taken_is_a_conflict(labs: Both):
    """On api-service 409; the engine's pages know none, so a number is added there."""
    created(labs, name="One")
    id = created(labs, name="Two")

    assert labs.api.put(f"/workflows/{id}", {"name": "one"}) == (409, {"error": "conflict"})
    assert labs.api.put(f"/workflows/{id}", {"name": "Two"})[0] == 200
    assert labs.engine.put(f"/workflows/{id}", {"name": "One"})[1]["slug"] == "one-2"


def test_a_locked_workflow_does_not_change(labs: Both):
    """403, in each contract's words."""
    id = created(labs, locked=True)

    assert labs.engine.put(f"/workflows/{id}", {"name": "x"}) == (403, {"error": "Workflow is locked"})
    assert labs.api.put(f"/workflows/{id}", {"name": "x"}) == (403, {"error": "forbidden"})


def test_the_latest_version_is_the_one_that_was_put_last(labs: Both):
    """Also when it was there before."""
    id = created(labs)
    for name in ("v2", "v1"):
        body = {"version_id": name, "definition": {"steps": [STEP]}}
        assert labs.engine.put(f"/workflows/{id}/versions/{name}", body)[0] == 200

    _, shown = labs.engine.get(f"/workflows/{id}")
    assert shown["latest_version_id"] == "v1"
    assert [one["version_id"] for one in shown["versions"]] == ["v2", "v1"]


def test_a_version_is_shown_when_it_was_put(labs: Both):
    """Its flags, and a definition that counts from here on."""
    id = created(labs)
    body = {"version_id": "v2", "definition": {"steps": [STEP]}, "locked": True, "allowed_to_share": True}

    status, shown = labs.engine.put(f"/workflows/{id}/versions/v2", body)
    assert status == 200
    assert {key: shown[key] for key in ("version_id", "slug", "locked", "allowed_to_share", "production")} == {
        "version_id": "v2",
        "slug": "text-to-image-generator",
        "locked": True,
        "allowed_to_share": True,
        "production": False,
    }
    assert labs.engine.post(f"/{id}/trigger", {})[0] == 202


def test_a_locked_version_does_not_change(labs: Both):
    """403, in both contracts."""
    id = created(labs)
    body = {"version_id": "v1", "definition": {"steps": [STEP]}, "locked": True}
    labs.engine.put(f"/workflows/{id}/versions/v1", body)

    for contract in (labs.engine, labs.api):
        assert contract.put(f"/workflows/{id}/versions/v1", body) == (403, {"error": "version is locked"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"version_id": "v2"}, "definition is required"),
        ({"definition": {}}, "version_id is required"),
        ({"version_id": "", "definition": {}}, "version_id is required"),
        ({"version_id": "v2", "definition": None}, "invalid request body"),
    ],
    ids=str,
)
def test_what_a_version_must_have(labs: Both, body, message):
    """The engine's 400s."""
    assert labs.engine.put(f"/workflows/{created(labs)}/versions/v2", body) == (400, {"error": message})


def test_api_service_changes_only_what_is_given(labs: Both):
    """A patch; a version that is new needs a definition, and the body's `version_id` counts before the path."""
    id = created(labs)

    status, shown = labs.api.put(f"/workflows/{id}/versions/v1", {"allowed_to_share": True})
    assert (status, shown["allowed_to_share"], shown["definition"]) == (200, True, NEW["definition"])
    assert labs.api.put(f"/workflows/{id}/versions/v2", {"locked": True}) == (400, {"error": "definition is required"})
    body = {"version_id": "v3", "definition": {"steps": [STEP]}, "output_mapping": {"a": "$.generate.output"}}
    assert labs.api.put(f"/workflows/{id}/versions/v2", body)[1]["version_id"] == "v3"
    _, run = labs.api.post(f"/workflows/trigger/{id}/v3", {})
    labs.pass_by(5)
    _, shown = labs.api.get(f"/workflows/executions/{run['execution_id']}")
    assert shown["workflow_output"] == {"a": shown["output"]}


def test_a_version_of_a_workflow_that_takes_any(labs: Both):
    """What is put joins what was there; every other version still runs."""
    labs.engine.put("/workflows/wf_1/versions/v5", {"version_id": "v5", "definition": {"steps": [STEP]}})

    assert labs.engine.get("/workflows/wf_1")[1]["latest_version_id"] == "v5"
    assert labs.engine.post("/wf_1/trigger", {"version_id": "v9"})[0] == 202


def test_workflows_are_listed_newest_first(labs: Both):
    """Page by page; `offset` is there whenever the page came back full."""
    for name in ("A", "B", "C"):
        created(labs, name=name)
        labs.pass_by(1)

    def page(query: str) -> tuple[Any, ...]:
        _, body = labs.api.get(f"/workflows?{query}")
        return [one["name"] for one in body["workflows"]], body.get("offset"), body["total_count"]

    assert page("") == (["C", "B", "A"], None, 3)
    assert page("limit=2") == (["C", "B"], 2, 3)
    assert page("limit=2&offset=2") == (["A"], None, 3)
    assert page("limit=3") == (["C", "B", "A"], 3, 3)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("category=video", ["Bee"]),
        ("keyword=BE", ["Bee"]),
        ("keyword=generates", ["Cat", "Bee", "Ant"]),
        ("node_based=true", []),
        ("node_based=false", ["Cat", "Bee", "Ant"]),
        ("sort_key=name&sort_direction=asc", ["Ant", "Bee", "Cat"]),
        ("sort_key=trigger_count&sort_direction=desc", ["Ant", "Cat", "Bee"]),
        ("sort_key=name", ["Cat", "Bee", "Ant"]),
        ("sort_direction=asc", ["Cat", "Bee", "Ant"]),
    ],
)
def test_workflows_are_filtered_and_sorted(labs: Both, query, names):
    """A key or a direction alone is ignored."""
    for name, category in (("Ant", "image"), ("Bee", "video"), ("Cat", "image")):
        created(labs, name=name, categories=[category])
        labs.pass_by(1)
    labs.engine.post("/ant/trigger", {"inputs": {"prompt": "x"}})

    assert [one["name"] for one in labs.api.get(f"/workflows?{query}")[1]["workflows"]] == names


def test_a_page_of_workflows_that_cannot_be(labs: Both):
    """400, though the page lists none."""
    assert labs.api.get("/workflows?limit=0") == (400, {"error": "limit must be between 1 and 100"})


def test_categories_are_ours_and_those_of_the_workflows(labs: Both):
    """Each with a slug and a label."""
    created(labs, categories=["sound-design"])

    status, body = labs.engine.get("/categories")
    assert status == 200
    assert {"slug": "sound-design", "label": "Sound design", "is_default": False} in body["categories"]
    assert len({one["slug"] for one in body["categories"]}) == len(body["categories"]) == 4


def test_what_is_declared_for_one_contract_is_there_in_the_other(labs: Both):
    """Whether the vendor or one of its documents is named."""
    for owner in ("eachlabs", "eachlabs-api"):
        labs.world.apply(Declare(owner, "workflows", f"wf_{owner}", {"versions": ["v7"]}))

        for contract in (labs.engine, labs.api):
            assert contract.get(f"/workflows/wf_{owner}")[1]["versions"][0]["version_id"] == "v7"


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("pipelines", {}, 'there are no "pipelines" here; each::labs has workflows'),
        ("workflows", {"input_schem": {}}, 'a workflow has no "input_schem"; did you mean "input_schema"?'),
        ("workflows", {"versions": "v1"}, "the versions of workflow wf is 'v1', which will not do"),
        ("workflows", {"input_schema": {"minProperties": "x"}}, "the input_schema of workflow wf is no JSON Schema"),
        ("workflows", {"output_schema": {"type": "x"}}, "no value of the output_schema of workflow wf can be made"),
    ],
)
def test_a_declaration_that_cannot_be(kind, value, message):
    """One sentence, for fixtures and tests alike."""
    with pytest.raises(ValueError, match=re.escape(message)):
        workflow(kind, "wf", value)


def test_the_same_requests_make_the_same_ids():
    """Ids come from the world's chance."""
    assert created(both()) == created(both())
