"""The vendor's real SDK (PyPI `vectorshift`) keeps and runs pipelines on the emulator, sync and async."""

import base64
import json
from functools import partial
from typing import Any

import aiohttp
import pytest
import requests
import vectorshift
from vectorshift.pipeline import BumpLevel
from vectorshift.pipeline import Pipeline as Typed
from vectorshift.request import ApiConnectionError, ApiTimeoutError, async_request_client

Pipeline: Any = Typed  # its annotations have generators and lists where it gives a dict


def wired(pipeline, kind="string"):
    """One input `q`, wired to one output `o`."""
    given = pipeline.add.input(node_name="q", input_type=kind)
    pipeline.add.output(node_name="o", output_type=kind, value=given.file if kind == "file" else given.text)
    return pipeline


def test_what_the_sdk_built_echoes(sdk):
    """New, save, run: what goes in comes back, and so it does for the pipeline when it is fetched."""
    pipeline = wired(Pipeline.new("echo"))

    assert pipeline.save() == {"status": "success"}
    assert pipeline.run({"q": "héllo"})["outputs"] == {"o": "héllo"}
    assert [one["outputs"] for one in pipeline.bulk_run([{"q": "a"}, {"q": "b"}])["run_outputs"]] == [
        {"o": "a"},
        {"o": "b"},
    ]
    fetched = Pipeline.fetch(id=pipeline.id)
    assert (fetched.name, fetched.branch_id, set(fetched.inputs)) == ("echo", pipeline.branch_id, {"q"})
    assert fetched.run({"q": 5})["outputs"] == {"o": 5}


def test_a_file_goes_in_and_comes_out(sdk, document):
    """A declared input of type file is sent as a part and echoed as a file."""
    pipeline = wired(Pipeline.new("echo"), "file")
    pipeline.save()

    for value in (document, document.read_bytes(), document.open("rb")):
        file = pipeline.run({"q": value})["outputs"]["o"]
        assert base64.b64decode(file["raw_bytes"]) == b"AAAA"


def test_nodes_given_at_once_echo_too(sdk):
    """`Pipeline.new(name, nodes)` needs no save."""
    pipeline = Pipeline.new("echo", nodes=wired(Pipeline()).nodes)

    assert pipeline.run({"q": "x"})["outputs"] == {"o": "x"}


def test_the_sdk_checks_the_inputs_that_were_declared(sdk):
    """What a fixture or a test declares is fetched as nodes, so the SDK knows the names."""
    sdk.pipeline(
        "p1", name="Report", inputs={"q": "string", "doc": "file"}, outputs={"summary": "string", "n": "int32"}
    )

    pipeline = Pipeline.fetch(name="Report")

    assert {name: one["io_type"] for name, one in pipeline.inputs.items()} == {"q": "string", "doc": "file"}
    assert {name: one["io_type"] for name, one in pipeline.outputs.items()} == {"summary": "string", "n": "int32"}
    with pytest.raises(ValueError, match=r"Unexpected: \{'other'\}"):
        pipeline.run({"q": "x", "other": 1})
    outputs = pipeline.run({"q": "x", "doc": b"A"})["outputs"]
    assert {name: type(value) for name, value in outputs.items()} == {"summary": str, "n": int}


def test_everything_that_can_be_said_of_a_run_is_recorded(sdk):
    """Sessions, overrides and intermediate results."""
    result = Pipeline(id="p1").run(
        {"q": "x"}, session_id="s1", node_input_overrides={"llm.system": "pirate"}, send_intermediate_results=False
    )

    sdk.assert_called(
        "runPipeline",
        times=1,
        body={"session_id": "s1", "node_input_overrides": {"llm.system": "pirate"}, "send_intermediate_results": False},
    )
    assert result["status"] == "success"


def test_pipelines_are_listed(sdk):
    """Ids, and names with `verbose`; page by page."""
    made = [Pipeline.new(str(number)) for number in range(3)]
    made[2].move_to_folder("f1")

    assert [one.id for one in Pipeline.list()] == [one.id for one in made]
    page = Pipeline.list(include_shared=True, verbose=True, offset=1, limit=1)
    assert [(one.id, one.name) for one in page] == [(made[1].id, "1")]
    assert [one.id for one in Pipeline.list(folder_id="f1")] == [made[2].id]


