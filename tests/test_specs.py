"""The shipped documents: what they promise, as a table of facts, and that they load without a fault."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import yamlfile
from mockserver.data import specs_dir
from mockserver.openapi.document import Document
from mockserver.openapi.load import load
from mockserver.pointer import look_up

EVIDENCE = {"documented", "sdk", "emulator", "guess"}


@pytest.fixture(scope="module")
def pipeline() -> Document:
    folder = specs_dir() / "vectorshift"
    return load(folder / "pipeline.yaml", name="vectorshift", overlays=[folder / "pipeline.overlay.yaml"])


@pytest.fixture(scope="module")
def engine() -> Document:
    folder = specs_dir() / "eachlabs"
    return load(folder / "engine.yaml", name="eachlabs", overlays=[folder / "engine.overlay.yaml"])


def published(name: str) -> Any:
    return yamlfile.read(specs_dir() / name).value


@pytest.fixture(scope="module")
def api() -> Document:
    folder = specs_dir() / "eachlabs"
    return load(folder / "api.yaml", name="eachlabs-api", overlays=[folder / "api.overlay.yaml"])


BULK_RUN = "/paths/~1pipeline~1{id}~1bulk_run/post"
REPLY = f"{BULK_RUN}/responses/200/content/application~1json/schema"
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/openapi", "3.1.0"),
        ("/servers", [{"url": "https://api.vectorshift.ai/v1"}]),
        ("/security", [{"BearerAuth": []}]),
        (f"{BULK_RUN}/security", [{"BearerAuth": []}]),
        (f"{BULK_RUN}/requestBody/required", True),
        (f"{BULK_RUN}/requestBody/content/multipart~1form-data/schema/properties", {
            "runs": {"type": "string", "format": "json"},
            "runs.*.inputs": {"type": "string", "format": "json"},
            "runs.*.conversation_id": TEXT,
            "runs.*.inputs.*": {"type": "string", "format": "binary"},
        }),
        (f"{REPLY}/required", ["status", "run_outputs"]),
        (f"{REPLY}/properties/status", {"type": "string", "enum": ["success", "failed"]}),
        (f"{REPLY}/properties/run_outputs/items/required", ["run_id", "outputs"]),
        ("/components/schemas/PipelineBulkRunRequest/required", ["runs"]),
        ("/components/schemas/PipelineBulkRunRequest/properties/runs",
         {"type": "array", "items": {"$ref": "#/components/schemas/PipelineRunRequest"}}),
        ("/components/schemas/InputsMap/additionalProperties", {"$ref": "#/components/schemas/DataType"}),
        ("/components/schemas/Error", {
            "type": "object",
            "properties": {"status": {"type": "string", "enum": ["failed"]}, "error": TEXT},
            "required": ["status", "error"],
        }),
        ("/components/schemas/DataType/discriminator", {
            "propertyName": "type",
            "mapping": {
                "map": "#/components/schemas/DataType/oneOf/5", "file": "#/components/schemas/DataType/oneOf/6"
            },
        }),
        ("/components/schemas/DataType/oneOf/5/required", ["type", "items"]),
        ("/components/schemas/DataType/oneOf/6", {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["file"]},
                "raw_bytes": {"type": "string", "format": "base64"},
                "metadata": {"type": "object", "properties": {"name": TEXT, "path": TEXT, "mime_type": TEXT}},
            },
            "required": ["type", "raw_bytes"],
            "additionalProperties": False,
        }),
        ("/components/responses/UnauthorizedError/content/application~1json/schema", {
            "type": "object",
            "properties": {"error": {"type": "string", "enum": [
                "Missing authorization header", "Invalid authorization header format", "Invalid API key"
            ]}},
            "required": ["error"],
        }),
    ],
)  # fmt: skip
def test_the_pipeline_document_says_what_the_vendor_published(pointer, value):
    """Every schema, required list, enum and order is the vendor's; only the prose is ours."""
    assert look_up(published("vectorshift/pipeline.yaml"), pointer) == value


