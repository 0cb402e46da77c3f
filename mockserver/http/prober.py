"""Plays requests against a live service, one by one and within bounds: whatever it does is heard, never raised."""

from __future__ import annotations

import asyncio
import os
import ssl

import aiohttp
from msgspec import Struct
from msgspec.structs import replace
from yarl import URL

from mockserver.contract.verify import Verification
from mockserver.contract.verify_ask import Ask, Headers, Heard, Trouble
from mockserver.contract.verify_judge import EVENT_STREAM
from mockserver.openapi.jsontext import quote

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAFE = frozenset({"GET", "HEAD"})
_MOST_HOPS = 3
_CONNECTING = 0.9  # of the time for a request: a host that takes no connection is told from one that hangs
_PIECE = 64 * 1024
_TOO_MUCH = "Data after `Connection: close`"
_ENCODINGS = "gzip, deflate"  # what answers may be encoded in
_OTHERWISE = f"the body of the answer cannot be decoded as its Content-Encoding says; asked for is {_ENCODINGS}"


class Bounds(Struct, frozen=True):
    """How long and how much: seconds for each request, seconds for all, bytes of an answer, seconds of a stream."""

    each: float = 10.0
    all: float = 120.0
    size: int = 32 * 1024 * 1024
    stream: float = 2.0


def probe(verification: Verification, url: str, bounds: Bounds, version: str) -> None:
    """Play a verification against the service at the base URL `url`. Raises CouldNotRun when nobody is there."""
    asyncio.run(_probe(verification, url, bounds, version))


async def _probe(verification: Verification, url: str, bounds: Bounds, version: str) -> None:
    now = asyncio.get_running_loop().time
    end = now() + bounds.all
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=bounds.each * _CONNECTING),
        headers={"User-Agent": f"mockserver/{version}", "Accept": "*/*", "Accept-Encoding": _ENCODINGS},
        skip_auto_headers=("Content-Type",),
    ) as session:
        prober = _Prober(session, url.rstrip("/"), bounds)
        while (ask := verification.next()) is not None:
            began = now()
            left = end - began
            target, headers = verification.plan.keys.put(ask)
            heard = await prober.heard(ask, target, headers, min(left, bounds.each))
            if heard.trouble == "hang" and left < bounds.each:
                waiting = f", before {ask.operation.id} had answered" if left > 0 else ""
                verification.notes.append(f"stopped after {bounds.all:g}s, as --max-time says{waiting}")
                return
            verification.hear(ask, replace(heard, ms=(now() - began) * 1000))


