"""The client and the receiver, in the world of the test that asks for them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from mockserver import EachlabsMock
from pictures.client import Client
from pictures.receiver import Gallery, application


@pytest.fixture
def client(eachlabs_mock: EachlabsMock) -> Client:
    """A client that waits on the world's clock: nobody really does."""
    return Client(eachlabs_mock.url, eachlabs_mock.api_key, sleep=eachlabs_mock.clock.advance)


@pytest.fixture
def gallery(eachlabs_mock: EachlabsMock) -> Gallery:
    """A gallery that knows the secret by which webhooks are signed."""
    eachlabs_mock.webhooks.sign("hmac")
    return Gallery(eachlabs_mock.webhook_secret)


@pytest.fixture
async def webhook_url(gallery: Gallery) -> AsyncIterator[str]:
    """Where the gallery receives, in the event loop of the test."""
    async with TestServer(application(gallery)) as server:
        yield str(server.make_url("/webhooks"))
