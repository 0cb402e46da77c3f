"""The least that aiohttp can do: one handler on any free port, whose number is printed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.Response]]


def serve(path: str, answer: Answer) -> None:
    """Serve `answer` to whoever posts to `path`, until the process is stopped."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(path, answer))


async def _serve(path: str, answer: Answer) -> None:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post(path, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
