"""Answers in pieces, on the wire: as they come due under each clock, to their end, or to what stands in its place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

import pytest

from mockserver.clock import START
from mockserver.engine.events import json_event
from mockserver.engine.inputs import Freeze
from mockserver.engine.messages import Chunk, Entry
from mockserver.scenario.model import FaultKind
from mockserver.server import Server
from tests.http.client import Client, read_all
from tests.streaming import Chunks, streaming, ticks

PATIENCE = 10.0  # seconds that a test waits for what must come


class Listener(Client):
    """A client of a world that streams."""

    def ask(self, method: str = "GET", version: str = "1.1", *headers: str) -> bytes:
        """The request, as bytes."""
        lines = [f"{method} {self.prefix}/ticks-api/ticks HTTP/{version}", "Host: localhost", *headers, "", ""]
        return "\r\n".join(lines).encode()

    @contextmanager
    def listening(self, *args: str) -> Iterator[socket.socket]:
        """A connection on which the stream has been asked for."""
        with self.connected() as peer:
            peer.sendall(self.ask(*args))
            yield peer

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.server.advance(self.world.name, seconds)

    def soon(self, is_so: Callable[[], bool]) -> bool:
        """Whether it is so before patience ends; what is asked runs on the server's loop, between other work."""
        until = time.monotonic() + PATIENCE
        while not (found := self.server.run(is_so)) and time.monotonic() < until:
            pass
        return found

    def reported(self) -> Entry:
        """The first entry, as soon as it says what was sent."""
        assert self.soon(lambda: bool(self.world.journal.entries and self.world.journal.entries[0].sent))
        return self.entries[0]

    @property
    def now(self) -> float:
        """Seconds since the world began."""
        return self.server.run(lambda: self.world.clock.now) - START


@pytest.fixture
def listener(server: Server) -> Callable[..., Listener]:
    """Makes clients of fresh worlds."""

    def make(chunks: Callable[[], Chunks], fault: Any = None, **settings: Any) -> Listener:
        services = (streaming(chunks, fault),)
        return Listener(server, server.run(lambda: server.worlds.open(services=services, **settings)))

    return make


def until(peer: socket.socket, mark: bytes) -> bytes:
    """What comes, up to and including `mark`."""
    found = b""
    while not found.endswith(mark):
        piece = peer.recv(1)
        assert piece, f"hung up after {found!r}"
        found += piece
    return found


def head(peer: socket.socket) -> list[bytes]:
    """The lines of the head."""
    return until(peer, b"\r\n\r\n").split(b"\r\n")[:-2]


def chunk(n: int) -> bytes:
    """A tick on the wire, as a chunk."""
    data = b'data: {"n":%d}\n\n' % n
    return b"%x\r\n%b\r\n" % (len(data), data)


END = b"0\r\n\r\n"


