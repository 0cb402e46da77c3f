"""Strict JSON: bytes -> value, or one sentence that says what is wrong and where.

Good text is read by msgspec, and its quotes and brackets are counted, not looked at. Only when something may be wrong
does a second, careful pass find the spot. That pass alone decides.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import msgspec
from msgspec import Struct

from mockserver import pointer
from mockserver.errors import Problem, Refused, Violation
from mockserver.regex import compiled

MAX_DEPTH = 256
MAX_DIGITS = 4300
MAX_VALUES = 1_000_000  # in one body; more would hold the loop, and everybody else, for seconds

_SKELETON = bytes(set(range(256)) - set(b'[]{}"'))  # what is deleted to see the structure alone
_NO_BEGINNING = bytes(set(range(256)) - set(b'[{,"'))  # what is deleted to count values
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_LONG_NUMBER = rb"[-+.0-9eE]{%d}" % (MAX_DIGITS + 1)
_STRIDE = 256  # bytes from one look to the next where long numbers are looked for
_LOOKS = b"0" * (MAX_DIGITS // _STRIDE)  # so many in a row lie in any number that is too long
_AS_DIGITS = bytes(ord("0") if mark in b"-+.0123456789eE" else ord(" ") for mark in range(256))
_DECODER, _ENCODER = msgspec.json.Decoder(), msgspec.json.Encoder()
_DOUBT = object()  # only the careful pass can tell
_LONE_CHARACTER = "[\ud800-\udfff]"


def malformed(message: str, *, where: str = "", said: str = "", fault: str = "", wanted: str = "") -> Refused:
    """A refusal of a body that cannot be decoded (400, E107); without `fault` the sentence itself is the violation."""
    violation = Violation("body", where, shorten(said), wanted, code="E107", fault=fault or message)
    return Refused(Problem("malformed", message, (violation,)))


def shorten(text: str, limit: int = 200) -> str:
    """`text`, cut to `limit` characters and free of what UTF-8 cannot hold."""
    kept = text if len(text) <= limit else text[: limit - 1] + "…"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")


def quote(text: str) -> str:
    """`text` in double quotes, on one line, shortened."""
    return json.dumps(shorten(text), ensure_ascii=False)


def read_json(data: bytes, *, max_depth: int = MAX_DEPTH, what: str = "the body", where: str = "") -> Any:
    """The JSON value in `data`; raises Refused (malformed or too_deep).

    `what` names the text in sentences, `where` is the pointer of the place in the body that it stands for.
    """
    if not _has_too_many_values(data):
        value = _read_quickly(data, max_depth)
        if value is not _DOUBT:
            return value
    text = _decode(data, what, where)
    if _has_too_many_values(data):
        raise _too_many(what, where)
    value = _read_carefully(text, what, where, max_depth)
    if not _is_shallow(_brackets(data), max_depth):
        raise _too_deep(max_depth, what, where)
    return value


def _read_quickly(data: bytes, max_depth: int) -> Any:
    """The value, or _DOUBT. What msgspec takes and we do not: a name that occurs twice, many levels, long numbers."""
    try:
        value = _DECODER.decode(data)
        written = _ENCODER.encode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: not UTF-8
        return _DOUBT
    # Where a name occurs twice, one of the two is lost, and its quotes with it.
    if b"\\" not in data:
        if data.count(b'"') != written.count(b'"'):
            return _DOUBT
    elif _unescaped(data).count(b'"') != _unescaped(written).count(b'"'):
        return _DOUBT
    # A program may have told Python to read more digits, or fewer, than we do.
    if sys.get_int_max_str_digits() != MAX_DIGITS:
        return _DOUBT
    if len(data) > MAX_DIGITS and _LOOKS in data[::_STRIDE].translate(_AS_DIGITS) and re.search(_LONG_NUMBER, data):
        return _DOUBT
    few = data.count(b"[") + data.count(b"{") <= max_depth  # brackets are never too deep
    return value if few or _is_shallow(_brackets(data), max_depth) else _DOUBT


def _decode(data: bytes, what: str, where: str) -> str:
    """The text of `data`, which must be UTF-8 without a byte order mark, and not empty."""
    if not data or data.isspace():
        raise malformed(f"{what} is empty; it must be JSON", where=where, wanted="JSON")
    if data.startswith(b"\xef\xbb\xbf"):
        raise malformed(
            f"{what} begins with a byte order mark; send UTF-8 without one", where=where, wanted="UTF-8 without it"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        spot = f"byte 0x{data[error.start]:02x} at position {error.start}"
        raise malformed(
            f"{what} is not UTF-8: {spot}", where=where, fault=f"not UTF-8: {spot}", wanted="UTF-8"
        ) from None


def _has_too_many_values(data: bytes) -> bool:
    """Whether `data` holds more than MAX_VALUES values: commas and opening brackets outside of strings are counted."""
    if len(data) < MAX_VALUES or data.count(b",") + data.count(b"[") + data.count(b"{") < MAX_VALUES:
        return False
    if data.count(b'"') > 4 * MAX_VALUES:  # a name and a text for each value: no more is possible
        return True
    if b"\\" in data:
        data = _unescaped(data)
    bones = data.translate(None, _NO_BEGINNING)
    return len(b"".join(bones.split(b'"')[::2])) >= MAX_VALUES


def _too_many(what: str, where: str) -> Refused:
    message = f"{what} holds more than {MAX_VALUES:,} values; split the call"
    wanted = f"at most {MAX_VALUES:,} values"
    violation = Violation("body", where, "", wanted, code="E110", fault=f"{wanted} are read")
    return Refused(Problem("too_large", message, (violation,)))


def _not_json(error: json.JSONDecodeError, what: str, where: str) -> Refused:
    reason = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").rstrip(": ")
    spot = f"{reason} at line {error.lineno}, column {error.colno}"
    return malformed(f"{what} is not JSON: {spot}", where=where, fault=f"not JSON: {spot}", wanted="JSON")


def _too_deep(limit: int, what: str, where: str) -> Refused:
    message = f"{what} has more than {limit} levels of brackets; the setting --max-depth says how many are read"
    violation = Violation("body", where, "", f"at most {limit} levels of brackets (--max-depth)", code="E110")
    return Refused(Problem("too_deep", message, (violation,)))


def _brackets(data: bytes) -> bytes:
    """The brackets of valid JSON; strings left out."""
    if b"\\" in data:
        data = _unescaped(data)
    bones = data.translate(None, _SKELETON).replace(b'""', b"")
    if b'"' in bones:  # strings that hold brackets
        bones = b"".join(bones.split(b'"')[::2])
    return bones


def _unescaped(data: bytes) -> bytes:
    """JSON text without its escaped backslashes and quotes; two plain passes cost a tenth of one by a pattern."""
    return data.replace(b"\\\\", b"").replace(b'\\"', b"")


def _is_shallow(brackets: bytes, max_depth: int) -> bool:
    """True when balanced `brackets` are nested at most `max_depth` deep."""
    left, peeled = brackets, 0
    while len(left) > 2 * (max_depth - peeled) and peeled < 16:
        left = left.replace(b"{}", b"").replace(b"[]", b"")  # takes off one or two levels from inside
        peeled += 2
    if len(left) <= 2 * (max_depth - peeled):
        return True
    return max(accumulate(memoryview(brackets.translate(_STEPS)).cast("b"))) <= max_depth


class _Fault(Struct, frozen=True):
    """Stands in the value for what is wrong there: what came, and a clause that says why."""

    said: str
    told: str


_TELLING = frozenset({dict, list, str, _Fault})  # the types of values that are or hold faults


def _read_carefully(text: str, what: str, where: str, max_depth: int) -> Any:
    """The value of text of which it is almost certain that something is wrong with it; raises Refused."""
    careful = json.JSONDecoder(
        object_pairs_hook=_members, parse_constant=_constant, parse_float=_number, parse_int=_number
    )
    try:
        value = careful.decode(text)
    except json.JSONDecodeError as error:  # further on
        raise _not_json(error, what, where) from None
    except RecursionError:
        raise _too_deep(min(max_depth, sys.getrecursionlimit()), what, where) from None
    found = _first_fault(value)
    if found is None:
        return value
    spot, fault = found
    place = shorten(spot) if what == "the body" and spot else f"{what}: {shorten(spot)}".removesuffix(": ")
    message = f"{place}: {fault.said} {fault.told}"
    raise malformed(message, where=shorten(where + spot, 2000), said=fault.said, fault=fault.told, wanted="JSON")


def _members(pairs: list[tuple[str, Any]]) -> Any:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    seen: set[str] = set()
    twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return _Fault(f"the name {quote(twice)}", "occurs twice")


def _constant(name: str) -> _Fault:
    return _Fault(name, "is not JSON; it has no such number")


def _number(text: str) -> Any:
    whole = text.lstrip("-").isdecimal()
    limit = sys.get_int_max_str_digits() if whole else 0  # 0 = none
    limit = min(limit or MAX_DIGITS, MAX_DIGITS)
    if len(text) > limit and (digits := sum(map(str.isdecimal, text))) > limit:
        return _Fault(f"a number of {digits:,} digits", f"is too long; at most {limit:,} are read")
    value = int(text) if whole else float(text)
    if not whole and value - value:
        return _Fault(shorten(text, 40), "is too large; it overflows a double")
    return value


def _first_fault(value: Any) -> tuple[str, _Fault] | None:
    """The first fault in document order, with its pointer."""
    keys: list[str | int] = []
    levels: list[Iterator[tuple[str | int, Any]]] = [enumerate([value])]
    while levels:
        for key, one in levels[-1]:
            if one.__class__ not in _TELLING:
                continue
            if fault := one if isinstance(one, _Fault) else _text_fault(one):
                return pointer.join("", *[*keys, key][1:]), fault  # the first key stands for the value itself
            if isinstance(one, dict | list):
                keys.append(key)
                levels.append(iter(one.items()) if isinstance(one, dict) else enumerate(one))
                break
        else:
            levels.pop()
            del keys[-1:]
    return None


def _text_fault(value: Any) -> _Fault | None:
    """A lone surrogate in a string, or in the names of an object."""
    for text in (value,) if isinstance(value, str) else value if isinstance(value, dict) else ():
        if not text.isascii() and (lone := compiled(_LONE_CHARACTER).search(text)):
            return _Fault(f"the lone surrogate \\u{ord(lone.group()):04x}", "is not a character")
    return None
