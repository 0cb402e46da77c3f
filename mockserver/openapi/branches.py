"""How the alternatives of a `oneOf` or `anyOf` are told apart: by JSON type, by a tag property, by their constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from mockserver.openapi import discriminators
from mockserver.openapi.rules import Rule, Rules

# The JSON types, with numbers in two: a schema may take the whole ones only, or (read leniently) the others only.
KINDS = ("string", "integer", "fraction", "boolean", "array", "object", "null")
_ALL = frozenset(KINDS)
_OF_TYPE = {**{kind: frozenset([kind]) for kind in KINDS}, "number": frozenset(["integer", "fraction"])}
_DEEP = 64  # references and combinations followed before a schema are no longer looked at


def kind_of(value: Any) -> str:
    """The kind of a JSON value; 1.0 is an integer, as JSON Schema has it."""
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case None:
            return "null"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "fraction"
        case list() | tuple():
            return "array"
    return "object"


class Tag(Struct, frozen=True):
    """The property that tells alternatives apart, and what it says for each of them."""

    name: str
    values: tuple[tuple[Any, ...], ...]  # one tuple for each alternative
    binding: bool  # the schemas hold to it (constants), not only the `discriminator` beside them
    required: bool  # by all alternatives

    @property
    def options(self) -> tuple[Any, ...]:
        """All values, each once."""
        return tuple({repr(value): value for values in self.values for value in values}.values())


class Branches:
    """Answers about alternatives, kept."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._kinds: dict[tuple[str, str], frozenset[str]] = {}

    def kinds(self, rule: Rule) -> frozenset[str]:
        """The kinds of value that the schema may accept; those it says nothing about are among them."""
        key = (rule.resource, rule.pointer)
        if key not in self._kinds:
            self._kinds[key] = _ALL  # until it is known: a schema that refers to itself adds nothing
            self._kinds[key] = self._find_kinds(rule)
        return self._kinds[key]

    def type_names(self, rules: Sequence[Rule]) -> list[str]:
        """The JSON types of these alternatives in their order, each once."""
        names: dict[str, None] = {}
        for rule in rules:
            kinds = self.kinds(rule)
            whole = "fraction" not in kinds  # "number" covers both
            names.update(
                ("number" if kind == "fraction" else kind, None)
                for kind in KINDS
                if kind in kinds and (kind != "integer" or whole)
            )
        return list(names)

    def options(self, rule: Rule) -> tuple[Any, ...]:
        """The values that the schema lists as the only ones (`enum`, `const`); empty where it lists none."""
        for part in self._same(rule):
            if "const" in part.schema:
                return (part.schema["const"],)
            if isinstance(part.schema.get("enum"), list):
                return tuple(part.schema["enum"])
        return ()

    def tag(self, union: Rule, branches: Sequence[Rule]) -> Tag | None:
        """What tells `branches` (of `union`) apart, None where nothing does."""
        constants = [self._constants(branch) for branch in branches]
        discriminator = union.schema.get("discriminator")
        named = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        shared = [name for name in constants[0] if all(name in other for other in constants)]
        for name in ([named] if isinstance(named, str) else []) + shared:
            binding = name in shared
            values = (
                tuple(known[name] for known in constants)
                if binding
                else tuple(self._called(union, branch) for branch in branches)
            )
            if len({repr(value) for value in values}) > 1:
                return Tag(name, values, binding, all(self._requires(branch, name) for branch in branches))
        return None

    def _called(self, union: Rule, branch: Rule) -> tuple[str, ...]:
        referred = self._rules.follow(branch)
        return discriminators.names(union.schema, branch.pointer, referred.pointer if referred else None)

    def _constants(self, rule: Rule) -> dict[str, tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {}
        for part in self._same(rule):
            properties = part.schema.get("properties")
            for name in properties if isinstance(properties, dict) else ():
                if options := self.options(part.child("properties", name)):
                    found.setdefault(name, options)
        return found

    def _requires(self, rule: Rule, name: str) -> bool:
        return any(name in part.schema.get("required", ()) for part in self._same(rule))

    def _same(self, rule: Rule) -> list[Rule]:
        """The schema with all that it takes over by `$ref` and `allOf`."""
        found: list[Rule] = []
        todo = [rule]
        while todo and len(found) < _DEEP:
            part = todo.pop(0)
            if isinstance(part.schema, dict):
                found.append(part)
                target = self._rules.follow(part)
                todo += ([target] if target else []) + part.children("allOf")
        return found

    def _find_kinds(self, rule: Rule) -> frozenset[str]:
        schema = rule.schema
        if not isinstance(schema, dict):
            return frozenset() if schema is False else _ALL
        kinds = _ALL
        types = schema.get("type")
        if types is not None:
            listed = types if isinstance(types, list) else [types]
            kinds = frozenset().union(*(_OF_TYPE.get(str(name), _ALL) for name in listed))
        if options := ([schema["const"]] if "const" in schema else schema.get("enum")):
            kinds &= {kind_of(option) for option in options}
        excluded = schema.get("not")
        if isinstance(excluded, dict) and set(excluded) == {"type"} and isinstance(excluded["type"], str):
            kinds -= _OF_TYPE.get(excluded["type"], frozenset())
        target = self._rules.follow(rule)
        for part in ([target] if target else []) + rule.children("allOf"):
            kinds &= self.kinds(part)
        for keyword in ("anyOf", "oneOf"):
            if branches := rule.children(keyword):
                kinds &= frozenset().union(*(self.kinds(branch) for branch in branches))
        return kinds
