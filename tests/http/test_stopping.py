"""A server that is stopped while webhooks are on their way."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
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


def test_a_server_may_be_stopped_by_several_threads_at_once() -> None:
    """Each returns when it is gone; one of them may come when its loop is closed already."""
    for _ in range(20):
        server = Server(vendors=["vectorshift"]).start()
        raised: list[BaseException] = []

        def stop(server: Server = server, raised: list[BaseException] = raised) -> None:
            try:
                server.stop()
            except BaseException as error:  # noqa: BLE001 - whatever it is
                raised.append(error)

        threads = [threading.Thread(target=stop) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert not raised


def test_a_stop_that_was_interrupted_can_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C while it waits for the thread; by the next call the thread may have ended."""
    server = Server(vendors=["vectorshift"]).start()
    thread = server._thread
    assert thread is not None
    join = thread.join

    def interrupted() -> None:
        monkeypatch.undo()
        join()
        raise KeyboardInterrupt

    monkeypatch.setattr(thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        server.stop()

    server.stop()
    with server:
        assert server.port


def test_a_start_that_is_interrupted_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C while it waits for the port: its thread ends, and it can be started again."""

    class Interrupted(Future[int]):
        def result(self, timeout: float | None = None) -> int:
            raise KeyboardInterrupt

    server, before = Server(vendors=["vectorshift"]), threading.enumerate()
    monkeypatch.setattr("mockserver.server.Future", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        server.start()
    monkeypatch.undo()

    assert set(threading.enumerate()) <= set(before)
    with server:
        assert server.port


def test_whoever_awaits_is_told_when_the_server_stops() -> None:
    """As whoever waits: not that they were cancelled themselves."""
    arrived, stopped = threading.Event(), threading.Event()

    def hang(value: Any) -> None:
        arrived.set()
        stopped.wait(10)

    async def advance(server: Server, world: str) -> str:
        try:
            await server.aadvance(world, 5)
        except CouldNotRun as error:
            return str(error)
        return "nothing"

    with receiver(on_post=hang) as slow, Server(vendors=["vectorshift"]) as server:
        jobs = jobs_client(server)
        jobs.start("a", hook=slow.url)

        def stop() -> None:
            arrived.wait(5)
            server.stop()

        stopping = threading.Thread(target=stop)
        stopping.start()
        told = asyncio.run(advance(server, jobs.world.name))
        stopping.join()
        stopped.set()

    assert told == "the server stopped meanwhile"


def test_whoever_waits_for_an_inbox_does_not_hold_up_a_stop() -> None:
    """Nothing comes any more: it is told so, and not after all of its time."""
    told: list[str] = []
    server = Server(vendors=["vectorshift"]).start()

    def wait() -> None:
        try:
            server.wait_for_inbox("", "default", 1, timeout=30)
        except CouldNotRun as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    while server.run(lambda: not server._driver or not any(one.watchers for one in server._driver._drives.values())):
        pass
    began = time.monotonic()
    server.stop()
    waiting.join(10)

    assert time.monotonic() - began < 10
    assert told == ["the server stopped meanwhile"]
