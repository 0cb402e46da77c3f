"""What a schema of a document asks for, flat: `allOf` and references taken together, alternatives kept apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, field

from mockserver.openapi.coerce import ANY, Kinds, kinds
from mockserver.openapi.document import Document
from mockserver.pointer import join

# Words that say nothing of which values fit.
_SILENT = frozenset(
    {
        *("title", "description", "default", "example", "examples", "deprecated", "externalDocs", "xml", "$comment"),
        *("discriminator", "$id", "$anchor", "$schema", "$defs", "definitions", "contentEncoding", "nullable"),
    }
)
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})  # their members are names, not words
_SETS = frozenset({"required", "enum", "type"})  # their order says nothing
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
# Words that are compared as they stand or not at all.
ODD = frozenset(
    {
        *("not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
        *("contains", "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "prefixItems"),
    }
)


class View(Struct):
    """A schema, flat. `at` says which schema of the document a word stands in, `rule` is where the whole stands."""

    rule: str
    key: tuple[str, ...] = ()
    kinds: Kinds = ANY
    words: dict[str, Any] = field(default_factory=dict)  # bounds, uniqueItems, multipleOf
    at: dict[str, str] = field(default_factory=dict)
    enum: dict[str, Any] | None = None  # by JSON text
    patterns: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    required: dict[str, None] = field(default_factory=dict)
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # additionalProperties, where they are schemas
    closed: frozenset[str] | None = None  # under additionalProperties: false, the names that there may be
    is_impossible: bool = False  # the schema `false`
    groups: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # oneOf and anyOf: where, and branches
    decided: frozenset[str] = frozenset()  # groups of which a branch was chosen
    odd: dict[str, Any] = field(default_factory=dict)

    def spot(self, word: str) -> str:
        """Where a word stands; where the schema does, when it says no such word."""
        return join(self.at[word], word) if word in self.at else self.rule


class Views:
    """The schemas of one document. `hidden` are fields that do not travel this way: `readOnly` or `writeOnly`."""

    def __init__(self, document: Document, hidden: str) -> None:
        self._document, self._hidden = document, hidden

    def of(self, rules: Iterable[str]) -> View:
        """All of the schemas at these pointers together."""
        rules = tuple(dict.fromkeys(self._document.follow(rule)[0] for rule in rules))
        view = View(rules[0] if rules else "")
        view.key = tuple(sorted(rules))
        for rule in rules:
            self._add(view, rule)
        for name in [name for name in view.required if self._is_hidden(view.properties.get(name, ()))]:
            del view.required[name]
        return view

    def chosen(self, view: View, group: str, rule: str) -> View:
        """A schema in which the branch at `rule` of a group was chosen."""
        made = self.of((*view.key, rule))
        made.decided = view.decided | {group}
        made.groups = [one for one in made.groups if one[0] not in made.decided]
        made.rule = self._document.follow(rule)[0]
        return made

    def takes(self, view: View, value: Any) -> bool:
        """Whether a value fits all that a view was made of."""
        return all(self._document.checker(rule).fits(value) for rule in view.key)

    def node(self, rule: str) -> Any:
        """The schema at a pointer."""
        return self._document.follow(rule)[1]

    def name(self, rule: str) -> str:
        """What tells a branch from its siblings: the name of what it refers to, or its title."""
        at, node = self._document.follow(rule)
        title = node.get("title") if isinstance(node, Mapping) else None
        return at.rpartition("/")[2] if at.startswith("/components/schemas/") else str(title or "")

    def resolve(self, node: Any) -> Any:
        """`node`, or what it refers to at last."""
        return self._document.resolve(node)

    def hides(self, rules: tuple[str, ...]) -> bool:
        """Whether a field does not travel this way."""
        return self._is_hidden(rules)

    def _is_hidden(self, rules: tuple[str, ...]) -> bool:
        nodes = [self.node(rule) for rule in rules]
        return any(isinstance(node, Mapping) and node.get(self._hidden) is True for node in nodes)

    def _add(self, view: View, rule: str) -> None:
        rule, node = self._document.follow(rule)
        if node is False:
            view.is_impossible = True
        if not isinstance(node, Mapping):
            return
        if isinstance(node.get("$ref"), str):
            self._add(view, unquote(node["$ref"][1:]))
        for number in range(len(node.get("allOf") or ())):
            self._add(view, join(rule, "allOf", number))
        view.kinds &= kinds({key: one for key, one in node.items() if key not in ("$ref", "allOf")}, self.resolve)
        for word, value in node.items():
            self._word(view, rule, word, value)

    def _word(self, view: View, rule: str, word: str, value: Any) -> None:
        here = join(rule, word)
        match word:
            case "enum" | "const":
                values = {json.dumps(one, sort_keys=True): one for one in (value if word == "enum" else [value])}
                both = values if view.enum is None else {key: one for key, one in values.items() if key in view.enum}
                view.enum = both
                word = "enum" if word == "enum" else "const"
            case "pattern":
                view.patterns.add(value)
            case "format":
                view.formats.add(value)
            case "required":
                view.required |= dict.fromkeys(value)
            case "properties":
                for name in value:
                    view.properties[name] = (*view.properties.get(name, ()), join(here, name))
            case "items":
                view.items = (*view.items, here)
            case "additionalProperties" if value is False:
                own = frozenset(self.node(rule).get("properties", ()))
                view.closed = own if view.closed is None else view.closed & own
            case "additionalProperties" if isinstance(value, Mapping) and value:
                view.others = (*view.others, here)
            case "oneOf" | "anyOf":
                view.groups.append((here, tuple(join(here, number) for number in range(len(value)))))
            case "not" if isinstance(value, Mapping) and isinstance(value.get("type"), str) and len(value) == 1:
                view.kinds -= {value["type"]}
            case _ if word in _LOWER | _UPPER:
                before = view.words.get(word)
                view.words[word] = value if before is None else (max if word in _LOWER else min)(before, value)
            case "uniqueItems" | "multipleOf":
                view.words[word] = value
            case _ if word in ODD:
                view.odd[word] = value
            case _:
                return
        view.at[word] = rule


def same(one: Any, other: Any, mine: Callable[[Any], Any], theirs: Callable[[Any], Any]) -> bool:
    """Whether two schemas ask for the same, word for word, wherever their references lead."""
    seen: set[tuple[int, int]] = set()
    waiting = [(one, other, False)]
    while waiting:
        a, b, is_named = waiting.pop()
        if isinstance(a, Mapping) and isinstance(b, Mapping) and not is_named and "$ref" in a and "$ref" in b:
            if len(_said(a)) != len(_said(b)):
                return False
            waiting += [(a[word], b[word], word in _NAMED) for word in _said(a) if word != "$ref" and word in b]
            a, b = mine({"$ref": a["$ref"]}), theirs({"$ref": b["$ref"]})
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            left, right = (a.keys(), b.keys()) if is_named else (_said(a), _said(b))
            if set(left) != set(right):
                return False
            for word in left:
                if word in _SETS and not is_named:
                    if _as_set(a[word]) != _as_set(b[word]):
                        return False
                else:
                    waiting.append((a[word], b[word], word in _NAMED and not is_named))
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting += [(left, right, False) for left, right in zip(a, b, strict=True)]
        elif type(a) is not type(b) or a != b:
            return False
    return True


def _said(schema: Mapping[str, Any]) -> set[str]:
    return {word for word in schema if word not in _SILENT and not word.startswith("x-")}


def _as_set(value: Any) -> set[str]:
    return {json.dumps(one, sort_keys=True) for one in (value if isinstance(value, list) else [value])}
