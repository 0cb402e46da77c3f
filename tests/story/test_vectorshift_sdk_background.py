"""The vendor's real SDK starts runs in the background, waits for them, stops them, and is told by webhook."""

import base64
import threading

import pytest
import requests
import vectorshift
from vectorshift.pipeline import Pipeline
from vectorshift.request import PipelineRunFailedError, PollTimeoutError

SOON = 0.001  # seconds between two polls; the clock of the world does not wait


def polls(mock):
    """How often the status of a task was asked for."""
    return len(mock.journal.calls("getPipelineRunStatus"))


def say(mock, what, **body):
    """A call that the SDK does not have."""
    answer = requests.post(
        f"{mock.url}/pipeline/p1/{what}", json=body, headers={"Authorization": f"Bearer {mock.api_key}"}
    )
    return answer.status_code, answer.json()


def test_a_run_is_waited_for(sdk):
    """`result()` returns at its second poll, whatever the run takes."""
    sdk.input(0).complete(output={"summary": "fine"}, after="2h")

    handler = Pipeline(id="p1").start({"q": "bg"}, version="latest", trace_id="t1")

    assert handler.trace_id == "t1"
    assert handler.result(poll_interval=SOON) == {
        "task_id": handler.task_id,
        "status": "completed",
        "result": {"summary": "fine"},
    }
    assert polls(sdk) == 2


@pytest.mark.asyncio
async def test_a_run_is_waited_for_async(asdk):
    """`aresult()` too."""
    asdk.input(0).complete(output={"summary": "fine"}, after="2h")

    handler = await Pipeline(id="p1").astart({"q": "bg"}, session_id="s1", node_input_overrides={"llm.system": "x"})

    assert (await handler.aresult(poll_interval=SOON))["result"] == {"summary": "fine"}
    assert polls(asdk) == 2


def test_a_file_may_go_with_it(sdk, document):
    """Then the SDK sends a form, and `background` is text in it."""
    handler = Pipeline(id="p1").start({"q": "bg", "doc": document})

    assert handler.result(poll_interval=SOON)["status"] == "completed"
    (entry,) = sdk.journal.calls("runPipeline")
    assert entry.call.body["background"] is True
    assert base64.b64decode(entry.call.body["inputs"]["doc"]["raw_bytes"]) == b"AAAA"


@pytest.mark.asyncio
async def test_a_file_may_go_with_it_async(asdk, document):
    """The same through aiohttp."""
    handler = await Pipeline(id="p1").astart({"doc": document})

    assert (await handler.aresult(poll_interval=SOON))["status"] == "completed"


def test_what_the_sdk_built_runs_in_the_background(sdk):
    """An echo echoes there too."""
    pipeline = Pipeline.new("echo")
    given = pipeline.add.input(node_name="q", input_type="string")
    pipeline.add.output(node_name="o", output_type="string", value=given.text)
    pipeline.save()

    assert pipeline.start({"q": "x"}).result(poll_interval=SOON)["result"] == {"o": "x"}


def test_a_failed_run_is_an_exception_of_its_own(sdk):
    """With the reason of the script, at the second poll."""
    sdk.input(0).fail("Node 'llm' failed", after="30s")
    handler = Pipeline(id="p1").start({"q": "bg"})

    with pytest.raises(PipelineRunFailedError, match="Node 'llm' failed"):
        handler.result(poll_interval=SOON)
    assert polls(sdk) == 2


@pytest.mark.asyncio
async def test_a_failed_run_is_an_exception_of_its_own_async(asdk):
    """The same through aiohttp."""
    asdk.input(0).fail("Node 'llm' failed", after="30s")
    handler = await Pipeline(id="p1").astart({"q": "bg"})

    with pytest.raises(PipelineRunFailedError, match="Node 'llm' failed"):
        await handler.aresult(poll_interval=SOON)


@pytest.mark.mockserver(clock="manual")
def test_a_terminated_run_ends_the_wait(sdk):
    """The first poll after it raises, although the clock stands."""
    handler = Pipeline(id="p1").start({"q": "bg"})

    assert handler.run_status()["status"] == "in_progress"
    assert handler.terminate() == {"status": "success"}
    with pytest.raises(PipelineRunFailedError, match="terminated"):
        handler.result(poll_interval=SOON)
    assert polls(sdk) == 2


@pytest.mark.mockserver(clock="manual")
@pytest.mark.asyncio
async def test_a_terminated_run_ends_the_wait_async(asdk):
    """And so does one that is terminated by the id of its task alone."""
    pipeline = Pipeline(id="p1")
    first, second = await pipeline.astart({"q": 1}), await pipeline.astart({"q": 2})

    assert await first.aterminate() == {"status": "success"}
    assert await pipeline.aterminate(second.task_id) == {"status": "success"}
    for handler in (first, second):
        with pytest.raises(PipelineRunFailedError, match="terminated"):
            await handler.aresult(poll_interval=SOON)
    assert (await pipeline.arun_status(first.task_id))["status"] == "failed"


