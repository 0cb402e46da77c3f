"""The body of a request: bytes and a media type in, a value and what it must be checked against out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.coerce import kinds, scalar
from mockserver.openapi.forms import Forms, read_fields, read_parts
from mockserver.openapi.jsontext import MAX_DEPTH, malformed, quote, shorten
from mockserver.openapi.jsontext import read_json as read_json
from mockserver.openapi.mediatype import ContentType, is_json, parse
from mockserver.openapi.operation import MISSING, Body, Media, Operation

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker

_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
FORMS = frozenset({_URLENCODED, _MULTIPART})
_JSON = ContentType("application/json", {})


class Decoded(Struct, frozen=True):
    """A body's value (MISSING where none came), the declared media type that it came as, and what checks it.

    A form that stands for the JSON body has that body's checker. Bytes have no checker: no JSON Schema speaks of them.
    """

    value: Any
    media: Media | None = None
    checker: Checker | None = None


_NOTHING = Decoded(MISSING)


def read_body(
    operation: Operation, content_type: str | None, data: bytes, *, max_depth: int = MAX_DEPTH, forms: Forms
) -> Decoded:
    """The body of a request; raises Refused: unsupported_media_type, malformed or too_deep.

    Of what is wrong with a form the reason is "form".
    """
    body = operation.body
    if body is None or not body.media:
        return _NOTHING
    if not data and not (body.required and _may_be_empty(body, content_type)):
        if body.required:
            empty = malformed(f"the body is empty; the operation needs one of {_allowed(body)}")
            wanted = parse(content_type or "")
            raise _of_form(empty) if wanted is not None and wanted.media_type in FORMS else empty
        return _NOTHING
    kind = _content_type(body, content_type)
    media = body.of(kind.media_type)
    if media is None:
        raise _unsupported(body, kind.media_type, f"the operation does not take {kind.media_type}; it takes")
    if is_json(kind.media_type):
        if kind is not _JSON:
            _check_charset(body, kind)
        return Decoded(read_json(data, max_depth=max_depth), media, media.checker)
    if kind.media_type in FORMS:
        from mockserver.openapi.assembly import assemble  # most clients send no form

        _check_charset(body, kind)
        try:
            is_urlencoded = kind.media_type == _URLENCODED
            parts = read_fields(data) if is_urlencoded else read_parts(data, _boundary(kind.parameters))
            value, like = assemble(parts, media, body, resolve=operation.resolve, forms=forms, max_depth=max_depth)
        except Refused as refusal:
            raise _of_form(refusal) from None
        return Decoded(value, media, like.checker)
    if kind.media_type.startswith("text/"):
        _check_charset(body, kind)
        return _as_text(_text(data), media, operation)
    return Decoded(data, media)


def _of_form(refusal: Refused) -> Refused:
    """The same, and it is a form of which it speaks: vendors have other words for those."""
    return Refused(replace(refusal.problem, reason="form"))


def _may_be_empty(body: Body, header: str | None) -> bool:
    """Whether no bytes at all are a body of the type that came: of text, files and plain forms, but not of JSON."""
    kind = parse(header or "")
    if kind is None or is_json(kind.media_type) or kind.media_type == _MULTIPART:
        return False
    return body.of(kind.media_type) is not None


def _content_type(body: Body, header: str | None) -> ContentType:
    if header == "application/json":
        return _JSON
    if header is None or not header.strip():
        raise _unsupported(body, "", "the request has a body but no Content-Type; the operation takes")
    kind = parse(header)
    if kind is None:
        raise _unsupported(body, header, f"the Content-Type {quote(header)} is malformed; the operation takes")
    return kind


def _allowed(body: Body) -> str:
    return ", ".join(media.media_type for media in body.media)


def _unsupported(body: Body, said: str, message: str) -> Refused:
    allowed = _allowed(body)
    fault = f"is not a media type that the operation takes: {allowed}" if said else f"is missing; one of {allowed}"
    wanted = f"one of {allowed}" if len(body.media) > 1 else allowed
    violation = Violation("header", "/Content-Type", shorten(said), wanted, body.rule, "E106", fault=fault)
    return Refused(Problem("unsupported_media_type", f"{message} {allowed}", (violation,)))


def _check_charset(body: Body, kind: ContentType) -> None:
    charset = kind.parameters.get("charset", "utf-8")
    if charset.lower() not in _CHARSETS:
        said = f"{kind.media_type}; charset={charset}"
        violation = Violation(
            "header", "/Content-Type", shorten(said), "UTF-8", body.rule, "E106", fault="is not UTF-8"
        )
        message = f"the charset {quote(charset)} is not understood; send {kind.media_type} in UTF-8"
        raise Refused(Problem("unsupported_media_type", message, (violation,)))


def _boundary(parameters: Mapping[str, str]) -> str:
    boundary = parameters.get("boundary", "")
    if not boundary:
        raise malformed("the Content-Type multipart/form-data has no boundary, so no part can be found")
    return boundary


def _as_text(text: str, media: Media, operation: Operation) -> Decoded:
    """Text as it is, or the number or so that its schema asks for; a schema for what text holds cannot check it."""
    allowed = kinds(media.schema, operation.resolve)
    if "string" in allowed:
        return Decoded(text, media, media.checker)
    value = scalar(text.strip(), allowed)
    return Decoded(text, media) if allowed <= {"array", "object"} else Decoded(value, media, media.checker)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        spot = f"byte 0x{data[error.start]:02x} at position {error.start}"
        raise malformed(f"the body is not UTF-8: {spot}") from None
