"""What VectorShift's runs send to a `webhook_url` when they end. Nothing is really posted."""

import json

import pytest
from msgspec.structs import replace

from mockserver.engine.inputs import Advance, Attempted, Dial, Freeze, PutDeliveryScript, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from tests.callers import answer, caller

HOOK = "http://127.0.0.1:9/hook"
WALL = 1_800_000_000.0


@pytest.fixture
def slow(vectorshift):
    """Time moves only when it is told to."""
    vectorshift.world.apply(Freeze())
    return vectorshift


def run(one, **more):
    """A run that tells of its end."""
    return one.post("/pipeline/p1/run", {"inputs": {"q": "x"}, "webhook_url": HOOK, **more})


def posted(one, status=200):
    """What is posted now; the receiver answers with this status."""
    found = one.world.apply(Dial(WALL))
    for posting in found:
        one.world.apply(Attempted(posting.delivery, status))
    return found


def bodies(one):
    return [json.loads(posting.body) for posting in posted(one)]


def scripted(one, **plan):
    one.world.apply(PutInputScript(InputScript(1, frozenset({"vectorshift"}), Plan(**plan), 0)))


def fits(one, body):
    """Whether it is what the callback of the document promises."""
    (service,) = one.world.services
    return service.document.checker("/components/schemas/PipelineRunNotification").fits(body)


def test_a_run_in_the_background_tells_when_it_completes(slow):
    """Its own answer: status, run_id (that of the task), outputs, and the trace."""
    task = answer(run(slow, background=True, trace_id="t1"))["task_id"]
    assert posted(slow) == ()
    slow.world.apply(Advance(5))

    (posting,) = posted(slow)
    body = json.loads(posting.body)
    result = answer(slow.send("GET", f"/pipeline/p1/run/status/{task}"))["result"]
    assert body == {"status": "success", "run_id": task, "outputs": result, "trace_id": "t1"}
    assert (posting.url, posting.headers) == (HOOK, (("Content-Type", "application/json"),))
    assert fits(slow, body)


def test_a_run_that_was_waited_for_tells_too(slow):
    """Word for word what the call was answered."""
    entry = run(slow)

    assert bodies(slow) == [answer(entry)]
    assert slow.world.clock.now == slow.world.settings.start


def test_it_tells_when_the_run_is_over(slow):
    """A run that takes half a minute of the clock is told of then, not before."""
    scripted(slow, after=30.0)
    run(slow)

    (execution,) = slow.world.executions.all
    assert execution.ended == slow.world.settings.start + 30
    assert len(bodies(slow)) == 1


def test_a_streamed_run_tells_with_its_last_event(slow):
    """What the event `result` says."""
    scripted(slow, after=30.0, output=compile_template({"o": "one two three"}))
    entry = run(slow, stream=True)
    slow.world.apply(Advance(29.9))
    assert posted(slow) == ()
    slow.world.apply(Advance(0.1))

    (body,) = bodies(slow)
    last = entry.answer.chunks[-1].value
    assert body == {"status": "success", "run_id": last["run_id"], "outputs": {"o": "one two three"}}


@pytest.mark.parametrize("more", [{}, {"background": True}, {"stream": True}], ids=["run", "background", "stream"])
def test_a_failed_run_tells_why(slow, more):
    """Without outputs."""
    scripted(slow, ends="failed", error=compile_template("no model"), after=2.0)
    run(slow, **more)
    slow.world.apply(Advance(2))

    (body,) = bodies(slow)
    assert (body["status"], body["outputs"], body["error"]) == ("failed", {}, "no model")
    assert fits(slow, body)


def test_a_terminated_run_does_not_tell(slow):
    """It did not complete."""
    task = answer(run(slow, background=True))["task_id"]
    slow.post("/pipeline/p1/terminate", {"run_id": task})
    slow.world.apply(Advance(3600))

    assert slow.world.outbox.all == ()


def test_it_is_tried_once(slow):
    """No page knows of retries; a schedule that is asked for is kept."""
    run(slow)
    posted(slow, 500)
    script = replace(slow.world.delivery_script("vectorshift"), wait=(0.0, 60.0))
    slow.world.apply(PutDeliveryScript("vectorshift", script))
    run(slow)
    posted(slow, 500)
    slow.world.apply(Advance(60))
    posted(slow, 200)

    assert [(one.state, len(one.attempts)) for one in slow.world.outbox.all] == [("failed", 1), ("delivered", 2)]


def test_what_is_told_beyond_ascii_is_answered_so(slow):
    """The answer and the webhook are of one run."""
    scripted(slow, output=compile_template({"o": "plain"}))
    slow.world.apply(
        PutDeliveryScript("vectorshift", replace(slow.world.delivery_script("vectorshift"), non_ascii=True))
    )
    entry = run(slow)

    assert "東京" in answer(entry)["outputs"]["o"]
    assert bodies(slow) == [answer(entry)]


def test_the_address_does_not_enter_a_draw():
    """It holds a port, and the same inputs are to get the same outputs."""
    answers = [
        answer(caller("vectorshift").post("/pipeline/p1/run", {"inputs": {"q": 1}, **more}))
        for more in ({}, {"webhook_url": "http://127.0.0.1:5/a"}, {"webhook_url": "http://127.0.0.1:6/b"})
    ]

    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "url",
    ["nonsense", "ftp://a/b", "http://", "http://u:secret@h/", "http://h:0/", "http://a..b/", "http://[::1", 5, None],
    ids=str,
)
@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_an_address_that_cannot_be_is_refused(slow, url, form):
    """400 with the place, before anything starts; a password is not repeated."""
    if form:
        body = f'--B\r\nContent-Disposition: form-data; name="webhook_url"\r\n\r\n{url}\r\n--B--\r\n'.encode()
        entry = slow.send("POST", "/pipeline/p1/run", body, {"Content-Type": "multipart/form-data; boundary=B"})
    else:
        entry = run(slow, webhook_url=url, background=True)

    assert entry.answer.status == 400
    assert "/webhook_url" in answer(entry)["error"]
    assert b"secret" not in entry.answer.body
    assert slow.world.executions.all == ()


@pytest.mark.parametrize(
    ("pipeline", "copies", "seconds"),
    [("pipe_tells_twice", 2, 0), ("pipe_tells_late", 1, 3600), ("pipe_tells_nobody", 0, 9)],
)
def test_the_shipped_fixture_has_webhooks_that_go_astray(pipeline, copies, seconds):
    """Twice, an hour late, never."""
    one = caller("vectorshift", fixtures=("vectorshift/background",))
    one.world.apply(Freeze())
    one.post(f"/pipeline/{pipeline}/run", {"inputs": {}, "webhook_url": HOOK})
    early = posted(one) if seconds else ()
    one.world.apply(Advance(seconds))

    assert (len(early), len(posted(one))) == (0, copies)
