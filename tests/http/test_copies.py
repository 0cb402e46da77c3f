"""Copies of one event: at their receiver at once, and in order in the log all the same."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mockserver.clock import START
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies, PutDeliveryScript
from mockserver.server import Server
from tests.http.jobs import Jobs, jobs_client, receiver


@pytest.fixture
def jobs(server: Server) -> Jobs:
    """A world in which each event is delivered twice."""
    jobs = jobs_client(server)
    copies(jobs, 2)
    return jobs


def copies(jobs: Jobs, number: int) -> None:
    """How often each event is delivered."""
    jobs.server.give(jobs.world.name, PutDeliveryScript("jobs", DeliveryScript(copies=number)))


def test_copies_are_at_their_receiver_at_once(jobs: Jobs) -> None:
    """A receiver that looks before it notes has a race, and meets it; the next event waits until both are answered."""
    both = threading.Barrier(2)
    under_way: list[Any] = []
    seen: list[list[Any]] = []

    def meet(value: Any) -> None:
        under_way.append(value["inputs"])
        both.wait(10)
        seen.append(list(under_way))
        both.wait(10)
        under_way.remove(value["inputs"])

    with receiver(on_post=meet) as hook:
        jobs.start("a", "b", hook=hook.url)
        jobs.server.advance(jobs.world.name, 5)

    assert seen == [[["a"], ["a"]]] * 2 + [[["b"], ["b"]]] * 2
    assert [(one.copy, one.state) for one in jobs.deliveries] == [(1, "delivered"), (2, "delivered")] * 2


def test_copies_leave_and_are_recorded_in_order(jobs: Jobs) -> None:
    """Each leaves when the one before is written: the first answer is the first copy's, the same in every run."""
    jobs.server.give(
        jobs.world.name, AddReplies("it", tuple(Reply(status) for status in (503, 429, 500, 200, 200, 503)))
    )
    copies(jobs, 3)
    jobs.start("a", "b", hook=jobs.inbox())

    jobs.server.advance(jobs.world.name, 5)
    assert [(attempt.at - START, attempt.status) for one in jobs.deliveries for attempt in one.attempts] == [
        (5.0, status) for status in (503, 429, 500, 200, 200, 503)
    ]


def test_copies_that_cannot_be_posted_end_too(jobs: Jobs) -> None:
    """Of what is refused before it is written nothing waits."""
    jobs.start("a", hook="http://192.0.2.1/hook")

    jobs.server.advance(jobs.world.name, 5)
    assert [one.state for one in jobs.deliveries] == ["blocked", "blocked"]


def test_a_stop_cuts_all_copies_off() -> None:
    """Each says so; none is left open."""
    arrived, stopped = threading.Semaphore(0), threading.Event()

    def hang(value: Any) -> None:
        arrived.release()
        stopped.wait(10)

    with receiver(on_post=hang) as hook, Server(vendors=["vectorshift"]) as server:
        jobs = jobs_client(server)
        copies(jobs, 2)
        (id,) = jobs.start("a", hook=hook.url)
        jobs.read(id)
        jobs.read(id)
        assert arrived.acquire(timeout=5)
        assert arrived.acquire(timeout=5)
        server.stop()
        stopped.set()

    errors = [attempt.error for one in jobs.world.outbox.all for attempt in one.attempts]
    assert errors == ["cut off: the server stopped"] * 2
    assert jobs.world.outbox.under_way == ()