def test_a_stream_is_chunked_and_ends(listener: Callable[..., Listener]) -> None:
    """No length is announced, each piece is a chunk, and the connection serves the next request."""
    client = listener(lambda: ticks(0, 0))

    with client.listening() as peer:
        lines = head(peer)
        body = until(peer, END)
        peer.sendall(client.ask())
        again = head(peer)

    assert lines[0] == again[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Type: text/event-stream" in lines
    assert b"Transfer-Encoding: chunked" in lines
    assert not any(line.lower().startswith((b"content-length", b"connection")) for line in lines)
    assert body == chunk(1) + chunk(2) + END


def test_under_auto_gaps_move_the_clock_and_nobody_waits(listener: Callable[..., Listener]) -> None:
    """Three hours of stream in no time."""
    client = listener(lambda: ticks(3600, 3600, 3600))

    with client.listening() as peer:
        head(peer)
        assert until(peer, END) == chunk(1) + chunk(2) + chunk(3) + END

    assert client.now == 3 * 3600


def test_under_manual_pieces_wait_for_the_clock(listener: Callable[..., Listener]) -> None:
    """A stream can be looked at half-read, and goes on when the clock is moved."""
    client = listener(lambda: ticks(0, 5, 5), clock="manual")

    with client.listening() as peer:
        head(peer)
        assert until(peer, chunk(1)) == chunk(1)
        client.advance(4.9)
        peer.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.recv(1)
        peer.settimeout(PATIENCE)
        client.advance(0.1)
        assert until(peer, chunk(2)) == chunk(2)
        assert client.entries[0].sent is None
        client.advance(60)
        assert until(peer, END) == chunk(3) + END


def test_a_move_over_many_pieces_sends_them_all(listener: Callable[..., Listener]) -> None:
    """`advance`, `advance_to_next` and `run_until_idle` meet each piece on their way."""
    client = listener(lambda: ticks(*[1.0] * 6), clock="manual")

    with client.listening() as peer:
        head(peer)
        assert client.server.advance_to_next(client.world.name)
        assert client.now == 1
        client.advance(2)
        client.server.run_until_idle(client.world.name)
        assert until(peer, END) == b"".join(map(chunk, range(1, 7))) + END

    assert client.now == 6


def test_under_real_time_pieces_come_as_fast_as_the_world_runs() -> None:
    """An hour at 100,000 times the speed: no sooner than due."""
    with Server(clock="real", speed=100_000.0) as fast:
        world = fast.run(lambda: fast.worlds.open(services=(streaming(lambda: ticks(0, 3600, 3600)),)))
        client = Listener(fast, world)
        began = time.monotonic()
        with client.listening() as peer:
            head(peer)
            assert until(peer, END) == chunk(1) + chunk(2) + chunk(3) + END

        assert time.monotonic() - began >= 7200 / 100_000


def test_head_gets_the_head(listener: Callable[..., Listener]) -> None:
    """And nothing is streamed."""
    client = listener(lambda: (json_event(0, {"n": n}) for n in count()))

    answer = client.raw(client.ask("HEAD", "1.1", "Connection: close"))

    assert answer.endswith(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in answer
    sent = client.reported().sent
    assert sent is not None
    assert (sent.bytes, sent.chunks, sent.cut_off) == (0, 0, False)


def test_http_1_0_reads_to_the_end_of_the_connection(listener: Callable[..., Listener]) -> None:
    """It knows no chunks."""
    client = listener(lambda: ticks(0, 1))

    lines, _, body = client.raw(client.ask("GET", "1.0", "Connection: keep-alive")).partition(b"\r\n\r\n")

    assert b"Transfer-Encoding" not in lines
    assert b"Connection: close" in lines
    assert body == b'data: {"n":1}\n\ndata: {"n":2}\n\n'


def test_what_was_sent_is_told(listener: Callable[..., Listener]) -> None:
    """The journal keeps the body, and how many pieces it went out in."""
    client = listener(lambda: ticks(0, 1))

    with client.listening() as peer:
        until(peer, END)

    entry = client.reported()
    assert entry.answer.body == b'data: {"n":1}\n\ndata: {"n":2}\n\n'
    assert entry.sent is not None
    assert (entry.sent.bytes, entry.sent.chunks, entry.sent.cut_off) == (30, 2, False)
    (shown,) = client.send("GET", "/__admin/journal").json["entries"]
    assert (shown["chunks"], shown["cut_off"]) == (2, False)


def test_a_stream_that_stops_has_no_end(listener: Callable[..., Listener]) -> None:
    """Its pieces come, and the connection closes where the end should be."""
    client = listener(lambda: ticks(0, 1), "truncate")

    _, _, body = client.raw(client.ask()).partition(b"\r\n\r\n")

    assert body == chunk(1) + chunk(2)
    sent = client.reported().sent
    assert sent is not None
    assert (sent.chunks, sent.cut_off) == (2, True)


def test_a_stream_that_breaks_is_reset(listener: Callable[..., Listener]) -> None:
    """The client sees a reset connection after the last piece."""
    client = listener(lambda: ticks(0, 0), "reset", clock="manual")

    with client.listening() as peer, pytest.raises(ConnectionResetError):
        read_all(peer)


def test_a_stream_that_hangs_stays_open(listener: Callable[..., Listener]) -> None:
    """After the last piece nothing comes, until the client leaves; that is told."""
    client = listener(lambda: ticks(0), "timeout")

    with client.listening() as peer:
        head(peer)
        until(peer, chunk(1))
        client.advance(86_400)
        peer.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.recv(1)

    sent = client.reported().sent
    assert sent is not None
    assert (sent.chunks, sent.cut_off) == (1, True)


def test_a_client_that_leaves_ends_an_endless_stream(listener: Callable[..., Listener]) -> None:
    """Nothing is made for nobody, and the entry says that it was cut off."""
    client = listener(lambda: (json_event(1, {"n": n}) for n in count(1)))

    with client.listening() as peer:
        head(peer)
        until(peer, chunk(3))

    entry = client.reported()
    assert entry.sent is not None
    assert entry.sent.cut_off
    assert entry.answer.body.startswith(b'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\n')
    assert client.server.run(lambda: client.world.streams.numbers) == ()


def test_a_client_that_does_not_read_holds_back_the_stream(listener: Callable[..., Listener]) -> None:
    """An endless stream to a slow reader stands still; others are served meanwhile."""
    asked: list[int] = []

    def heavy() -> Iterator[Chunk]:
        while True:
            asked.append(1)
            yield Chunk(0, b"x" * 65536)

    client = listener(heavy)

    with client.listening() as peer:
        head(peer)
        before = -1
        while before != len(asked):
            before = len(asked)
            for _ in range(50):
                assert client.send("GET", "/ticks-api/plain").status == 200
        assert before < 1000


def test_a_stream_without_an_end_is_cut_off_some_day(
    listener: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for it, and whatever the clock says."""
    monkeypatch.setattr("mockserver.http.stream._LONGEST", 0.05)
    client = listener(lambda: iter(ticks(0, 60)), clock="manual")

    _, _, body = client.raw(client.ask()).partition(b"\r\n\r\n")

    assert body == chunk(1)
    sent = client.reported().sent
    assert sent is not None
    assert (sent.chunks, sent.cut_off) == (1, True)


def test_a_clock_that_nobody_moves_is_told(
    listener: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, for whoever waits in vain."""
    monkeypatch.setattr("mockserver.http.stream._LOOK", 0.001)
    client = listener(lambda: ticks(0, 60), clock="manual")

    with client.listening() as peer:
        until(peer, chunk(1))
        assert client.soon(lambda: bool(caplog.messages))

    assert caplog.messages == ["request #1 is streamed, and the clock stands: advance it by 60s"]


def test_an_iterator_that_breaks_ends_the_stream(
    listener: Callable[..., Listener], caplog: pytest.LogCaptureFixture
) -> None:
    """Without an end, and the log says why: our own fault."""
    client = listener(lambda: (json_event(0, {"n": 1 // (2 - n)}) for n in count(1)))

    _, _, body = client.raw(client.ask()).partition(b"\r\n\r\n")

    assert body == chunk(1)
    assert [one.code for one in client.reported().violations] == ["E901"]
    assert "ZeroDivisionError" in caplog.text


def test_a_world_that_is_reset_ends_its_streams(listener: Callable[..., Listener]) -> None:
    """They belong to the world that is no more."""
    client = listener(lambda: ticks(0, 60), clock="manual")

    with client.listening() as peer:
        head(peer)
        until(peer, chunk(1))
        client.server.run(lambda: client.server.worlds.reset(client.world.name))
        assert read_all(peer) == b""


def test_a_server_that_stops_ends_its_streams() -> None:
    """At once, whether they wait for the clock or for nothing."""
    faults: tuple[FaultKind | None, ...] = (None, "timeout")
    with Server() as server:
        worlds = [
            server.run(partial(server.worlds.open, services=(streaming(lambda: ticks(0, 60), fault),)))
            for fault in faults
        ]
        server.give(worlds[0].name, Freeze())
        peers = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in worlds]
        for world, peer in zip(worlds, peers, strict=True):
            peer.sendall(Listener(server, world).ask())
            head(peer)
            until(peer, chunk(1))
        stopping = threading.Thread(target=server.stop)
        began = time.monotonic()
        stopping.start()
        left = [read_all(peer) for peer in peers]
        stopping.join()

    assert left == [b"", chunk(2)]
    assert time.monotonic() - began < 5
    for peer in peers:
        peer.close()


def test_streams_side_by_side_share_the_clock(listener: Callable[..., Listener]) -> None:
    """Under a manual clock two readers meet their pieces at the same times."""
    client = listener(lambda: ticks(1, 1), clock="manual")

    with client.listening() as one, client.listening() as two:
        head(one), head(two)
        client.advance(1)
        assert until(one, chunk(1)) == until(two, chunk(1))
        client.advance(1)
        assert until(one, END) == until(two, END) == chunk(2) + END


def test_an_endless_stream_is_named_when_nothing_ends(listener: Callable[..., Listener]) -> None:
    """`run_until_idle` says what goes on for ever."""
    client = listener(lambda: (json_event(60, {"n": n}) for n in count(1)), clock="manual")

    with client.listening() as peer:
        head(peer)
        with pytest.raises(Exception, match="the stream of request #1 is open"):
            client.server.run_until_idle(client.world.name, events=20)
