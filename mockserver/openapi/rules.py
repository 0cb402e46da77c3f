"""The schemas of a document as a tree of rules: where each stands, and where its references lead.

Both validators get the copy made here, so that they cannot read it differently: references are absolute pointers,
`$id`, `$anchor` and `$schema` are gone (the dialect is always 2020-12), number formats are ranges, and patterns that
the one engine cannot run are left out. The user's document is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urljoin

from msgspec import Struct

from mockserver.openapi import formats
from mockserver.openapi.patterns import Patterns
from mockserver.pointer import is_there, join, look_up, split

ROOT = "mem:///"

# Keys whose value maps names to things, so that the names are no keywords.
_NAMES = frozenset(
    [
        *("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"),
        *("callbacks", "content", "encoding", "headers", "links", "parameters", "pathItems", "paths", "requestBodies"),
        *("responses", "schemas", "securitySchemes", "variables", "webhooks", "x-files"),
    ]
)
# Keys whose value is data, not schema.
_DATA = frozenset(["const", "default", "enum", "example", "examples", "mapping"])
_SCOPES = frozenset(["$anchor", "$dynamicAnchor", "$id", "$schema", "$vocabulary"])
# The keywords that hold a schema, a list of them, and a map of them.
_ONE = (
    *("not", "if", "then", "else", "items", "contains", "unevaluatedItems"),
    *("additionalProperties", "propertyNames", "unevaluatedProperties"),
)
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas")

_KNOWN = ("https://json-schema.org/draft/", "http://json-schema.org/draft-")  # meta-schemas that both validators hold
_NOWHERE = f"{ROOT}#/x-nowhere"


class Rule(Struct, frozen=True):
    """A schema and where it stands: `pointer` into the document `resource`."""

    resource: str
    pointer: str
    schema: Any  # an object or a boolean; anything else is no schema and asserts nothing

    @property
    def uri(self) -> str:
        """What a reference to it looks like."""
        return f"{self.resource}#{quote(self.pointer, safe='/~')}"

    @property
    def name(self) -> str:
        """What users are shown: the pointer, after the document's URI unless that is the root."""
        return self.pointer if self.resource == ROOT else f"{self.resource}#{self.pointer}"

    def child(self, *keys: str | int) -> Rule:
        """The schema below this one at `keys`, which must exist."""
        schema = self.schema
        for key in keys:
            schema = schema[key]
        return Rule(self.resource, join(self.pointer, *keys), schema)

    def children(self, keyword: str) -> list[Rule]:
        """The schemas that a keyword lists; none where it lists nothing."""
        listed = self.schema.get(keyword)
        return [self.child(keyword, i) for i in range(len(listed))] if isinstance(listed, list) else []

    def below(self) -> list[Rule]:
        """All schemas that stand directly below this one."""
        found = [self.child(keyword) for keyword in _ONE if keyword in self.schema]
        for keyword in _SEVERAL:
            found += self.children(keyword)
        for keyword in _NAMED:
            if isinstance(self.schema.get(keyword), dict):
                found += [self.child(keyword, name) for name in self.schema[keyword]]
        return found


class Rules:
    """All documents that references may reach, in the form that the validators get."""

    def __init__(self, resources: Mapping[str, Any], patterns: Patterns) -> None:
        copy = _Copy(resources, patterns)
        self.resources: Mapping[str, Any] = copy.resources
        self.uncompilable = tuple(copy.uncompilable)
        self._dangling = copy.dangling

    def at(self, pointer: str, resource: str = ROOT) -> Rule:
        """The schema at a JSON Pointer; KeyError where there is none."""
        return Rule(resource, pointer, look_up(self.resources[resource], pointer))

    def follow(self, rule: Rule) -> Rule | None:
        """Where the rule's `$ref` leads; None where it has none or leads out of our documents."""
        reference = rule.schema.get("$ref")
        if not isinstance(reference, str):
            return None
        resource, _, fragment = reference.partition("#")
        try:
            return self.at(unquote(fragment), resource)
        except KeyError:
            return None

    def reachable(self, rules: Iterable[Rule]) -> Iterator[Rule]:
        """`rules` and every schema that they can lead to, by reference or below them, each once."""
        seen: set[tuple[str, str]] = set()
        todo = list(rules)
        while todo:
            at = todo.pop()
            if (at.resource, at.pointer) in seen or not isinstance(at.schema, dict | bool):
                continue
            seen.add((at.resource, at.pointer))
            yield at
            if isinstance(at.schema, dict):
                target = self.follow(at)
                todo += [*at.below(), *([target] if target else [])]

    def lost(self, rule: Rule) -> str | None:
        """The rule's reference as it is written, if it leads nowhere."""
        return self._dangling.get((rule.resource, rule.pointer))


