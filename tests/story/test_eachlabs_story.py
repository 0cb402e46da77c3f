"""The story of each::labs' bulk trigger page, from the call to the last webhook, told without a server."""

import json
from typing import Any

import pytest

from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inputs import Advance, Attempted, Declare, Dial, Freeze, PutDeliveryScript
from mockserver.engine.messages import Entry
from tests.vendors.eachlabs_contracts import HOOK, Both, both

SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {"prompt": {"type": "string"}, "style": {"enum": ["photorealistic", "artistic", "minimalist"]}},
}
INPUTS = [
    {"prompt": "Generate image of a sunset", "style": "photorealistic"},
    {"prompt": "Generate image of mountains", "style": "artistic"},
    {"style": "minimalist"},
]


@pytest.fixture
def labs() -> Both:
    labs = both()
    labs.world.apply(Declare("eachlabs", "workflows", "wf_abc123", {"versions": ["v1"], "input_schema": SCHEMA}))
    return labs


def trigger(labs: Both) -> Any:
    """The bulk trigger of the page: three inputs, of which one lacks its prompt."""
    body = {"inputs": INPUTS, "version_id": "v1", "webhook_url": HOOK}
    status, answer = labs.engine.post("/wf_abc123/bulk-trigger", body)
    assert status == 202
    return answer


class Receiver:
    """Takes what is posted, and answers with the statuses that it was given, then 200."""

    def __init__(self, labs: Both, *statuses: int) -> None:
        self.labs, self.statuses = labs, list(statuses)
        self.bodies: list[Any] = []

    def pump(self) -> None:
        """Take all that is due now."""
        while postings := self.labs.world.apply(Dial(0)):
            for one in postings:
                self.bodies.append(json.loads(one.body))
                self.labs.world.apply(Attempted(one.delivery, self.statuses.pop(0) if self.statuses else 200))

    def live(self) -> None:
        """Let time go from one event to the next until nothing is due."""
        self.pump()
        while (due := self.labs.world.clock.next_due) is not None:
            self.labs.world.apply(Advance(due - self.labs.world.clock.now))
            self.pump()


def test_three_inputs_two_runs_two_webhooks(labs: Both):
    """One input is refused; the two runs end, tell of it with the `bulk_id`, and are found by it."""
    answer = trigger(labs)
    receiver = Receiver(labs)
    receiver.live()

    bulk, runs = answer["bulk_id"], [one["execution_id"] for one in answer["executions"][:2]]
    assert [one["status"] for one in answer["executions"]] == ["queued", "queued", "failed"]
    assert answer["executions"][2] == {"status": "failed", "message": "invalid input: missing required field 'prompt'"}
    assert [(one["execution_id"], one["bulk_id"], one["status"]) for one in receiver.bodies] == [
        (runs[0], bulk, "completed"),
        (runs[1], bulk, "completed"),
    ]
    _, page = labs.engine.get(f"/workflows/wf_abc123/executions?bulk_id={bulk}")
    assert [(row["execution_id"], row["status"]) for row in page["executions"]] == [(id, "completed") for id in runs]
    assert page["total_count"] == 2


def test_duplicates_disorder_and_a_receiver_that_fails_first(labs: Both):
    """Everything arrives, first in the order that was asked for, and what was not acknowledged once more."""
    labs.world.apply(PutDeliveryScript("eachlabs", DeliveryScript(copies=2, order=(1, 0))))
    runs = [one["execution_id"] for one in trigger(labs)["executions"][:2]]
    receiver = Receiver(labs, 500)
    receiver.live()

    arrived = [one["execution_id"] for one in receiver.bodies]
    assert list(dict.fromkeys(arrived)) == [runs[1], runs[0]]
    assert sorted(arrived) == sorted([*runs, *runs, runs[1]])
    assert [one.state for one in labs.world.outbox.all] == ["delivered"] * 4
    assert sum(len(one.attempts) for one in labs.world.outbox.all) == 5


def test_a_client_that_polls_in_a_plain_loop_is_done_in_three_reads(labs: Both):
    """Under `auto` each read of a living run moves time to its next event."""
    (id, _) = (one["execution_id"] for one in trigger(labs)["executions"][:2])
    seen: list[str] = []
    while not seen or seen[-1] == "running":
        seen.append(labs.engine.get(f"/executions/{id}")[1]["status"])

    assert seen == ["running", "running", "completed"]
    assert labs.now == "2026-01-01T00:00:05Z"


def test_a_client_that_polls_the_list_is_done_as_well(labs: Both):
    """A list moves time to the earliest event of what it showed."""
    bulk = trigger(labs)["bulk_id"]
    reads = 0
    done = False
    while not done:
        _, page = labs.api.get(f"/workflows/wf_abc123/executions?bulk_id={bulk}")
        done = all(row["status"] == "completed" for row in page["executions"])
        reads += 1

    assert reads <= 4


def test_under_a_clock_that_stands_the_twentieth_read_is_noted(labs: Both):
    """It is answered as always, and the journal says that the clock stands and what is due."""
    labs.world.apply(Freeze())
    id = trigger(labs)["executions"][0]["execution_id"]
    entries: list[Entry] = [labs.engine.caller.send("GET", f"/executions/{id}") for _ in range(21)]

    noted = [number for number, entry in enumerate(entries, 1) if entry.notes]
    assert noted == [20]
    assert entries[19].notes == (
        f"execution {id} was read 20 times unchanged: the clock stands, next is due in 1s; advance the clock",
    )
    assert {entry.answer.body for entry in entries} == {entries[0].answer.body}


def test_the_same_story_has_the_same_bytes():
    """Same seed, same requests: the same ids, outputs and webhooks."""
    told = []
    for _ in range(2):
        labs = both()
        labs.world.apply(Declare("eachlabs", "workflows", "wf_abc123", {"input_schema": SCHEMA}))
        answer, receiver = trigger(labs), Receiver(labs)
        receiver.live()
        told.append((answer, receiver.bodies))

    assert told[0] == told[1]
