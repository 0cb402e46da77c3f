"""The one place that dials out: posts webhooks within bounds, and says of each what came of it."""

from __future__ import annotations

import asyncio
import socket
import time
from asyncio import sleep  # by itself: a test may patch that of the module
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
from msgspec import Struct, field
from yarl import URL

from mockserver.engine.delivery import Posting
from mockserver.engine.inputs import Attempted
from mockserver.http.reach import Reach, refuse, refuse_name, refuse_unresolved
from mockserver.regex import compiled

# On each post: which hop it is of a chain of webhooks that come from webhooks. The admin API refuses whoever sends it.
MARK = "X-Mockserver-Webhook"

_WRITTEN_WELL = r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_KEPT = 64 * 1024  # bytes of an answer
_LONGEST_DRIP = 60.0  # seconds
_DRIPS = 50  # pieces that a dripping body comes in
_AT_ONCE = 128  # posts under way
_AT_ONE_RECEIVER = 8  # that many answers at most are read before somebody else has a turn
_IDLE = 2.0  # seconds that a connection is kept; longer ones meet receivers that have just closed theirs


class _Dialling(Struct):
    """What became of the addresses of one post."""

    looked_up: str = ""  # the name that a resolver was asked for, and has not answered
    refused: list[str] = field(default_factory=list)
    tried: bool = False


_DIALLING: ContextVar[_Dialling] = ContextVar("dialling")


