"""A server that is stopped while webhooks are on their way."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest

from mockserver.errors import CouldNotRun
from mockserver.server import Server
from tests.http.jobs import jobs_client, receiver


def test_whoever_waits_is_told_when_the_server_stops() -> None:
    """A move that a stop cuts short raises; it does not leave a thread waiting."""
    arrived, stopped = threading.Event(), threading.Event()
    raised: list[Exception] = []

    def hang(value: Any) -> None:
        arrived.set()
        stopped.wait(10)

    with receiver(on_post=hang) as slow, Server(vendors=["vectorshift"]) as server:
        jobs = jobs_client(server)
        jobs.start("a", hook=slow.url)

        def advance() -> None:
            try:
                server.advance(jobs.world.name, 5)
            except CouldNotRun as error:
                raised.append(error)

        waiting = threading.Thread(target=advance)
        waiting.start()
        assert arrived.wait(5)
        server.stop()
        waiting.join(5)
        stopped.set()

    assert [str(error) for error in raised] == ["the server stopped meanwhile"]


def test_a_stop_during_a_delivery_cuts_it_off(caplog: pytest.LogCaptureFixture) -> None:
    """It ends within the grace time; the attempt says so, and what was not delivered is told in one line."""
    arrived, stopped = threading.Event(), threading.Event()

    def hang(value: Any) -> None:
        arrived.set()
        stopped.wait(10)

    with receiver(on_post=hang) as hook, Server(vendors=["vectorshift"]) as server:
        jobs = jobs_client(server)
        (id, _) = jobs.start("a", "b", hook=hook.url)
        jobs.read(id)
        jobs.read(id)
        assert arrived.wait(5)
        with caplog.at_level(logging.WARNING, "mockserver"):
            began = time.monotonic()
            server.stop()
            took = time.monotonic() - began
        stopped.set()

    assert took < 3
    first, second = jobs.world.outbox.all
    assert [attempt.error for attempt in first.attempts] == ["cut off: the server stopped"]
    assert second.attempts == ()
    assert f'2 webhooks of world "{jobs.world.name}" were not delivered: {first.id[:8]} (completed) to ' in caplog.text
