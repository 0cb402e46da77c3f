"""The one dialer: what it sends, what it refuses, and receivers that mean no good."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from mockserver.engine.delivery import Posting
from mockserver.engine.inputs import Attempted
from mockserver.http.reach import Reach
from mockserver.http.sender import MARK, Sender

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """A receiver on the same loop, byte by byte."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=%2F"


@asynccontextmanager
async def receiving(answer: bytes | Talk = OK) -> AsyncIterator[Receiver]:
    """A running receiver that answers every request with the same bytes, or talks as it is told."""
    here = Receiver()
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.connections += 1
        writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                here.heads.append(head)
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                here.bodies.append(await reader.readexactly(length))
                if callable(answer):
                    await answer(reader, writer)
                else:
                    writer.write(answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


@asynccontextmanager
async def sending(reach: Reach = "loopback", limit: float = 5.0) -> AsyncIterator[Sender]:
    """A sender that is closed at the end."""
    sender = Sender(reach, "1.2.3", limit=limit)
    try:
        yield sender
    finally:
        await sender.close()
        await asyncio.sleep(0)


def posting(url: str, body: bytes = b'{"a": 1}', drip: float = 0.0) -> Posting:
    """One attempt."""
    return Posting("d1", 1, url, (("Content-Type", "application/json"), ("X-Own", "1")), body, drip)


def post(answer: bytes | Talk = OK, *, limit: float = 5.0, drip: float = 0.0) -> tuple[Attempted, Receiver]:
    """What comes of one attempt at a receiver, and what the receiver saw."""

    async def run() -> tuple[Attempted, Receiver]:
        async with receiving(answer) as receiver, sending(limit=limit) as sender:
            return await sender.post(posting(receiver.url, drip=drip), 2), receiver

    return asyncio.run(run())


def post_to(url: str, reach: Reach = "loopback") -> Attempted:
    """What comes of one attempt at a URL."""

    async def run() -> Attempted:
        async with sending(reach) as sender:
            return await sender.post(posting(url), 1)

    return asyncio.run(run())


def test_a_post_is_sent_as_it_was_asked_for() -> None:
    """Method, path, headers and body; our mark with the hop; nothing that says more of this machine."""
    attempt, receiver = post()

    (head,) = receiver.heads
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=%2F HTTP/1.1"
    assert {"Content-Type: application/json", "X-Own: 1", f"{MARK}: 2", "User-Agent: mockserver/1.2.3"} <= set(lines)
    assert "accept-encoding" not in head.decode().lower()
    assert receiver.bodies == [b'{"a": 1}']
    assert (attempt.delivery, attempt.status, attempt.error, attempt.answer) == ("d1", 200, "", b"ok")
    assert attempt.ms > 0


def test_connections_are_kept() -> None:
    """One receiver gets all its posts on one connection when they come one after another."""

    async def run() -> int:
        async with receiving() as receiver, sending() as sender:
            for _ in range(5):
                assert (await sender.post(posting(receiver.url), 1)).status == 200
            return receiver.connections

    assert asyncio.run(run()) == 1


def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    """A 3xx is the answer, and the next post brings no cookie."""
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"

    async def run() -> tuple[list[int | None], list[bytes]]:
        async with receiving(redirect) as receiver, sending() as sender:
            statuses = [(await sender.post(posting(receiver.url), 1)).status for _ in range(2)]
            return statuses, receiver.heads

    statuses, heads = asyncio.run(run())
    assert statuses == [302, 302]
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY says nothing here."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert post()[0].status == 200


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("0", 0.0), ("soon", None), ("-1", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after_is_read(said: str, seconds: float | None) -> None:
    """Seconds or a date; a date that is past means now; what is neither is passed over."""
    attempt, _ = post(f"HTTP/1.1 503 x\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n".encode())

    assert (attempt.status, attempt.retry_after) == (503, seconds)


def test_a_date_to_come_is_told_in_seconds() -> None:
    """In the year 9999 there are many left."""
    attempt, _ = post(b"HTTP/1.1 503 x\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n")

    assert attempt.retry_after is not None
    assert attempt.retry_after > 1e9


def test_a_large_answer_costs_its_first_64_kib() -> None:
    """Ten megabytes are not read to their end, and the connection is not used again."""
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 10_000)
            await writer.drain()
            sent += 10_000

    attempt, _ = post(flood)

    assert (attempt.status, len(attempt.answer)) == (200, 64 * 1024)
    assert sent < 10_000_000


def test_a_compressed_answer_is_not_inflated() -> None:
    """What came is what is recorded: a small answer cannot become a large one."""
    attempt, _ = post(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")

    assert (attempt.status, attempt.answer) == (200, b"abcd")


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side leaves."""
    await reader.read(1)


async def hang_in_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin an answer and never end it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
    await reader.read(1)


async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up without an answer."""
    writer.close()


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up in the middle of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
    await writer.drain()
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break the connection."""
    peer = writer.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (hang, "no answer within 0.2s"),
        (hang_in_body, "no answer within 0.2s"),
        (leave, "the receiver hung up without an answer"),
        (break_off, "the answer breaks off"),
        (reset, "reset"),
        (b"SMTP ready\r\n\r\n", "the answer is not HTTP"),
    ],
    ids=["hangs", "hangs in the body", "leaves", "breaks off", "resets", "no HTTP"],
)
def test_a_receiver_that_does_not_answer_is_an_error_in_words(talk: bytes | Talk, said: str) -> None:
    """No status, and why; in bounded time."""
    began = time.monotonic()

    attempt, _ = post(talk, limit=0.2)

    assert attempt.status is None
    assert said in attempt.error.lower() or said in attempt.error
    assert not attempt.blocked
    assert time.monotonic() - began < 5


def test_nobody_listens() -> None:
    """A closed port is told as the system tells it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    attempt = post_to(f"http://127.0.0.1:{port}/")

    assert (attempt.status, attempt.blocked) == (None, False)
    assert "refused" in attempt.error.lower() or "connect" in attempt.error.lower()


def test_a_body_can_trickle() -> None:
    """With `drip` it comes in pieces over some time, whole in the end."""
    attempt, receiver = post(drip=0.2)

    assert attempt.status == 200
    assert attempt.ms >= 150
    assert receiver.bodies == [b'{"a": 1}']
    assert b"content-length: 8\r\n" in receiver.heads[0].lower()


def test_a_receiver_that_hangs_keeps_others_no_turn() -> None:
    """A hundred posts to one that hangs leave room for those to another."""

    async def run() -> int | None:
        async with receiving(hang) as bad, receiving() as good, sending() as sender:
            stuck = [asyncio.create_task(sender.post(posting(bad.url), 1)) for _ in range(300)]
            await asyncio.sleep(0)
            status = (await sender.post(posting(good.url), 1)).status
            assert bad.connections <= 8
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
            return status

    assert asyncio.run(run()) == 200


@pytest.mark.parametrize(
    "host",
    ["10.0.0.5", "[::ffff:10.0.0.5]", "167772165", "0x0a000005", "012.0.0.5", "10.5", "8.8.8.8", "[2606:4700::1]"],
)
def test_what_is_beyond_the_reach_is_blocked(host: str) -> None:
    """However the address is written: what counts is where the connection would go."""
    attempt = post_to(f"http://{host}:9/")

    assert attempt.blocked
    assert attempt.status is None
    assert 'beyond the reach "loopback"; allow it with --webhook-reach ' in attempt.error


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]", "metadata.google.internal"],
)
def test_metadata_is_blocked_under_every_reach(host: str) -> None:
    """`any` does not mean these."""
    attempt = post_to(f"http://{host}/latest", reach="any")

    assert attempt.blocked
    assert "never dialled" in attempt.error


