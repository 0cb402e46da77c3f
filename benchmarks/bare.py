"""The measure of all things here: an aiohttp handler that parses the same JSON and returns a fixed answer.

Run as `python bare.py ANSWER_FILE`; prints its port, then serves until it is stopped.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web


async def serve(body: bytes) -> None:
    """Serve `body` to whoever posts JSON, on any free port."""

    async def answer(request: web.Request) -> web.Response:
        json.loads(await request.read())
        return web.Response(body=body, content_type="application/json")

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/pipeline/{id}/bulk_run", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
    except KeyboardInterrupt:
        sys.exit(0)
