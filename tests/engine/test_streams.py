"""Streams in a world: which piece is due when, what the journal keeps, and what is held against the spec."""

from itertools import count, repeat

import pytest

from mockserver.chance import Chance
from mockserver.clock import START
from mockserver.engine.events import json_event, text_event
from mockserver.engine.inputs import Advance, Input, Pull, Wrote
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Chunk, Request, Sent
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.unfinished import still_going
from mockserver.engine.world import World
from tests.streaming import streaming, ticks

LISTEN = Request("GET", "/ticks-api/ticks", "/ticks-api/ticks")


def listening(chunks, *, limits=None, fault=None, **more):
    """A world in which the answer of entry 1 is being streamed."""
    service = streaming(lambda: chunks, fault, **more)
    world = World((service,), Settings(clock="manual", limits=limits or Limits()))
    world.apply(LISTEN)
    return world


def pulled(world, number=1):
    """The numbers of all ticks that are due, taken."""
    found = []
    while (chunk := world.apply(Pull(number))) is not None:
        found.append(chunk.value["n"])
    return found


def wrote(world, number=1):
    """The shell reports; the entry."""
    world.apply(Wrote(number, Sent(0, 1.0)))
    return world.journal.entries[number - 1]


def test_a_piece_can_be_taken_when_it_is_due_and_not_before():
    """Gaps are on the world's clock, and count from when the piece before was due."""
    world = listening(ticks(0, 2, 3))

    assert pulled(world) == [1]
    world.apply(Advance(1.9))
    assert pulled(world) == []
    world.apply(Advance(0.1))
    assert pulled(world) == [2]
    world.apply(Advance(60))
    assert pulled(world) == [3]


def test_a_late_reader_gets_all_that_fell_due_meanwhile():
    """Nothing is lost, and the gaps do not begin anew."""
    world = listening(ticks(*[1.0] * 5))

    world.apply(Advance(3.5))

    assert pulled(world) == [1, 2, 3]
    assert world.streams.get(1).due == START + 4


def test_the_clock_knows_the_next_piece():
    """So `advance_to_next` and `next_due` find it."""
    world = listening(ticks(7))

    assert world.clock.next_due == START + 7


def test_a_stream_begins_after_the_delay_of_its_answer():
    """The first gap counts from when the answer begins."""
    world = listening(ticks(1), delay=5.0)

    assert world.streams.get(1).due == START + 6


def test_streams_do_not_disturb_one_another():
    """Each has its own pieces and its own times."""
    world = listening(ticks(1, 1))
    world.apply(Advance(1))
    world.apply(LISTEN)

    assert (pulled(world, 1), pulled(world, 2)) == ([1], [])
    world.apply(Advance(1))
    assert (pulled(world, 2), pulled(world, 1)) == ([1], [2])


def test_the_journal_keeps_what_was_streamed():
    """The body is what was taken; while the stream is open there is none."""
    world = listening(ticks(0, 0, 9))
    open_body = world.journal.entries[0].answer.body

    pulled(world)

    assert open_body == b""
    assert wrote(world).answer.body == b'data: {"n":1}\n\ndata: {"n":2}\n\n'
    assert world.streams.numbers == ()
    assert world.clock.next_due is None


def test_the_journal_keeps_the_first_part_of_a_long_stream():
    """Bounded like other bodies, with the length and digest of the whole."""
    pieces = tuple(Chunk(0, bytes([65 + number]) * 10) for number in range(5))
    world = listening(pieces, limits=Limits(keep_body=25))

    while world.apply(Pull(1)) is not None:
        pass

    body = wrote(world).answer.body
    whole = Cut.of(b"".join(piece.data for piece in pieces), 25)
    assert isinstance(body, Cut)
    assert isinstance(whole, Cut)
    assert (bytes(body), body.length, body.sha256) == (bytes(whole), whole.length, whole.sha256)