def test_decimal_loopback_is_loopback() -> None:
    """`http://2130706433/` is 127.0.0.1, and so is judged after it is resolved."""

    async def run() -> int | None:
        async with receiving() as receiver, sending() as sender:
            return (await sender.post(posting(f"http://2130706433:{receiver.port}/"), 1)).status

    assert asyncio.run(run()) == 200


def test_the_address_connected_to_is_what_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with a forbidden address is blocked: there is no second look-up that could say otherwise."""
    answers = iter(["127.0.0.1", "10.0.0.5"])

    async def run() -> list[Attempted]:
        async with receiving() as receiver, sending() as sender:
            loop = asyncio.get_running_loop()

            async def getaddrinfo(host: str, port: int, **hints: int) -> list[object]:
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

            monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
            first = await sender.post(posting(f"http://rebind.test:{receiver.port}/"), 1)
            other = await sender.post(posting(f"http://rebind.test:{receiver.port + 1}/"), 1)
            return [first, other]

    first, other = asyncio.run(run())
    assert (first.status, first.blocked) == (200, False)
    assert (other.blocked, other.error[:9]) == (True, "10.0.0.5 ")


def test_of_several_addresses_the_allowed_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a public and a loopback address is reached by the latter."""

    async def run() -> Attempted:
        async with receiving() as receiver, sending() as sender:
            loop = asyncio.get_running_loop()

            async def getaddrinfo(host: str, port: int, **hints: int) -> list[object]:
                return [
                    (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("8.8.8.8", "127.0.0.1")
                ]

            monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
            return await sender.post(posting(f"http://both.test:{receiver.port}/"), 1)

    assert asyncio.run(run()).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "/relative",
        "",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://h:x/",
    ],
)
def test_only_http_is_spoken(url: str) -> None:
    """Anything else is blocked before anything is resolved."""
    attempt = post_to(url, reach="any")

    assert attempt.blocked
    assert attempt.error


def test_a_name_that_is_not_known_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address, no status, and the name in the words."""

    async def run() -> Attempted:
        async with sending() as sender:

            async def getaddrinfo(*args: object, **hints: int) -> list[object]:
                raise socket.gaierror(-2, "Name or service not known")

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
            return await sender.post(posting("http://nowhere.test/"), 1)

    attempt = asyncio.run(run())
    assert (attempt.status, attempt.blocked) == (None, False)
    assert "nowhere.test" in attempt.error


def test_a_cancelled_post_lets_go(recwarn: pytest.WarningsRecorder) -> None:
    """Nothing of it stays behind, also while the body trickles."""

    async def run() -> None:
        async with receiving(hang) as receiver, sending() as sender:
            for drip in (0.0, 30.0):
                task = asyncio.create_task(sender.post(posting(receiver.url, drip=drip), 1))
                while not receiver.connections:
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    asyncio.run(run())
    assert not recwarn.list