def test_the_pipeline_document_has_nothing_beside_what_was_published():
    """Paths, answers, schemas and the order of oneOf are complete, and nothing was added to the published file."""
    tree = published("vectorshift/pipeline.yaml")

    assert list(tree) == ["openapi", "info", "servers", "security", "paths", "components"]
    assert {path: list(item) for path, item in tree["paths"].items()} == {
        "/pipelines": ["get"],
        "/pipeline": ["get", "post"],
        "/pipeline/{id}": ["delete"],
        "/pipeline/{id}/run": ["post"],
        "/pipeline/{id}/bulk_run": ["post"],
        "/pipeline/{id}/terminate": ["post"],
        "/pipeline/{id}/pause": ["post"],
        "/pipeline/{id}/resume": ["post"],
    }
    assert set(look_up(tree, BULK_RUN)) == {
        "summary",
        "description",
        "parameters",
        "requestBody",
        "responses",
        "security",
    }
    assert list(look_up(tree, f"{BULK_RUN}/requestBody/content")) == [
        "application/json", "multipart/form-data", "application/x-www-form-urlencoded"
    ]  # fmt: skip
    assert list(look_up(tree, f"{BULK_RUN}/responses")) == ["200", "400", "401", "500"]
    assert list(tree["components"]["schemas"]) == [
        "PipelineBulkRunRequest", "DataType", "PipelineRunRequest", "Error", "InputsMap", "PipelineStreamEvent",
        "PipelineCreateRequest", "PipelineTerminateRequest", "PipelinePauseRequest", "PipelineResumeRequest"
    ]  # fmt: skip
    assert list(tree["components"]["responses"]) == ["Done", "BadRequest", "UnauthorizedError", "InternalError"]
    assert [branch["type"] for branch in look_up(tree, "/components/schemas/DataType/oneOf")] == [
        "string", "integer", "number", "boolean", "array", "object", "object", "null"
    ]  # fmt: skip


def test_the_pipeline_overlay_adds_names_an_alias_and_statuses(pipeline: Document):
    """Both spellings of the path are one operation, and the emulator's own statuses are declared everywhere."""
    bulk_run = pipeline.operation("bulkRunPipeline")
    (alias,) = pipeline.aliases

    assert bulk_run.label == "POST /pipeline/{id}/bulk_run"
    assert (alias.label, alias.same_as) == ("POST /pipeline/{id}/bulk-run", bulk_run.label)
    assert pipeline.operation("POST /pipeline/{id}/bulk-run") is bulk_run
    assert {reply.status for reply in bulk_run.replies} == {
        "200", "400", "401", "403", "404", "413", "415", "429", "500"
    }  # fmt: skip
    assert all(one.id != one.label for one in pipeline.operations)
    for one in pipeline.operations:
        assert {"200", "400", "401", "403", "413", "429", "500"} <= {reply.status for reply in one.replies}, one.label
    assert pipeline.base_path == "/v1"


@pytest.mark.parametrize("field", ["stream", "background", "webhook_url", "session_id", "version", "trace_id"])
def test_the_fields_that_only_the_sdk_sends_are_typed(pipeline: Document, field):
    """A run in JSON and as a form knows them; a value of another type is refused."""
    body = pipeline.operation("runPipeline").body
    good = {"stream": True, "background": False, "webhook_url": "http://127.0.0.1:9/x"}.get(field, "1.0.0")

    assert body is not None
    json = body.media[0].checker
    assert json is not None
    assert json.fits({"inputs": {}, field: good})
    assert not json.fits({"inputs": {}, field: 5})


def test_the_traps_of_the_published_page_are_remarked_upon():
    """Integer beside number, and a mapping to branches without a name: once, at their place; our overlay knows them."""
    page = load(specs_dir() / "vectorshift/pipeline.yaml", name="v")

    assert [remark.at.pointer for remark in page.warnings] == [
        "/components/schemas/DataType/oneOf",
        "/components/schemas/DataType/discriminator/mapping/map",
    ]


def test_the_pipeline_document_reads_whole_numbers(pipeline: Document):
    """The trap is accepted by the overlay; whole numbers, also in lists and maps, are fine."""
    checker = pipeline.checker("/components/schemas/DataType")

    assert pipeline.warnings == ()
    good: list[Any] = [5, 5.0, 1.5, "x", True, None, [1, "a", [2]], {"type": "map", "items": {"n": 7}}]
    bad: list[Any] = [
        {"n": 7},
        {"type": "map", "items": {}, "x": 1},
        {"type": "file"},
        {"type": "file", "raw_bytes": "?"},
    ]
    assert [value for value in good if not checker.fits(value)] == []
    assert [value for value in bad if checker.fits(value)] == []


def test_documented_only_leaves_the_page_alone():
    """Without what no page backs, there are paths without names."""
    folder = specs_dir() / "vectorshift"
    bare = load(folder / "pipeline.yaml", name="v", overlays=[folder / "pipeline.overlay.yaml"], documented_only=True)

    assert bare.value == published("vectorshift/pipeline.yaml")
    assert "POST /pipeline/{id}/bulk_run" in [one.id for one in bare.operations]
    assert all(one.id == one.label for one in bare.operations)
    assert bare.aliases == ()


