"""Strings: readable words, the known formats, patterns, and lengths."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.clock import START, stamp
from mockserver.openapi.formats import TEXT
from mockserver.openapi.patterns import compiles

LONGEST = 100_000  # characters of a text that is drawn
# 64 of them: six bits choose one.
WORDS = (
    "amber", "apple", "april", "arrow", "autumn", "basin", "beacon", "birch", "breeze", "bridge", "candle", "canvas",
    "cedar", "cloud", "clover", "copper", "coral", "crystal", "dawn", "delta", "ember", "falcon", "feather", "field",
    "forest", "garden", "ginger", "glacier", "harbor", "hazel", "island", "ivory", "jasmine", "kettle", "lantern",
    "lemon", "linen", "maple", "marble", "meadow", "mirror", "morning", "nectar", "north", "ocean", "olive", "orchid",
    "paper", "pebble", "pepper", "pine", "planet", "prairie", "quartz", "rain", "river", "saffron", "silver",
    "sparrow", "stone", "summit", "timber", "valley", "willow",
)  # fmt: skip
_COMFORTABLE = 32  # no words drawn at leisure are longer
_YEAR = 365 * 86400


class Strings(Struct, frozen=True):
    """How to draw a string; `checked` says that a draw is a candidate and must be verified."""

    draw: Callable[[Chance], str]
    checked: bool = False


def strings(
    low: int,
    high: int | None,
    patterns: Sequence[str],
    formats: Sequence[str],
    encodings: Sequence[str] = (),
    called: str = "",
) -> Strings:
    """Strings of these lengths, patterns and formats; `called` is the property, for free text that looks the part.

    `encodings` are what it is likely to be; nothing is held against them. Raises ValueError with a sentence when there
    can be none, or none is found.
    """
    if high is not None and low > high:
        raise ValueError(f"no string has at least {low} and at most {high} characters")
    if low > LONGEST:
        raise ValueError(f"a string of {low} characters is longer than is drawn ({LONGEST})")
    named = list(dict.fromkeys(name for name in (*formats, *encodings) if name in FORMATS))
    patterns = [pattern for pattern in patterns if compiles(pattern)]  # others are not checked either
    bounded = low > 1 or (high is not None and high < _COMFORTABLE)
    if patterns or (named and (bounded or len(named) > 1 or (high or LONGEST) < 2 * _COMFORTABLE)):
        asserted = tuple(dict.fromkeys(name for name in formats if name in TEXT))
        return Strings(_searched(low, high, tuple(patterns), asserted, named), checked=True)
    if named:
        return Strings(FORMATS[named[0]])
    return Strings(_fitted(low, high) if bounded else NAMED.get(called.lower().replace("-", "_"), words))


def words(chance: Chance) -> str:
    """One to three words."""
    bits = chance.bits()
    kind = bits >> 62
    if kind == 0:
        return WORDS[bits & 63]
    if kind == 3:
        return f"{WORDS[bits & 63]} {WORDS[bits >> 6 & 63]} {WORDS[bits >> 12 & 63]}"
    return f"{WORDS[bits & 63]} {WORDS[bits >> 6 & 63]}"


def word(chance: Chance) -> str:
    """A single word."""
    return WORDS[chance.bits() & 63]


def _fitted(low: int, high: int | None, between: str = " ") -> Callable[[Chance], str]:
    """Words cut to a length between `low` and `high`."""
    end = min(LONGEST if high is None else high, max(low + 8, 24))
    start = min(max(low, 3), end)

    def draw(chance: Chance) -> str:
        wanted = chance.integer(start, end)
        text = word(chance)
        while len(text) < wanted:
            text += between + word(chance)
        text = text[:wanted]
        return text[:-1] + "s" if text.endswith(" ") else text

    return draw


def _searched(
    low: int, high: int | None, patterns: tuple[str, ...], asserted: tuple[str, ...], named: Sequence[str]
) -> Callable[[Chance], str]:
    """Texts that keep to patterns, formats and lengths at once."""
    # Imported when needed: most texts need not be searched for.
    from mockserver.openapi.sample_formats import form
    from mockserver.openapi.sample_pattern import Pattern, compile_pattern
    from mockserver.openapi.sample_search import Demands, searching

    demands = Demands(low, high, patterns, asserted)
    readable: list[Pattern] = []
    unread = ""
    for pattern in demands.patterns:
        try:
            readable.append(compile_pattern(pattern))
        except ValueError as reason:
            unread = f"cannot sample pattern {pattern!r}: {reason}"
    filler = _fitted(demands.low, demands.high, between="")
    shapes = [shape for shape in map(form, named) if shape is not None]
    try:
        return searching(demands, [FORMATS[name] for name in named], [*readable, *shapes], filler)
    except ValueError as reason:
        raise ValueError(unread or str(reason)) from None


def _ipv6(chance: Chance) -> str:
    return f"2001:db8::{chance.integer(1, 0xFFFF):x}:{chance.integer(1, 0xFFFF):x}"


def _time(chance: Chance) -> str:
    return _moment(chance)[11:]


def _date(chance: Chance) -> str:
    return _moment(chance)[:10]


def _moment(chance: Chance) -> str:
    return stamp(START - chance.integer(1, _YEAR))


def _email(chance: Chance) -> str:
    return f"{word(chance)}.{word(chance)}@example.test"


def _hostname(chance: Chance) -> str:
    return f"{word(chance)}.example.test"


def _uri(chance: Chance) -> str:
    return f"https://example.test/{words(chance).replace(' ', '/')}"


def _base64(chance: Chance) -> str:
    return b64encode(words(chance).encode()).decode()


def _file(chance: Chance) -> str:
    return f"{word(chance)}.txt"


# What free text is likely to be, by the name of its property; nothing demands it, so it need not be verified.
NAMED: Mapping[str, Callable[[Chance], str]] = {
    "content_type": lambda chance: "text/plain",
    "email": _email,
    "file_name": _file,
    "filename": _file,
    "mime_type": lambda chance: "text/plain",
    "path": lambda chance: f"{word(chance)}/{_file(chance)}",
    "url": _uri,
}

FORMATS: Mapping[str, Callable[[Chance], str]] = {
    "base64": _base64,
    "byte": _base64,
    "date": _date,
    "date-time": _moment,
    "duration": lambda chance: f"PT{chance.integer(1, 90)}M",
    "email": _email,
    "hostname": _hostname,
    "idn-email": _email,
    "idn-hostname": _hostname,
    "ipv4": lambda chance: f"192.0.2.{chance.integer(1, 254)}",  # RFC 5737: addresses for documentation
    "ipv6": _ipv6,
    "iri": _uri,
    "iri-reference": _uri,
    "json": lambda chance: f'{{"{word(chance)}": "{word(chance)}"}}',
    "json-pointer": lambda chance: f"/{word(chance)}/{word(chance)}",
    "regex": lambda chance: f"^{word(chance)}[a-z]*$",
    "relative-json-pointer": lambda chance: f"{chance.integer(0, 3)}/{word(chance)}",
    "time": _time,
    "uri": _uri,
    "uri-reference": _uri,
    "uri-template": lambda chance: f"https://example.test/{word(chance)}/{{id}}",
    "url": _uri,
    "uuid": Chance.uuid,
}
