"""A key for a JSON value: equal values have equal keys, whatever the order of their names."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import msgspec

_LONG = 64 * 1024  # characters; longer strings are hashed, not serialised again

_ENCODER = msgspec.json.Encoder(order="deterministic", enc_hook=repr)


def canonical(value: Any, *, long: bool = False) -> bytes:
    """The text of `value`, in UTF-8. Say `long` when a string in it may exceed 64 Ki characters: those are hashed."""
    value = _shortened(value) if long else value
    try:
        return _ENCODER.encode(value)
    except ValueError:  # a lone surrogate, in what a test gives
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr).encode()


def digest(value: Any, *, long: bool = False) -> str:
    """32 hexadecimal digits for `value`; `long` as above."""
    return _hashed(canonical(value, long=long))


def short(text: bytes, length: int = 256) -> bytes:
    """Text of up to `length` bytes as it is, else 32 hexadecimal digits that stand for it."""
    return text if len(text) <= length else _hashed(text).encode()


def _hashed(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()


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
            return {"": _hashed(value.encode("utf-8", "surrogatepass"))}
        case dict():
            return {name: _shortened(item) for name, item in value.items()}
        case list():
            return [_shortened(item) for item in value]
    return value
