"""What a receiver's answers, and what its application made of the events, say about it. No server here."""

import json

import pytest

from mockserver.engine.delivery import Attempt, Delivery, DeliveryScript
from mockserver.receiver import Wanted, judgement

ONCE, NEVER, EITHER = Wanted(True, 1), Wanted(False, 0), Wanted(None, 1)
BODY = {"id": "x1", "output": "café", "cost": 3}


def sent(*statuses, number=1, state="delivered", **more):
    """A delivery whose attempts were answered so; None is no answer."""
    attempts = tuple(
        Attempt(place, 0.0, status, "" if status else "nobody there") for place, status in enumerate(statuses, 1)
    )
    body = json.dumps({**BODY, "id": f"x{number}"}).encode()
    where = {"batch": None, "status": "completed", "url": "http://127.0.0.1/", "script": DeliveryScript(), **more}
    return Delivery(f"d{number}", f"e{number}", "s", f"x{number}", body=body, attempts=attempts, state=state, **where)


@pytest.mark.parametrize(
    ("wanted", "statuses", "state"),
    [
        (ONCE, [200], "delivered"),
        (ONCE, [503, None, 204], "delivered"),
        (NEVER, [401, 400, 410], "failed"),
        (EITHER, [200, 200], "delivered"),
        (EITHER, [200, 409], "delivered"),
    ],
    ids=["accepted", "accepted at last", "refused", "repeat accepted", "repeat refused"],
)
def test_right_answers_are_no_finding(wanted, statuses, state):
    """A retry may be needed; a refusal is a 4xx."""
    assert judgement(wanted, (sent(*statuses, state=state),), None) == []


@pytest.mark.parametrize(
    ("wanted", "statuses", "state", "said"),
    [
        (ONCE, [401, 401], "failed", "the receiver answered 401 and should have accepted it (2xx)"),
        (ONCE, [None], "failed", "the receiver gave no answer: nobody there and should have accepted it (2xx)"),
        (ONCE, [200, 409], "delivered", "the receiver answered 409 to the repeat and should have accepted it (2xx)"),
        (NEVER, [401, 200], "delivered", "the receiver answered 401, answered 200 and should have refused it (4xx)"),
        (NEVER, [500], "failed", "the receiver answered 500 and should have refused it (4xx)"),
        (
            EITHER,
            [200, 500],
            "delivered",
            "the receiver answered 500 to the repeat and should have accepted (2xx) or refused (4xx) it",
        ),
    ],
    ids=["refused", "silent", "repeat refused", "taken at last", "broken", "broken by the repeat"],
)
def test_wrong_answers_are_told_with_the_right_one(wanted, statuses, state, said):
    """And the execution that they are about."""
    assert judgement(wanted, (sent(*statuses, state=state),), None) == [said, "    execution x1"]


@pytest.mark.parametrize(
    "processed",
    [
        ["x1"],
        ["e1"],
        [BODY],
        [{"id": "x1", "at": "now"}],
        {"x1": "café"},
        {"x1": BODY},
        {"x1": {"cost": 3}},
        lambda: ["x1"],
    ],
    ids=["execution", "event", "body", "row", "kept text", "kept body", "kept part", "function"],
)
def test_once_is_right(processed):
    """However the application tells of it."""
    assert judgement(ONCE, (sent(200),), processed) == []


@pytest.mark.parametrize(
    ("wanted", "processed", "said"),
    [
        (ONCE, [], ["the event was not processed and should have been, once", "    execution x1"]),
        (ONCE, ["x1"] * 2, ["the event was processed twice and should have been once", "    execution x1"]),
        (ONCE, ["x1"] * 3, ["the event was processed 3 times and should have been once", "    execution x1"]),
        (NEVER, [BODY], ["the event was processed once and should not have been", "    execution x1"]),
        (ONCE, ["x1", "x9"], ['the application processed "x9", which no webhook told of']),
        (
            ONCE,
            [{**BODY, "output": "cafÃ©"}],
            ['the application read /output as "cafÃ©"; "café" was sent', "    execution x1"],
        ),
        (
            ONCE,
            {"x1": "tea"},
            ['the application keeps "tea" for an event that does not hold it', "    execution x1"],
        ),
    ],
    ids=["never", "twice", "often", "forged", "strange", "misread", "mixed up"],
)
def test_anything_else_is_told(wanted, processed, said):
    """How often, and what was read where something else was sent."""
    delivery = sent(401, state="failed") if wanted is NEVER else sent(200)

    assert judgement(wanted, (delivery,), processed) == said


def test_copies_are_one_event():
    """However many deliveries told of it."""
    copy = sent(200)

    assert judgement(ONCE, (copy, copy), ["x1"]) == []


def test_one_finding_about_many_is_one_line():
    """The first three executions are named; further findings follow."""
    every = tuple(sent(500, number=number, state="failed") for number in range(1, 6))

    assert judgement(ONCE, every, ["x1", "x2", "x3", "x4"]) == [
        "the receiver answered 500 and should have accepted it (2xx)",
        "    execution x1, x2, x3 and 2 more",
        "  and the event was not processed and should have been, once",
        "    execution x5",
    ]


def test_what_was_blocked_says_why():
    """Nobody received it."""
    blocked = sent(None, state="blocked", reason="beyond the reach")

    assert judgement(NEVER, (blocked,), None) == ["it was blocked: beyond the reach", "    execution x1"]
