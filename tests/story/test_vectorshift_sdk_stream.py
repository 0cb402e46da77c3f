"""The vendor's real SDK reads streamed runs: sync and async, to the end, to an error, and as far as they go."""

from itertools import islice

import aiohttp
import pytest
import requests
import vectorshift
from vectorshift.pipeline import Pipeline
from vectorshift.request import async_request_client


def piece(value, after="1s"):
    return {"after": after, "data": {"type": "stream", "run_id": "r1", "output_name": "o", "output_value": value}}


async def collected(chunks, most=1000):
    """What an async stream gives; the session that the SDK keeps for the loop is closed."""
    found = []
    try:
        async for chunk in chunks:
            found.append(chunk)
            if len(found) == most:
                break
    finally:
        await chunks.aclose()
        await async_request_client.close()
    return found


def test_a_run_is_read_piece_by_piece(sdk):
    """Texts as they are written, then the result."""
    sdk.input(0).complete(output={"summary": "All is well", "n": 5}, after="30s")

    *pieces, result = Pipeline(id="p1").stream({"q": "a"})

    assert "".join(one.output_value for one in pieces) == "All is well"
    assert {(one.type, one.output_name) for one in pieces} == {("stream", "summary")}
    assert (result.type, result.status, result.outputs) == ("result", "success", {"summary": "All is well", "n": 5})
    assert {one.run_id for one in pieces} == {result.run_id}


@pytest.mark.asyncio
async def test_a_run_is_read_piece_by_piece_async(sdk):
    """The same through aiohttp."""
    sdk.input(0).complete(output={"summary": "All is well"})

    *pieces, result = await collected(Pipeline(id="p1").astream({"q": "a"}, stream_all_outputs=True))

    assert "".join(one.output_value for one in pieces) == "All is well"
    assert result.outputs == {"summary": "All is well"}


def test_run_with_stream_gives_the_lines(sdk):
    """`run(stream=True)` hands over what comes, line by line."""
    lines = list(Pipeline(id="p1").run({"q": "a"}, stream=True))

    assert lines[-2] == b"event: result"
    assert lines[-1].startswith(b'data: {"type":"result"')


@pytest.mark.asyncio
async def test_run_with_stream_gives_the_lines_async(sdk):
    """`arun(stream=True)` too."""
    lines = await collected(await Pipeline(id="p1").arun({"q": "a"}, stream=True))

    assert any(line.startswith(b'data: {"type":"result"') for line in lines)


def test_files_may_be_sent_with_it(sdk, tmp_path):
    """Then the SDK sends a form."""
    document = tmp_path / "a.txt"
    document.write_text("AAAA")

    *_, result = Pipeline(id="p1").stream({"doc": document})

    assert result.type == "result"


def test_an_error_in_mid_stream_is_read(sdk):
    """The pieces before it came; the chunk says what happened."""
    sdk.input(0).fail("pipeline execution timed out after 300s")

    *_, last = Pipeline(id="p1").stream({"q": "a"})

    assert (last.type, last.status, last.error) == ("error", "failed", "pipeline execution timed out after 300s")


def test_a_stream_that_stops_is_noticed(sdk):
    """The client sees a body that breaks off."""
    sdk.on("runPipeline").respond(events=[piece("a"), piece("b")], fault="truncate")
    seen: list[str] = []

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        seen.extend(one.output_value for one in Pipeline(id="p1").stream({"q": "a"}))
    assert seen == ["a", "b"]


@pytest.mark.asyncio
async def test_a_stream_that_stops_is_noticed_async(sdk):
    """The emulator's own stream, cut off in the middle; the SDK does not wrap what aiohttp says then."""
    sdk.on("runPipeline").truncate()

    with pytest.raises(aiohttp.ClientPayloadError):
        await collected(Pipeline(id="p1").astream({"q": "a"}))


def test_a_stream_may_be_left_before_it_ends(sdk):
    """One that never ends is read as far as is wanted."""
    sdk.on("runPipeline").respond(events=[piece("a"), piece("b")], more="repeat")

    stream = Pipeline(id="p1").stream({"q": "a"})
    found = [one.output_value for one in islice(stream, 5)]
    stream.close()

    assert found == ["a", "b", "a", "b", "a"]


@pytest.mark.asyncio
async def test_a_stream_may_be_left_before_it_ends_async(sdk):
    """The same through aiohttp."""
    sdk.on("runPipeline").respond(events=[piece("a"), piece("b")], more="repeat")

    found = await collected(Pipeline(id="p1").astream({"q": "a"}), 3)

    assert [one.output_value for one in found] == ["a", "b", "a"]


@pytest.mark.mockserver(clock="manual")
def test_a_stream_can_be_looked_at_half_read(sdk):
    """Under a manual clock the test says when the next piece comes."""
    sdk.on("runPipeline").respond(events=[piece("a", "0s"), piece("b", "10s")])

    stream = Pipeline(id="p1").stream({"q": "a"})
    first = next(stream)
    (entry,) = sdk.journal.calls("runPipeline")
    sdk.clock.advance("10s")
    rest = list(stream)

    assert first.output_value == "a"
    assert entry.sent is None
    assert [one.output_value for one in rest] == ["b"]


def test_a_refused_run_raises_as_always(sdk):
    """No stream begins: the status is an error."""
    with pytest.raises(vectorshift.NotFoundError, match="Pipeline not found"):
        list(Pipeline(id="0" * 24).stream({"q": "a"}))
