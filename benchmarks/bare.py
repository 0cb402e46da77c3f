"""The measure of all things here: an aiohttp handler that parses the same JSON and returns a fixed answer.

Run as `python -m benchmarks.bare ANSWER_FILE`; prints its port, then serves until it is stopped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from aiohttp import web

from benchmarks.plain import serve

if __name__ == "__main__":
    body = Path(sys.argv[1]).read_bytes()

    async def answer(request: web.Request) -> web.Response:
        """Parse, and say what is always said."""
        json.loads(await request.read())
        return web.Response(body=body, content_type="application/json")

    serve("/v1/pipeline/{id}/bulk_run", answer)
