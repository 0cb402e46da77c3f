"""Worlds: isolation by name, the fold of inputs, clocks."""

import json

import pytest

from mockserver.engine.delivery import Delivery, DeliveryScript
from mockserver.engine.inputs import Advance, Freeze, Input, PutStub, Serve, Tick, Wrote
from mockserver.engine.messages import Request, Sent
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import Step, Stub
from mockserver.engine.world import World
from mockserver.engine.worlds import Worlds
from mockserver.errors import UsageError
from mockserver.scenario.model import Respond
from tests.callers import caller


@pytest.fixture(scope="module")
def services():
    return caller("vectorshift").world.services


def request(text):
    body = json.dumps({"runs": [{"inputs": {"q": text}}]}).encode()
    path = "/vectorshift/v1/pipeline/p/bulk_run"
    headers = (("Authorization", "Bearer vs-test-key"), ("Content-Type", "application/json"))
    return Request("POST", path, path, headers=headers, body=body)


def test_a_world_is_the_fold_of_its_inputs(services):
    """Same settings, same inputs: the same entries, byte for byte."""
    stub = Stub(1, "bulkRunPipeline", frozenset({("vectorshift", "bulkRunPipeline")}), (Step(Respond(500, delay=2.0)),))
    inputs = [
        request("a"),
        Advance(30.0),
        PutStub(stub),
        request("a"),
        request("b"),
        Wrote(2, Sent(10, 1.0)),
        request("a"),
    ]
    worlds = [World(services, Settings(seed=3)) for _ in range(2)]
    for world in worlds:
        for given in inputs:
            world.apply(given)

    first, second = (world.journal.entries for world in worlds)
    assert first == second
    assert [entry.answer.status for entry in first] == [200, 500, 200, 200]
    assert worlds[0].clock.now == worlds[1].clock.now == worlds[0].settings.start + 32.0


def test_a_fault_of_our_own_is_an_entry_like_any_other(services, monkeypatch):
    """E901: the client is told, the traceback is kept for the log, and the world lives on."""
    world = World(services, Settings())
    with monkeypatch.context() as broken:
        broken.setattr("mockserver.engine.spine.decide", lambda call, world: 1 / 0)
        entry = world.apply(request("a"))

    assert entry.answer.status == 500
    assert [violation.code for violation in entry.violations] == ["E901"]
    assert "ZeroDivisionError" in entry.crash
    assert world.apply(request("a")).answer.status == 200


def test_every_input_is_seen_by_the_log_in_order(services):
    """The log of inputs is what a restart replays."""
    log: list[Input] = []
    world = World(services, Settings(), log=log.append)

    world.apply(request("a"))
    world.apply(Freeze())

    assert log == [request("a"), Freeze()]


def test_the_name_of_a_world_does_not_enter_a_draw(services):
    """Two tests with the same requests get the same bytes."""
    worlds = Worlds(services, Settings(seed=5))

    bodies = {worlds.open(name).apply(request("a")).answer.body for name in ("one", "two")}

    assert len(bodies) == 1


def test_what_was_drawn_in_one_world_changes_nothing_in_another(services):
    """A value that is at hand already is the one that would be drawn, whatever the seed and the world before."""
    worlds = Worlds(services, Settings(seed=5))
    bodies = [worlds.open(seed=seed).apply(request("a")).answer.body for seed in (5, 6, 5, 6)]

    alone = [World(services, Settings(seed=seed)).apply(request("a")).answer.body for seed in (5, 6, 5, 6)]

    assert bodies == alone


def test_a_document_of_one_world_is_kept_out_of_what_worlds_share(services):
    """Another world may serve another document by the same name: nothing that was found in this one is for that one."""
    worlds = Worlds(services, Settings())
    one, two = worlds.open(), worlds.open()

    one.apply(Serve(services[0].but(name="more", mounts=("/more",))))

    found = one.mounts.find("/more/x")
    assert found is not None
    assert found[0].name == "more"
    assert two.mounts.find("/more/x") == worlds.default.mounts.find("/more/x")
    assert one.pools is not two.pools is worlds.default.pools


def test_worlds_share_nothing(services):
    """A request to one is not in another's journal."""
    worlds = Worlds(services, Settings())
    one, two = worlds.open(), worlds.open()

    one.apply(request("a"))

    assert (len(one.journal.entries), len(two.journal.entries), len(worlds.default.journal.entries)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("path", "header", "name", "rest"),
    [
        ("/vectorshift/v1/x", None, "", "/vectorshift/v1/x"),
        ("/w/one/vectorshift/v1/x", None, "one", "/vectorshift/v1/x"),
        ("/w/one", None, "one", "/"),
        ("/w/one/a%2Fb", None, "one", "/a%2Fb"),
        ("/a", "one", "one", "/a"),
        ("/w/one/a", "other", "one", "/a"),
    ],
)
def test_a_path_or_a_header_leads_to_a_world(services, path, header, name, rest):
    """The path wins over the header; what is left is still percent-encoded."""
    worlds = Worlds(services, Settings())
    worlds.open("one")

    located = worlds.locate(path, header)

    assert (located.name, located.path) == (name, rest)
    assert located.world is worlds.find(name)


def test_a_closed_world_says_whose_it_was(services):
    """A late request is told, instead of reaching another test."""
    worlds = Worlds(services, Settings())
    worlds.open("one")
    worlds.close("one", owner="test_a.py::test_x")

    located = worlds.locate("/w/one/x")

    assert (located.world, located.closed) == (None, "test_a.py::test_x")
    assert worlds.locate("/w/never/x").closed is None


def get(path, query=""):
    return Request("GET", f"/w/x{path}", path, query)


