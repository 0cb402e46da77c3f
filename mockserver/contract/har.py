"""A HAR file (HTTP Archive 1.2, of browsers and proxies) as exchanges. What a file leaves out is told, not made up.

A browser's file has holes: bodies of answers that were not kept, of files that were sent, headers with keys in them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from mockserver.contract.exchanges import Exchange
from mockserver.engine.messages import Headers
from mockserver.errors import LocatedError, Place
from mockserver.hints import listed
from mockserver.openapi.jsontext import quote
from mockserver.openapi.operation import NO_BODY

_NO_BODY_SENT = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})  # as a rule; of these nobody misses a body
_TEXT = frozenset({"", "utf-8", "utf8"})  # names that are found for a text that is not encoded
_ANSWERED = range(100, 1000)  # statuses
_ASKED_ONLY = "only its path, query and headers are held"
_ANSWERED_ONLY = "only its status and headers are held"
_HINT = "save it anew as HAR with content, from the network tab of a browser or from a proxy"


class HarError(LocatedError):
    """A file is no HAR that can be read."""


class Har(Struct, frozen=True):
    """Its exchanges, and the holes in it, as sentences."""

    exchanges: tuple[Exchange, ...]
    holes: tuple[str, ...]


def is_har(value: Any) -> bool:
    """Whether a JSON value looks like one."""
    return isinstance(value, Mapping) and isinstance(value.get("log"), Mapping) and "entries" in value["log"]


def read(data: bytes, name: str) -> Har:
    """The exchanges of a file called `name`. Raises HarError when it is none."""
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise HarError(Place(name), "is no JSON, so it is no HAR", _HINT) from None
    if not is_har(value) or not isinstance(value["log"]["entries"], list):
        raise HarError(Place(name), "is no HAR: it has no log with entries", _HINT)
    reader = _Reader()
    found: list[Exchange] = []
    for number, entry in enumerate(value["log"]["entries"], 1):
        found += reader.exchange(number, entry)
    return Har(tuple(found), tuple(reader.told()))


class _Reader:
    """Reads entries, and remembers what they lack."""

    def __init__(self) -> None:
        self._holes: dict[str, list[int]] = {}
        self._number = 0  # of the entry that is read

    def told(self) -> Iterator[str]:
        """The holes, each with the numbers of its entries."""
        for what, numbers in self._holes.items():
            several = f"{len(numbers)} {'entry' if len(numbers) == 1 else 'entries'}"
            yield f"{several} {what} ({listed([f'#{one}' for one in numbers])})"

    def _hole(self, what: str) -> None:
        self._holes.setdefault(what, []).append(self._number)

    def exchange(self, number: int, entry: Any) -> Iterator[Exchange]:
        """The exchange of an entry; none where it has no request over HTTP."""
        self._number = number
        asked = _mapping(entry, "request")
        method, url = asked.get("method"), asked.get("url")
        if not isinstance(method, str) or not method or not isinstance(url, str):
            self._hole("without a request: passed over")
            return
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = None
        if parts is None or (not parts.scheme and not parts.path.startswith("/")):
            self._hole("with an address that is none: passed over")
            return
        answer = _mapping(entry, "response")
        status = _number(answer.get("status"))
        is_socket = status == 101 or "_webSocketMessages" in entry
        if parts.scheme not in ("http", "https", "") or method == "CONNECT" or is_socket:
            self._hole("not of HTTP (sockets, data, tunnels): passed over")
            return
        status = status if status in _ANSWERED else None
        if status is None:
            self._hole("without an answer: only the request is held against the spec")
        headers, body = self._asked(asked)
        answer_headers = _typed(_headers(answer), _mapping(answer, "content").get("mimeType"))
        yield Exchange(
            line=0,
            world="",
            number=number,
            at=str(entry.get("startedDateTime", "")),
            method=method.upper(),
            target=url,
            path=parts.path or "/",
            query=parts.query,
            headers=headers,
            body=body,
            service="",
            operation="",
            status=status,
            answer_headers=answer_headers,
            answer_body=self._answered(answer, status, method) if status else None,
            scenario=None,
            violations=(),
            notes=(),
            entry=entry,
        )

    def _asked(self, asked: Mapping[str, Any]) -> tuple[Headers, bytes | None]:
        """Headers and body of a request."""
        posted = _mapping(asked, "postData")
        headers = _typed(_headers(asked), posted.get("mimeType") if posted else None)
        headers = _with_cookies(headers, asked.get("cookies"))
        kind = _media_type(headers)
        if not posted:
            if _has_sent(asked, headers):
                self._hole(f"without the body that was sent: {_ASKED_ONLY}")
                return headers, None
            return headers, b""
        if kind == "multipart/form-data":
            # Browsers leave the files out, and what is left is no form any more.
            self._hole(f"with a form of several parts: {_ASKED_ONLY}")
            return headers, None
        text = posted.get("text")
        params = posted.get("params")
        if isinstance(text, str) and (text or not params):
            return headers, self._bytes(text, posted.get("encoding"), "that was sent", _ASKED_ONLY)
        if isinstance(params, list) and kind == "application/x-www-form-urlencoded":
            fields = [one for one in params if isinstance(one, Mapping)]
            return headers, urlencode(
                [(str(one.get("name", "")), str(one.get("value", ""))) for one in fields]
            ).encode()
        if not params and asked.get("bodySize") == 0:
            return headers, b""
        self._hole(f"without the body that was sent: {_ASKED_ONLY}")
        return headers, None

    def _answered(self, answer: Mapping[str, Any], status: int, method: str) -> bytes | None:
        """The body of an answer; None where it was not kept."""
        content = _mapping(answer, "content")
        text = content.get("text")
        if isinstance(text, str) and text:
            return self._bytes(text, content.get("encoding"), "of the answer", _ANSWERED_ONLY)
        said = _number(content.get("size"))  # below 0: it is not known
        size = max(said or 0, _number(answer.get("bodySize")) or 0)
        if size == 0 and (said == 0 or (said is None and isinstance(text, str))):
            return b""
        if size == 0 and (status in NO_BODY or 300 <= status < 400 or method.upper() == "HEAD"):
            return b""
        self._hole(f"without the body of the answer: {_ANSWERED_ONLY}")
        return None

    def _bytes(self, text: str, encoding: Any, whose: str, otherwise: str) -> bytes | None:
        """A body, decoded; None where it is not in the encoding that the file names for it."""
        name = "" if encoding is None else str(encoding)
        if name.lower() in _TEXT:
            return text.encode("utf-8", "surrogatepass")
        if name.lower() != "base64":
            self._hole(f"with the body {whose} in an encoding that is not known, {quote(name)}: {otherwise}")
            return None
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            self._hole(f"with the body {whose} in what is called base64 and is none: {otherwise}")
            return None


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    """The object at a key; an empty one where there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _headers(message: Mapping[str, Any]) -> Headers:
    """Names and values; HTTP/2 writes the request line as headers, with a colon before their names: not those."""
    listed = message.get("headers")
    each = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    pairs = [(one.get("name"), one.get("value")) for one in each]
    return tuple(
        (name, line)
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str) and name and not name.startswith(":")
        for line in value.split("\n")  # browsers write several of one name into one, a line each
    )


