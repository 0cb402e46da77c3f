"""Streams that a script asks for: filled in, prolonged, broken off."""

from msgspec.structs import replace

from mockserver.clock import START
from mockserver.engine.inputs import Advance, Pull, PutStub
from mockserver.engine.messages import Request
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import Step, Stub
from mockserver.engine.world import World
from mockserver.scenario.model import Event, Fault, Respond
from mockserver.scenario.render import compile_template
from tests.streaming import streaming, ticks

LISTEN = Request("GET", "/ticks-api/ticks?n=5", "/ticks-api/ticks", "n=5")
TARGET = frozenset({("ticks", "listen")})


def answered(then, chunks=()):
    """The entry of a call that a stub answers, and its world."""
    world = World((streaming(lambda: chunks),), Settings(clock="manual"))
    world.apply(PutStub(Stub(1, "listen", TARGET, (Step(then),), at="test_x.py:3")))
    return world.apply(LISTEN), world


def event(data, after=0.0, **more):
    return Event(compile_template(data), after=after, **more)


def taken(world):
    """The number and the time of the first five ticks."""
    found: list[tuple[int, float]] = []
    while len(found) < 5:
        chunk = world.apply(Pull(1))
        if chunk is None:
            world.apply(Advance(1))
        else:
            found.append((chunk.value["n"], world.clock.now - START))
    return found


def test_events_are_filled_in():
    """Placeholders see the request; what they do not find is noted."""
    then = Respond(events=(event({"n": "${request_number}", "x": "${query.y}"}, 2.0, name="tick"), Event(text="bye")))

    entry, _ = answered(then)

    assert entry.answer.status == 200
    assert dict(entry.answer.headers)["Content-Type"] == "text/event-stream"
    assert [(one.after, one.data) for one in entry.answer.chunks] == [
        (2.0, b'event: tick\ndata: {"n":1,"x":null}\n\n'),
        (0.0, b"data: bye\n\n"),
    ]
    assert entry.notes == ("the placeholder ${query.y} names nothing in this request: null was sent",)


def test_a_scripted_event_that_breaks_the_schema_is_told():
    """E501, with the line of the script; `off_contract` lifts it."""
    then = Respond(events=(event({"n": "${query.y}"}),))

    entry, _ = answered(then)
    allowed, _ = answered(replace(then, off_contract="it happens"))

    (violation,) = entry.violations
    assert (violation.code, violation.where) == ("E501", "/n")
    assert "test_x.py:3" in violation.clause
    assert allowed.violations == ()


def test_a_stream_may_never_end():
    """All events again from the first, or the last one for ever."""
    events = (event({"n": 1}), event({"n": 2}, 3.0))

    _, repeated = answered(Respond(events=events, more="repeat"))
    _, last = answered(Respond(events=events, more="last"))

    assert taken(repeated) == [(1, 0), (2, 3), (1, 3), (2, 6), (1, 6)]
    assert taken(last) == [(1, 0), (2, 3), (2, 6), (2, 9), (2, 12)]


def test_a_fault_stands_in_the_place_of_the_end():
    """The shell plays it after the last event; the events are held against the schema all the same."""
    entry, world = answered(Respond(events=(event({"n": "x"}),), fault="timeout"))

    assert entry.answer.fault == "timeout"
    assert [one.code for one in entry.violations] == ["E501"]
    assert world.apply(Pull(1)) is not None
    assert world.streams.get(1).due is None


def test_truncate_cuts_the_emulators_own_stream_in_half():
    """Half of what would have come, then the connection closes; `garbage` is no stream any more."""
    cut, _ = answered(Fault("truncate"), ticks(0, 0, 0, 0))
    garbage, _ = answered(Fault("garbage"), ticks(0))

    assert [one.value["n"] for one in cut.answer.chunks] == [1, 2]
    assert cut.answer.fault == "truncate"
    assert garbage.answer.chunks is None
    assert garbage.answer.body.startswith(b"\x00")
