"""An open world in a running server, as a test without the plugin holds it."""

import pytest

from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server


@pytest.fixture(scope="module")
def server():
    """One server for all worlds of a file."""
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