def test_a_pipeline_lives_from_new_to_delete(sdk):
    """Every other call of the SDK about a pipeline, in one life."""
    pipeline = wired(Pipeline.new("first"))
    pipeline.save(bump=BumpLevel.MINOR, description="one wire")
    copy = pipeline.duplicate(name="second")
    removed = copy.remove_node(node_name="o")
    listing = pipeline.publish("Mine", tags=["a"], internal=True)["id"]

    assert copy.name == "second"
    assert removed["node_id"] in {node.id for node in pipeline.nodes}
    assert copy.run({"q": "x"})["outputs"] == {}
    assert Pipeline.fetch(id=pipeline.id, version="latest").id == pipeline.id
    assert pipeline.share(user_id="u1", role="editor") == {"status": "success"}
    assert pipeline.unshare(user_id="u1") == {"status": "success"}
    assert pipeline.unpublish(listing) == {"status": "success"}
    assert pipeline.revert("1.0.0") == {"status": "success"}
    assert Pipeline.fetch(id=pipeline.id).nodes == []
    assert pipeline.delete() == {"status": "success"}
    with pytest.raises(vectorshift.NotFoundError, match="Pipeline not found"):
        Pipeline.fetch(id=pipeline.id)


@pytest.mark.asyncio
async def test_the_same_life_async(asdk, document):
    """Each call has its async twin, and that insists on the JSON content type."""
    pipeline = wired(await Pipeline.anew("first"))
    await pipeline.asave()
    copy = await pipeline.aduplicate(name="second")
    listing = (await pipeline.apublish("Mine"))["id"]

    assert (await pipeline.arun({"q": "x"}))["outputs"] == {"o": "x"}
    assert (await pipeline.abulk_run([{"q": "a"}]))["run_outputs"][0]["outputs"] == {"o": "a"}
    assert (await Pipeline(id="p1").arun({"q": "x", "doc": document}))["status"] == "success"
    assert (await Pipeline.afetch(name="second")).id == copy.id
    assert [one.id for one in await Pipeline.alist(verbose=True)] == [pipeline.id, copy.id]
    assert (await copy.aremove_node(node_name="o"))["status"] == "success"
    assert await pipeline.ashare(org_id="o1") == {"status": "success"}
    assert await pipeline.aunshare(org_id="o1") == {"status": "success"}
    assert await pipeline.amove_to_folder("f1") == {"status": "success"}
    assert await pipeline.aunpublish(listing) == {"status": "success"}
    assert await pipeline.arevert("1.0.0") == {"status": "success"}
    assert await pipeline.adelete() == {"status": "success"}
    with pytest.raises(vectorshift.NotFoundError):
        await pipeline.arun({"q": "x"})


ERRORS = [
    (400, "Invalid pipeline version: 9", vectorshift.BadRequestError),
    (401, "Invalid API key: verification failed", vectorshift.AuthenticationError),
    (401, "MCP server API keys can only be used with MCP server endpoints", vectorshift.AuthenticationError),
    (403, "Origin not allowed", vectorshift.PermissionDeniedError),
    (404, "Pipeline not found", vectorshift.NotFoundError),
    (429, "Rate limit exceeded", vectorshift.RateLimitError),
    (500, "pipeline execution timed out after 300s", vectorshift.InternalServerError),
]


@pytest.mark.parametrize(("status", "text", "error"), ERRORS, ids=lambda value: str(value)[:40])
def test_every_error_becomes_the_sdks_exception(sdk, status, text, error):
    """Scripted in the vendor's shapes, none of which breaks the document."""
    body = {"error": text} if status in (401, 403, 429) else {"status": "failed", "error": text}
    sdk.on("runPipeline").respond(status, json=body)

    with pytest.raises(error) as caught:
        Pipeline(id="p1").run({"q": 1})

    assert (caught.value.status_code, caught.value.error_message) == (status, text)


@pytest.mark.parametrize(("status", "text", "error"), ERRORS, ids=lambda value: str(value)[:40])
@pytest.mark.asyncio
async def test_every_error_becomes_the_sdks_exception_async(asdk, status, text, error):
    """The same through aiohttp."""
    body = {"error": text} if status in (401, 403, 429) else {"status": "failed", "error": text}
    asdk.on("bulkRunPipeline").respond(status, json=body)

    with pytest.raises(error, match=text):
        await Pipeline(id="p1").abulk_run([{"q": 1}])


def test_a_limit_may_say_when_to_come_back(sdk):
    """With and without `Retry-After`; then all is well."""
    limited = sdk.on("runPipeline").respond(429, json={"error": "Rate limit exceeded"}, retry_after=2)
    limited.respond(429, json={"error": "Rate limit exceeded"}).emulate()

    for _ in range(2):
        with pytest.raises(vectorshift.RateLimitError, match="Rate limit exceeded"):
            Pipeline(id="p1").run({"q": 1})
        sdk.clock.advance("3s")

    assert Pipeline(id="p1").run({"q": 1})["status"] == "success"


