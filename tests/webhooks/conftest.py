"""One server, and for each test a world in it with a mock and a receiver."""

import pytest

from mockserver.inbox import WebhookInbox


@pytest.fixture
def inbox(world):
    """A receiver in it."""
    return WebhookInbox(world)