def test_a_late_request_is_remembered_with_its_owner_and_the_occasion(services):
    """Keys in its target are masked; a world that never was has nothing that could be late."""
    worlds = Worlds(services, Settings())
    worlds.reserve("now", lambda: "test_b (call)")
    worlds.open("one")
    worlds.close("one", owner="test_a")

    worlds.turn_away(worlds.locate("/w/one/things"), get("/things", "api_key=el-test-key"))
    worlds.turn_away(worlds.locate("/w/never/things"), get("/things"))
    worlds.turn_away(worlds.locate("/w/now/things"), get("/things"))

    first, second = worlds.late
    assert (first.owner, first.occasion) == ("test_a", "test_b (call)")
    assert first.what.startswith("GET /things?api_key=***")
    assert (second.owner, second.what) == ("", "GET /things")


def test_only_the_last_late_requests_are_kept(services):
    """A client that never stops does not fill the memory."""
    worlds = Worlds(services, Settings())
    worlds.open("one")
    worlds.close("one")

    for number in range(1100):
        worlds.turn_away(worlds.locate("/w/one/x"), get(f"/{number}"))

    assert len(worlds.late) == 1000
    assert worlds.late[-1].what == "GET /1099"


def test_webhooks_that_were_on_their_way_when_their_world_was_closed_are_late(services):
    """One that was due is named; one that was not due yet is not."""
    worlds = Worlds(services, Settings())
    world = worlds.open("one")
    for id, wait in (("due", 0.0), ("later", 60.0)):
        url = f"http://127.0.0.1:1/{id}"
        world.outbox.add(
            Delivery(id, "event", "vectorshift", "run", None, "completed", url, b"{}", DeliveryScript(), (wait,))
        )
    worlds.close("one", owner="test_a")

    assert [(each.owner, each.what) for each in worlds.late] == [
        ("test_a", "webhook to http://127.0.0.1:1/due, not delivered by then")
    ]


def test_a_reserved_name_leads_to_one_world_after_another(services):
    """To the one that was opened with it last; while there is none, it says whose the last one was."""
    worlds = Worlds(services, Settings())
    worlds.reserve("now", lambda: "lunch")
    before = worlds.locate("/w/now/a")
    found = []
    for owner in ("test_a", "test_b"):
        world = worlds.open(alias="now")
        found.append(worlds.locate("/w/now/a").world is world)
        found.append(worlds.locate("/a", "now").world is world)
        worlds.close(world.name, owner)
    after = worlds.locate("/w/now/a")

    assert found == [True] * 4
    assert (before.world, before.closed, before.is_reserved, before.occasion) == (None, "", True, "lunch")
    assert (after.world, after.closed, after.is_reserved) == (None, "test_b", True)


def test_a_path_without_a_world_may_lead_to_a_reserved_name(services):
    """Instead of to the default world, where nobody would look."""
    worlds = Worlds(services, Settings())
    worlds.reserve("now", str, unnamed=True)
    world = worlds.open(alias="now")

    assert worlds.locate("/a") == worlds.locate("/w/now/a")
    assert worlds.locate("/a").world is world
    worlds.close(world.name, "test_a")
    assert worlds.locate("/a").closed == "test_a"


def test_a_reserved_name_means_the_world_that_was_meant_when_it_was_read(services):
    """A request that began under one world does not end in the next."""
    worlds = Worlds(services, Settings())
    worlds.reserve("now", str)
    first = worlds.open(alias="now")
    aimed = worlds.aim("/w/now/a")
    worlds.close(first.name, "test_a")
    worlds.open(alias="now")

    assert worlds.at(*aimed).closed == "test_a"


def test_a_reset_world_keeps_its_reserved_name(services):
    """It leads to the new one."""
    worlds = Worlds(services, Settings())
    worlds.reserve("now", str)
    world = worlds.open(alias="now")

    assert worlds.reset(world.name) is worlds.locate("/w/now/").world


@pytest.mark.parametrize("name", ["", "one", "kept", "a/b", "a?b", " a", "a\n"])
def test_a_name_that_is_taken_or_cannot_stand_in_a_url_is_refused(services, name):
    """One sentence with a remedy."""
    worlds = Worlds(services, Settings())
    worlds.reserve("kept", str)
    worlds.open("one")

    with pytest.raises(UsageError, match=r"choose another|use letters"):
        worlds.open(name)


def test_reset_is_a_new_world_with_the_same_settings(services):
    """Nothing of the old one is left."""
    worlds = Worlds(services, Settings(seed=9))
    old = worlds.default
    old.apply(request("a"))

    new = worlds.reset()

    assert new is not old
    assert (new.journal.entries, new.settings) == ((), old.settings)
    assert worlds.default is new


def test_the_first_explicit_move_makes_the_clock_manual(services):
    """DESIGN: auto until a test takes the clock into its own hands; the jump is in the journal."""
    world = World(services, Settings())

    world.apply(Advance(0.0))

    assert world.mode == "manual"
    assert "advance by 0s" in world.journal.notes[0].text


def test_real_time_cannot_be_moved_by_hand(services):
    """Under `real` the shell ticks, and a move is refused in one sentence."""
    world = World(services, Settings(clock="real", start=100.0))
    world.apply(Tick(107.5))

    with pytest.raises(UsageError, match="moves by itself"):
        world.apply(Advance(1.0))
    assert world.clock.now == 107.5


def test_whoever_asks_hears_of_each_world_that_ends(services):
    """Closed or reset: with all that it holds, before it is gone."""
    worlds, heard = Worlds(services, Settings()), []
    worlds.on_leave = lambda world: heard.append((world.name, len(world.journal.entries)))
    worlds.open("a").apply(request("x"))

    worlds.reset("a")
    worlds.close("a")
    worlds.reset()

    assert heard == [("a", 1), ("a", 0), ("", 0)]