class _Prober(Struct, frozen=True):
    session: aiohttp.ClientSession
    base: str
    bounds: Bounds

    async def heard(self, ask: Ask, target: str, headers: Headers, limit: float) -> Heard:
        """What became of one request."""
        try:
            async with asyncio.timeout(limit):
                return await self._followed(ask, URL(self.base + target, encoded=True), headers)
        except aiohttp.ConnectionTimeoutError:
            return _trouble("unreachable", f"{self.base} lets nobody connect; check URL")
        except TimeoutError:
            return _trouble("hang", f"gave no whole answer within {limit:.3g}s")
        except aiohttp.ClientConnectorDNSError as error:
            return _trouble("unreachable", f"the name {error.host} cannot be resolved; check URL")
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            return _trouble("unreachable", f"{self.base} does not speak TLS as it should: {_first_line(error)}")
        except aiohttp.ClientConnectorError as error:
            number = error.os_error.errno  # what asyncio says of it is for programmers
            reason = os.strerror(number) if number and number > 0 else str(error.os_error)
            return _trouble("unreachable", f"{self.base} cannot be reached: {_first_line(reason)}; is it running?")
        except aiohttp.ClientPayloadError as error:
            if _is_encoded_otherwise(error):
                return _trouble("malformed", _OTHERWISE)
            if "not enough data" in str(error).lower():
                return _trouble("truncated", "the answer ends before the length that it announces")
            return _trouble("truncated", f"the answer cannot be read to its end: {_first_line(error)}")
        except aiohttp.ClientResponseError as error:
            if _is_encoded_otherwise(error):
                return _trouble("malformed", _OTHERWISE)
            if _TOO_MUCH in error.message:
                return _trouble("truncated", "the answer goes on beyond the length that it announces")
            return _trouble("malformed", f"the answer is not HTTP: {_first_line(error.message).rstrip(' :')}")
        except aiohttp.ServerDisconnectedError:
            return _trouble("reset", "the connection was closed without an answer")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _trouble("reset", f"the connection broke: {_first_line(error) or type(error).__name__}")

    async def _followed(self, ask: Ask, url: URL, headers: Headers) -> Heard:
        """The answer; redirects within the service are followed where nothing is changed by it."""
        for _ in range(_MOST_HOPS + 1):
            heard = await self._asked(ask, url, headers)
            is_answer = heard.status not in _REDIRECTS or ask.operation.reply(heard.status) is not None
            if is_answer or ask.kind == "keyless":  # whoever has no key may be sent to where there are keys
                return heard
            said = heard.header("Location")
            to = _joined(url, said)
            if to is None:
                what = f"the Location header of the answer is no address: {quote(said)}"
                what = what if said else "the answer has no Location header"
                return _trouble("elsewhere", f"it redirects with {heard.status}, but {what}", heard)
            if to.origin() != url.origin():
                return _trouble("elsewhere", f"it redirects to {to.origin()}, which was not followed", heard)
            if ask.operation.method not in _SAFE:
                return heard
            url = to
        return _trouble("elsewhere", f"it redirects more than {_MOST_HOPS} times", heard)

    async def _asked(self, ask: Ask, url: URL, headers: Headers) -> Heard:
        method, body = ask.operation.method, ask.body or None
        async with self.session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
            came = tuple((key, value) for key, value in response.headers.items())
            heard = Heard(response.status, came)
            announced = response.headers.get("Content-Length", "")
            if announced.isdigit() and int(announced) > self.bounds.size and method != "HEAD":
                response.close()
                return _trouble("too_large", self._too_large(f"announces {announced} bytes"), heard)
            if response.content_type == EVENT_STREAM:
                body_of, is_cut = await self._stream(response)
                return Heard(response.status, came, body_of, is_cut=is_cut)
            whole = await self._read(response, self.bounds.size)
            if whole is None:
                return _trouble("too_large", self._too_large("goes on beyond that"), heard)
            return Heard(response.status, came, whole)

    async def _read(self, response: aiohttp.ClientResponse, most: int) -> bytes | None:
        """The body; None when it has more bytes than that."""
        kept = bytearray()
        while piece := await response.content.read(_PIECE):
            kept += piece
            if len(kept) > most:
                response.close()
                return None
        return bytes(kept)

    async def _stream(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        """The beginning of a stream, and whether it goes on."""
        kept = bytearray()
        try:
            async with asyncio.timeout(self.bounds.stream):
                while len(kept) < _PIECE and (piece := await response.content.read(_PIECE)):
                    kept += piece
        except TimeoutError:
            response.close()
            return bytes(kept), True
        is_cut = not response.content.at_eof()
        if is_cut:
            response.close()
        return bytes(kept), is_cut

    def _too_large(self, how: str) -> str:
        return f"the answer is too large: {self.bounds.size} bytes are read (--max-body), and it {how}"


def _joined(url: URL, said: str) -> URL | None:
    """Where a Location leads to from `url`; None where it is no address of a host."""
    try:
        to = url.join(URL(said))
        return to if said and to.origin() else None
    except ValueError:
        return None


def _trouble(kind: Trouble, said: str, heard: Heard | None = None) -> Heard:
    return replace(heard or Heard(), trouble=kind, said=said)


def _is_encoded_otherwise(error: Exception) -> bool:
    return "content-encoding" in str(error).lower()


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:300]