def _with_cookies(headers: Headers, listed: Any) -> Headers:
    """The same headers, with the cookies that the file has beside them where they are not among them."""
    each = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    pairs = [f"{one['name']}={one.get('value', '')}" for one in each if one.get("name")]
    if not pairs or any(name.lower() == "cookie" for name, _ in headers):
        return headers
    return (*headers, ("Cookie", "; ".join(pairs)))


def _has_sent(asked: Mapping[str, Any], headers: Headers) -> bool:
    """Whether a request without a recorded body had one, or may have had one."""
    size = _number(asked.get("bodySize"))
    if size is not None and size > 0:
        return True
    named = {name.lower(): value.strip() for name, value in headers}
    if "transfer-encoding" in named or named.get("content-length", "0").strip("0"):
        return True
    is_said = size == 0 or "content-length" in named
    return size is not None and not is_said and str(asked.get("method")).upper() not in _NO_BODY_SENT


def _typed(headers: Headers, said: Any) -> Headers:
    """The same headers, with the media type that the file names beside them where it is not among them."""
    if _media_type(headers) or not isinstance(said, str) or "/" not in said or said.startswith("x-unknown"):
        return headers
    return (*headers, ("Content-Type", said))


def _media_type(headers: Headers) -> str:
    said = next((value for name, value in headers if name.lower() == "content-type"), "")
    return said.partition(";")[0].strip().lower()


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
