"""A running server, and for each test a client of a world of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.engine.settings import Limits
from mockserver.server import Server
from tests.http.client import MAX_BODY, Client


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests of this folder."""
    with Server(limits=Limits(max_body=MAX_BODY)) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Client:
    """A client of a fresh world."""
    return Client(server, server.run(server.worlds.open))
