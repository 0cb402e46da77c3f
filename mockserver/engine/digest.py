"""A key for a JSON value: equal values have equal keys, whatever the order of their names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

_LONG = 64 * 1024  # characters; longer strings are hashed, not serialised again

_MARK = "\0"
_SPLIT = ',"\\u0000",'
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr, check_circular=False).encode


def canonical(value: Any, *, long: bool = False) -> str:
    """The text of `value`. Say `long` when a string in it may exceed 64 Ki characters: those are hashed."""
    return _CANONICAL(_shortened(value) if long else value)


def canonical_each(values: Sequence[Any], *, long: bool = False) -> list[str]:
    """`canonical` of each value. Starting the encoder costs more than a small value does: it is started once."""
    marked: list[Any] = [_MARK] * (2 * len(values) - 1)
    marked[::2] = values
    pieces = canonical(marked, long=long)[1:-1].split(_SPLIT)
    # Where they are more, a value holds the mark.
    return pieces if len(pieces) == len(values) else [canonical(value, long=long) for value in values]


def digest(value: Any, *, long: bool = False) -> str:
    """32 hexadecimal digits for `value`; `long` as above."""
    return short(canonical(value, long=long), 0)


def short(text: str, length: int = 256) -> str:
    """Text of up to `length` characters as it is, else 32 hexadecimal digits that stand for it."""
    return text if len(text) <= length else blake2b(text.encode("utf-8"), digest_size=16).hexdigest()


def may_be_long(body: bytes) -> bool:
    """Whether a JSON body may hold a string of more than 64 Ki characters. Looks at a few bytes only.

    A long string full of escaped quotes is missed, and then costs a little more time.
    """
    at = 0
    while at + _LONG <= len(body):
        quote = body.rfind(b'"', at, at + _LONG)
        if quote < 0:
            return True
        at = quote + 1
    return False


def _shortened(value: Any) -> Any:
    match value:
        case str() if len(value) > _LONG:
            return {"": blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()}
        case dict():
            return {name: _shortened(item) for name, item in value.items()}
        case list():
            return [_shortened(item) for item in value]
    return value
