"""Seeded chance, keyed and never shared: the same key draws the same values, whatever was drawn elsewhere.

Cheap to make (one hash), unlike `random.Random`, because a request may need hundreds of independent sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_T = TypeVar("_T")
_MASK = (1 << 64) - 1
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Chance:
    """A stream of draws that depends on nothing but its key."""

    __slots__ = ("_key", "_state")

    def __init__(self, *key: object) -> None:
        self._key = blake2b("\0".join(map(str, key)).encode("utf-8", "surrogatepass"), digest_size=32).digest()
        self._state: int | None = None  # until the first draw: many sources are made for their mark alone

    @classmethod
    def of(cls, key: bytes) -> Chance:
        """The source of a key that is text already, its parts parted by NUL."""
        made = cls.__new__(cls)
        made._key = blake2b(key, digest_size=32).digest()
        made._state = None
        return made

    def mark(self, digits: int) -> str:
        """Up to 48 hexadecimal digits that name this source, the same however much was drawn."""
        return self._key[8:].hex()[:digits]

    def slot(self, count: int) -> int:
        """A number from 0 to `count` - 1 that depends on the key alone, the same however much was drawn."""
        return int.from_bytes(self._key[-8:], "big") % count

    def derive(self, *key: object) -> Chance:
        """A source of its own for a part of the work; drawing from it does not move this one."""
        return Chance(self._key.hex(), *key)

    def bits(self) -> int:
        """The next 64 bits (SplitMix64, Steele, Lea and Flood 2014)."""
        state = self._state if self._state is not None else int.from_bytes(self._key[:8], "big")
        self._state = state = (state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included; any size."""
        span = high - low + 1
        if span <= 1 << 64:
            return low + (self.bits() * span >> 64)
        wide = 0
        for _ in range(0, span.bit_length() + 64, 64):
            wide = wide << 64 | self.bits()
        return low + wide % span

    def number(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.fraction()

    def pick(self, options: Sequence[_T]) -> _T:
        """One of `options`, which must not be empty."""
        return options[self.integer(0, len(options) - 1)]

    def happens(self, rate: float) -> bool:
        """True with probability `rate`."""
        return self.fraction() < rate

    def hex(self, digits: int) -> str:
        """`digits` hexadecimal digits, lower case."""
        return "".join(f"{self.bits():016x}" for _ in range(0, digits, 16))[:digits]

    def uuid(self) -> str:
        """A random UUID (RFC 9562, version 4)."""
        text = f"{self.bits():016x}{(self.bits() >> 2) | 1 << 63:016x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{text[16:20]}-{text[20:]}"

    def letters(self, low: int, high: int) -> str:
        """From `low` to `high` lower-case letters."""
        return "".join(self.pick(_LETTERS) for _ in range(self.integer(low, high)))
