"""Forms as they come: urlencoded or multipart bytes, taken apart into named parts. What they mean is in `assembly`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import multipart  # type: ignore[import-untyped]  # one module without a py.typed marker
from msgspec import Struct

from mockserver import pointer
from mockserver.errors import MockserverError, Refused
from mockserver.openapi.jsontext import malformed, quote, shorten
from mockserver.openapi.styles import unescape
from mockserver.regex import compiled

MAX_PARTS = 10_000
_MAX_HEADER = 16 * 1024  # bytes of one header line of a part
_MAX_HEADERS = 16
_EXTENDED_NAME = r"(?i);\s*filename\*\s*=\s*utf-8'[^']*'([^\s;]+)"
_NAMED = r"(?i);\s*name\s*="  # an empty name is one
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def parser_in(module: Any) -> Any:
    """The push parser of the library `multipart`, which old releases of python-multipart shadow."""
    if not hasattr(module, "PushMultipartParser"):
        raise MockserverError(
            "the module `multipart` that is installed is not the library of that name; "
            "upgrade python-multipart to 0.0.13 or later, and reinstall multipart"
        )
    return module.PushMultipartParser


_Parser = parser_in(multipart)


class Part(Struct, frozen=True):
    """One named piece of a form. `number` counts the parts of a multipart body from 1; a urlencoded field has 0."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str | None = None  # lower case, without parameters
    number: int = 0
    charset: str | None = None
    raw: str = ""  # a urlencoded field before percent-decoding

    @property
    def label(self) -> str:
        """What sentences call it: `part 2 ("runs")` or `the field "runs"`."""
        return f"part {self.number} ({quote(self.name)})" if self.number else f"the field {quote(self.name)}"

    def text(self) -> str:
        """Its text; raises Refused (malformed) where that is not UTF-8."""
        if (self.charset or "utf-8").lower() not in _UTF8:
            raise misplaced(self, f" is in the charset {shorten(self.charset or '', 40)}; only UTF-8 is read")
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            spot = f"byte 0x{self.data[error.start]:02x} at position {error.start}"
            raise misplaced(self, f" is not UTF-8: {spot}") from None


def misplaced(part: Part, why: str) -> Refused:
    """A refusal of a part or field that cannot be what its name says; `why` goes on after what it is called."""
    message = f"{part.label}{why}"
    return malformed(message, where=pointer.join("", shorten(part.name)), said=part.label, fault=why.lstrip(": "))


def _base64(part: Part) -> Any:
    return base64.b64encode(part.data).decode("ascii")


class Forms(Struct, frozen=True):
    """What a vendor makes of parts: a file's value in the JSON shape, and a home for parts that no declared name fits.

    `adopt` takes the value so far, those parts in order, and the form's schema, and returns the value; it may raise
    Refused (malformed).
    """

    file_value: Callable[[Part], Any] = _base64
    adopt: Callable[[Any, tuple[Part, ...], Mapping[str, Any]], Any] | None = None

    def add(self, value: dict[str, Any], parts: tuple[Part, ...], schema: Mapping[str, Any]) -> Any:
        """`value` with the parts that no declared name fits; by default at the top, a list where a name is repeated."""
        if self.adopt is not None:
            return self.adopt(value, parts, schema)
        added: dict[str, list[Any]] = {}
        for part in parts:
            read = part.text() if part.filename is None else self.file_value(part)
            added.setdefault(part.name, []).append(read)
        return {name: read if len(read) > 1 else read[0] for name, read in added.items()} | value


def read_fields(data: bytes) -> tuple[Part, ...]:
    """The fields of an `application/x-www-form-urlencoded` body; raises Refused (malformed)."""
    if data.count(b"&") >= MAX_PARTS:
        raise malformed(f"the form has more than {MAX_PARTS:,} fields")
    fields = []
    for number, piece in enumerate(data.split(b"&"), 1):
        if not piece:
            continue
        key, _, raw = piece.decode("utf-8", "surrogateescape").partition("=")
        name = _unescaped(key, f"the name of field {number}")
        text = _unescaped(raw, f"the field {quote(name)}")
        fields.append(Part(name, text.encode("utf-8"), raw=raw))
    return tuple(fields)


def _unescaped(raw: str, what: str) -> str:
    try:
        return unescape(raw)
    except ValueError as error:
        raise malformed(f"{what} {error}") from None


def read_parts(data: bytes, boundary: str) -> tuple[Part, ...]:
    """The parts of a `multipart/form-data` body (RFC 7578); raises Refused (malformed) that says which part."""
    parts: list[Part] = []
    segment: Any = None
    try:
        parser = _Parser(boundary, max_header_size=_MAX_HEADER, max_header_count=_MAX_HEADERS)
        chunks: list[bytes] = []
        for event in parser.parse(data):
            if event is None:
                parts.append(_part(segment, b"".join(chunks), len(parts) + 1))
                segment = None
            elif isinstance(event, bytes | bytearray):
                chunks.append(bytes(event))
            elif len(parts) == MAX_PARTS:
                raise malformed(f"the form has more than {MAX_PARTS:,} parts")
            else:
                segment, chunks = event, []
                _check_headers(segment, len(parts) + 1)
        complete = _is_complete(parser)
    except multipart.MultipartError as error:
        raise malformed(f"{_place(segment, len(parts))} is malformed: {_reason(error)}") from None
    if not complete and not parts and segment is None and _delimiter(boundary) not in data:
        raise malformed(f"the multipart body has no part: the boundary {quote(boundary)} does not occur in it")
    if not complete:
        end = quote(f"--{boundary}--")
        raise malformed(f"the multipart body is cut off in {_place(segment, len(parts))}: it does not end with {end}")
    return tuple(parts)


def _delimiter(boundary: str) -> bytes:
    return b"--" + boundary.encode("utf-8", "replace")


def _is_complete(parser: Any) -> bool:
    try:
        parser.close()
    except multipart.MultipartError:
        return False
    return True


def _place(segment: Any, before: int) -> str:
    name = f" ({quote(segment.name)})" if segment is not None and segment.name else ""
    return f"part {before + 1}{name}"


def _reason(error: Exception) -> str:
    """The library's words as a clause: they speak of segments, we of parts."""
    reason = str(error.args[0] if error.args else error).replace("segment", "part")
    return reason[:1].lower() + reason[1:]


def _check_headers(segment: Any, number: int) -> None:
    if not segment.name and not compiled(_NAMED).search(segment.header("Content-Disposition") or ""):
        raise malformed(f'part {number} has no name; its Content-Disposition needs name="..."')
    coding = (segment.header("Content-Transfer-Encoding") or "binary").strip().lower()
    if coding not in ("binary", "8bit", "7bit"):
        # RFC 7578, section 4.7: deprecated, and not used by clients of HTTP.
        label = f"part {number} ({quote(segment.name)})"
        raise malformed(f"{label} has the Content-Transfer-Encoding {quote(coding)}; send its bytes as they are")


def _part(segment: Any, data: bytes, number: int) -> Part:
    filename = segment.filename
    if filename is None and (extended := compiled(_EXTENDED_NAME).search(segment.header("Content-Disposition") or "")):
        filename = _extended(extended.group(1))
    return Part(segment.name, data, filename, segment.content_type, number, segment.charset)


def _extended(text: str) -> str:
    """A file name as in RFC 8187, which older clients send although RFC 7578 forbids it."""
    try:
        return unescape(text.replace("+", "%2B"))
    except ValueError:
        return text
