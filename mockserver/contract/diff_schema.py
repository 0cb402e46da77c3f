"""Whether whoever reads one schema understands all that another lets be sent, and if not, what they do not.

In requests clients send what OLD allows and NEW reads it; in answers NEW sends and clients of OLD read. What is not
certain is called unclear, never fine.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from mockserver.contract.diff_view import ODD, View, Views, same
from mockserver.openapi import formats
from mockserver.openapi.coerce import kinds
from mockserver.openapi.document import Document
from mockserver.openapi.operation import as_it_is
from mockserver.pointer import join

Level = Literal["breaks", "may", "unclear", "fine"]
Open = set[tuple[tuple[str, ...], tuple[str, ...]]]  # pairs of schemas that are looked at

_STEPS = 20_000  # comparisons of two schemas, for one pair of documents
_WIDER = frozenset({("int32", "int64"), ("float", "double")})
_LISTED = 6
_FEW: Mapping[str, tuple[str, ...]] = {"boolean": ("true", "false"), "null": ("null",)}  # kinds with few values
# (word, what it bounds, whether a larger value is narrower)
_BOUNDS = (
    ("minLength", "characters", True), ("maxLength", "characters", False), ("minItems", "items", True),
    ("maxItems", "items", False), ("minProperties", "fields", True), ("maxProperties", "fields", False),
)  # fmt: skip


class Change(Struct, frozen=True):
    """One difference between two schemas; `old` and `new` are pointers into the documents, `where` into values."""

    level: Level
    code: str
    what: str
    old: str
    new: str
    where: str = ""


class Schemas:
    """Compares schemas of OLD and NEW, as requests or as answers hold them."""

    def __init__(self, old: Document, new: Document, *, is_request: bool) -> None:
        hidden = "readOnly" if is_request else "writeOnly"
        before, after = Views(old, hidden), Views(new, hidden)
        self._is_request = is_request
        self._sent, self._read = (before, after) if is_request else (after, before)
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], bool] = {}
        self._steps = 0

    def changes(self, old: str, new: str) -> list[Change]:
        """What is different for clients between the schema at `old` and the one at `new`."""
        sent, read = (old, new) if self._is_request else (new, old)
        found: dict[tuple[str, ...], Change] = {}
        for one in self._lost((sent,), (read,), "", set()):
            # Several ways of sending may lose the same; it is told once.
            found.setdefault((one.what, one.where, one.new if self._is_request else one.old), one)
        return list(found.values())

    def _lost(self, sent: tuple[str, ...], read: tuple[str, ...], where: str, open_: Open) -> Iterator[Change]:
        """What of the schemas at `sent` those at `read` do not let through."""
        if len(sent) == len(read) == 1:
            mine, theirs = self._sent.resolve, self._read.resolve
            if same(self._sent.node(sent[0]), self._read.node(read[0]), mine, theirs):
                return
        yield from self._between(self._sent.of(sent), self._read.of(read), where, open_)

    def _between(self, sent: View, read: View, where: str, open_: Open) -> Iterator[Change]:
        key = (sent.key, read.key)
        if key in open_ or sent.is_impossible:
            return  # a schema within itself: what is found outside holds inside
        open_.add(key)
        self._steps += 1
        if self._steps > _STEPS:
            if self._steps == _STEPS + 1:
                yield self._change("unclear", "the schemas are too large to be compared whole", sent, read, "", where)
            return
        if read.is_impossible:
            yield self._change("breaks", "nothing is let through any more", sent, read, "", where)
            return
        if len(sent.groups) > 1:
            yield self._change("unclear", "oneOf and anyOf are combined, and differ", sent, read, "", where)
            return
        for group, branches in sent.groups:
            # Each way of sending by itself: all that stands beside the choice holds for it too.
            for rule in branches:
                yield from self._between(self._sent.chosen(sent, group, rule), read, where, open_)
            return
        if sent.enum is not None:
            yield from self._listed(sent.enum, sent, read, where)
            return
        lost = sent.kinds - read.kinds
        if lost:
            yield self._change("breaks", self._types(sent, read), sent, read, "type", where)
            if not (sent.kinds - {"null"}) & (read.kinds - {"null"}):
                return
        yield from self._values(sent, read, where)
        yield from self._fields(sent, read, where, open_)
        if sent.items and read.items:
            yield from self._lost(sent.items, read.items, join(where, "-"), open_)
        elif read.items and "array" in sent.kinds:
            yield self._change("unclear", "items were of any kind, and have a schema", sent, read, "items", where)
        for word in sorted(ODD & read.odd.keys()):
            mine, theirs = self._sent.resolve, self._read.resolve
            if word not in sent.odd or not same({word: sent.odd[word]}, {word: read.odd[word]}, mine, theirs):
                yield self._change("unclear", f"`{word}` is another", sent, read, word, where)
        for group, branches in read.groups:
            yield from self._branch(sent, group, branches, where, open_)

    def _types(self, sent: View, read: View) -> str:
        lost = sent.kinds - read.kinds
        plain = sorted(lost - ({"integer"} if "number" in lost else set()))
        words = ["a fraction" if one == "number" and "integer" in read.kinds else one for one in plain]
        said = ", ".join(words)
        return f"may not be {said} any more" if self._is_request else f"may be {said} now"

    def _listed(self, values: Mapping[str, Any], sent: View, read: View, where: str) -> Iterator[Change]:
        """Where the sender lists its values, each of them is tried."""
        gone = [text for text, one in values.items() if self._sent.takes(sent, one) and not self._read.takes(read, one)]
        if gone:
            is_other = any(not _kind_of(values[text]) & read.kinds for text in gone)
            level: Level = "breaks" if self._is_request or is_other else "may"
            what = f"{_some(gone)} is taken no more" if self._is_request else f"may be {_some(gone)} now"
            yield self._change(level, what, sent, read, "enum" if "enum" in read.at else "const", where)

    def _values(self, sent: View, read: View, where: str) -> Iterator[Change]:
        """Lists of values, bounds, patterns and formats."""
        level: Level = "breaks" if self._is_request else "may"

        def change(what: str, word: str, level: Level = level) -> Change:
            return self._change(level, what, sent, read, word, where)

        if read.enum is not None and not (sent.kinds <= _FEW.keys() and _literals(sent.kinds) <= read.enum.keys()):
            what = f"is one of {_some(read.enum)} now" if self._is_request else f"may be others than {_some(read.enum)}"
            yield change(what, "enum" if "enum" in read.at else "const")
        yield from (change(*one) for one in _bounds(sent, read, is_request=self._is_request))
        if more := read.patterns - sent.patterns:
            said = "matches" if self._is_request else "matched"
            what = f"{said} {_some(more)}" + (" now" if self._is_request else ", and need not any more")
            yield change(what, "pattern", "unclear" if sent.patterns else level)
        known = {one for one in read.formats - sent.formats if one in formats.TEXT or one in formats.RANGES}
        if more := {one for one in known if not any((mine, one) in _WIDER for mine in sent.formats)}:
            what = f"is of the format {_some(more)}" + (" now" if self._is_request else " no more")
            yield change(what, "format", "unclear" if sent.formats else level)
        if read.words.get("uniqueItems") is True and sent.words.get("uniqueItems") is not True:
            yield change("items must differ" if self._is_request else "items may be equal now", "uniqueItems")
        step, own = read.words.get("multipleOf"), sent.words.get("multipleOf")
        if step is not None and (own is None or Decimal(repr(own)) % Decimal(repr(step))):
            yield change(f"is a multiple of {step}{'' if self._is_request else ' no more'}", "multipleOf")

    def _fields(self, sent: View, read: View, where: str, open_: Open) -> Iterator[Change]:
        """Required fields, declared ones and all others."""
        is_request = self._is_request
        if "object" not in sent.kinds:
            return
        for name in read.required:
            if name not in sent.required:
                text = json.dumps(name, ensure_ascii=False)
                if is_request:
                    what = f"needs {text} now"
                else:
                    what = f"{text} is gone" if name not in sent.properties else f"{text} may be missing now"
                yield self._change("breaks", what, sent, read, "required", where, "E602" if is_request else "E605")
        for name, rules in sent.properties.items():
            at = join(where, name)
            if self._sent.hides(rules):
                continue
            if name in read.properties and not _is_refused(read, name):
                yield from self._lost(rules, read.properties[name], at, open_)
            elif _is_refused(sent, name):
                continue
            elif not read.groups:  # else one of the alternatives may know it
                yield self._undeclared(name, rules, sent, read, where)
        for name, rules in read.properties.items():
            if name in sent.properties or self._read.hides(rules):
                continue
            text = json.dumps(name, ensure_ascii=False)
            if is_request and name not in read.required:
                yield Change("fine", "E609", f"{text} may be sent now", sent.spot("properties"), rules[0], where)
            elif not is_request and (name not in read.required or name in sent.required):
                what = f"{text} is not declared any more"
                yield Change("may", "E605", what, rules[0], sent.spot("properties"), where)
        if read.closed is not None and sent.closed is None and "patternProperties" not in read.odd:
            what = "other fields are refused now" if is_request else "other fields may come, which were ruled out"
            yield self._change("breaks" if is_request else "may", what, sent, read, "additionalProperties", where)
        elif read.others and sent.others:
            yield from self._lost(sent.others, read.others, join(where, "*"), open_)
        elif read.others and sent.closed is None:
            what = "other fields have a schema" + (" now" if is_request else " no more")
            yield self._change("unclear", what, sent, read, "additionalProperties", where)

    def _undeclared(self, name: str, rules: tuple[str, ...], sent: View, read: View, where: str) -> Change:
        """A field that only the sender declares."""
        text = json.dumps(name, ensure_ascii=False)
        if self._is_request:
            at = read.spot("properties")
            if _is_refused(read, name):
                return Change("breaks", "E603", f"{text} is refused now", rules[0], at, where)
            return Change("may", "E603", f"{text} is gone", rules[0], at, where)
        if _is_refused(read, name):
            return Change("may", "E606", f"{text} is new, where no other field was", read.rule, rules[0], where)
        return Change("fine", "E609", f"{text} is new", read.spot("properties"), rules[0], where)

    def _branch(self, sent: View, group: str, branches: tuple[str, ...], where: str, open_: Open) -> Iterator[Change]:
        """Nothing where one branch of oneOf or anyOf reads all; else what is lost with the one that is meant."""
        name = self._sent.name(sent.rule)
        own = sent.kinds - {"null"} or sent.kinds
        able = [one for one in branches if own & self._read.of((one,)).kinds]
        readers = sum(self._reads(sent, branch, open_) for branch in branches)
        if readers:
            # Of oneOf exactly one must fit. Whether two objects that differ overlap is not looked at.
            flat = sent.kinds - {"object"}
            overlapping = sum(bool(flat & self._read.of((one,)).kinds) for one in branches)
            if group.endswith("/oneOf") and max(readers, overlapping) > 1:
                yield self._change("unclear", "may be several of the alternatives", sent, View(group), "", where)
            return
        meant = [one for one in branches if name and self._read.name(one) == name] or able
        said = name or "what was taken"
        if not meant:
            what = f"{said} is none of the alternatives any more" if self._is_request else f"{said} may come now"
            yield self._change("breaks", what, sent, View(group), "", where)
        elif len(meant) == 1:
            yield from self._between(sent, self._read.of(meant), where, open_)
        else:
            what = f"whether {said} is one of the alternatives cannot be told"
            yield self._change("unclear", what, sent, View(group), "", where)

    def _reads(self, sent: View, branch: str, open_: Open) -> bool:
        read = self._read.of((branch,))
        key = (sent.key, read.key)
        if key not in self._known:
            self._known[key] = all(one.level == "fine" for one in self._between(sent, read, "", set(open_)))
        return self._known[key]

    def _change(self, level: Level, what: str, sent: View, read: View, word: str, where: str, code: str = "") -> Change:
        code = code or ("E603" if self._is_request else "E606")
        mine, theirs = sent.spot(word), read.spot(word)
        old, new = (mine, theirs) if self._is_request else (theirs, mine)
        return Change(level, "E608" if level == "unclear" else code, what, old, new, where)


def _bounds(sent: View, read: View, *, is_request: bool) -> Iterator[tuple[str, str]]:
    """How bounds are narrower: a clause, and the word."""
    for word, noun, is_lower in _BOUNDS:
        mine, theirs = sent.words.get(word), read.words.get(word)
        if theirs is None or (is_lower and not theirs):
            continue
        if mine is None or (mine < theirs if is_lower else mine > theirs):
            least = "at least" if is_lower else "at most"
            was = f" (it was {mine})" if mine is not None else ""
            yield (f"{least} {theirs} {noun}{was}" if is_request else f"not {least} {theirs} {noun} any more"), word
    for word, exclusive, is_lower in (("minimum", "exclusiveMinimum", True), ("maximum", "exclusiveMaximum", False)):
        mine, theirs = (_limit(view, word, exclusive, is_lower=is_lower) for view in (sent, read))
        if theirs is None or (mine is not None and not (mine < theirs if is_lower else mine > theirs)):
            continue
        said = exclusive if (exclusive in read.words and read.words[exclusive] == theirs[0]) else word
        sign = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}.get(said, "less than")
        yield (f"{sign} {theirs[0]}" if is_request else f"not {sign} {theirs[0]} any more"), said


def _limit(view: View, word: str, exclusive: str, *, is_lower: bool) -> tuple[float, int] | None:
    """A bound that orders: an exclusive one is a little narrower."""
    found = [(view.words[word], 0)] if word in view.words else []
    if exclusive in view.words:
        found.append((view.words[exclusive], 1 if is_lower else -1))
    return (max(found) if is_lower else min(found)) if found else None


def _is_refused(view: View, name: str) -> bool:
    return view.closed is not None and name not in view.closed and "patternProperties" not in view.odd


def _literals(kinds: Collection[str]) -> set[str]:
    return {text for kind in kinds for text in _FEW[kind]}


def _kind_of(value: Any) -> frozenset[str]:
    return kinds({"const": value}, as_it_is)


def _some(texts: Collection[str]) -> str:
    listed = sorted(texts) if isinstance(texts, set) else list(texts)
    return ", ".join(listed[:_LISTED]) + (", ..." if len(listed) > _LISTED else "")
