"""How values are written into a request: paths, queries, headers, cookies and bodies, in the styles of OpenAPI.

What cannot be written gives None. Whether a reader understands it as it was meant is for the caller to try.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import Parameter
from mockserver.openapi.paths import segments
from mockserver.openapi.styles import to_header

_DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
_BOUNDARY = "mockserver-a3f1c9d27b"
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_CONCRETE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}


def path_of(template: str, values: Mapping[str, str]) -> str:
    """A path template with these texts, percent-encoded already, for its names."""
    written = []
    for segment in segments(template):
        first, *rest = segment.texts
        pairs = zip(segment.names, rest, strict=True)
        written.append(quote(first) + "".join(values[name] + quote(text) for name, text in pairs))
    return "/" + "/".join(written)


def path_text(parameter: Parameter, value: Any) -> str | None:
    """A path parameter, percent-encoded. Nothing, `.` and `..` stand for no segment."""
    name = quote(parameter.name, safe="")
    match parameter.style:
        case "label":
            start, separator = ".", "." if parameter.explode else ","
        case "matrix" if parameter.explode and isinstance(value, list | dict):
            start, separator = ";", ";"
        case "matrix":
            start, separator = f";{name}=", ","
        case _:
            start, separator = "", ","
    pieces = _pieces(parameter, value)
    if not pieces:
        return None
    if parameter.style == "matrix" and parameter.explode and isinstance(value, list):
        pieces = [f"{name}={piece}" for piece in pieces]
    text = start + separator.join(pieces)
    return None if text in ("", ".", "..") else text


def query_of(parameter: Parameter, value: Any) -> str | None:
    """A query parameter as `name=value&...`, percent-encoded; a cookie likewise, one alone."""
    name = quote(parameter.name, safe="")
    if parameter.style == "deepObject" and parameter.media_type is None:
        fields = _deep(name, value) if isinstance(value, dict) else None
        return "&".join(fields) if fields else None
    pieces = _pieces(parameter, value)
    if pieces is None:
        return None
    if parameter.explode and isinstance(value, dict) and parameter.media_type is None:
        return "&".join(pieces) or None
    if parameter.explode and isinstance(value, list) and parameter.media_type is None:
        return "&".join(f"{name}={piece}" for piece in pieces) or None
    return f"{name}={_DELIMITERS.get(parameter.style, ',').join(pieces)}"


def header_text(parameter: Parameter, value: Any) -> str | None:
    """A header parameter."""
    return to_header(value, explode=parameter.explode, media_type=parameter.media_type)


def body_of(media_type: str, value: Any) -> tuple[str, bytes] | None:
    """A Content-Type and the bytes of a body of this media type or range."""
    kind = _CONCRETE.get(media_type, media_type)
    if is_json(kind):
        return kind, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if kind == _URLENCODED and isinstance(value, dict):
        fields = (f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in _fields(value))
        return kind, "&".join(fields).encode()
    if kind == _MULTIPART and isinstance(value, dict):
        return f"{kind}; boundary={_BOUNDARY}", _multipart(value)
    return (kind, value.encode("utf-8", "replace")) if isinstance(value, str) and "*" not in kind else None


def _pieces(parameter: Parameter, value: Any) -> list[str] | None:
    """What stands between the separators; None for what only JSON could hold."""
    if parameter.media_type is not None:
        is_text = isinstance(value, str) and not is_json(parameter.media_type)
        return [quote(value if is_text else json.dumps(value), safe="")]
    if isinstance(value, dict):
        pairs = [(quote(name, safe=""), _scalar(one)) for name, one in value.items()]
        if any(one is None for _, one in pairs):
            return None
        if parameter.explode:
            return [f"{name}={one}" for name, one in pairs]
        return [str(part) for pair in pairs for part in pair]
    scalars = [_scalar(one) for one in (value if isinstance(value, list) else [value])]
    return None if any(one is None for one in scalars) else [str(one) for one in scalars]


def _scalar(value: Any) -> str | None:
    if value is None or isinstance(value, list | dict):
        return None
    return quote(_text(value), safe="")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _deep(name: str, value: dict[str, Any]) -> list[str] | None:
    fields: list[str] = []
    for key, one in value.items():
        inner = f"{name}[{quote(key, safe='')}]"
        if isinstance(one, dict):
            below = _deep(inner, one)
        elif isinstance(one, list):
            texts = [_scalar(each) for each in one]
            below = None if None in texts else [f"{inner}={text}" for text in texts]
        else:
            text = _scalar(one)
            below = None if text is None else [f"{inner}={text}"]
        if below is None:
            return None
        fields += below
    return fields


def _fields(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and texts of a form: a list is repeated, an object is JSON."""
    return [
        (name, _text(each)) for name, one in value.items() for each in (one if isinstance(one, list) else [one])
    ]  # fmt: skip


def _multipart(value: dict[str, Any]) -> bytes:
    lines = []
    for name, text in _fields(value):
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{quote(name, safe=" *.-_[]")}"\r\n\r\n'
        lines.append(head.encode() + text.encode("utf-8", "replace") + b"\r\n")
    return b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()
