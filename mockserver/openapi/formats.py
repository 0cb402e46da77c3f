"""The one table of formats: what each asserts, given to both validators alike. Any other name is an annotation.

Text formats are functions that never raise and take time linear in the text (a request may bring megabytes). Number
formats are ranges, because jsonschema-rs asks format functions about strings only.
"""

from __future__ import annotations

import binascii
import ipaddress
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from mockserver.openapi import patterns
from mockserver.regex import compiled


def is_base64(text: str) -> bool:
    """RFC 4648, section 4: the standard alphabet, padded, nothing else between."""
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is the complaint about characters beyond ASCII
        return False
    return True


def is_date(text: str) -> bool:
    """RFC 3339 `full-date`."""
    if not compiled(_DATE).fullmatch(text):
        return False
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    try:
        date(year or 4, month, day)  # year 0000 is a leap year that Python's calendar lacks
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """RFC 3339 `full-time`: the offset is required, and a second 60 must be the last of a day in UTC."""
    found = compiled(_TIME).fullmatch(text)
    if not found:
        return False
    hour, minute, second = (int(part) for part in found.group(1, 2, 3))
    sign, away_hours, away_minutes = found.group(4, 5, 6)
    ahead = int(away_hours or 0) * 60 + int(away_minutes or 0)
    if hour > 23 or minute > 59 or second > 60 or int(away_hours or 0) > 23 or int(away_minutes or 0) > 59:
        return False
    in_utc = hour * 60 + minute + (ahead if sign == "-" else -ahead)
    return second < 60 or in_utc % 1440 == 1439


def is_date_time(text: str) -> bool:
    """RFC 3339 `date-time`."""
    return text[10:11] in ("T", "t") and is_date(text[:10]) and is_time(text[11:])


def is_duration(text: str) -> bool:
    """RFC 3339, appendix A: `P3DT4H`, `P2W`."""
    return compiled(_DURATION).fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """RFC 9562: groups of 8-4-4-4-12 hexadecimal digits."""
    return compiled(_UUID).fullmatch(text) is not None


def is_hostname(text: str) -> bool:
    """RFC 1123: labels of letters, digits and inner hyphens."""
    return len(text) <= 253 and all(compiled(_LABEL).fullmatch(label) for label in text.split("."))


def is_ipv4(text: str) -> bool:
    """RFC 2673: four decimal numbers to 255 without leading zeros."""
    return compiled(_IPV4).fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """RFC 4291, without a zone."""
    if len(text) > 45 or "%" in text or not text.isascii():
        return False
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_email(text: str) -> bool:
    """RFC 5321 `Mailbox`: a dot-atom or quoted name, at a host or an address in brackets."""
    name, at, host = text.rpartition("@")
    if not at or len(name) > 64 or not compiled(_MAILBOX).fullmatch(name):
        return False
    if host.startswith("[") and host.endswith("]"):
        inner = host[1:-1]
        return is_ipv6(inner[5:]) if inner[:5].lower() == "ipv6:" else is_ipv4(inner)
    return is_hostname(host)


def is_uri(text: str) -> bool:
    """RFC 3986 `URI`: has a scheme; http and https have a host as well (RFC 9110, 4.2)."""
    return _is_reference(text, _NOT_URI, absolute=True)


def is_uri_reference(text: str) -> bool:
    """RFC 3986 `URI-reference`."""
    return _is_reference(text, _NOT_URI, absolute=False)


def is_iri(text: str) -> bool:
    """RFC 3987 `IRI`: as a URI, and letters beyond ASCII stand for themselves."""
    return _is_reference(text, _NOT_IRI, absolute=True)


def is_iri_reference(text: str) -> bool:
    """RFC 3987 `IRI-reference`."""
    return _is_reference(text, _NOT_IRI, absolute=False)


def is_json_pointer(text: str) -> bool:
    """RFC 6901."""
    return compiled(_POINTER).fullmatch(text) is not None


def is_relative_json_pointer(text: str) -> bool:
    """The draft `relative-json-pointer`: `1/name`, `0#`."""
    return compiled(_RELATIVE).fullmatch(text) is not None


