"""The vendor's real SDK (PyPI `vectorshift`) against the emulator: bulk runs with values and files, sync and async."""

import base64
from typing import Any

import pytest
import vectorshift
from vectorshift.pipeline import Pipeline
from vectorshift.request import async_request_client


@pytest.fixture
def documents(tmp_path):
    """Two files to send."""
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path, text in zip(paths, ("AAAA", "BBBBBB"), strict=True):
        path.write_text(text)
    return paths


def test_plain_values(sdk):
    """Outputs come back in the order of the runs, whole numbers and lists included."""
    sdk.input(0).complete(output={"summary": "first", "n": 5})

    answer: Any = Pipeline(id="p1").bulk_run([{"q": "a", "n": 3, "l": [1, 2.5]}, {"q": "b", "b": True, "z": None}])

    assert answer["status"] == "success"
    assert answer["run_outputs"][0]["outputs"] == {"summary": "first", "n": 5}
    assert len(answer["run_outputs"]) == 2


def test_files_reach_their_runs(sdk, documents):
    """The SDK names a file part by the bare input name; the n-th goes to the n-th run that lacks it."""
    answer: Any = Pipeline(id="p1").bulk_run([{"q": "a", "doc": documents[0]}, {"q": "b", "doc": documents[1]}])

    assert len(answer["run_outputs"]) == 2
    (entry,) = sdk.journal.calls("bulkRunPipeline")
    assert [sent(run) for run in entry.call.body["runs"]] == [("a", b"AAAA", "a.txt"), ("b", b"BBBBBB", "b.txt")]


async def bulk(*runs):
    """One async bulk run; the session that the SDK keeps for the loop is closed."""
    try:
        return await Pipeline(id="p1").abulk_run(list(runs))
    finally:
        await async_request_client.close()


@pytest.mark.asyncio
async def test_plain_values_async(sdk):
    """The same through aiohttp, whose client insists on the JSON content type."""
    answer = await bulk({"q": "a"}, {"q": "b", "n": 1.5})

    assert answer["status"] == "success"
    assert len(answer["run_outputs"]) == 2


@pytest.mark.asyncio
async def test_files_reach_their_runs_async(sdk, documents):
    """The async client sends the whole path, percent-encoded, as the file name; the name is what is recorded."""
    await bulk({"q": "a", "doc": documents[0]}, {"q": "b", "doc": documents[1]})

    (entry,) = sdk.journal.calls("bulkRunPipeline")
    assert [sent(run) for run in entry.call.body["runs"]] == [("a", b"AAAA", "a.txt"), ("b", b"BBBBBB", "b.txt")]


def test_a_scripted_failure_becomes_the_sdks_exception(sdk):
    """A 500 in the vendor's shape is an InternalServerError with the vendor's text."""
    sdk.on("bulkRunPipeline").respond(500, json={"status": "failed", "error": "engine is down"})

    with pytest.raises(vectorshift.InternalServerError, match="engine is down"):
        Pipeline(id="p1").bulk_run([{"q": "a"}])


def test_an_unknown_pipeline_becomes_the_sdks_exception(sdk):
    """Ids of zeros never exist."""
    with pytest.raises(vectorshift.NotFoundError, match="Pipeline not found"):
        Pipeline(id="0" * 24).bulk_run([{"q": "a"}])


def test_a_wrong_key_becomes_the_sdks_exception(sdk, monkeypatch):
    """The 401 is read by the SDK; the strict fixture is told that it is expected."""
    monkeypatch.setattr(vectorshift, "api_key", "wrong")

    with (
        sdk.allow_violations("bulkRunPipeline"),
        pytest.raises(vectorshift.AuthenticationError, match="Invalid API key"),
    ):
        Pipeline(id="p1").bulk_run([{"q": "a"}])


def sent(run):
    """What a run says, and the file that it holds."""
    file = run["inputs"]["doc"]
    return run["inputs"]["q"], base64.b64decode(file["raw_bytes"]), file["metadata"]["name"]
