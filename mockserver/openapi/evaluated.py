"""What a schema has looked at: the properties and items that are left over for `unevaluated...`.

Both sides of validation ask here, each with its own `accepts`, because jsonschema's own answer runs `re`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.openapi.patterns import Patterns
from mockserver.openapi.rules import Rule, Rules

Accepts = Callable[[Rule, Any], bool]


def left_properties(
    rule: Rule, value: Mapping[str, Any], rules: Rules, patterns: Patterns, accepts: Accepts
) -> list[str]:
    """The keys of `value` that no other keyword of the schema covers."""
    covered: set[str] = set()
    for schema in (at.schema for at in _speaking(rule, value, rules, accepts)):
        if "additionalProperties" in schema or ("unevaluatedProperties" in schema and schema is not rule.schema):
            return []
        covered.update(schema.get("properties", ()))
        covered.update(
            key for pattern in schema.get("patternProperties", ()) for key in value if patterns.search(pattern, key)
        )
    return [key for key in value if key not in covered]


def left_items(rule: Rule, value: Sequence[Any], rules: Rules, accepts: Accepts) -> list[int]:
    """The indexes of `value` that no other keyword of the schema covers."""
    left = dict.fromkeys(range(len(value)))
    for at in _speaking(rule, value, rules, accepts):
        schema = at.schema
        if "items" in schema or ("unevaluatedItems" in schema and schema is not rule.schema):
            return []
        for index in range(len(schema.get("prefixItems", ()))):
            left.pop(index, None)
        if "contains" in schema:
            contains = at.child("contains")
            left = {index: None for index in left if not accepts(contains, value[index])}
    return list(left)


def _speaking(rule: Rule, value: Any, rules: Rules, accepts: Accepts) -> Iterator[Rule]:
    """The schema and all that it applies to the same value."""
    seen: set[int] = set()
    todo = [rule]
    while todo:
        at = todo.pop()
        if not isinstance(at.schema, dict) or id(at.schema) in seen:
            continue
        seen.add(id(at.schema))
        yield at
        todo += applied(at, value, rules)
        for keyword in ("anyOf", "oneOf"):
            todo += [branch for branch in at.children(keyword) if accepts(branch, value)]
        if "if" in at.schema:
            fits = accepts(at.child("if"), value)
            todo += [at.child(key) for key in (("if", "then") if fits else ("else",)) if key in at.schema]


def applied(rule: Rule, value: Any, rules: Rules) -> list[Rule]:
    """The schemas that hold for the same value without any choice: `$ref`, `allOf`, `dependentSchemas`."""
    target = rules.follow(rule)
    found = ([target] if target else []) + rule.children("allOf")
    depends = rule.schema.get("dependentSchemas")
    if isinstance(depends, dict) and isinstance(value, Mapping):
        found += [rule.child("dependentSchemas", key) for key in depends if key in value]
    return found
