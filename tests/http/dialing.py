"""Attempts of the one dialer, and receivers on its loop that talk byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mockserver.engine.delivery import Posting
from mockserver.engine.inputs import Attempted
from mockserver.http.reach import Reach
from mockserver.http.sender import Sender

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
