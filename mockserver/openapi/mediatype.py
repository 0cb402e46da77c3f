"""Media types as they are written in a Content-Type header (RFC 9110, section 8.3.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from mockserver.regex import compiled

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = rf"\s*({_TOKEN}/{_TOKEN})\s*"
_PARAMETER = rf';\s*(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)"))?\s*'


class ContentType(Struct, frozen=True):
    """A media type in lower case, and its parameters, names in lower case."""

    media_type: str
    parameters: Mapping[str, str]


def parse(text: str) -> ContentType | None:
    """The media type and parameters of a Content-Type header; None where it is malformed."""
    found = compiled(_TYPE).match(text)
    if found is None:
        return None
    parameters: dict[str, str] = {}
    end = found.end()
    while end < len(text):
        more = compiled(_PARAMETER).match(text, end)
        if more is None:
            return None
        name, token, quoted = more.groups()
        if name:
            parameters[name.lower()] = token if token is not None else re.sub(r"\\(.)", r"\1", quoted)
        end = more.end()
    return ContentType(found.group(1).lower(), parameters)


def is_json(media_type: str) -> bool:
    """True for `application/json` and `application/anything+json`, with or without parameters."""
    if media_type == "application/json":
        return True
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
