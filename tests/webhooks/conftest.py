"""One server, and for each test a world in it with a mock and a receiver."""

import pytest

from mockserver.inbox import WebhookInbox
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server


@pytest.fixture(scope="package")
def server():
    """One server for all worlds of this folder."""
    with Server(shipped_scenarios=False) as running:
        yield running


@pytest.fixture
def world(server):
    """A fresh world."""
    opened = OpenWorld(server)
    yield opened
    opened.close()


@pytest.fixture
def mock(world):
    """each::labs in it."""
    return Mock(world, "eachlabs")


@pytest.fixture
def inbox(world):
    """A receiver in it."""
    return WebhookInbox(world)