def test_the_engine_document_has_the_bulk_trigger(engine: Document):
    """Its statuses, either key, and a callback for each webhook."""
    trigger = engine.operations[0]

    assert (trigger.id, trigger.label) == ("bulkTriggerWorkflow", "POST /{workflowID}/bulk-trigger")
    assert {reply.status for reply in trigger.replies} == {"202", "400", "401", "404", "413", "415", "429"}
    assert [[(one.location, one.key) for one in way] for way in trigger.security] == [
        [("header", "X-API-Key")], [("header", "Authorization")]
    ]  # fmt: skip
    assert list(trigger.callbacks["executionFinished"]) == ["{$request.body#/webhook_url}"]
    assert engine.base_path == "/api/v1"
    assert engine.warnings == ()


ENGINE = {
    "POST /{workflowID}/trigger",
    "POST /{workflowID}/bulk-trigger",
    "GET /executions/{executionID}",
    "GET /categories",
}
API = {
    "POST /workflows/trigger/{workflowID}/{versionID}",
    "POST /workflows/bulk-trigger/{workflowID}/{versionID}",
    "GET /workflows/executions/{executionID}",
    "GET /workflows",
    "GET /webhooks",
    "GET /webhooks/{executionID}",
}
BOTH = {
    "GET /workflows/{workflowID}/executions",
    "POST /workflows",
    "GET /workflows/{workflowID}",
    "PUT /workflows/{workflowID}",
    "PUT /workflows/{workflowID}/versions/{versionID}",
    "GET /public/@{nickname}/workflows/{slug}/versions/{versionID}",
    "POST /public/@{nickname}/workflows/{slug}/versions/{versionID}/trigger",
}


def test_both_contracts_of_eachlabs_are_whole(engine: Document, api: Document):
    """What they share has one operationId in both, and either key opens either one."""
    names = [{one.label: one.id for one in document.operations} for document in (engine, api)]

    assert [set(known) for known in names] == [ENGINE | BOTH, API | BOTH]
    assert {names[0][label] == names[1][label] for label in BOTH} == {True}
    assert {names[0][label] for label in ENGINE} & {names[1][label] for label in API} == set()
    assert {scheme.key for document in (engine, api) for scheme in document.schemes.values()} == {
        "X-API-Key",
        "Authorization",
    }
    assert (api.base_path, api.warnings) == ("/v1", ())


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"inputs": [{}]}, True),
        ({"inputs": [{"prompt": "x"}] * 10, "version_id": "v1", "webhook_url": "http://127.0.0.1:9/x"}, True),
        ({"inputs": []}, False),
        ({"inputs": [{}] * 11}, False),
        ({"inputs": ["x"]}, False),
        ({}, False),
        ({"inputs": [{}], "webhook_url": "ftp://example.test/x"}, False),
        ({"inputs": [{}], "webhook_url": "not a url"}, False),
        ({"inputs": [{}], "webhook_url": "http://exa mple.test/"}, False),
        ({"inputs": [{}], "webhook_url": 5}, False),
        ({"inputs": [{}], "version_id": 1}, False),
    ],
)
def test_the_engine_document_takes_one_to_ten_inputs(engine: Document, body, fits):
    """1 to 10 objects, a version that is text, a webhook_url that is an http or https URI."""
    assert engine.checker("/components/schemas/BulkTriggerRequest").fits(body) is fits


def test_the_documented_examples_fit_their_schemas(pipeline: Document, engine: Document, api: Document):
    """Every example of a body in a shipped document is one that the document allows."""
    bodies = [
        (document, media)
        for document in (pipeline, engine, api)
        for operation in document.operations
        for part in (operation.body, *operation.replies)
        if part is not None
        for media in part.media
    ]
    given = [(document.checker(media.rule), example) for document, media in bodies for example in media.examples]

    assert [checker.rule for checker, example in given if not checker.fits(example)] == []
    assert len(given) > 80


@pytest.mark.parametrize("overlay", sorted(path.name for path in specs_dir().rglob("*.overlay.yaml")))
def test_every_overlay_action_says_why_and_on_what_evidence(overlay):
    """Corrections without a reason and its evidence are not shipped."""
    (path,) = specs_dir().rglob(overlay)

    for action in yamlfile.read(path).value["actions"]:
        assert len(action["description"]) > 40
        assert action["x-evidence"] in EVIDENCE
