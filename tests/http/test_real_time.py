"""Worlds under real time: nobody moves their clocks, and what is due is posted by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from mockserver.clock import START
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies
from mockserver.errors import UsageError
from mockserver.server import Server
from tests.http.jobs import jobs_client


@pytest.fixture(scope="module")
def fast() -> Iterator[Server]:
    """A server under real time, which goes by a thousand times as fast."""
    with Server(vendors=["vectorshift"], clock="real", speed=1000) as running:
        yield running


def test_real_time_ticks_by_itself(fast: Server) -> None:
    """Under `real` jobs end and webhooks leave without anybody's move; a move is refused."""
    jobs = jobs_client(fast)
    with pytest.raises(UsageError, match="moves by itself"):
        fast.advance(jobs.world.name, 1)
    jobs.start("a", "b", hook=jobs.inbox())

    got = fast.wait_for_inbox(jobs.world.name, "it", 2, timeout=10)

    assert sorted(one.json["inputs"][0] for one in got) == ["a", "b"]


def test_real_time_begins_at_the_wall_clocks_time(server: Server, fast: Server) -> None:
    """A world under `real` that names no start begins now, on any server, and again after a reset."""
    first, second = jobs_client(server, clock="real"), jobs_client(fast)
    other = jobs_client(server, clock="real", start=START + 5)
    before = time.time()

    began = datetime.fromisoformat(first.admin("GET", "clock").json["now"]).timestamp()
    assert before - 1 < began < before + 60
    assert datetime.fromisoformat(second.admin("GET", "clock").json["now"]).timestamp() > before - 1
    assert other.admin("GET", "clock").json["now"].startswith("2026-01-01T00:00:0")


def test_under_real_time_a_hanging_receiver_holds_up_nobody(fast: Server) -> None:
    """Deliveries to others leave while one hangs."""
    server, jobs = fast, jobs_client(fast)
    jobs.server.give(jobs.world.name, AddReplies("bad", (Reply(fault="timeout"),)))
    jobs.start("a", hook=jobs.inbox("bad"))
    assert server.wait_for_inbox(jobs.world.name, "bad", 1, timeout=10)
    jobs.start("b", hook=jobs.inbox("good"))

    assert len(server.wait_for_inbox(jobs.world.name, "good", 1, timeout=10)) == 1
    for _ in range(1000):  # it came; that its answer came back is yet to be told
        if jobs.deliveries[1].state != "pending":
            break
        server.wait_for_inbox(jobs.world.name, "good", 2, timeout=0.01)
    assert [one.state for one in jobs.deliveries] == ["pending", "delivered"]
