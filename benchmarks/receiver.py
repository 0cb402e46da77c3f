"""A receiver of webhooks that does nothing but say yes. Run as `python -m benchmarks.receiver`; prints its port."""

from __future__ import annotations

from aiohttp import web

from benchmarks.plain import serve


async def receive(request: web.Request) -> web.Response:
    """Read it all, and say yes."""
    await request.read()
    return web.Response()


if __name__ == "__main__":
    serve("/", receive)