def test_streamed_bodies_count_against_the_bounds_of_the_journal():
    """A journal of so many bytes drops the oldest entries for them."""
    world = listening((Chunk(0, b"x" * 3000),), limits=Limits(journal_bytes=4000))
    world.apply(Pull(1))

    world.apply(Wrote(1, Sent(3000, 1.0)))

    assert world.journal.entries == ()
    assert world.journal.dropped == 1


def test_an_endless_stream_is_asked_for_one_piece_at_a_time():
    """What nobody takes is not made, however far the clock goes."""
    asked: list[int] = []

    def ticking():
        for n in count(1):
            asked.append(n)
            yield json_event(1, {"n": n})

    world = listening(ticking())

    world.apply(Advance(86_400))
    assert asked == [1]
    assert world.apply(Pull(1)).value == {"n": 1}
    assert asked == [1, 2]


def test_nothing_is_taken_of_a_stream_that_was_closed():
    """The shell's report ends it."""
    world = listening(ticks(0, 0))
    wrote(world)

    assert world.apply(Pull(1)) is None


def test_events_are_held_against_the_schema():
    """Those of a tuple when it is decided; our own vendor's fault is E902."""
    world = listening((json_event(0, {"n": 1}), json_event(0, {"n": "two"}), text_event(0, "[DONE]")))

    (violation,) = world.journal.entries[0].violations
    assert (violation.code, violation.where, violation.said) == ("E902", "/n", '"two"')


def test_events_of_an_iterator_are_held_against_the_schema_as_they_go():
    """Found when they are taken, told when the stream is over, and not more than a few."""
    world = listening(repeat(json_event(0, {})))

    assert world.journal.entries[0].violations == ()
    for _ in range(100):
        world.apply(Pull(1))
    assert [one.code for one in wrote(world).violations] == ["E902"] * 20


def test_an_iterator_that_breaks_is_our_own_fault():
    """The stream ends there, and the entry says E901."""
    world = listening(json_event(0, {"n": 1 // (2 - n)}) for n in count(1))

    assert pulled(world) == [1]
    assert "ZeroDivisionError" in world.streams.get(1).crash
    assert [one.code for one in wrote(world).violations] == ["E901"]


def test_what_never_ends_is_named():
    """For whoever runs the clock until idle."""
    world = listening(ticks(5))

    assert still_going(world) == "the stream of request #1 is open; next is due in 5s"


def test_a_stream_ends_with_the_calendar():
    """Nothing is due after the year 9999."""
    world = listening(ticks(0, 8000 * 365.25 * 86_400))

    assert pulled(world) == [1]
    assert world.streams.get(1).due is None


@pytest.mark.parametrize(("gaps", "notes"), [((0.0, 0.0), 0), ((0.0, 1.0), 1)], ids=["no-gap", "gap"])
def test_an_auto_clock_says_that_it_goes_with_a_stream(gaps, notes):
    """One line of the journal for all its gaps."""
    world = World((streaming(lambda: ticks(*gaps)),), Settings(clock="auto"))
    world.apply(LISTEN)

    told = [note.text for note in world.journal.notes]
    assert told == ["the clock goes with the stream of request #1"] * notes


def test_the_same_inputs_give_the_same_pieces():
    """A world with streams is the fold of its inputs."""
    inputs: list[Input] = []

    def run(given):
        chance = Chance("ticks")
        chunks = (json_event(chance.number(0, 2), {"n": chance.integer(0, 99)}) for _ in count())
        world = World((streaming(lambda: chunks),), Settings(clock="manual"), log=inputs.append)
        return [world.apply(one) for one in given][1:]

    first = run([LISTEN, Pull(1), Advance(1), Pull(1), Pull(1), Advance(4), Pull(1), Pull(1), Wrote(1, Sent(9, 1.0))])

    assert any(first)
    assert run(list(inputs)) == first


def test_events_are_written_by_the_rules():
    """A type, an id, and one data line for each line of text; a line break in a name would be another field."""
    event = text_event(0, "a\nb\r\nc", name="sum\nmary", id="7")

    assert event.data == b"event: sum mary\nid: 7\ndata: a\ndata: b\ndata: c\n\n"
