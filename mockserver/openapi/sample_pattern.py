"""Text that a regular expression accepts: the common subset of ECMA-262, and of a length one may ask for.

Lookarounds and word boundaries are passed over, so the text is a candidate: the caller verifies it. What cannot be
read at all raises ValueError with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.openapi.sample_text import LONGEST
from mockserver.regex import compiled

_SLACK = 8  # how much longer than the shortest text one is, when no length is asked for

_LOWER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_ALPHANUMERIC = _LOWER + _LOWER.upper() + _DIGITS
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_OTHERS = "".join(map(chr, [*range(0x20), *range(0xA1, 0x100)]))  # where a class leaves nothing printable
_SETS = {
    "d": _DIGITS, "w": _ALPHANUMERIC + "_", "s": " \t\n",
    "D": "".join(c for c in _PRINTABLE if c not in _DIGITS),
    "W": "".join(c for c in _PRINTABLE if c not in _ALPHANUMERIC + "_"),
    "S": _PRINTABLE[1:],
}  # fmt: skip
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PROPERTIES = {
    "L": _LOWER + _LOWER.upper(), "Letter": _LOWER + _LOWER.upper(), "Alphabetic": _LOWER + _LOWER.upper(),
    "Ll": _LOWER, "Lowercase_Letter": _LOWER, "Lu": _LOWER.upper(), "Uppercase_Letter": _LOWER.upper(),
    "N": _DIGITS, "Nd": _DIGITS, "Number": _DIGITS, "P": ".,;:!?", "Punctuation": ".,;:!?", "Z": " ", "Zs": " ",
}  # fmt: skip
_COUNT = r"\{(\d+)(,)?(\d+)?\}"
_GROUP = r"\(\?(?:(?P<look><?[=!])|:|P?<[A-Za-z_]\w*>)"
_CODE = r"x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})"
_PROPERTY = r"[pP]\{(?:\w+=)?(\w+)\}"


class Pattern(Struct, frozen=True):
    """A readable expression: how short and long its texts are, and how to draw one."""

    least: int
    most: int
    draw: Callable[[Chance, int], str]  # of the length asked for, where the expression has texts of that length


def compile_pattern(text: str) -> Pattern:
    """Read an expression once; raises ValueError with the reason where it is beyond the subset."""
    reader = _Reader(text)
    pattern = reader.choice()
    if reader.at < len(text):
        raise ValueError('a ")" closes nothing')
    return pattern


def length(pattern: Pattern, chance: Chance, low: int, high: int) -> int:
    """A length between `low` and `high` that the expression may have, rather short."""
    start = max(pattern.least, low)
    end = min(pattern.most, high, start + _SLACK)
    return chance.integer(start, end) if start < end else start


class _Reader:
    """Recursive descent over one expression."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def choice(self) -> Pattern:
        """Branches between `|`, up to the end or a closing bracket."""
        branches = [self.chain()]
        while self.take("|"):
            branches.append(self.chain())
        return branches[0] if len(branches) == 1 else _either(branches)

    def chain(self) -> Pattern:
        """Items one after the other."""
        items: list[Pattern] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            item = self.item()
            low, high = self.count()
            items.append(item if (low, high) == (1, 1) else _repeated(item, low, high))
        return items[0] if len(items) == 1 else _chained(items)

    def count(self) -> tuple[int, int]:
        """The quantifier that comes next, (1, 1) when there is none."""
        found = compiled(_COUNT).match(self.text, self.at)
        if found:
            self.at = found.end()
            low = int(found[1])
            counts = (low, int(found[3]) if found[3] else LONGEST if found[2] else low)
        elif self.at < len(self.text) and self.text[self.at] in "*+?":
            counts = {"*": (0, LONGEST), "+": (1, LONGEST), "?": (0, 1)}[self.text[self.at]]
            self.at += 1
        else:
            return 1, 1
        self.take("?")  # lazy or not, the texts are the same
        if self.take("+"):
            raise ValueError("possessive quantifiers are not read")
        return counts

    def item(self) -> Pattern:
        """One character, class, group or anchor."""
        char = self.text[self.at]
        if char == "(":
            return self.group()
        self.at += 1
        if char in "^$":
            return _chained([])
        if char == ".":
            return _one_of(_ALPHANUMERIC)
        if char == "[":
            return _one_of(self.characters())
        if char == "\\":
            return _chained([]) if self.take("b") or self.take("B") else _one_of(_readable(self.escape()))
        if char in "*+?":
            raise ValueError(f'nothing stands before "{char}"')
        return _one_of(char)

    def group(self) -> Pattern:
        """What is in brackets; a lookaround is read and passed over."""
        found = compiled(_GROUP).match(self.text, self.at)
        if not found and self.text.startswith("(?", self.at):
            raise ValueError(f'the group "{self.text[self.at : self.at + 4]}..." is not read')
        self.at = found.end() if found else self.at + 1
        inner = self.choice()
        if not self.take(")"):
            raise ValueError('a "(" is not closed')
        return _chained([]) if found and found["look"] else inner

    def escape(self) -> str:
        """The characters that the escape after a backslash stands for."""
        if found := compiled(_CODE).match(self.text, self.at):
            self.at = found.end()
            return chr(int(found[1] or found[2] or found[3], 16))
        if found := compiled(_PROPERTY).match(self.text, self.at):
            self.at = found.end()
            if found[0][0] == "p" and found[1] in _PROPERTIES:
                return _PROPERTIES[found[1]]
            raise ValueError(f'"\\{found[0]}" is not read')
        if self.at >= len(self.text):
            raise ValueError("it ends in a backslash")
        char = self.text[self.at]
        self.at += 1
        if char in _SETS:
            return _SETS[char]
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.isalnum():
            raise ValueError(f'"\\{char}" is not read')
        return char

    def characters(self) -> str:
        """The characters of a class, after its `[`."""
        negated = self.take("^")
        listed: list[str] = []
        while not self.take("]"):
            first = self.member()
            if len(first) == 1 and self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                last = self.member()
                if len(last) != 1 or last < first:
                    raise ValueError("a range of characters runs backwards")
                first = "".join(map(chr, range(ord(first), min(ord(last), ord(first) + 0xFF) + 1)))
            listed.append(first)
        if not negated:
            return _printable("".join(listed))
        left = _readable("".join(c for c in _PRINTABLE if c not in "".join(listed)))
        return left or "".join(c for c in _OTHERS if c not in "".join(listed))

    def member(self) -> str:
        """One entry of a class."""
        if self.at >= len(self.text):
            raise ValueError('a "[" is not closed')
        self.at += 1
        if self.text[self.at - 1] != "\\":
            return self.text[self.at - 1]
        return "\b" if self.take("b") else self.escape()

    def take(self, char: str) -> bool:
        """Step over `char` if it comes next."""
        if self.text.startswith(char, self.at):
            self.at += 1
            return True
        return False


