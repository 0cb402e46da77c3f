"""A HAR file (HTTP Archive 1.2, of browsers and proxies) as exchanges. What a file leaves out is told, not made up.

A browser's file has holes: bodies of answers that were not kept, of files that were sent, headers with keys in them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from mockserver.contract.exchanges import Exchange
from mockserver.engine.messages import Headers
from mockserver.errors import LocatedError, Place

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
    """Reads entries, and counts what they lack."""

    def __init__(self) -> None:
        self._holes: Counter[str] = Counter()

    def told(self) -> Iterator[str]:
        """The holes."""
        for what, number in self._holes.items():
            yield f"{number} {'entry' if number == 1 else 'entries'} {what}"

    def exchange(self, number: int, entry: Any) -> Iterator[Exchange]:
        """The exchange of an entry; none where it has no request over HTTP."""
        asked = _mapping(entry, "request")
        method, url = asked.get("method"), asked.get("url")
        if not isinstance(method, str) or not method or not isinstance(url, str):
            self._holes["without a request: passed over"] += 1
            return
        try:
            parts = urlsplit(url)
        except ValueError:
            self._holes["with an address that is none: passed over"] += 1
            return
        if parts.scheme not in ("http", "https") or method == "CONNECT":
            self._holes["that are not of HTTP (sockets, data, tunnels): passed over"] += 1
            return
        answer = _mapping(entry, "response")
        status = _number(answer.get("status"))
        if not status:
            self._holes["without an answer: only the request is held against the spec"] += 1
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
            status=status or None,
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
        kind = _media_type(headers)
        if not posted:
            if (_number(asked.get("bodySize")) or 0) > 0:
                self._holes["without the body that was sent: only its path, query and headers are held"] += 1
                return headers, None
            return headers, b""
        if kind == "multipart/form-data":
            # Browsers leave the files out, and what is left is no form any more.
            self._holes["with a form of several parts: only its path, query and headers are held"] += 1
            return headers, None
        text = posted.get("text")
        params = posted.get("params")
        if isinstance(text, str) and (text or not params):
            return headers, _bytes(text, posted.get("encoding"))
        if isinstance(params, list) and kind == "application/x-www-form-urlencoded":
            fields = [one for one in params if isinstance(one, Mapping)]
            return headers, urlencode(
                [(str(one.get("name", "")), str(one.get("value", ""))) for one in fields]
            ).encode()
        self._holes["without the body that was sent: only its path, query and headers are held"] += 1
        return headers, None

    def _answered(self, answer: Mapping[str, Any], status: int, method: str) -> bytes | None:
        """The body of an answer; None where it was not kept."""
        content = _mapping(answer, "content")
        text = content.get("text")
        if isinstance(text, str) and text:
            return _bytes(text, content.get("encoding"))
        size = max(_number(content.get("size")) or 0, _number(answer.get("bodySize")) or 0)
        if size <= 0 and "text" in content:
            return b""
        if size <= 0 and (status in (204, 205, 304) or 300 <= status < 400 or method.upper() == "HEAD"):
            return b""
        if size == 0 and "size" in content:
            return b""
        self._holes["without the body of the answer: only its status and headers are held"] += 1
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
        (name, value)
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str) and name and not name.startswith(":")
    )


def _typed(headers: Headers, said: Any) -> Headers:
    """The same headers, with the media type that the file names beside them where it is not among them."""
    if _media_type(headers) or not isinstance(said, str) or "/" not in said or said.startswith("x-unknown"):
        return headers
    return (*headers, ("Content-Type", said))


def _media_type(headers: Headers) -> str:
    said = next((value for name, value in headers if name.lower() == "content-type"), "")
    return said.partition(";")[0].strip().lower()


def _bytes(text: str, encoding: Any) -> bytes | None:
    if encoding != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
