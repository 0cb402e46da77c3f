"""Executions whose time stands: paused, resumed and ended by their vendor's calls."""

import pytest

from mockserver.clock import VirtualClock
from mockserver.engine.executions import Execution, Executions

PATH = (("queued", 1.0), ("running", 4.0), ("completed", 0.0))


@pytest.fixture
def clock():
    return VirtualClock(100.0)


@pytest.fixture
def ended():
    """The states in which executions ended."""
    return []


@pytest.fixture
def executions(clock, ended):
    """One of them, just begun."""
    made = Executions(clock, lambda one: ended.append(one.state))
    made.start(Execution("e1", "s", "op", "r", "1", {}, clock.now), PATH)
    return made


def states(executions):
    return [(state, at - 100.0) for state, at in executions.get("e1").entered]


def test_time_stands_while_it_is_paused(clock, executions, ended):
    """What was left of a state is left when it goes on."""
    clock.advance_to(102.0)
    assert executions.pause("e1")
    clock.advance_to(200.0)
    assert (executions.get("e1").state, executions.get("e1").next_due, clock.next_due) == ("paused", None, None)
    assert executions.resume("e1")
    clock.advance_to(300.0)

    assert states(executions) == [
        ("queued", 0.0),
        ("running", 1.0),
        ("paused", 2.0),
        ("running", 100.0),
        ("completed", 103.0),
    ]
    assert ended == ["completed"]


def test_what_cannot_be_paused_or_resumed_stays_as_it_is(clock, executions, ended):
    """Unknown, paused already, not paused, ended."""
    assert (executions.pause("e2"), executions.resume("e2")) == (False, False)
    assert executions.resume("e1") is False
    assert (executions.pause("e1"), executions.pause("e1")) == (True, False)
    assert (executions.resume("e1"), executions.resume("e1")) == (True, False)
    clock.advance_to(200.0)
    assert (executions.pause("e1"), executions.resume("e1")) == (False, False)
    assert ended == ["completed"]


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
def test_what_is_ended_stays_ended(clock, executions, ended, paused):
    """Nothing of it is left on the clock, and it does not go on."""
    if paused:
        executions.pause("e1")
    executions.end("e1", "cancelled")
    assert clock.next_due is None
    assert executions.resume("e1") is False
    clock.advance_to(200.0)

    assert ended == ["cancelled"]


def test_a_moment_before_the_next_state(clock, executions):
    """Paused where one state ends and the next begins, it goes on with the next."""
    clock.advance_to(101.0)
    executions.pause("e1")
    executions.resume("e1")
    executions.resume("e1")
    clock.advance_to(104.9)
    assert executions.get("e1").state == "running"
    clock.advance_to(105.0)

    assert executions.get("e1").state == "completed"
