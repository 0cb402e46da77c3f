"""A client that costs little: a few keep-alive connections, each sending the same bytes again once it is answered."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load: where it is, and the process whose time is counted."""

    url: str  # base URL: http://127.0.0.1:4010/vectorshift/v1
    key: str
    pid: int

    def post(self, body: bytes) -> bytes:
        """One whole HTTP request for a bulk run."""
        url = urlsplit(self.url)
        head = (
            f"POST {url.path}/pipeline/pipe_bench/bulk_run HTTP/1.1\r\nHost: {url.netloc}\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of load found."""

    rate: float  # answers a second
    cpu: float | None  # microseconds of the server's processor time for each answer, where the system tells


class Connection(asyncio.Protocol):
    """Sends `request` again and again; counts answers until `stop()`."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answers = 0
        self.buffer = b""
        self.wanted = -1  # bytes of the answer that is coming, head included; -1 = not known yet
        self.stopped = False
        self.finished: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole, then send the next request."""
        self.buffer += data
        if self.wanted < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                self.fail(self.buffer[:2000].decode("utf-8", "replace"))
                return
            self.wanted = end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self.buffer) < self.wanted:
            return
        self.answers += 1
        whole, self.buffer, self.wanted = self.buffer, b"", -1
        if self.stopped:
            self.finished.set_result(whole)
            self.transport.close()
        else:
            self.transport.write(self.request)

    def fail(self, why: str) -> None:
        """Give up: what came is not the answer that is measured."""
        if not self.finished.done():
            self.finished.set_exception(RuntimeError(why))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that hangs up under load is an error."""
        if not self.finished.done():
            self.finished.set_exception(RuntimeError(f"the server closed the connection: {exc}"))


async def connect(target: Target, body: bytes) -> Connection:
    """A connection that has begun."""
    url = urlsplit(target.url)
    assert url.hostname is not None
    assert url.port is not None
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(lambda: Connection(target.post(body)), url.hostname, url.port))[1]


def one_answer(target: Target, body: bytes) -> bytes:
    """The body of the answer to one request."""

    async def ask() -> bytes:
        connection = await connect(target, body)
        connection.stopped = True
        return (await connection.finished).partition(b"\r\n\r\n")[2]

    return asyncio.run(ask())


def measure(target: Target, body: bytes, seconds: float) -> Round:
    """Load `target` for a while."""

    async def run() -> Round:
        began, cpu_before = time.perf_counter(), processor_time(target.pid)
        connections = [await connect(target, body) for _ in range(CONNECTIONS)]
        # The client never sleeps: on virtual machines, waking an idle processor costs whoever sends to it more than a
        # small answer does, and the slower of two servers would pay that for each answer, the faster for none.
        while time.perf_counter() - began < seconds:
            await asyncio.sleep(0)
        for connection in connections:
            connection.stopped = True
        await asyncio.gather(*(connection.finished for connection in connections))
        took, cpu_after = time.perf_counter() - began, processor_time(target.pid)
        answers = sum(connection.answers for connection in connections)
        cpu = None if cpu_before is None or cpu_after is None else (cpu_after - cpu_before) / answers * 1e6
        return Round(answers / took, cpu)

    return asyncio.run(run())


def processor_time(pid: int) -> float | None:
    """Seconds of processor time that a process has used, from /proc; None where there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return None
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
