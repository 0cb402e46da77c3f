"""A client of one world that sees every byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from mockserver.engine.messages import Entry
from mockserver.engine.world import World
from mockserver.server import Server

KEY = {"Authorization": "Bearer vs-test-key"}
RUNS = {"runs": [{"inputs": {"q": "a"}}]}
MAX_BODY = 1_000_000


@dataclass(frozen=True)
class Got:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Talks to one world of a server."""

    def __init__(self, server: Server, world: World) -> None:
        self.server, self.world = server, world
        self.prefix = f"/w/{world.name}"
        self.run_path = f"{self.prefix}/vectorshift/v1/pipeline/p1/bulk_run"

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Got:
        """One request on a connection of its own; `path` is below the world's prefix."""
        data = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        typed = {"Content-Type": "application/json"} if data is not None else {}
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.request(method, self.prefix + path, data, {**typed, **(headers or {})})
            response = connection.getresponse()
            return Got(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def bulk_run(self, pipeline: str = "p1", runs: Any = None) -> Got:
        """A valid bulk run."""
        return self.send("POST", f"/vectorshift/v1/pipeline/{pipeline}/bulk_run", runs or RUNS, KEY)

    def raw(self, data: bytes) -> bytes:
        """Send bytes and read until the server hangs up."""
        with self.connected() as peer:
            peer.sendall(data)
            return read_all(peer)

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        """A bare connection."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as peer:
            yield peer

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The world's journal."""
        return self.server.run(lambda: self.world.journal.entries)


def read_all(peer: socket.socket) -> bytes:
    """Everything until the other side hangs up."""
    pieces = []
    while piece := peer.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def post(path: str, body: bytes, *more: str) -> bytes:
    """A POST with a key, as bytes; asks to close the connection afterwards."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Authorization: Bearer vs-test-key", "Connection: close"]
    lines += ["Content-Type: application/json", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body
