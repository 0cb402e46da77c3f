"""One thread at a time touches the worlds: the loop's, or another one while the loop waits for the network."""

import asyncio
import signal
import sys
import threading
from contextlib import suppress
from threading import get_ident

import pytest

from mockserver.errors import CouldNotRun
from mockserver.http.turn import Turn, answer


@pytest.fixture
def turn():
    """The turn of a loop that runs in a thread of its own until the test ends."""
    made, ready = [], threading.Event()

    def main():
        made.append(Turn())
        made[0].loop.call_soon(ready.set)
        made[0].loop.run_forever()
        made[0].loop.close()

    thread = threading.Thread(target=main)
    thread.start()
    ready.wait()
    yield made[0]
    made[0].loop.call_soon_threadsafe(made[0].loop.stop)
    thread.join()


@pytest.fixture
def home(turn):
    """The loop's thread."""
    return turn.in_loop(get_ident)


@pytest.fixture
def busy(turn):
    """The loop is in a callback, which ends when somebody waits for the turn; what the loop calls next is in here."""
    entered = threading.Event()
    after: list[object] = []

    def call():
        turn.loop.call_soon(after.append, "the loop")
        entered.set()
        while not turn._next.locked():
            pass

    turn.loop.call_soon_threadsafe(call)
    entered.wait()
    return after


def idle(turn):
    """Return when the loop waits for the network."""
    while not turn._lock.acquire(blocking=False):
        pass
    turn._lock.release()


def test_an_idle_loop_lets_others_have_the_turn(turn, home):
    """The function is called in the thread that asks."""
    idle(turn)

    assert turn.run(get_ident) == get_ident() != home


def test_whoever_waits_for_a_busy_loop_goes_first(turn, busy):
    """The function is called in the thread that asks, when the loop has ended what it does and before it goes on."""
    turn.run(lambda: busy.append(get_ident()))
    turn.in_loop(get_ident)

    assert busy == [get_ident(), "the loop"]


def test_what_has_to_do_with_tasks_is_called_in_the_loop(turn, home):
    """Even if the loop is idle."""
    idle(turn)

    assert turn.in_loop(lambda: (get_ident(), asyncio.get_running_loop())) == (home, turn.loop)


def test_whoever_has_the_turn_has_it(turn, home):
    """A function may ask again, in either thread."""
    idle(turn)

    assert turn.run(lambda: turn.run(get_ident)) == get_ident()
    assert turn.in_loop(lambda: (turn.run(get_ident), turn.in_loop(get_ident))) == (home, home)


def fails():
    raise KeyError("x")


def test_what_is_raised_reaches_the_caller(turn):
    """From this thread and from the loop's; the turn is given back."""
    idle(turn)

    with pytest.raises(KeyError):
        turn.run(fails)
    with pytest.raises(KeyError):
        turn.in_loop(fails)
    idle(turn)
    assert turn.run(get_ident) == get_ident()


@pytest.mark.usefixtures("busy")
def test_what_is_raised_after_a_wait_reaches_the_caller(turn):
    """The loop goes on."""
    with pytest.raises(KeyError):
        turn.run(fails)

    assert turn.in_loop(lambda: "went on") == "went on"


def test_nobody_comes_between(turn):
    """The loop and two threads count in one place, and none of their steps is lost."""
    box, steps, counted, before = [0], 3000, threading.Event(), sys.getswitchinterval()

    def count():
        seen = box[0]
        for _ in range(5):
            seen += 1  # others would come in here
        box[0] = seen

    def counting(left):
        count()
        if left > 1:
            turn.loop.call_soon(counting, left - 1)
        else:
            counted.set()

    def many():
        for _ in range(steps):
            turn.run(count)

    sys.setswitchinterval(1e-6)
    try:
        turn.loop.call_soon_threadsafe(counting, steps)
        threads = [threading.Thread(target=many) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counted.wait(10)
    finally:
        sys.setswitchinterval(before)

    assert box[0] == 3 * 5 * steps


async def nothing():
    """Work for the loop."""


ASK = {
    "the turn": lambda turn: turn.run(get_ident),
    "the loop": lambda turn: turn.in_loop(get_ident),
    "a task": lambda turn: answer(turn.begin(nothing)),
}


def asking(ask, turn, told):
    """A thread that asks, and tells what that raises."""

    def main():
        try:
            ask(turn)
        except CouldNotRun as error:
            told.append(str(error))

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_a_loop_that_is_closed_gives_no_turn(ask):
    """Whoever asks is told."""
    turn = Turn()
    told: list[str] = []
    turn.loop.close()

    asking(ask, turn, told).join(10)

    assert told == ["the server stopped meanwhile"]


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_whoever_waits_when_the_loop_is_closed_is_told(ask):
    """A loop that has ended calls nothing of what it is asked for, and gives no turn, until it is closed."""
    turn = Turn()
    told: list[str] = []
    waiting = asking(ask, turn, told)
    while not (turn._expected or turn._next.locked()):
        pass

    turn.loop.close()
    waiting.join(10)

    assert told == ["the server stopped meanwhile"]


def refuses():
    raise KeyError("x")


async def breaks():
    raise KeyError("x")


@pytest.mark.parametrize("work", [refuses, breaks])
def test_what_work_raises_reaches_whoever_waits_for_it(turn, work):
    """Before it awaits anything, or afterwards."""
    with pytest.raises(KeyError):
        answer(turn.begin(work))


def test_work_that_nobody_waits_for_any_more_ends(turn):
    """As a task does that is cancelled."""
    begun, ended = threading.Event(), threading.Event()

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    future = turn.begin(work)
    begun.wait(10)
    future.cancel()

    assert ended.wait(10)


def test_a_loop_that_leaves_begins_no_work(turn):
    """It would be cut off."""
    turn.in_loop(turn.leave)

    with pytest.raises(CouldNotRun, match="the server stopped meanwhile"):
        answer(turn.begin(nothing))


class Interrupt(Exception):
    """What Control-C and a test's time limit raise, wherever its thread is."""


def test_an_interrupt_leaves_the_turn_to_others():
    """Wherever it hits a thread that takes the turn or has it; else the loop would stand still for ever."""

    def interrupt(number, frame):
        raise Interrupt

    made, ready, answered = [], threading.Event(), threading.Event()

    def main():
        made.append(Turn())
        made[0].loop.call_soon(ready.set)
        made[0].loop.run_forever()
        made[0].loop.close()

    threading.Thread(target=main, daemon=True).start()
    ready.wait()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for number in range(1000):
            with suppress(Interrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.0001 + number * 1e-7)
                while True:
                    made[0].run(get_ident)
    finally:
        signal.signal(signal.SIGALRM, before)
    made[0].loop.call_soon_threadsafe(answered.set)

    assert answered.wait(10)
    made[0].loop.call_soon_threadsafe(made[0].loop.stop)
