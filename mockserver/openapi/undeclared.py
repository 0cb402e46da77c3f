"""Names that a document does not declare where it lets others pass: the slips of a client that break nothing.

What may be anything is let be: maps, and values that are one of several things of which one is a map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.hints import likely, listed
from mockserver.openapi.rules import Rule, Rules
from mockserver.openapi.wording import shorten
from mockserver.pointer import join

_MOST = 3  # notes on one value, beside the one that there are more
_SCHEMAS = 150  # kinds of objects and arrays of one document that are looked into
_AT_ONCE = 8  # schemas that may speak of one value
_PARTS = 1500  # of those, all together: beyond them nothing is told
_NESTING = 30  # of references and combinations without a value between them
_DISTINCT = 20  # names that are compared in one value
_COMPARED = 4000  # pairs of such a name and a declared one, but for the first name
_LONGEST = 60  # characters of a name
_OTHERS = ("additionalProperties", "unevaluatedProperties")
_OTHERWISE = ("patternProperties", "propertyNames")  # they speak of names that are not listed
_NOTE = "not in the document"
_AND_MORE = f"and more names that are {_NOTE}"


_Key = tuple[str, str]


class Names:
    """What the objects in the values of a schema may be called, and where there are such objects."""

    __slots__ = ("_all", "below", "declared", "is_open", "items")

    def __init__(self) -> None:
        self.declared: tuple[str, ...] | None = None  # None: any name may be meant
        self._all: frozenset[str] = frozenset()
        self.is_open = False  # the document says that there are others
        self.below: tuple[tuple[str, Names], ...] = ()  # the members that hold names
        self.items: Names | None = None

    def declare(self, names: Iterable[str]) -> None:
        """These are the names of an object."""
        self.declared = tuple(names)
        self._all = frozenset(self.declared)

    def cover(self, value: Any) -> bool:
        """Whether all names in the value are declared."""
        if type(value) is dict:
            if self.declared is not None and not self._all.issuperset(value):
                return False
            for name, names in self.below:  # a loop, not `all`: it is run for every request
                if name in value and not names.cover(value[name]):
                    return False
        elif type(value) is list and (items := self.items) is not None:
            if items.below or items.items or items.declared is None:
                return all(map(items.cover, value))
            for item in value:  # the same, without a call for each: most lists are of small objects
                if type(item) is dict and not items._all.issuperset(item):
                    return False
        return True

    def others(self, value: Iterable[str]) -> list[str]:
        """The names of an object that are not declared."""
        return [name for name in value if name not in self._all]

    def notes(self, value: Any) -> tuple[str, ...]:
        """What is to be said of names that are not: the first few notes."""
        found: list[str] = []
        for note in _told(self, value, "", {}):
            if len(found) == _MOST:
                return (*found, _AND_MORE)
            found.append(note)
        return tuple(found)


def names_in(rule: Rule, rules: Rules) -> Names | None:
    """The names in the values of a schema; None where it declares none."""
    reading = _Reading(rules)
    root = reading.names([rule])
    return root if root in reading.pruned() else None


def _told(names: Names, value: Any, where: str, known: dict[tuple[int, str], list[str]]) -> Iterator[str]:
    if type(value) is dict:
        if names.declared is not None:
            yield from _beside(names, names.declared, value, where, known)
        for name, below in names.below:
            if name in value:
                yield from _told(below, value[name], join(where, name), known)
    elif type(value) is list and names.items is not None:
        for index, item in enumerate(value):
            yield from _told(names.items, item, join(where, index), known)


def _beside(
    names: Names, declared: Sequence[str], value: Mapping[str, Any], where: str, known: dict[Any, list[str]]
) -> Iterator[str]:
    """What is to be said of the names of one object. What is like what is found out once a value: in `known`."""
    others = names.others(value)
    most = min(_DISTINCT, 1 + _COMPARED // len(declared)) if declared else 0
    missed = {}
    for name in others:
        key = (id(names), name)
        if key not in known and len(name) <= _LONGEST and len(known) < most:
            known[key] = likely(name, declared)
        missed[name] = next((one for one in known.get(key, ()) if one not in value), None)
    near = {name: meant for name, meant in missed.items() if meant is not None}
    for name, meant in near.items():
        yield f"{join(where, name)} is {_NOTE}; did you mean {meant}?"
    if others and not near and len(others) == len(value) and not names.is_open:
        more = len(others) - 1
        told = f" and {more} more beside it are {_NOTE}" if more else f" is {_NOTE}"
        yield f"{join(where, shorten(others[0], _LONGEST))}{told}, which declares {listed(declared)}"


class _Reading:
    """The schemas of one document, as names."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._found: dict[tuple[_Key, ...], Names] = {}
        self._listing: dict[_Key, bool | None] = {}
        self._objects: dict[_Key, bool] = {}
        self._left = _PARTS

    def names(self, rules: Sequence[Rule]) -> Names:
        """The names in values that all these schemas speak of."""
        if len(rules) > _AT_ONCE or not self._left:
            return Names()
        key = tuple(_key(rule) for rule in rules)
        if key in self._found or len(self._found) == _SCHEMAS:
            return self._found.get(key) or Names()
        self._found[key] = names = Names()
        parts = self._parts(rules)
        if self._lists_names(rules, parts):
            members: dict[str, list[Rule]] = {}
            for part in parts:
                for name in _mapping(part.schema, "properties"):
                    members.setdefault(name, []).append(part.child("properties", name))
            names.declare(dict.fromkeys([*members, *(name for part in parts for name in _asked_for(part.schema))]))
            names.is_open = any(part.schema.get(word, False) is not False for part in parts for word in _OTHERS)
            names.below = tuple((name, self.names(below)) for name, below in members.items())
        items = [part.child("items") for part in parts if "items" in part.schema]
        if items and not any("prefixItems" in part.schema for part in parts):
            names.items = self.names(items)
        return names

    def pruned(self) -> set[Names]:
        """Those that declare a name, or lead to one that does; they lead to no others any more."""
        kept = {names for names in self._found.values() if names.declared is not None}
        while more := {
            names
            for names in self._found.values()
            if names not in kept and (names.items in kept or any(below in kept for _, below in names.below))
        }:
            kept |= more
        for names in kept:
            names.below = tuple(each for each in names.below if each[1] in kept)
            names.items = names.items if names.items in kept else None
        return kept

    def _parts(self, rules: Sequence[Rule]) -> list[Rule]:
        """The schemas and all that may speak of the same value, each once."""
        found: dict[_Key, Rule] = {}
        todo = list(reversed(rules))
        while todo and self._left:
            rule = todo.pop()
            if _key(rule) in found or not isinstance(rule.schema, dict):
                continue
            self._left -= 1
            found[_key(rule)] = rule
            target = self._rules.follow(rule)
            more = [target] if target else []
            for word in ("allOf", "anyOf", "oneOf"):
                more += rule.children(word)
            more += [rule.child(word) for word in ("if", "then", "else") if word in rule.schema]
            more += [rule.child("dependentSchemas", name) for name in _mapping(rule.schema, "dependentSchemas")]
            todo += reversed(more)
        return list(found.values()) if self._left else []

    def _lists_names(self, rules: Sequence[Rule], parts: Sequence[Rule]) -> bool:
        """Whether each of the schemas lists what an object may be called, if it may be one."""
        if any(word in part.schema for part in parts for word in _OTHERWISE):
            return False
        if any("*" in name for part in parts for name in _mapping(part.schema, "properties")):
            return False  # a form's names for many
        objects = [rule for rule in rules if self._takes_objects(rule)]
        return bool(objects) and all(self._lists(rule) for rule in objects)

    def _lists(self, rule: Rule, nesting: int = _NESTING) -> bool | None:
        """Whether a schema lists names; None where it leads back to itself and has nothing of its own to say."""
        if not isinstance(rule.schema, dict) or not nesting:
            return False
        if _key(rule) not in self._listing:
            self._listing[_key(rule)] = None
            self._listing[_key(rule)] = bool(_mapping(rule.schema, "properties")) or self._lists_in_parts(rule, nesting)
        return self._listing[_key(rule)]

    def _lists_in_parts(self, rule: Rule, nesting: int) -> bool:
        target = self._rules.follow(rule)
        if any(self._lists(part, nesting - 1) for part in [*([target] if target else []), *rule.children("allOf")]):
            return True
        for word in ("anyOf", "oneOf"):
            branches = [branch for branch in rule.children(word) if self._takes_objects(branch)]
            found = [self._lists(branch, nesting - 1) for branch in branches]
            if True in found and False not in found:
                return True
        return False

    def _takes_objects(self, rule: Rule, nesting: int = _NESTING) -> bool:
        if not isinstance(rule.schema, dict) or not nesting:
            return rule.schema is not False
        if _key(rule) not in self._objects:
            self._objects[_key(rule)] = False  # what leads back to itself adds nothing
            target = self._rules.follow(rule)
            demanded = [*([target] if target else []), *rule.children("allOf")]
            choices = [branches for word in ("anyOf", "oneOf") if (branches := rule.children(word))]
            self._objects[_key(rule)] = (
                _may_be_object(rule.schema)
                and all(self._takes_objects(part, nesting - 1) for part in demanded)
                and all(any(self._takes_objects(one, nesting - 1) for one in branches) for branches in choices)
            )
        return self._objects[_key(rule)]


def _key(rule: Rule) -> _Key:
    return rule.resource, rule.pointer


def _may_be_object(schema: Mapping[str, Any]) -> bool:
    """Whether the type and the values that a schema lists let objects through."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list) and not any(isinstance(value, dict) for value in values):
        return False
    wanted = schema.get("type", "object")
    return "object" in (wanted if isinstance(wanted, list) else [wanted])


def _asked_for(schema: Mapping[str, Any]) -> Iterator[str]:
    """The names that a schema speaks of without a word on their values."""
    together = _mapping(schema, "dependentRequired")
    for names in (schema.get("required"), *together.values()):
        yield from (name for name in (names if isinstance(names, list) else ()) if isinstance(name, str))
    yield from (*together, *_mapping(schema, "dependentSchemas"))
    told_apart_by = _mapping(schema, "discriminator").get("propertyName")
    if isinstance(told_apart_by, str):
        yield told_apart_by


def _mapping(schema: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    found = schema.get(word)
    return found if isinstance(found, dict) else {}
