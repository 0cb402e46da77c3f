"""What `run` gathers of worlds: everything, also what a bounded journal has dropped, and of worlds that are gone."""

import pytest
from msgspec.structs import replace

from mockserver import outlook
from mockserver.contract import traffic as module
from mockserver.contract.traffic import Traffic
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.messages import Sent
from tests.contract.client import Client, asks_to_wait
from tests.contract.documents import shop, world_of

SENT = Sent(10, 2.5)


def gathering(**more):
    """Something to gather with."""
    return Traffic(given_up=outlook.given_up, **more)


@pytest.fixture
def client():
    return Client()


def test_what_a_journal_dropped_was_taken_in_before():
    """A mistake at the beginning of a long run is not lost."""
    world, send = world_of(shop(), entries=2)
    traffic = gathering()
    for target in ("/shop/orders?page=x", "/shop/orders", "/shop/orders", "/shop/orders"):
        send("GET", target)
        traffic.heard(world, world.journal.entries[-1], SENT)

    traffic.end(world)

    assert world.journal.dropped == 2
    assert [one.code for one in traffic.findings] == ["E102"]
    assert traffic.requests == 4
    assert [(row.number, row.ms, len(row.found)) for row in traffic.rows] == [
        (1, 2.5, 1), (2, 2.5, 0), (3, 2.5, 0), (4, 2.5, 0),
    ]  # fmt: skip
    assert traffic.coverage.requests == 4


def test_what_nobody_reported_is_found_at_the_end():
    """A client may be gone before its answer is reported; the journal has it."""
    world, send = world_of(shop())
    send("GET", "/nowhere")
    traffic = gathering()

    traffic.leave(world)

    assert [one.code for one in traffic.findings] == ["E108"]
    assert [(row.status, row.ms) for row in traffic.rows] == [(404, None)]


def test_nothing_is_told_twice():
    """What was heard is in the journal too."""
    world, send = world_of(shop())
    send("GET", "/nowhere")
    traffic = gathering()
    traffic.heard(world, world.journal.entries[-1], SENT)
    traffic.heard(world, world.journal.entries[-1], SENT)

    traffic.leave(world)

    assert (len(traffic.findings), len(traffic.rows), traffic.requests) == (1, 1, 1)


def test_what_a_stream_broke_later_is_added():
    """Its entry has more violations when it has ended."""
    world, send = world_of(shop())
    send("GET", "/nowhere")
    (entry,) = world.journal.entries
    traffic = gathering()
    traffic.heard(world, entry, SENT)

    more = replace(entry.violations[0], code="E501", where="/event")
    traffic.heard(world, replace(entry, violations=(*entry.violations, more)), SENT)

    assert [one.code for one in traffic.findings] == ["E108", "E501"]
    assert [code for code, _ in traffic.rows[0].found] == ["E108", "E501"]


def test_worlds_of_one_name_are_told_apart():
    """A reset makes a new one, whose numbers begin anew."""
    traffic = gathering()
    for _ in range(2):
        world, send = world_of(shop())
        send("GET", "/nowhere")
        traffic.leave(world)

    assert (len(traffic.rows), len(traffic.findings), traffic.requests) == (2, 2, 2)


def test_a_flood_is_counted_and_not_kept(monkeypatch):
    """A client that runs wild does not fill the memory; what is left out is told."""
    monkeypatch.setattr(module, "_MOST_ALIKE", 3)
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    world, send = world_of(shop())
    for _ in range(5):
        send("GET", "/nowhere")
    traffic = gathering()

    traffic.leave(world)

    assert (len(traffic.findings), traffic.left_out, len(traffic.rows), traffic.requests) == (3, 2, 2, 5)


@pytest.mark.parametrize(
    ("manners", "found"),
    [
        ("off", [("E301", "error")]),
        ("warn", [("E301", "error"), ("E303", "warning")]),
        ("fail", [("E301", "error"), ("E303", "error")]),
    ],
)
def test_manners_are_what_they_are_asked_to_be(client, manners, found):
    """All but E301, which is of the contract."""
    asks_to_wait(client, status=400)
    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})
    traffic = gathering(manners=manners)

    traffic.leave(client.world)

    assert [(one.code, one.severity) for one in traffic.findings if one.code != "E305"] == found


def test_webhooks_count_while_their_receiver_is_there(client):
    """What is given up before is a finding; what fails after the end is not."""
    early, late = gathering(), gathering()
    late.webhooks([client.world])
    client.hooks(DeliveryScript(wait=(0.0,)), status=500)
    early.webhooks([client.world])
    early.webhooks([client.world])

    early.end(client.world)
    late.end(client.world)

    (lost,) = client.world.outbox.all
    assert [one.code for one in early.findings] == ["E302"]
    assert [one.code for one in late.findings] == []
    assert (early.has_told(lost), late.has_told(lost)) == (True, False)
