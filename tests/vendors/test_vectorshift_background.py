"""VectorShift's runs in the background: tasks that live on the world's clock, and are stopped, paused and resumed."""

import re

import pytest

from mockserver.engine.inputs import Advance, Declare, Freeze, PutInputScript, PutOutcomes
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from tests.callers import answer, caller

ENDED = {"status": "failed", "error": "Run has ended already: completed"}
UNKNOWN = {"status": "failed", "error": "Run not found"}
DONE = {"status": "success"}


@pytest.fixture
def slow(vectorshift):
    """Time moves only when it is told to."""
    vectorshift.world.apply(Freeze())
    return vectorshift


def run(one, pipeline="p1", **more):
    """A run in the background: its entry."""
    return one.post(f"/pipeline/{pipeline}/run", {"inputs": {"q": "x"}, "background": True, **more})


def begin(one, **more):
    """The id of a task."""
    return answer(run(one, **more))["task_id"]


def status(one, task, pipeline="p1"):
    """Where a task stands, in an answer that the document allows."""
    return told(one.send("GET", f"/pipeline/{pipeline}/run/status/{task}"))[1]


def told(entry):
    assert (entry.violations, entry.undeclared, entry.crash) == ((), False, "")
    return entry.answer.status, answer(entry)


def act(one, what, *tasks, pipeline="p1"):
    """Status and answer of terminate, pause or resume."""
    body = {"run_ids": list(tasks)} if what == "resume" else {"run_id": tasks[0]}
    return told(one.post(f"/pipeline/{pipeline}/{what}", body))


def wait(one, seconds):
    one.world.apply(Advance(seconds))


def scripted(one, **plan):
    one.world.apply(PutInputScript(InputScript(1, frozenset({"vectorshift"}), Plan(**plan), 0)))


def test_a_task_is_answered_at_once(slow):
    """24 hex digits, and the trace that was sent."""
    code, body = told(run(slow, trace_id="t1"))

    assert code == 200
    assert set(body) == {"task_id", "trace_id"}
    assert re.fullmatch("[0-9a-f]{24}", body["task_id"])
    assert body["trace_id"] == "t1"


def test_it_completes_on_the_clock(slow):
    """In progress for 5 s, then `result` is the map of outputs itself."""
    slow.world.apply(Declare("vectorshift", "pipelines", "p1", {"outputs": {"o": {"value": "${inputs.q}!"}}}))
    task = begin(slow)
    wait(slow, 4.9)
    assert status(slow, task) == {"task_id": task, "status": "in_progress"}
    wait(slow, 0.1)

    assert status(slow, task) == {"task_id": task, "status": "completed", "result": {"o": "x!"}}


def test_the_second_read_shows_the_end_under_auto(vectorshift):
    """A read moves the clock to the next event, so a client that polls never waits."""
    task = begin(vectorshift)

    assert [status(vectorshift, task)["status"] for _ in range(3)] == ["in_progress", "completed", "completed"]


def test_it_comes_to_what_the_same_run_does_in_the_foreground(vectorshift):
    """The same inputs, the same outputs, however they are asked for."""
    task = begin(vectorshift)
    wait(vectorshift, 5)

    alone = answer(caller("vectorshift").post("/pipeline/p1/run", {"inputs": {"q": "x"}}))
    assert (status(vectorshift, task)["result"], task) == (alone["outputs"], alone["run_id"])


