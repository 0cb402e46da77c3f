"""The one dialer: what it sends, and receivers that mean no good."""

from __future__ import annotations

import asyncio
import socket
import struct
import time

import pytest
from msgspec.structs import replace

from mockserver.http.sender import MARK
from tests.http.dialing import Talk, post, post_to, posting, receiving, sending


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


def test_a_call_without_a_body_has_no_content_type() -> None:
    """As a webhook that is a GET."""

    async def run() -> list[bytes]:
        async with receiving() as receiver, sending() as sender:
            await sender.post(replace(posting(receiver.url), method="GET", headers=(), body=b""), 1)
            return receiver.heads

    (head,) = asyncio.run(run())
    assert head.startswith(b"GET ")
    assert b"content-type" not in head.lower()


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