def test_a_422_is_an_exception_of_its_own(sdk):
    """The SDK's page on errors has it; no page of a call does."""
    sdk.on("updatePipeline").respond(422, json={"error": "bad wiring"}, off_contract="in the page on errors only")

    with pytest.raises(vectorshift.UnprocessableEntityError, match="bad wiring"):
        Pipeline.new("x").save()


@pytest.mark.asyncio
async def test_other_errors_are_exceptions_too_async(asdk):
    """422 has a class of its own, and what has none is a plain VectorshiftApiError."""
    why = "in the page on errors only"
    asdk.on("runPipeline").respond(422, json={"error": "bad wiring"}, off_contract=why).respond(
        409, json={"error": "busy"}, off_contract=why
    )

    with pytest.raises(vectorshift.UnprocessableEntityError, match="bad wiring"):
        await Pipeline(id="p1").arun({"q": 1})
    with pytest.raises(vectorshift.VectorshiftApiError, match="busy") as caught:
        await Pipeline(id="p1").arun({"q": 1})
    assert (type(caught.value), caught.value.status_code) == (vectorshift.VectorshiftApiError, 409)


def test_a_broken_connection_is_an_exception_too(sdk):
    """No answer came."""
    sdk.on("runPipeline").reset()

    with pytest.raises(ApiConnectionError):
        Pipeline(id="p1").run({"q": 1})


@pytest.mark.asyncio
async def test_a_broken_connection_is_an_exception_too_async(asdk):
    """The same through aiohttp."""
    asdk.on("runPipeline").reset()

    with pytest.raises(ApiConnectionError):
        await Pipeline(id="p1").arun({"q": 1})


def test_a_client_that_does_not_wait_long_is_told_so(sdk, monkeypatch):
    """No answer comes; the SDK sets no limit of its own, so its user's is set here."""
    monkeypatch.setattr("vectorshift.request.requests.request", partial(requests.request, timeout=0.1))
    sdk.on("runPipeline").timeout()

    with pytest.raises(ApiTimeoutError, match="timed out: POST /pipeline/p1/run"):
        Pipeline(id="p1").run({"q": 1})


@pytest.mark.asyncio
async def test_a_client_that_does_not_wait_long_is_told_so_async(asdk):
    """The same through aiohttp, in the session that the SDK keeps for the loop."""
    session = await async_request_client._get_session()
    session._timeout = aiohttp.ClientTimeout(total=0.1)
    asdk.on("runPipeline").timeout()

    with pytest.raises(ApiTimeoutError):
        await Pipeline(id="p1").arun({"q": 1})


def test_what_a_client_does_wrong_becomes_an_exception_too(sdk, monkeypatch):
    """A key of nobody, a value that is no data, a version that never was."""
    with sdk.allow_violations("runPipeline"), pytest.raises(vectorshift.BadRequestError, match="/inputs/x"):
        Pipeline(id="p1").run({"x": {"y": 1}})
    with pytest.raises(vectorshift.BadRequestError, match="Invalid pipeline version: 9"):
        Pipeline.fetch(id="p1", version="9")
    monkeypatch.setattr(vectorshift, "api_key", "wrong")
    with sdk.allow_violations("listPipelines"), pytest.raises(vectorshift.AuthenticationError, match="Invalid API key"):
        Pipeline.list()


def test_a_failed_run_is_an_internal_server_error(sdk):
    """With the reason that the script gives."""
    sdk.input(0).fail("Node 'llm' failed")

    with pytest.raises(vectorshift.InternalServerError, match="Node 'llm' failed"):
        Pipeline(id="p1").run({"q": 1})


def test_outputs_may_be_made_by_a_function(sdk):
    """`m.outputs.use(...)` speaks for single runs too."""
    sdk.outputs.use(lambda run: {"upper": run["inputs"]["q"].upper()})

    assert Pipeline(id="p1").run({"q": "x"})["outputs"] == {"upper": "X"}


def test_the_answer_is_json_as_the_async_client_insists(sdk):
    """Whole bodies, so that nothing of the SDK's own is lost on the way."""
    Pipeline(id="p1").run({"q": "é"})

    (entry,) = sdk.journal.calls("runPipeline")
    assert dict(entry.answer.headers)["Content-Type"] == "application/json"
    assert json.loads(entry.answer.body) == entry.answer.value
