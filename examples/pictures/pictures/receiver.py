"""The receiver: verifies each webhook, takes each run's end once, and keeps what came of it."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from hashlib import sha256

from aiohttp import web

TOLERANCE = 300.0  # seconds that a stamp may be off


class Gallery:
    """What came of the runs."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.pictures: dict[str, str] = {}  # run: where its picture is
        self.failures: dict[str, str] = {}  # run: why there is none
        self.taken: list[str] = []  # runs, in the order in which their ends were taken

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take one webhook; the status to answer it with."""
        if not self._is_genuine(headers, body):
            return 401
        event = json.loads(body)
        run = event["execution_id"]
        if run not in self.pictures and run not in self.failures:
            self.taken.append(run)
            if event["status"] == "completed":
                self.pictures[run] = event["output"]
            else:
                self.failures[run] = event["error"]
        return 204

    def _is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        stamp = headers.get("X-Webhook-Timestamp", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > TOLERANCE:
            return False
        wanted = hmac.new(self._secret, f"{stamp}.".encode() + body, sha256).hexdigest()
        return hmac.compare_digest(headers.get("X-Webhook-Signature", ""), wanted)


def application(gallery: Gallery) -> web.Application:
    """An aiohttp application that hands the webhooks at `/webhooks` to a gallery."""

    async def receive(request: web.Request) -> web.Response:
        return web.Response(status=gallery.take(request.headers, await request.read()))

    app = web.Application()
    app.router.add_post("/webhooks", receive)
    return app
