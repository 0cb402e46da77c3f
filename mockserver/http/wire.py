"""Bytes on a connection: request bodies read within bounds, answers and connection faults written.

An answer goes to the transport in one piece, which costs a third less than aiohttp's response objects; aiohttp is
then told that it is done (`Done`).
"""

from __future__ import annotations

import socket
import struct
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion10, HttpVersion11

from mockserver.engine.messages import Answer, Headers, TooLarge
from mockserver.http import web

_OURS = frozenset({"content-length", "transfer-encoding", "connection"})  # said by us, whatever a script says
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_STARTS = 256  # beginnings of heads that are kept
_BUFFERED = 64 * 1024  # bytes that may wait in the transport before we wait for the client
_RESET = struct.pack("ii", 1, 0)  # linger on, zero seconds: close() sends RST


class Done(web.StreamResponse):
    """Tells aiohttp that the answer is on its way already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._alive = keep_alive

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may serve another request."""
        return self._alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Nothing is left to prepare."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


async def read_body(raw: web.BaseRequest, limit: int) -> bytes | TooLarge:
    """The whole body, still encoded as it came; never more than `limit` bytes are kept."""
    if not raw.body_exists:
        return b""
    content = raw.content
    if content.is_eof():  # all of it has come
        whole = content.read_nowait()
        return whole if len(whole) <= limit else TooLarge(limit, raw.content_length)
    size = raw.content_length
    if size is not None and size > limit:
        return TooLarge(limit, size)
    if "Expect" in raw.headers and raw.version >= HttpVersion11 and raw.headers["Expect"].lower() == "100-continue":
        await raw.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    piece = await content.readany()
    pieces = [piece]
    left = limit - len(piece)
    while left >= 0 and not content.at_eof():
        piece = await content.readany()
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces) if left >= 0 else TooLarge(limit)


class _Start(NamedTuple):
    """All of a head but the length of the body and our date: whether it has one, and whether it keeps the client."""

    lines: bytes
    is_dated: bool
    alive: bool


class Writer:
    """Writes answers."""

    def __init__(self) -> None:
        self._kept, self._closed = Done(keep_alive=True), Done(keep_alive=False)
        self._second = 0
        self._date = b""
        self._starts: dict[tuple[int, Headers, bool, bool], _Start] = {}

    async def write(self, raw: web.BaseRequest, answer: Answer, *, keep_alive: bool = True) -> Done:
        """Send `answer` whole, and wait for a client that is slow to read. Raises ConnectionError when it is gone."""
        done = self.send(raw, answer, keep_alive=keep_alive)
        if self.is_behind(raw):
            await raw.writer.drain()
        return done

    def send(self, raw: web.BaseRequest, answer: Answer, *, keep_alive: bool = True) -> Done:
        """Send `answer` whole, without waiting. Raises ConnectionError when the client is gone."""
        transport = raw.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        head, alive = self._head(raw, answer, keep_alive=keep_alive and raw.keep_alive)
        body = b"" if raw.method == "HEAD" or _has_no_body(answer.status) else answer.body
        if len(body) < _BUFFERED:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)
        return self._kept if alive else self._closed

    def is_behind(self, raw: web.BaseRequest) -> bool:
        """Whether a client is slow to read what was sent; `raw.writer.drain()` waits for it."""
        transport = raw.transport
        return transport is not None and transport.get_write_buffer_size() > _BUFFERED

    def begin(self, raw: web.BaseRequest, answer: Answer, *, keep_alive: bool = True) -> Done:
        """Send the head of an answer whose body comes in pieces. Raises ConnectionError when the client is gone."""
        transport = raw.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        # Before HTTP/1.1 there are no chunks: the end of the connection is the end of the body.
        head, alive = self._head(raw, answer, keep_alive=keep_alive and raw.keep_alive and _takes_chunks(raw))
        transport.write(head)
        return self._kept if alive else self._closed

    async def piece(self, raw: web.BaseRequest, data: bytes) -> None:
        """Send a piece of a body that was begun, and wait for a client that is slow to read."""
        transport = raw.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        if not data:
            return
        transport.write(b"%x\r\n%b\r\n" % (len(data), data) if _takes_chunks(raw) else data)
        if self.is_behind(raw):
            await raw.writer.drain()

    def end(self, raw: web.BaseRequest) -> None:
        """Send the end of a body that was sent in pieces."""
        if raw.transport is not None and _takes_chunks(raw):
            raw.transport.write(b"0\r\n\r\n")

    def truncate(self, raw: web.BaseRequest, answer: Answer) -> int:
        """Announce the whole body, send its first half and hang up; returns how many bytes of the body went out."""
        transport = raw.transport
        if transport is None or transport.is_closing():
            return 0
        half = answer.body[: len(answer.body) // 2]
        head, _ = self._head(raw, answer, keep_alive=False)
        transport.write(head + half)
        transport.close()
        return len(half)

    def reset(self, raw: web.BaseRequest) -> Done:
        """Break the connection so that the client sees a reset."""
        transport = raw.transport
        if transport is not None:
            peer = transport.get_extra_info("socket")
            if peer is not None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        return self._closed

    def hang_up(self) -> Done:
        """Tell aiohttp that this connection is over."""
        return self._closed

    def _head(self, raw: web.BaseRequest, answer: Answer, *, keep_alive: bool) -> tuple[bytes, bool]:
        """The head, and whether the connection stays open behind the answer."""
        old = raw.version == HttpVersion10
        start = self._start(answer.status, answer.headers, old=old, keep_alive=keep_alive)
        if answer.chunks is not None:
            length = b"Transfer-Encoding: chunked\r\n" if _takes_chunks(raw) else b""
        else:
            length = b"" if _has_no_body(answer.status) else b"Content-Length: %d\r\n" % len(answer.body)
        return b"%b%b%b\r\n" % (start.lines, length, b"" if start.is_dated else self._now()), start.alive

    def _start(self, status: int, headers: Headers, *, old: bool, keep_alive: bool) -> _Start:
        """The beginning of a head; most answers share a few."""
        key = (status, headers, old, keep_alive)
        known = self._starts.get(key)
        if known is None:
            alive = keep_alive and not _asks_to_close(headers)
            lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}"]
            lines += [f"{_clean(name)}: {_clean(value)}" for name, value in headers if name.lower() not in _OURS]
            if not alive:
                lines.append("Connection: close")
            elif old:
                lines.append("Connection: keep-alive")
            is_dated = any(name.lower() == "date" for name, _ in headers)
            known = _Start("".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace"), is_dated, alive)
            if len(self._starts) >= _STARTS:
                self._starts.clear()
            self._starts[key] = known
        return known

    def _now(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second, self._date = second, f"Date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._date


def _clean(text: str) -> str:
    # A line break in a scripted header would start another header, or the body.
    return text if text.isprintable() else "".join(mark if mark.isprintable() else " " for mark in text)


def _takes_chunks(raw: web.BaseRequest) -> bool:
    return raw.version >= HttpVersion11


def _has_no_body(status: int) -> bool:
    return status < 200 or status in (204, 304)


def _asks_to_close(headers: Headers) -> bool:
    return any(name.lower() == "connection" and value.lower() == "close" for name, value in headers)