class Sender:
    """Posts what an outbox says is due. Made and closed on the loop that it posts from."""

    def __init__(self, reach: Reach, version: str, *, limit: float = 30.0) -> None:
        """`limit`: seconds of wall time that an attempt may take, beside those that its body is told to drip for."""
        self._reach, self._limit = reach, limit
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._receivers: dict[str, asyncio.Semaphore] = {}
        self._users: Counter[str] = Counter()
        connector = aiohttp.TCPConnector(
            limit=0,
            use_dns_cache=False,
            keepalive_timeout=_IDLE,
            socket_factory=self._socket,
        )
        tracing = aiohttp.TraceConfig()
        tracing.on_request_chunk_sent.append(_written)
        tracing.on_dns_resolvehost_start.append(_asked)
        tracing.on_dns_resolvehost_end.append(_resolved)
        self._session = aiohttp.ClientSession(
            connector=connector,
            trace_configs=[tracing],
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": f"mockserver/{version}"},
            skip_auto_headers=("Accept-Encoding",),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def post(self, posting: Posting, hop: int, written: Callable[[], None] | None = None) -> Attempted:
        """Make one attempt. Never raises for what a receiver does; cancelled, it lets go at once.

        `written` is called when its body is on its way, or has begun to drip.
        """
        try:
            url = _parsed(posting.url)
            receiver = str(url.origin())
        except ValueError as error:
            return _blocked(posting, f"webhooks go to http and https URLs only: {error}")
        if said := refuse_name(url.raw_host or ""):
            return _blocked(posting, said)
        async with self._place(receiver):
            return await self._attempt(posting, url, hop, written)

    async def _attempt(self, posting: Posting, url: URL, hop: int, written: Callable[[], None] | None) -> Attempted:
        dialling = _Dialling()
        _DIALLING.set(dialling)
        drip = min(posting.drip, _LONGEST_DRIP)
        began = time.perf_counter()

        def failed(error: str) -> Attempted:
            if dialling.refused and not dialling.tried:
                return _blocked(posting, dialling.refused[0])
            if dialling.looked_up and (said := refuse_unresolved(dialling.looked_up, self._reach)):
                return _blocked(posting, said)
            return Attempted(posting.delivery, None, error, _ms(began))

        try:
            async with asyncio.timeout(self._limit + drip):
                return await self._exchange(posting, url, hop, drip, began, written)
        except TimeoutError:
            return failed(f"no answer within {self._limit:g}s")
        except aiohttp.ClientConnectorDNSError as error:
            return failed(f"the name {url.raw_host} cannot be resolved: {_reason(error)}")
        except aiohttp.ServerDisconnectedError:
            return failed("the receiver hung up without an answer")
        except aiohttp.ClientPayloadError:
            return failed("the answer breaks off")
        except aiohttp.ClientResponseError as error:
            return failed(f"the answer is not HTTP: {_first_line(error.message)}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return failed(_reason(error))

    async def _exchange(
        self, posting: Posting, url: URL, hop: int, drip: float, began: float, written: Callable[[], None] | None
    ) -> Attempted:
        headers = [*posting.headers, (MARK, str(hop)), ("Content-Length", str(len(posting.body)))]
        body = _dripping(posting.body, drip) if drip else posting.body
        timeout = aiohttp.ClientTimeout(total=None)  # the whole exchange is timed, not its parts
        async with self._session.request(
            posting.method,
            url,
            data=body,
            headers=headers,
            skip_auto_headers=("Content-Type",),  # a call without a body has none
            allow_redirects=False,
            timeout=timeout,
            trace_request_ctx=written,
        ) as response:
            answer = bytearray()
            while len(answer) < _KEPT and (piece := await response.content.read(_KEPT - len(answer))):
                answer += piece
            if not response.content.at_eof():
                response.close()
            retry_after = _seconds(response.headers.get("Retry-After", ""))
            return Attempted(posting.delivery, response.status, "", _ms(began), bytes(answer), retry_after)

    @asynccontextmanager
    async def _place(self, receiver: str) -> AsyncIterator[None]:
        """A turn to post. One receiver that hangs must not take the places of all others."""
        turns = self._receivers.setdefault(receiver, asyncio.Semaphore(_AT_ONE_RECEIVER))
        self._users[receiver] += 1
        try:
            async with turns, self._places:
                yield
        finally:
            self._users[receiver] -= 1
            if not self._users[receiver]:
                del self._users[receiver], self._receivers[receiver]

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """A socket for an address that is about to be connected to: names and odd spellings are numbers by now."""
        family, kind, protocol, _, address = info
        dialling = _DIALLING.get()
        if said := refuse(str(address[0]), self._reach):
            dialling.refused.append(said)
            raise OSError(said)
        dialling.tried = True
        return socket.socket(family, kind, protocol)


async def _written(session: object, context: SimpleNamespace, params: object) -> None:
    """Part of a body is written: whoever waits for that is told."""
    if context.trace_request_ctx is not None:
        context.trace_request_ctx()


async def _asked(session: object, context: SimpleNamespace, params: aiohttp.TraceDnsResolveHostStartParams) -> None:
    """A resolver is asked where a name leads."""
    _DIALLING.get().looked_up = params.host


async def _resolved(session: object, context: SimpleNamespace, params: object) -> None:
    """It has answered."""
    _DIALLING.get().looked_up = ""


async def _dripping(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    """The body in pieces, evenly over `seconds`."""
    size = max(1, -(-len(body) // _DRIPS))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    for piece in pieces:
        yield piece
        await sleep(seconds / len(pieces))


def _parsed(text: str) -> URL:
    """Raises ValueError for what cannot be posted to."""
    # A URL that is written as it must be is sent so: quoting it anew would change `%2F` in a query to `/`.
    url = URL(text, encoded=bool(compiled(_WRITTEN_WELL).fullmatch(text)))
    if url.scheme not in ("http", "https") or not url.raw_host or not url.port:
        raise ValueError("scheme, host or port is missing or is another")
    return url.with_host(_as_the_system_reads_it(url.raw_host))


def _as_the_system_reads_it(host: str) -> str:
    """`127.0.0.1` for `2130706433`, `0x7f.1` and the like, which resolvers take for numbers."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host


def _blocked(posting: Posting, error: str) -> Attempted:
    return Attempted(posting.delivery, None, error, blocked=True)


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _seconds(retry_after: str) -> float | None:
    """The seconds that a Retry-After asks for, be it a number or a date (RFC 9110, section 10.2.3)."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _reason(error: BaseException) -> str:
    """The operating system's words, where it has any."""
    inner = getattr(error, "os_error", error)
    if isinstance(inner, ConnectionRefusedError):
        return "connection refused"
    return _first_line(getattr(inner, "strerror", None) or str(inner)) or type(error).__name__


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
