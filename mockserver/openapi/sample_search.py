"""Texts that keep to lengths, patterns and formats at once: drawn from each of these, crossed, and tried.

A pattern may say only how a text ends, and a format only what may stand there; so a text of the one is put into a
text of the other. Whether it holds is asked of the engine and of the functions that judge values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.openapi import formats
from mockserver.openapi.patterns import Patterns
from mockserver.openapi.sample_pattern import Pattern, length
from mockserver.openapi.sample_text import LONGEST

Source = Callable[[Chance], str]

_SEARCHES, _TRIES = 600, 60  # texts tried: before it is said that there is none, and for each draw
_CHARACTERS = 400_000  # of all texts tried together, after which no further one is


class Demands(Struct, frozen=True):
    """What is asked of a text; `formats` are those that assert something, by name."""

    low: int
    high: int | None
    patterns: tuple[str, ...]
    formats: tuple[str, ...]

    def __str__(self) -> str:
        """Such as `at most 12 characters, format email and pattern '@a$'`."""
        wanted = [f"at least {self.low}"] if self.low else []
        wanted += [f"at most {self.high}"] if self.high is not None else []
        lengths = [f"{' and '.join(wanted)} character{'' if (self.high or self.low) == 1 else 's'}"] if wanted else []
        named = [f"format {name}" for name in self.formats] + [f"pattern {one!r}" for one in self.patterns]
        listed = [*lengths, *named]
        return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def searching(demands: Demands, likely: Sequence[Source], patterns: Sequence[Pattern], filler: Source) -> Source:
    """What draws texts that hold: `likely` ones, `patterns` of the length asked for, `filler`, or one put into another.

    Raises ValueError with a sentence when none was found.
    """
    search = _Search(demands, likely, patterns, filler)
    chance = Chance("text", str(demands))
    found = search.tried(chance, _SEARCHES)
    if found is None:
        raise ValueError(f"no text was found with {demands}")
    witness = found

    def draw(chance: Chance) -> str:
        text = search.tried(chance, _TRIES)
        return witness if text is None else text

    return draw


class _Search:
    def __init__(self, demands: Demands, likely: Sequence[Source], patterns: Sequence[Pattern], filler: Source) -> None:
        self._low, self._high = demands.low, LONGEST if demands.high is None else demands.high
        self._asserted = [formats.TEXT[name] for name in demands.formats]
        self._patterns, self._engine = demands.patterns, Patterns()
        self._parts: list[Source] = [partial(_drawn, one, 0, LONGEST) for one in patterns]
        self._sources: list[Source] = [
            *likely,
            *(partial(_drawn, one, self._low, self._high) for one in patterns),
            filler,
        ]
        self._crosses = bool(demands.patterns) or len(demands.formats) > 1

    def tried(self, chance: Chance, most: int) -> str | None:
        """The first of so many texts that holds: one of each source, then by turns crossed ones and as they are."""
        left = _CHARACTERS
        for turn in range(most):
            if turn < len(self._sources):
                text = self._sources[turn](chance)
            elif turn % 2 and self._crosses:
                text = self._crossed(chance)
            else:
                text = chance.pick(self._sources)(chance)
            if self._holds(text):
                return text
            left -= len(text)
            if left < 0:
                break
        return None

    def _holds(self, text: str) -> bool:
        return (
            self._low <= len(text) <= self._high
            and all(check(text) for check in self._asserted)
            and all(self._engine.search(pattern, text) for pattern in self._patterns)
        )

    def _crossed(self, chance: Chance) -> str:
        """A text put into another, at either end or between, for as much or any stretch of it; or a bit of each."""
        base = chance.pick(self._sources)(chance)
        part = chance.pick(self._parts or self._sources)(chance)
        room = max(len(base) - len(part), 0)
        match chance.integer(0, 6):
            case 0:
                start, end = 0, len(part)
            case 1:
                start, end = room, len(base)
            case 2:
                start, end = 0, chance.integer(0, len(base))
            case 3:
                start, end = chance.integer(0, len(base)), len(base)
            case 4 | 5:
                cut = chance.integer(0, len(part))
                return part[:cut] + base[cut:] if chance.integer(0, 1) else base[:cut] + part[cut:]
            case _:
                start = chance.integer(0, room)
                end = chance.integer(start, len(base)) if chance.integer(0, 1) else start + len(part)
        return base[:start] + part + base[end:]


def _drawn(pattern: Pattern, low: int, high: int, chance: Chance) -> str:
    return pattern.draw(chance, length(pattern, chance, low, high))