@pytest.mark.mockserver(clock="manual")
def test_a_wait_in_another_thread_is_ended(sdk):
    """Somebody waits while somebody else terminates."""
    handler = Pipeline(id="p1").start({"q": "bg"})
    raised = []

    def wait():
        try:
            handler.result(poll_interval=SOON, timeout=60)
        except PipelineRunFailedError as error:
            raised.append(error.run_error)

    thread = threading.Thread(target=wait)
    thread.start()
    handler.terminate()
    thread.join(60)

    assert raised == ["pipeline execution was terminated"]


@pytest.mark.mockserver(clock="manual")
def test_a_paused_run_keeps_whoever_waits(sdk):
    """Until it is resumed and its time has gone by. The SDK cannot pause; the API can."""
    pipeline = Pipeline(id="p1")
    handler = pipeline.start({"q": "bg"})
    assert say(sdk, "pause", run_id=handler.task_id) == (200, {"status": "success"})
    sdk.clock.advance("1h")
    with pytest.raises(PollTimeoutError):
        handler.result(poll_interval=SOON, timeout=SOON)

    assert say(sdk, "resume", run_ids=[handler.task_id]) == (200, {"status": "success"})
    sdk.clock.advance("5s")
    assert pipeline.run_status(handler.task_id)["status"] == "completed"


def test_what_has_ended_or_never_was_is_an_exception(sdk):
    """400 and 404, as guessed."""
    pipeline = Pipeline(id="p1")
    handler = pipeline.start({"q": "bg"})
    handler.result(poll_interval=SOON)

    with pytest.raises(vectorshift.BadRequestError, match="Run has ended already"):
        handler.terminate()
    with pytest.raises(vectorshift.NotFoundError, match="Run not found"):
        pipeline.terminate("nobody")
    with pytest.raises(vectorshift.NotFoundError, match="Run not found"):
        pipeline.run_status("nobody")


def test_an_error_at_the_door_starts_nothing(sdk):
    """The exceptions of a plain run."""
    sdk.on("runPipeline").respond(429, json={"error": "Rate limit exceeded"})

    with pytest.raises(vectorshift.RateLimitError, match="Rate limit exceeded"):
        Pipeline(id="p1").start({"q": "bg"})


def test_a_webhook_tells_of_the_end(sdk, webhook_inbox):
    """Really posted; the run's own answer."""
    sdk.input(0).complete(output={"summary": "fine"}, after="30s")
    handler = Pipeline(id="p1").start({"q": "bg"}, webhook_url=webhook_inbox.url)

    (received,) = webhook_inbox.wait_for(1)

    assert received.json == {"status": "success", "run_id": handler.task_id, "outputs": {"summary": "fine"}}
    assert polls(sdk) == 0
    sdk.webhooks.assert_delivered(count=1, execution_id=handler.task_id, status="completed")
    assert handler.run_status()["result"] == received.json["outputs"]


def test_webhooks_misbehave_on_request(sdk, webhook_inbox):
    """Twice, out of order, signed: what `m.webhooks` knows holds here too."""
    sdk.webhooks.sign("standard").duplicate(2)
    webhook_inbox.respond(500)
    sdk.webhooks.retry(["0s", "1m"])
    Pipeline(id="p1").start({"q": "bg"}, webhook_url=webhook_inbox.url)

    webhook_inbox.wait_for(3)

    sdk.webhooks.assert_delivered(count=2)
    assert sorted(attempt.status for attempt in sdk.webhooks.attempts) == [200, 200, 500]


@pytest.mark.mockserver(clock="manual")
def test_nothing_is_sent_before_its_time(sdk, webhook_inbox):
    """And nothing at all of a terminated run."""
    pipeline = Pipeline(id="p1")
    pipeline.start({"q": 1}, webhook_url=webhook_inbox.url)
    stopped = pipeline.start({"q": 2}, webhook_url=webhook_inbox.url)
    stopped.terminate()

    sdk.webhooks.assert_none(within="4s")
    sdk.clock.advance("1s")
    sdk.webhooks.assert_delivered(count=1)
    sdk.webhooks.assert_none(execution_id=stopped.task_id, within="30d")


def test_a_run_that_is_waited_for_is_told_of_too(sdk, webhook_inbox):
    """The SDK's `run()` takes no `webhook_url`; the API does."""
    status, body = say(sdk, "run", inputs={"q": 1}, webhook_url=webhook_inbox.url)

    (received,) = webhook_inbox.wait_for(1)
    assert (status, received.json) == (200, body)
    sdk.webhooks.assert_delivered(count=1, execution_id=body["run_id"])
