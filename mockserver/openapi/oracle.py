"""jsonschema-rs' side: yes or no, and nothing else.

It reads Python values where they are and stops at the first fault, so a question costs little more than its answer.
A validator holds compiled whatever its schema can reach, which in large documents is nearly everything: schemas that
reach far are compiled together, once, and told apart by the key under which a value is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import jsonschema_rs

from mockserver.openapi import formats
from mockserver.openapi.patterns import OPTIONS
from mockserver.openapi.rules import Rule, Rules

Fits = Callable[[Any], bool]
_Key = tuple[str, str]

_FAR = 300  # schemas that one can reach: from here on it is compiled together with others


class Oracle:
    """Compiled validators of one set of documents, made when first needed. It never fetches a reference."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._registry = jsonschema_rs.Registry(
            list(rules.resources.items()), draft=jsonschema_rs.Draft202012, retriever=_refuse
        )
        self._formats = formats.of_strings()
        self._announced: list[Rule] = []
        self._roots = _Together(self._build)  # what requests are held against
        self._parts = _Together(self._build)  # those and all below them, for explanations
        self._known: dict[_Key, tuple[Fits, Fits]] = {}
        self._far: set[_Key] = set()  # schemas that were found to reach many

    def announce(self, rule: Rule) -> None:
        """Say that `compile` may be called for `rule`: what reaches far is then compiled with it, not after it."""
        self._announced.append(rule)

    def compile(self, rule: Rule) -> Fits:
        """The verdict on single values. Raises jsonschema_rs.ValidationError for what is no schema."""
        if self._reaches_far(rule):
            self._roots.add([rule, *filter(self._reaches_far, self._announced)])
            self._announced.clear()
            return self._roots.verdicts(rule)[0]
        return self._build({"$ref": rule.uri})

    def accepts(self, rule: Rule, value: Any) -> bool:
        """Whether `value` fits."""
        return self._verdicts(rule)[0](value)

    def accepts_all(self, rule: Rule, values: Sequence[Any]) -> bool:
        """Whether each of `values` fits."""
        return self._verdicts(rule)[1](values)

    def distinct(self, values: Sequence[Any]) -> bool:
        """Whether no two of `values` are equal."""
        return self._distinct(values)

    @cached_property
    def _distinct(self) -> Fits:
        return self._build({"uniqueItems": True})

    def _verdicts(self, rule: Rule) -> tuple[Fits, Fits]:
        key = (rule.resource, rule.pointer)
        if key not in self._known:
            self._known[key] = self._find(rule)
        return self._known[key]

    def _find(self, rule: Rule) -> tuple[Fits, Fits]:
        if not self._parts.has(rule):
            if not self._reaches_far(rule):
                one, many = _questions(rule)
                return self._build(one), self._build(many)
            self._parts.add(self._rules.reachable([rule, *self._roots.rules]))
        return self._parts.verdicts(rule)

    def _reaches_far(self, rule: Rule) -> bool:
        """Whether a schema reaches many; what reaches one that does, does so too."""
        for number, one in enumerate(self._rules.reachable([rule]), 1):
            if number == _FAR or (one.resource, one.pointer) in self._far:
                self._far.add((rule.resource, rule.pointer))
                return True
        return False

    def _build(self, schema: dict[str, Any]) -> Fits:
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, formats=self._formats, validate_formats=True, pattern_options=OPTIONS
        ).is_valid


class _Together:
    """Many schemas in one validator, compiled again when others were added since."""

    def __init__(self, build: Callable[[dict[str, Any]], Fits]) -> None:
        self._build = build
        self._rules: dict[_Key, Rule] = {}
        self._slots: dict[_Key, int] = {}
        self._fits: Fits | None = None

    @property
    def rules(self) -> list[Rule]:
        """All that were added."""
        return list(self._rules.values())

    def has(self, rule: Rule) -> bool:
        """Whether `rule` was added."""
        return (rule.resource, rule.pointer) in self._rules

    def add(self, rules: Iterable[Rule]) -> None:
        """Have these compiled with the others."""
        for rule in rules:
            if not self.has(rule):
                self._rules[rule.resource, rule.pointer] = rule
                self._slots[rule.resource, rule.pointer] = len(self._slots)
                self._fits = None

    def verdicts(self, rule: Rule) -> tuple[Fits, Fits]:
        """The verdict on one value, and on several at once."""
        slot = self._slots[rule.resource, rule.pointer]
        one, many = f"{slot}", f"{slot}s"
        return lambda value: self._compiled()({one: value}), lambda values: self._compiled()({many: values})

    def _compiled(self) -> Fits:
        if self._fits is None:
            properties = {}
            for key, rule in self._rules.items():
                slot = self._slots[key]
                properties[f"{slot}"], properties[f"{slot}s"] = _questions(rule)
            self._fits = self._build({"properties": properties})
        return self._fits


def _questions(rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"$ref": rule.uri}, {"items": {"$ref": rule.uri}}


def _refuse(uri: str) -> Any:
    raise LookupError(f"{uri} is not one of the documents")
