"""Random schemas and values for property tests, and both validators over one schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mockserver.openapi.oracle import Oracle
from mockserver.openapi.patterns import Patterns
from mockserver.openapi.rules import ROOT, Rules
from mockserver.openapi.verdict import Verdicts

Fits = Callable[[Any], bool]

_NAMES = st.sampled_from(["a", "b", "type", "x/y", "~"])
_TEXTS = st.sampled_from(["", "a", "ab", "map", "file", "2026-01-01", "https://e.com/", "a@b.c", "YQ==", "é", "🙂"])
_NUMBERS = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([2**31, 2**63, 2**70, -(2**70), 1e22, 0.1, 0.3, -0.0, 1.0, 1.5, 2.5, 4.35, 1e308]),
)
_SCALARS = st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS)

VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
"""JSON values."""

_TYPES = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
_SIZES = st.integers(0, 3)
_FORMATS = st.sampled_from(["uri", "date", "email", "byte", "int32", "int64", "float", "password", "made-up"])
_LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "type": st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=3, unique=True)),
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "const": VALUES,
    "format": _FORMATS,
    "pattern": st.sampled_from(["^a", "b$", "^(a+)+$", r"\d", "("]),
    "minLength": _SIZES,
    "maxLength": _SIZES,
    "minimum": _NUMBERS,
    "maximum": _NUMBERS,
    "exclusiveMinimum": _NUMBERS,
    "exclusiveMaximum": _NUMBERS,
    "multipleOf": st.sampled_from([1, 2, 3, 0.1, 0.01, 2.5]),
    "minItems": _SIZES,
    "maxItems": _SIZES,
    "uniqueItems": st.booleans(),
    "minProperties": _SIZES,
    "maxProperties": _SIZES,
    "required": st.lists(_NAMES, max_size=2, unique=True),
    "dependentRequired": st.dictionaries(_NAMES, st.lists(_NAMES, max_size=2, unique=True), max_size=2),
}


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some, named = st.lists(inner, min_size=1, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)
    deep: dict[str, st.SearchStrategy[Any]] = {
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "t", "("]), inner, max_size=2),
        "additionalProperties": inner,
        "unevaluatedProperties": inner,
        "propertyNames": inner,
        "dependentSchemas": named,
        "prefixItems": some,
        "items": inner,
        "contains": inner,
        "minContains": _SIZES,
        "maxContains": _SIZES,
        "unevaluatedItems": inner,
    }
    reference = st.just({"$ref": "#/$defs/again"})
    return st.one_of(reference, _objects({**_LEAVES, **deep}), _objects(deep))


def _objects(keywords: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    names = st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keywords[name] for name in chosen}))


_PARTS = st.recursive(st.one_of(st.booleans(), _objects(_LEAVES)), _nested, max_leaves=8)

SCHEMAS = st.builds(
    lambda main, again: {**(main if isinstance(main, dict) else {"allOf": [main]}), "$defs": {"again": again}},
    _PARTS,
    st.recursive(_objects(_LEAVES), lambda inner: st.fixed_dictionaries({"items": inner}), max_leaves=2),
)
"""JSON Schemas with a reference here and there."""


def both(schema: Any) -> tuple[Fits, Fits]:
    """The verdicts of jsonschema-rs and of jsonschema, set up as the product does it."""
    patterns = Patterns()
    rules = Rules({ROOT: schema}, patterns)
    root, verdicts = rules.at(""), Verdicts(rules, patterns)
    return Oracle(rules).compile(root), lambda value: verdicts.errors(root, value) == []