def _printable(characters: str) -> str:
    """Without surrogates, and only what prints where anything does."""
    whole = "".join(dict.fromkeys(c for c in characters if not 0xD800 <= ord(c) <= 0xDFFF))
    return "".join(c for c in whole if c in _PRINTABLE) or whole


def _readable(characters: str) -> str:
    """Letters and digits where there are any."""
    return "".join(c for c in characters if c in _ALPHANUMERIC) or characters


def _one_of(characters: str) -> Pattern:
    if not characters:
        raise ValueError("a class of characters is empty")
    if len(characters) == 1:
        return Pattern(1, 1, lambda chance, length: characters)
    return Pattern(1, 1, lambda chance, length: chance.pick(characters))


def _either(branches: Sequence[Pattern]) -> Pattern:
    def draw(chance: Chance, length: int) -> str:
        fitting = [branch for branch in branches if branch.least <= length <= branch.most]
        chosen = chance.pick(fitting or branches)
        return chosen.draw(chance, min(max(length, chosen.least), chosen.most))

    return Pattern(min(b.least for b in branches), max(b.most for b in branches), draw)


def _chained(items: Sequence[Pattern]) -> Pattern:
    least, most = sum(item.least for item in items), sum(item.most for item in items)

    def draw(chance: Chance, length: int) -> str:
        return "".join(_spread(items, chance, length))

    return Pattern(least, min(most, LONGEST), draw)


def _repeated(item: Pattern, low: int, high: int) -> Pattern:
    if high < low:
        raise ValueError(f"a quantifier runs backwards, from {low} to {high}")

    def draw(chance: Chance, length: int) -> str:
        fewest = max(low, -(-length // item.most) if item.most else 0)
        many = min(high, length // item.least if item.least else fewest + 2)
        times = chance.integer(fewest, many) if fewest < many else min(fewest, high)
        return "".join(_spread([item] * times, chance, length))

    return Pattern(min(low * item.least, LONGEST), min(high * item.most, LONGEST), draw)


def _spread(items: Sequence[Pattern], chance: Chance, length: int) -> list[str]:
    """A text of each item, together of the length asked for as far as their bounds allow."""
    least, most = sum(item.least for item in items), sum(item.most for item in items)
    texts = []
    for item in items:
        least, most = least - item.least, most - item.most
        start, end = max(item.least, length - most), min(item.most, length - least)
        share = chance.integer(start, end) if start < end else start
        texts.append(item.draw(chance, share))
        length -= share
    return texts