def test_forms_may_ask_for_it(vectorshift):
    """As the SDK does when it sends a file."""
    entry = vectorshift.send(
        "POST",
        "/pipeline/p1/run",
        b"inputs=%7B%22q%22%3A1%7D&background=true",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert set(answer(entry)) == {"task_id"}


def test_background_counts_before_a_stream(vectorshift):
    """Nobody would read the stream."""
    entry = run(vectorshift, stream=True)

    assert entry.answer.chunks is None
    assert "task_id" in answer(entry)


@pytest.mark.parametrize("background", [False, "no"])
def test_other_values_ask_for_nothing_or_are_refused(vectorshift, background):
    """A run that is not in the background is answered when it is over."""
    entry = run(vectorshift, background=background)

    assert entry.answer.status == (400 if background else 200)
    assert vectorshift.world.executions.all == ()


@pytest.mark.parametrize(
    ("plan", "seconds", "end"),
    [
        ({"ends": "failed", "after": 30.0}, 30, {"status": "failed", "error": "pipeline execution failed"}),
        ({"ends": "failed", "error": compile_template("no ${inputs.q}")}, 5, {"status": "failed", "error": "no x"}),
        ({"ends": "cancelled"}, 5, {"status": "failed", "error": "pipeline execution was terminated"}),
        (
            {"timeline": (("in_progress", 60.0),), "output": compile_template({"o": "${run_id}"})},
            60,
            {"status": "completed"},
        ),
    ],
    ids=["fails late", "with a reason", "cancelled", "timeline and output"],
)
def test_scripts_hold_in_the_background(slow, plan, seconds, end):
    """`m.input(0)` and the executions of a fixture say how long it takes and how it ends."""
    scripted(slow, **plan)
    task = begin(slow)
    wait(slow, seconds - 0.5)
    assert status(slow, task)["status"] == "in_progress"
    wait(slow, 0.5)

    wanted = end if end["status"] == "failed" else {**end, "result": {"o": task}}
    assert status(slow, task) == {"task_id": task, **wanted}


def test_a_timeline_holds_in_the_foreground_too(vectorshift):
    """Whoever waits for the run waits so long, on the clock."""
    scripted(vectorshift, timeline=(("in_progress", 60.0),))
    before = vectorshift.world.clock.now
    vectorshift.post("/pipeline/p1/run", {"inputs": {}})
    vectorshift.bulk_run({"q": 1}, {"q": 2})

    assert vectorshift.world.clock.now == before + 120


def test_a_refused_run_starts_nothing(slow):
    """`reject` is a 400 in the background too."""
    scripted(slow, reject="no such input")

    assert told(run(slow)) == (400, {"status": "failed", "error": "no such input"})
    assert slow.world.executions.all == ()


def test_a_failed_status_of_200_is_for_calls_that_wait(slow):
    """A task that fails is told of by its status."""
    slow.world.apply(Declare("vectorshift", "pipelines", "p1", {"failed_status": 200}))
    scripted(slow, ends="failed")

    assert told(run(slow))[0] == 200


def test_a_share_of_the_tasks_may_fail(slow):
    """`m.outcomes.random(failed=...)` speaks for runs in the background."""
    slow.world.apply(PutOutcomes("vectorshift", Outcomes(failed=0.5)))
    tasks = [answer(run(slow, inputs={"n": number}))["task_id"] for number in range(20)]
    wait(slow, 5)

    states = [status(slow, task)["status"] for task in tasks]
    assert 4 < states.count("failed") < 16
    assert set(states) == {"failed", "completed"}


def test_outputs_that_are_no_data_are_told_with_their_script(slow):
    """Where they are shown: the answer with the `task_id` has none."""
    scripted(slow, output=compile_template({"o": "${body}"}), after=1.0)
    entry = run(slow)
    wait(slow, 1)

    shown = slow.send("GET", f"/pipeline/p1/run/status/{answer(entry)['task_id']}")
    assert entry.violations == ()
    assert {one.code for one in shown.violations} == {"E501"}


def test_a_terminated_run_reads_as_failed(slow):
    """The SDK waits on at any other word; nothing of the run is left on the clock."""
    task = begin(slow)

    assert act(slow, "terminate", task) == (200, DONE)
    assert status(slow, task) == {
        "task_id": task,
        "status": "failed",
        "error": "pipeline execution was terminated",
    }
    assert slow.world.clock.next_due is None


def test_a_paused_run_stands(slow):
    """It reads as in progress until it is resumed, and then takes the time that was left."""
    task = begin(slow)
    wait(slow, 3)
    assert act(slow, "pause", task) == (200, DONE)
    wait(slow, 3600)
    assert status(slow, task)["status"] == "in_progress"
    assert act(slow, "resume", task) == (200, DONE)
    wait(slow, 1.9)
    assert status(slow, task)["status"] == "in_progress"
    wait(slow, 0.1)

    assert status(slow, task)["status"] == "completed"


def test_reads_of_a_paused_run_move_nothing(vectorshift):
    """Under `auto` too: nothing of it is due."""
    task = begin(vectorshift)
    act(vectorshift, "pause", task)
    before = vectorshift.world.clock.now

    assert {status(vectorshift, task)["status"] for _ in range(3)} == {"in_progress"}
    assert vectorshift.world.clock.now == before


def test_a_paused_run_can_be_terminated(slow):
    """And is not resumed then."""
    task = begin(slow)
    act(slow, "pause", task)

    assert act(slow, "terminate", task) == (200, DONE)
    assert act(slow, "resume", task)[0] == 400
    assert status(slow, task)["status"] == "failed"


def test_to_pause_or_resume_twice_changes_nothing(slow):
    """200 each time."""
    task = begin(slow)

    answers = [act(slow, what, task) for what in ("resume", "pause", "pause", "resume", "resume")]
    wait(slow, 5)
    assert answers == [(200, DONE)] * 5
    assert status(slow, task)["status"] == "completed"


def test_several_are_resumed_at_once_or_none(slow):
    """One that cannot be keeps all as they are."""
    tasks = [answer(run(slow, inputs={"n": number}))["task_id"] for number in range(3)]
    for task in tasks:
        act(slow, "pause", task)

    assert act(slow, "resume", *tasks, "nobody") == (404, UNKNOWN)
    assert [one.state for one in slow.world.executions.all] == ["paused"] * 3
    assert act(slow, "resume", *tasks, tasks[0]) == (200, DONE)
    assert act(slow, "resume") == (200, DONE)
    assert [one.state for one in slow.world.executions.all] == ["in_progress"] * 3


@pytest.mark.parametrize("what", ["terminate", "pause", "resume"])
def test_a_run_that_has_ended_is_a_400(slow, what):
    """It stays as it is."""
    task = begin(slow)
    wait(slow, 5)

    assert act(slow, what, task) == (400, ENDED)
    assert status(slow, task)["status"] == "completed"


@pytest.mark.parametrize("what", ["terminate", "pause", "resume"])
def test_a_run_that_was_terminated_is_told_so(slow, what):
    """Though it reads as failed."""
    task = begin(slow)
    act(slow, "terminate", task)

    assert act(slow, what, task)[1]["error"] == "Run has ended already: terminated"


@pytest.mark.parametrize("id", ["0" * 24, "nobody", "a" * 5000, "é"], ids=["zeros", "word", "long", "é"])
def test_an_unknown_run_is_a_404(slow, id):
    """Wherever it is named."""
    begin(slow)

    assert [act(slow, what, id) for what in ("terminate", "pause", "resume")] == [(404, UNKNOWN)] * 3
    assert status(slow, "nobody") == UNKNOWN


def test_a_task_belongs_to_its_pipeline(slow):
    """Another one does not know it, and neither does anybody know a run that was answered when it was over."""
    task = begin(slow)
    done = answer(slow.post("/pipeline/p1/run", {"inputs": {}, "webhook_url": "http://127.0.0.1:9/h"}))["run_id"]

    assert [act(slow, what, task, pipeline="p2") for what in ("terminate", "pause", "resume")] == [(404, UNKNOWN)] * 3
    assert status(slow, task, pipeline="p2") == status(slow, done) == UNKNOWN


def test_terminate_and_resume_take_forms(slow):
    """As their pages have it; pause takes JSON alone."""
    task = begin(slow)
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = {"terminate": f"run_id={task}", "resume": f"run_ids={task}", "pause": f"run_id={task}"}

    answers = {
        what: slow.send("POST", f"/pipeline/p1/{what}", bodies[what].encode(), urlencoded).answer.status
        for what in ("pause", "resume", "terminate")
    }
    assert answers == {"pause": 415, "resume": 200, "terminate": 200}
    assert status(slow, task)["status"] == "failed"


def test_without_what_only_the_sdk_shows_there_are_no_tasks():
    """With `--documented-only` the field means nothing, the path is unknown, and no webhook is sent."""
    strict = caller("vectorshift", documented_only=True)

    entry = run(strict, webhook_url=5)

    assert set(answer(entry)) == {"status", "run_id", "outputs"}
    assert strict.send("GET", "/pipeline/p1/run/status/x").answer.status == 404
    assert answer(strict.post("/pipeline/p1/terminate", {"run_id": "x"})) == UNKNOWN
    assert strict.world.executions.all == ()


@pytest.mark.parametrize(
    ("pipeline", "seconds", "end"),
    [
        ("pipe_long", 1800, {"status": "completed", "result": {"summary": "Summary of Q3"}}),
        ("pipe_fails_later", 60, {"status": "failed", "error": "Node 'llm' failed: the model did not answer"}),
        ("pipe_stopped", 10, {"status": "failed", "error": "pipeline execution was terminated"}),
    ],
)
def test_the_shipped_fixture_has_tasks_of_each_kind(pipeline, seconds, end):
    """In progress for as long as it says."""
    one = caller("vectorshift", fixtures=("vectorshift/background",))
    one.world.apply(Freeze())
    task = begin(one, pipeline=pipeline, inputs={"quarter": "Q3"})
    wait(one, seconds - 1)
    assert status(one, task, pipeline)["status"] == "in_progress"
    wait(one, 1)

    assert status(one, task, pipeline) == {"task_id": task, **end}


def test_the_same_requests_give_the_same_bytes():
    """Tasks, reads and ends."""

    def play():
        one = caller("vectorshift")
        first, second = begin(one), begin(one)
        act(one, "pause", first)
        act(one, "terminate", first)
        return [status(one, task) for task in (first, second, second)]

    assert play() == play()
