"""What a test gives to the methods it calls: read here, or refused in one sentence with the line that gives it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from typing import NoReturn

from mockserver.clock import seconds
from mockserver.errors import LocatedError, Place
from mockserver.hints import nearest
from mockserver.regex import compiled
from mockserver.sentfrom import line_of

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
Span = str | float | timedelta
Times = int | tuple[int, int] | None  # exactly, from and to, at least one
_PACKAGE = str(Path(__file__).parent) + os.sep
_SET_BY_US = frozenset({"content-length", "transfer-encoding", "connection"})
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, section 5.6.2
_NO_VALUE = r"[\0\r\n]"


class ScriptError(LocatedError):
    """A test scripts what cannot be. `at` is the line of the test."""


def here() -> Place:
    """The line of the test that is asking: the nearest caller outside of this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return line_of(frame)


def refuse_unless(fits: bool, takes: str, given: object) -> None:
    """Raise ScriptError unless what was given fits: `takes` is what would, as `"times() takes a whole number"`."""
    if not fits:
        raise ScriptError(here(), f"{takes}, not {given!r:.60}")


def unknown(at: Place, what: str, name: object, known: Sequence[str]) -> NoReturn:
    """Raise ScriptError for a name that is none of `known`, with the one that was probably meant."""
    raise ScriptError(at, f'{what} "{name}"', nearest(name, known))


def whole(given: int, takes: str, least: int = 0) -> int:
    """A whole number. Raises ScriptError for what is none, or less than `least`; `takes` as in `refuse_unless`."""
    refuse_unless(_is_whole(given) and given >= least, takes, given)
    return given


def final_status(given: int) -> int:
    """The status of an answer. Raises ScriptError for what is none, and for one that more must follow."""
    whole(given, "respond() takes a status such as 503")
    if not 200 <= given <= 599:
        raise ScriptError(here(), f"{given} is no status that ends an answer", "they go from 200 to 599")
    return given


def bounds(times: Times, name: str = "times") -> tuple[int, int | None]:
    """The least and the most that a number may be (None: any). Raises ScriptError for what is no such range."""
    if times is None:
        return 1, None
    pair = times if isinstance(times, tuple) else (times, times)
    fits = len(pair) == 2 and all(map(_is_whole, pair)) and 0 <= pair[0] <= pair[1]
    refuse_unless(fits, f"{name}= takes a number such as 2 or a range such as (1, 3)", times)
    return pair


def pointer(given: str | None) -> str | None:
    """A JSON Pointer, or None. Raises ScriptError for what is no pointer."""
    if isinstance(given, str) and given and not given.startswith("/"):
        raise ScriptError(here(), f'at= is a JSON Pointer: did you mean "/{given}"?')
    refuse_unless(given is None or isinstance(given, str), 'at= is a JSON Pointer such as "/inputs/0"', given)
    return given


def duration(given: Span, at: Place | None = None, what: str = "") -> float:
    """The seconds of a time of the world. Raises ScriptError, naming `what` it was for, for one that goes back."""
    prefix, line = f"{what}: " if what else "", at or here()
    try:
        found = given.total_seconds() if isinstance(given, timedelta) else _signed(given)
    except ValueError as error:
        raise ScriptError(line, f"{prefix}{error}") from None
    if not 0 <= found < float("inf"):
        start = 'a test that is to begin at another time says @pytest.mark.mockserver(start="2026-01-01")'
        hint = "" if what or found > 0 else start
        raise ScriptError(line, f'{prefix}time goes forward, by a duration such as "30s", and not by {given}', hint)
    return found


def _is_whole(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _signed(given: str | float) -> float:
    """The seconds of a duration that may have a minus before it."""
    try:
        return seconds(given)
    except ValueError:
        if isinstance(given, str) and given.startswith("-"):
            with suppress(ValueError):
                return -seconds(given[1:])
        raise


def patience(given: float, name: str = "timeout") -> float:
    """The seconds of wall time that somebody waits. Raises ScriptError for what is no such number."""
    fits = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < float("inf")
    refuse_unless(fits, f"{name}= takes seconds of wall time such as 5", given)
    return given


def refuse_async(function: object, what: str) -> None:
    """Raise ScriptError for a function that nobody awaits."""
    if iscoroutinefunction(function):
        raise ScriptError(here(), f"{what} is an async function, which nobody awaits", "write it with def")


def header_pairs(
    headers: Mapping[str, str | Sequence[str]], retry_after: Span | None, at: Place
) -> tuple[tuple[str, str], ...]:
    """The headers of an answer, one pair for each value. Raises ScriptError for those that cannot be sent."""
    refuse_unless(isinstance(headers, Mapping), 'headers= takes a mapping such as {"X-Request-Id": "7"}', headers)
    pairs = []
    for name, given in headers.items():
        if not (isinstance(name, str) and compiled(_TOKEN).fullmatch(name)):
            raise ScriptError(at, f"{name!r:.60} is no name of a header", 'write one like "X-Request-Id"')
        if name.lower() in _SET_BY_US:
            hint = "truncate() breaks an answer off"
            raise ScriptError(at, f"the header {name} is written by the server itself", hint)
        pairs += [(name, value) for value in _values(name, given, at)]
    if retry_after is not None:
        written = f"{duration(retry_after, at, 'retry_after'):.3f}"
        pairs.append(("Retry-After", written.rstrip("0").rstrip(".")))
    return tuple(pairs)


def _values(name: str, given: object, at: Place) -> Iterator[str]:
    for one in given if isinstance(given, list | tuple) else [given]:
        refuse_unless(isinstance(one, str | int | float), f"the header {name} takes a str, or several", one)
        if compiled(_NO_VALUE).search(str(one)):
            raise ScriptError(at, f"the header {name} cannot hold {one!r:.60}", "a value is one line")
        yield str(one)