class _Copy:
    """The walk that makes the copy, and what it noticed on the way. A spot is (resource, key, key, ...)."""

    def __init__(self, resources: Mapping[str, Any], patterns: Patterns) -> None:
        self.patterns = patterns
        self.uncompilable: list[tuple[str, str]] = []
        self.dangling: dict[tuple[str, str], str] = {}
        self.targets: dict[tuple[str, str], str] = {}  # of references, by the base that they start from
        self.originals = resources
        self.ids: dict[str, _Spot] = {uri: (uri,) for uri in resources}
        self.anchors: dict[tuple[str, str], _Spot] = {}
        self.opened: dict[tuple[str, str], bool] = {}  # `x-` members that references lead into; True once indexed
        for uri, value in resources.items():
            self._index(value, (uri,), uri, names=False)
        while waiting := [spot for spot, is_indexed in self.opened.items() if not is_indexed]:
            for uri, pointer in waiting:
                self.opened[uri, pointer] = True
                self._index(look_up(resources[uri], pointer), (uri, *split(pointer)), uri, names=False)
        self.resources = {uri: self._node(value, (uri,), uri) for uri, value in resources.items()}

    def _index(self, value: Any, at: _Spot, base: str, *, names: bool) -> None:
        """Note every `$id` and anchor below `value`."""
        if isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict | list):
                    self._index(item, (*at, i), base, names=False)
        if not isinstance(value, dict):
            return
        if not names and "$id" in value:
            base = _base(value, base)
            self.ids.setdefault(base, at)
        if not names and ("$anchor" in value or "$dynamicAnchor" in value):
            for key in ("$anchor", "$dynamicAnchor"):
                self.anchors.setdefault((base, str(value.get(key))), at)
        if not names and isinstance(reference := value.get("$ref"), str) and "/x-" in reference:
            self._open(str(at[0]), reference)
        for key, member in value.items():
            if isinstance(member, dict | list) and (names or not self._is_data(at, key)):
                self._index(member, (*at, key), base, names=not names and key in _NAMES and isinstance(member, dict))

    def _node(self, value: Any, at: _Spot, base: str) -> Any:
        if isinstance(value, list):
            return [self._node(item, (*at, i), base) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        base = _base(value, base)
        copy: dict[str, Any] = {}
        for key, member in value.items():
            if key in _SCOPES and not isinstance(member, dict):
                continue
            if key in ("$ref", "$dynamicRef") and isinstance(member, str):
                copy.setdefault("$ref", self._absolute(member, base, at))
            elif key == "pattern" and isinstance(member, str) and not self.patterns.compiles(member):
                self.uncompilable.append((_named((*at, key)), member))
            elif not isinstance(member, dict | list):
                copy[key] = member
            elif key in _NAMES and isinstance(member, dict):
                copy[key] = self._members(key, member, (*at, key), base)
            else:
                copy[key] = member if self._is_data(at, key) else self._node(member, (*at, key), base)
        covered = value.get("patternProperties")
        if isinstance(covered, dict) and len(copy["patternProperties"]) < len(covered):
            # Whatever the lost pattern would have covered must not be refused as an extra.
            copy.pop("additionalProperties", None)
        return _with_range(copy)

    def _open(self, uri: str, reference: str) -> None:
        """What a reference finds in an `x-` member is no data."""
        keys = split(unquote(reference.partition("#")[2]))
        end = next((number for number, key in enumerate(keys, 1) if _is_extension(key)), 0)
        pointer = join("", *keys[:end])
        if end and is_there(self.originals[uri], pointer):
            self.opened.setdefault((uri, pointer), False)

    def _is_data(self, at: _Spot, key: str) -> bool:
        if not _is_extension(key):
            return key in _DATA
        return (at[0], join("", *at[1:], key)) not in self.opened

    def _members(self, keyword: str, members: dict[str, Any], at: _Spot, base: str) -> dict[str, Any]:
        copy = {}
        for name, member in members.items():
            if keyword == "patternProperties" and not self.patterns.compiles(name):
                self.uncompilable.append((_named((*at, name)), name))
            else:
                copy[name] = self._node(member, (*at, name), base)
        return copy

    def _absolute(self, reference: str, base: str, at: _Spot) -> str:
        """The reference as resource and pointer; a validator is never shown one that leads out of our documents."""
        if (base, reference) in self.targets:
            return self.targets[base, reference]
        uri, _, fragment = _join_uri(base, reference).partition("#")
        fragment = unquote(fragment)
        by_name = fragment != "" and not fragment.startswith("/")
        found = self.anchors.get((uri, fragment)) if by_name else self.ids.get(uri)
        if found is not None:
            target = Rule(str(found[0]), join("", *found[1:]) + ("" if by_name else fragment), None)
            if is_there(self.originals[target.resource], target.pointer):
                self.targets[base, reference] = target.uri
                return target.uri
        if uri.startswith(_KNOWN):
            return _join_uri(base, reference)
        self.dangling[str(at[0]), join("", *at[1:])] = reference
        return _NOWHERE


_Spot = tuple[str | int, ...]


def _named(at: _Spot) -> str:
    return Rule(str(at[0]), join("", *at[1:]), None).name


def _base(value: dict[str, Any], base: str) -> str:
    own = value.get("$id")
    return _join_uri(base, own).rstrip("#") if isinstance(own, str) else base


def _is_extension(key: str) -> bool:
    return key.startswith("x-") and key not in _NAMES


def _join_uri(base: str, reference: str) -> str:
    if reference.startswith("#") and "#" not in base:
        return base + reference  # the usual one
    # urljoin knows no relative references of schemes that it does not list, and ours is one.
    joined = urljoin(base.replace("mem:", "http:", 1), reference)
    return joined.replace("http:", "mem:", 1) if base.startswith("mem:") and joined.startswith("http:///") else joined


def _with_range(schema: dict[str, Any]) -> dict[str, Any]:
    """A number format as `minimum` and `maximum`, which leaves tighter ones as they are."""
    name = schema.get("format")
    bounds = formats.RANGES.get(name) if isinstance(name, str) else None
    if bounds is None:
        return schema
    low, high = schema.get("minimum", bounds[0]), schema.get("maximum", bounds[1])
    if isinstance(low, int | float) and isinstance(high, int | float):
        schema |= {"minimum": max(low, bounds[0]), "maximum": min(high, bounds[1])}
    return schema
