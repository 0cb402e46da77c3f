"""Inboxes: what arrived, what they answer, and whether a signature holds. No server."""

from __future__ import annotations

import json

import pytest

from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies, Arrive, Freeze, Jump
from mockserver.engine.messages import Request, TooLarge
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.signing import Signing
from mockserver.engine.world import World
from mockserver.errors import UsageError

WALL = 1_700_000_000.0
SECRET = Signing("standard", ("whsec_MDEyMzQ1Njc4OWFiY2RlZg==",))


def post(body: bytes = b'{"a": 1}', *headers: tuple[str, str]) -> Request:
    """What came to an inbox; the path is what stood below its name."""
    return Request("POST", "/__inbox/it/x?q=1", "/x", "q=1", (("Content-Type", "application/json"), *headers), body)


@pytest.fixture
def world() -> World:
    return World((), Settings())


def test_what_arrives_is_kept_as_it_came(world):
    """Raw bytes, headers, JSON, both times, and where it came to; each inbox counts for itself."""
    answer = world.apply(Arrive("it", WALL, post()))
    world.apply(Arrive("other", WALL, post(b"not json")))

    (one,) = world.inboxes.received("it")
    assert (answer.status, json.loads(answer.body)) == (200, {"received": 1})
    assert (one.number, one.method, one.path, one.query) == (1, "POST", "/x", "q=1")
    assert (one.body, one.json, one.header("content-type")) == (b'{"a": 1}', {"a": 1}, "application/json")
    assert (one.at, one.wall) == (world.clock.now, WALL)
    assert world.inboxes.received("other")[0].json is None
    assert world.inboxes.names == ("it", "other")
    assert world.inboxes.received("none") == ()


def test_replies_are_given_once_each_in_order(world):
    """500, then one that hangs, then what is always answered."""
    world.apply(AddReplies("it", (Reply(500), Reply(fault="timeout"))))
    world.apply(AddReplies("it", (Reply(503, (("Retry-After", "5"),), b"later"),)))

    answers = [world.apply(Arrive("it", WALL, post())) for _ in range(4)]

    assert [(answer.status, answer.fault) for answer in answers] == [
        (500, None),
        (200, "timeout"),
        (503, None),
        (200, None),
    ]
    assert (answers[2].headers, answers[2].body) == ((("Retry-After", "5"),), b"later")
    assert world.inboxes.count("it") == 4


def test_a_signature_is_held_against_the_time_of_receipt(world):
    """What was signed in time verifies; another body, another secret or an old stamp does not."""
    headers = SECRET.headers("msg_1", int(WALL), b"{}")
    world.apply(Arrive("it", WALL + 1, post(b"{}", *headers)))
    world.apply(Arrive("it", WALL + 1, post(b"{ }", *headers)))
    world.apply(Arrive("it", WALL + 600, post(b"{}", *headers)))

    good, tampered, stale = world.inboxes.received("it")
    assert good.verify(SECRET) == ""
    assert good.verify(Signing("standard", ("whsec_b3RoZXI=",))) != ""
    assert tampered.verify(SECRET) != ""
    assert "600s off" in stale.verify(SECRET)
    assert stale.verify(SECRET, tolerance=1000) == ""


def test_inboxes_are_bounded():
    """What falls out is counted; numbers go on."""
    world = World((), Settings(limits=Limits(journal_entries=3, journal_bytes=10)))
    for number in range(5):
        world.apply(Arrive("it", WALL, post(b"%d" % number)))

    assert [one.number for one in world.inboxes.received("it")] == [3, 4, 5]
    assert (world.inboxes.count("it"), world.inboxes.dropped) == (5, 2)
    world.apply(Arrive("it", WALL, post(b"x" * 11)))
    assert world.inboxes.received("it") == ()


def test_a_body_above_the_limit_is_refused(world):
    """413, and nothing is recorded."""
    answer = world.apply(Arrive("it", WALL, Request("POST", "/", "", body=TooLarge(10))))

    assert answer.status == 413
    assert world.inboxes.count("it") == 0


def test_an_arrival_does_not_show_its_secrets(world):
    """Its repr has neither headers nor body."""
    world.apply(Arrive("it", WALL, post(b"whsec_x", ("Authorization", "Bearer y"))))

    assert repr(world.inboxes.received("it")[0]) == "<Arrival 1 POST /x 7 bytes>"


def test_a_jump_leaves_an_auto_world_auto(world):
    """Whoever waits moves the clock with a cause in the journal; somebody's own move makes it manual."""
    start = world.clock.now
    world.apply(Jump(start + 5, "somebody waits"))

    assert (world.clock.now, world.mode) == (start + 5, "auto")
    world.apply(Jump(start + 6))
    world.apply(Jump(start + 7, "advance by 1s", explicit=True))
    assert (world.clock.now, world.mode) == (start + 7, "manual")
    assert [note.text for note in world.journal.notes] == ["the clock jumped by 5s: somebody waits", "advance by 1s"]


@pytest.mark.parametrize("given", [Jump(1e12), Jump(1e12, "x", explicit=True), Freeze()])
def test_real_time_takes_no_move(given):
    """A world under `real` moves by itself."""
    world = World((), Settings(clock="real"))

    with pytest.raises(UsageError, match="moves by itself"):
        world.apply(given)
