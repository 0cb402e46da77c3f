"""The same suite on a bare aiohttp server that checks and records nothing: what no fixture on aiohttp can be below."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web

from benchmarks.suites.client import ANSWER, TESTS, trigger


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """Where it listens, on a thread of its own."""
    loop = asyncio.new_event_loop()

    async def answer(raw: web.BaseRequest) -> web.Response:
        json.loads(await raw.read())
        return web.json_response(ANSWER, status=202)

    async def serve() -> asyncio.Server:
        return await loop.create_server(web.Server(answer, access_log=None), "127.0.0.1", 0)

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()


@pytest.mark.parametrize("number", range(TESTS))
def test_trigger(url: str, number: int) -> None:
    """A bulk call is accepted."""
    status, answer = trigger(url, "key")

    assert status == 202
    assert answer["executions"][0]["status"] == "queued"
