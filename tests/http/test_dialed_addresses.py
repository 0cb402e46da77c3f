"""Where the one dialer goes, and where it refuses to go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from mockserver.engine.inputs import Attempted
from mockserver.http.reach import Reach
from tests.http.dialing import post_to, posting, receiving, sending


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


@pytest.mark.parametrize(
    ("reach", "blocked", "said"),
    [
        ("loopback", True, "the name nowhere.test cannot be resolved, and may be beyond the reach"),
        ("private", True, "correct it, or allow it with --webhook-reach any"),
        ("any", False, "the name nowhere.test cannot be resolved: Name or service not known"),
    ],
)
def test_a_name_that_is_not_known_is_told(
    reach: Reach, blocked: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails where it may lead anywhere; else it is blocked, as the address is that a network would give it."""

    async def getaddrinfo(*args: object, **hints: int) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    attempt = _asking(getaddrinfo, reach, monkeypatch)

    assert (attempt.status, attempt.blocked) == (None, blocked)
    assert said in attempt.error


@pytest.mark.parametrize("reach", ["loopback", "any"])
@pytest.mark.parametrize("host", ["xn--", "xn--a", "a..b", "."])
def test_a_name_that_cannot_be_is_told(host: str, reach: Reach) -> None:
    """It is not looked up, nor read aloud."""
    attempt = post_to(f"http://{host}:9/", reach=reach)

    assert attempt.status is None
    assert attempt.error


@pytest.mark.parametrize(("reach", "blocked"), [("loopback", True), ("any", False)])
def test_a_resolver_that_hangs_is_like_one_that_knows_nothing(
    reach: Reach, blocked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As resolvers do behind a firewall."""

    async def getaddrinfo(*args: object, **hints: int) -> list[object]:
        answer: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()
        return await answer

    attempt = _asking(getaddrinfo, reach, monkeypatch, limit=0.05)

    assert (attempt.status, attempt.blocked) == (None, blocked)


def test_a_receiver_that_hangs_was_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is late, not blocked."""

    async def run() -> Attempted:
        async with receiving(hang) as receiver, sending(limit=0.2) as sender:

            async def getaddrinfo(host: str, port: int, **hints: int) -> list[object]:
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
            return await sender.post(posting(f"http://slow.test:{receiver.port}/"), 1)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    attempt = asyncio.run(run())

    assert (attempt.blocked, attempt.error) == (False, "no answer within 0.2s")


def _asking(
    getaddrinfo: Callable[..., object], reach: Reach, monkeypatch: pytest.MonkeyPatch, limit: float = 5.0
) -> Attempted:
    """What comes of a post to a name that this resolver is asked for."""

    async def run() -> Attempted:
        async with sending(reach, limit) as sender:
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
            return await sender.post(posting("http://nowhere.test/"), 1)

    return asyncio.run(run())
