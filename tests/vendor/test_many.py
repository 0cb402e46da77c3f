"""Five thousand executions with a webhook each, on a clock that nobody waits for."""

import json
from collections import Counter

import pytest

from mockserver.chance import Chance
from mockserver.engine.inputs import Advance, Attempted, Dial
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors
from tests.callers import Caller, answer, caller
from tests.vendor.bakery import VENDOR

MANY = 5_000


@pytest.fixture
def bakery(monkeypatch):
    """The toy vendor, with one batch of many loaves in the oven."""
    monkeypatch.setattr("mockserver.vendors.assembly.all_vendors", lambda: {**vendors(), "bakery": VENDOR})
    services = assemble(Wanted(vendors=("bakery",)))
    one = Caller(World(services, Settings(seed=11)), services[0].mounts[0], ("X-Baker", "dough"))
    loaves = [{"flour": str(number)} for number in range(MANY)]
    entry = one.post("/batches", {"loaves": loaves, "tell": "http://127.0.0.1:9/told"})
    return one.world, [loaf["id"] for loaf in answer(entry)["loaves"]]


def run(world, status_of):
    """Post whatever is due until nothing is left; returns the ids that the receiver saw, in order."""
    seen = []
    while True:
        for posting in world.apply(Dial(0.0)):
            seen.append(json.loads(posting.body)["id"])
            world.apply(Attempted(posting.delivery, status_of(posting)))
        due = world.clock.next_due
        if due is None:
            return seen
        world.apply(Advance(due - world.clock.now))


def test_a_healthy_receiver_gets_each_exactly_once(bakery):
    """In the order of the inputs, which all end at the same time."""
    world, ids = bakery

    assert run(world, lambda posting: 200) == ids
    assert {delivery.state for delivery in world.outbox.all} == {"delivered"}
    assert all([state for state, _ in one.entered] == ["rising", "baking", "baked"] for one in world.executions.all)


def test_a_receiver_that_fails_gets_each_at_least_once_and_every_attempt_is_recorded(bakery):
    """Three of ten first attempts fail; the second serves."""
    world, ids = bakery
    failing = Chance("receiver")

    seen = run(world, lambda posting: 500 if posting.number == 1 and failing.happens(0.3) else 200)

    counted = Counter(seen)
    assert set(counted) == set(ids)
    assert 0.25 * MANY < sum(count == 2 for count in counted.values()) < 0.35 * MANY
    assert sum(len(delivery.attempts) for delivery in world.outbox.all) == len(seen)
    assert {delivery.state for delivery in world.outbox.all} == {"delivered"}


def test_the_same_seed_gives_the_same_bytes_however_the_requests_come():
    """Sent together or one by one, in any order: each input has its own chance."""
    worlds = [caller("vectorshift", settings=Settings(seed=4)) for _ in range(2)]
    inputs = [{"q": str(number)} for number in range(50)]

    forth = {one["q"]: worlds[0].bulk_run(one).answer.body for one in inputs}
    back = {one["q"]: worlds[1].bulk_run(one).answer.body for one in reversed(inputs)}

    assert forth == back
