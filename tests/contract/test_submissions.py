"""What became of a client's inputs: failures that nobody looked at (E305), and what is paid for twice (E307)."""

import pytest
from msgspec.structs import replace

from mockserver.contract.manners import History, manners
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inputs import Declare, PutDeliveryScript
from mockserver.engine.stubs import Step
from mockserver.scenario.model import Fault, Plan
from tests.contract.client import BULK, HOOK, Client


@pytest.fixture
def client():
    return Client()


def overlooked(client):
    return [each.sentence for each in client.breaches() if each.code == "E305"]


def test_failed_executions_that_nobody_looks_at(client):
    """The ones that succeeded are read, the ones that failed are not."""
    client.later(1, Plan(ends="failed"))
    client.later(2, Plan(ends="failed"))
    first, *_ = client.submit({"n": 0}, {"n": 1}, {"n": 2})
    client.wait(30)
    client.read(first)

    assert client.found() == [("E305", "#1")]
    assert overlooked(client) == [
        "inputs 1 and 2 were accepted and failed while running, which nobody read and no webhook told"
    ]


@pytest.mark.parametrize(
    "noticed",
    [
        pytest.param(lambda client, id: client.read(id), id="read"),
        pytest.param(lambda client, id: client.caller.send("GET", "/workflows/wf_1/executions"), id="listed"),
        pytest.param(lambda client, id: client.submit({"n": 0}), id="submitted again"),
    ],
)
def test_a_failure_that_is_noticed(client, noticed):
    """A read by id, a list that shows it, or the input once more."""
    client.later(0, Plan(ends="failed"))
    (id,) = client.submit({"n": 0})
    client.wait(30)
    noticed(client, id)

    assert overlooked(client) == []


@pytest.mark.parametrize("script", [DeliveryScript(), DeliveryScript(per_batch=True)], ids=["each", "one for all"])
def test_a_failure_that_a_webhook_tells(client, script):
    """Wherever it goes; whether it arrived is E302's question."""
    client.world.apply(PutDeliveryScript("eachlabs", script))
    client.later(0, Plan(ends="failed"))
    client.submit({"n": 0}, {"n": 1}, webhook_url=HOOK)
    client.wait(30)

    assert client.breaches(own="http://127.0.0.1:9") == ()


def test_what_still_runs_or_is_no_batch_is_not_overlooked(client):
    """Nothing has failed yet, and a single call has no entries."""
    client.later(0, Plan(ends="failed"))
    client.caller.post("/wf_1/trigger", {"inputs": {"n": 0}})
    client.wait(30)
    client.submit({"n": 1})

    assert overlooked(client) == []


def test_what_the_client_ended_itself_has_not_failed(client):
    """It called something by the id of the execution: a cancel, say."""
    (id,) = client.submit({"n": 0})
    client.world.executions.end(id, "cancelled")
    history = History.of(client.world, "")
    assert [each.code for each in manners(history, client.world.secrets)] == ["E305"]

    client.read(id)
    *before, read = client.world.journal.entries
    cancel = replace(read, request=replace(read.request, method="DELETE"), answer=replace(read.answer, value={}))

    assert manners(replace(history, entries=(*before, cancel)), client.world.secrets) == ()


def test_a_read_before_the_end_has_not_seen_it(client):
    """It showed an execution that was running."""
    client.later(0, Plan(ends="failed"))
    (id,) = client.submit({"n": 0})
    client.read(id)
    client.wait(30)

    assert client.found() == [("E305", "#1")]


def test_a_refused_input_is_an_uncertain_matter(client):
    """The answer said so itself; it is told only where nothing was sent since."""
    client.later(1, Plan(reject="no"))
    client.submit({"n": 0}, {"n": 1})
    (breach,) = client.breaches()
    assert (breach.code, breach.place, breach.is_certain) == ("E305", "#1", False)
    assert breach.sentence == "input 1 was refused, and nothing was sent since"

    client.submit({"n": "mended"})

    assert client.breaches() == ()


def paid(client):
    return [(each.place, each.sentence) for each in client.breaches() if each.code == "E307"]


def test_paid_twice(client):
    """The whole batch again, though one input alone had failed."""
    client.later(1, Plan(ends="failed"))
    batch = [{"n": n} for n in range(4)]
    client.submit(*batch)
    client.wait(30)
    client.submit(*batch)

    assert paid(client) == [("#2 after #1", "paid twice: inputs 0, 2 and 3 of two batches")]


def test_paid_twice_at_another_position(client):
    """Then both positions are named."""
    client.submit({"n": 0}, {"n": 1})
    client.wait(30)
    client.submit({"n": 1})

    assert paid(client) == [("#2 after #1", "paid twice: input 0, input 1 of #1")]


def test_single_calls_are_paid_twice_too(client):
    """Without a word about batches."""
    for _ in range(2):
        client.caller.post("/wf_1/trigger", {"inputs": {"n": 0}})
        client.wait(30)

    assert paid(client) == [("#2 after #1", "paid twice: the same input of two calls")]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param([{"n": 1}, {"n": 1}], [{"n": 2}], id="twice in one batch"),
        pytest.param([{"n": 1}], [{"n": 2}], id="another input"),
    ],
)
def test_other_inputs_are_not_paid_twice(client, first, again):
    """Two alike in one batch were meant, and so is another input."""
    client.submit(*first)
    client.wait(30)
    client.submit(*again)

    assert paid(client) == []


def test_what_has_not_completed_may_be_submitted_again(client):
    """Because it failed, still runs, or belongs to another resource."""
    client.later(0, Plan(ends="failed"))
    client.submit({"n": 1})
    client.wait(30)
    client.submit({"n": 1})
    client.submit({"n": 1})
    client.wait(30)
    client.caller.bulk_trigger({"n": 1}, workflow="wf_2")

    assert paid(client) == []


def test_an_answer_that_was_lost_excuses(client):
    """Whoever never saw the ids of a batch cannot know that it went well."""
    client.answers(BULK, Step(Fault("truncate"), times=1))
    client.caller.bulk_trigger({"n": 1})
    client.wait(30)
    client.submit({"n": 1})

    assert paid(client) == []


def test_a_call_that_is_answered_at_once_is_paid_at_once():
    """Of vendors without executions the answer itself is the end."""
    client = Client("vectorshift")
    for _ in range(2):
        client.caller.bulk_run({"a": 1}, {"a": 2})
    client.caller.bulk_run({"a": 1}, pipeline="p2")

    assert paid(client) == [("#2 after #1", "paid twice: inputs 0 and 1 of two batches")]


def test_a_call_that_is_answered_at_once_is_told_apart_from_one_that_goes_on():
    """Of one operation: that a run went on in the background says nothing of those that were waited for."""
    client = Client("vectorshift")
    client.caller.post("/pipeline/p1/run", {"inputs": {"n": 1}, "background": True})
    for _ in range(2):
        client.caller.post("/pipeline/p1/run", {"inputs": {"n": 2}})

    assert paid(client) == [("#3 after #2", "paid twice: the same input of two calls")]


def test_an_input_that_is_refused_each_time_is_not_paid_for():
    """Nothing was started for it, though others of the operation were."""
    client = Client()
    schema = {"type": "object", "required": ["prompt"]}
    client.world.apply(Declare("eachlabs", "workflows", "wf_1", {"input_schema": schema}))
    client.submit({"prompt": "sun"})

    assert [client.submit({"n": 2}), client.submit({"n": 2})] == [[None], [None]]
    assert paid(client) == []