def _is_reference(text: str, barred: str, *, absolute: bool) -> bool:
    found = None if compiled(barred).search(text) else compiled(_PARTS).fullmatch(text)
    if not found:
        return False
    scheme, authority, path = found.group("scheme", "authority", "path")
    if scheme is None and (absolute or (authority is None and ":" in path.split("/", 1)[0])):
        return False
    if scheme is not None and scheme.lower() in ("http", "https") and not authority:
        return False
    brackets = "[" in path or "]" in path or "[" in (found["rest"] or "") or "]" in (found["rest"] or "")
    return not brackets and (authority is None or _is_authority(authority, scheme))


def _is_authority(authority: str, scheme: str | None) -> bool:
    user, _, host = authority.rpartition("@")
    found = compiled(_HOST).fullmatch(host)
    if not found or "[" in user or "]" in user or "@" in user:
        return False
    literal, name = found.group("literal", "name")
    if literal is not None:
        return is_ipv6(literal) or compiled(_FUTURE).fullmatch(literal) is not None
    return bool(name) or scheme is None or scheme.lower() not in ("http", "https")


_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
_DURATION = (
    r"P(?:[0-9]+W|(?=[0-9T])(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?"
    r"(?:T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)"
)
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_IPV4 = r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}"
_MAILBOX = (
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r'|"(?:[ !#-\[\]-~]|\\[ -~])*"'
)
# What may not stand in the text: searched for, since that is many times faster than matching what may.
_NOT_URI = r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]|%(?![0-9A-Fa-f]{2})"
_NOT_IRI = (
    r"[\x00-\x20\"<>\\^`{|}\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\uf8ff"
    r"\ufdd0-\ufdef\ufff0-\uffff]|%(?![0-9A-Fa-f]{2})"
)
_PARTS = r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?P<rest>\?[^#]*)?(?:#(?P<f>[^#\[\]]*))?"
_HOST = r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<name>[^\[\]:]*))(?::[0-9]*)?"
_FUTURE = r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+"
_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_RELATIVE = r"(?:0|[1-9][0-9]*)(?:[+-][1-9][0-9]*)?(?:#|(?:/(?:[^~/]|~[01])*)*)"

TEXT: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "base64": is_base64,
        "byte": is_base64,
        "date": is_date,
        "date-time": is_date_time,
        "duration": is_duration,
        "email": is_email,
        "hostname": is_hostname,
        "ipv4": is_ipv4,
        "ipv6": is_ipv6,
        "iri": is_iri,
        "iri-reference": is_iri_reference,
        "json-pointer": is_json_pointer,
        "regex": patterns.compiles,
        "relative-json-pointer": is_relative_json_pointer,
        "time": is_time,
        "uri": is_uri,
        "uri-reference": is_uri_reference,
        "uuid": is_uuid,
    }
)
"""Formats of strings, each with the function that checks it."""

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "int32": (-(2**31), 2**31 - 1),
        "int64": (-(2**63), 2**63 - 1),
        "float": (-3.4028234663852886e38, 3.4028234663852886e38),
        "double": (-1.7976931348623157e308, 1.7976931348623157e308),
    }
)
"""Formats of numbers, each with its smallest and its largest value."""

ANNOTATIONS = ("binary", "idn-email", "idn-hostname", "json", "password", "uri-template")
"""Formats that assert nothing though a validator may know them; so does any name that is in no table."""

EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "date": "2026-01-31",
        "date-time": "2026-01-31T12:00:00Z",
        "duration": "PT30S",
        "email": "ann@example.com",
        "hostname": "example.com",
        "ipv4": "192.0.2.1",
        "ipv6": "2001:db8::1",
        "time": "12:00:00Z",
        "uri": "https://example.com/hook",
        "uuid": "550e8400-e29b-41d4-a716-446655440000",
    }
)
"""What a good value looks like, for messages about formats that a reader may not know by name."""


def anything(text: str) -> bool:
    """What an annotation asserts."""
    return True


def of_strings() -> dict[str, Callable[[str], bool]]:
    """Every name that a validator might assert by itself, with what we assert of it."""
    return {**dict.fromkeys(ANNOTATIONS, anything), **TEXT}
