"""What does not even parse as HTTP: aiohttp refuses it before anybody is asked; here it is answered and told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from mockserver.http import web

MAX_HEAD = 64 * 1024  # bytes of a request line or of one header


class Server(web.Server):
    """A server whose connections report what they cannot read; `unreadable` gives the body of the answer."""

    def __init__(self, handler: Any, unreadable: Callable[[str], bytes], **options: Any) -> None:
        super().__init__(handler, handler_cancellation=True)
        self._unreadable = unreadable
        self._options = options

    def __call__(self) -> web.RequestHandler:
        """A protocol for one connection."""
        loop = asyncio.get_running_loop()
        return _Connection(
            self, self._unreadable, loop=loop, max_line_size=MAX_HEAD, max_field_size=MAX_HEAD, **self._options
        )


class _Connection(web.RequestHandler):
    __slots__ = ("_unreadable",)

    def __init__(self, server: Server, unreadable: Callable[[str], bytes], **options: Any) -> None:
        super().__init__(server, **options)
        self._unreadable = unreadable

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to bytes that are no request."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        body = self._unreadable(_sentence(message or str(exc or "")))
        answer = web.Response(status=status, body=body, content_type="application/json")
        answer.force_close()
        return answer


def _sentence(message: str) -> str:
    """The first line of what aiohttp says, without the bytes that it quotes."""
    return (message.strip().splitlines() or ["it is not HTTP"])[0].rstrip(":").strip() or "it is not HTTP"
