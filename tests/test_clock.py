"""Virtual time and durations."""

from functools import partial

import pytest

from mockserver.clock import START, VirtualClock, seconds, stamp


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("400ms", 0.4),
        ("5s", 5.0),
        ("2m", 120.0),
        ("1h59m", 7140.0),
        ("30d", 2592000.0),
        ("1.5s", 1.5),
        (7, 7.0),
        (0.5, 0.5),
    ],
)
def test_durations_are_read_as_people_write_them(text, wanted):
    """A duration is a number with a unit, several of them, or plain seconds."""
    assert seconds(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "5", "5 s", "s5", "-1s", "1h-5m", "5sec", True])
def test_what_is_no_duration_is_refused_with_an_example(text):
    """The error shows what a duration looks like."""
    with pytest.raises(ValueError, match='write it like "5s"'):
        seconds(text)


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        (START, "2026-01-01T00:00:00Z"),
        (START + 0.4, "2026-01-01T00:00:00.400Z"),
        (START + 86400, "2026-01-02T00:00:00Z"),
    ],
)
def test_stamps_are_utc_with_milliseconds_only_where_there_are_any(moment, wanted):
    """RFC 3339, as the vendors' examples write it."""
    assert stamp(moment) == wanted


def test_what_falls_due_runs_in_order_and_in_its_own_time():
    """Callbacks run by due time, then by the order in which they were set, and see the time they were due."""
    clock = VirtualClock(start=100.0)
    seen = []

    def see(name):
        seen.append((name, clock.now))

    for delay, name in [(5, "late"), (1, "first"), (1, "second"), (9, "never")]:
        clock.call_later(delay, partial(see, name))

    ran = clock.advance_to(106.0)

    assert ran == 3
    assert seen == [("first", 101.0), ("second", 101.0), ("late", 105.0)]
    assert clock.now == 106.0
    assert clock.next_due == 109.0


def test_a_callback_may_set_another_that_falls_due_in_the_same_move():
    """Chains of moves run within one advance."""
    clock = VirtualClock(start=0.0)
    seen = []

    def chain():
        clock.call_later(1, lambda: seen.append(clock.now))

    clock.call_later(1, chain)

    clock.advance_to(2.0)

    assert seen == [2.0]


def test_a_cancelled_timer_never_runs_and_is_not_due():
    """Cancelling also frees the callback."""
    clock = VirtualClock(start=0.0)
    seen = []
    timer = clock.call_later(1, lambda: seen.append("ran"))

    timer.cancel()
    clock.advance_to(5.0)

    assert seen == []
    assert clock.next_due is None


def test_time_never_runs_backwards():
    """Moving to an earlier moment changes nothing."""
    clock = VirtualClock(start=50.0)

    clock.advance_to(10.0)

    assert clock.now == 50.0
