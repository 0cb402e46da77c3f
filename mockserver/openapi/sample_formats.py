"""The known formats as expressions: texts of each from the shortest on, for whoever asks for a length.

How a format looks where nothing is asked of its length is in `sample_text`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.openapi.sample_pattern import Pattern, compile_pattern

_HOST = r"([a-z0-9]{1,63}\.){0,3}[a-z]{1,61}"
_EMAIL = rf"[a-z][a-z0-9]{{0,63}}@{_HOST}"
_URI = r"https://[a-z0-9]+(/[a-z0-9]+)*|[a-z]{1,4}:[a-z0-9]*"
_REFERENCE = r"(/[a-z0-9]+)*|[a-z0-9]*"
_BASE64 = r"([A-Za-z0-9]{4})*([A-Za-z0-9]{2}[048AEIMQUYcgkosw]=|[A-Za-z0-9][AQgw]==)?"
_IPV4 = r"([1-9]?[0-9]|1[0-9]{2})(\.([1-9]?[0-9]|1[0-9]{2})){3}"
_GROUP = "[0-9a-f]{1,4}"
_DATE = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z"

_EXPRESSIONS: Mapping[str, str] = {
    "base64": _BASE64,
    "byte": _BASE64,
    "date": _DATE,
    "date-time": f"{_DATE}T{_TIME}",
    "duration": "P([1-9][0-9]*[DW]|T[1-9][0-9]*[HMS])",
    "email": _EMAIL,
    "hostname": _HOST,
    "idn-email": _EMAIL,
    "idn-hostname": _HOST,
    "ipv4": _IPV4,
    "ipv6": f"::({_GROUP}(:{_GROUP}){{0,5}})?|{_GROUP}(:{_GROUP}){{7}}|{_GROUP}(:{_GROUP}){{5}}:{_IPV4}",
    "iri": _URI,
    "iri-reference": _REFERENCE,
    "json": '[0-9]|"[a-z]*"',
    "json-pointer": "(/[a-z0-9]*)*",
    "regex": "[a-z]*",
    "relative-json-pointer": "[0-9](/[a-z0-9]*)*",
    "time": _TIME,
    "uri": _URI,
    "uri-reference": _REFERENCE,
    "uri-template": _URI,
    "url": _URI,
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
}


def form(name: str) -> Pattern | None:
    """The expression of a format, None where nothing is known of it."""
    return compile_pattern(_EXPRESSIONS[name]) if name in _EXPRESSIONS else None
