"""Samples of any schema at all: whatever is generated, what is drawn from it is valid."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.chance import Chance
from mockserver.openapi.formats import of_strings
from mockserver.openapi.sample import SampleError, Sampler
from mockserver.openapi.sample_text import FORMATS

LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1.5, 2.0, "", " a", "abc", "2020-01-01"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(["a", "b", "c", "kind"])
PATTERNS = st.sampled_from(
    ["^[a-z]+$", "^a", "b$", r"^\d{2,4}-[A-F]{2}$", "(foo|bar)+", "^[^/]+/[^/]*$", "^x?y{1,2}$", "[0-9]", r"^\S+$"]
)
NUMBERS = st.integers(-50, 50) | st.floats(-20, 20, allow_nan=False) | st.sampled_from([2**70, -(2**65), 0.1, 1e-9])


def validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, formats=of_strings(), validate_formats=True)


def some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords)


def both(*parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


STRINGS = some(
    type=st.just("string"), minLength=st.integers(0, 40), maxLength=st.integers(0, 60), pattern=PATTERNS,
    format=st.sampled_from([*sorted(FORMATS), "unheard-of"]),
)  # fmt: skip
QUANTITIES = some(
    type=st.sampled_from(["integer", "number", ["integer", "null"], ["number", "string"]]),
    minimum=NUMBERS, maximum=NUMBERS, exclusiveMinimum=NUMBERS, exclusiveMaximum=NUMBERS,
    multipleOf=st.sampled_from([1, 2, 3, 7, 0.5, 0.1, 0.01, 2.5, 1e-3]),
)  # fmt: skip
LEAVES = st.one_of(
    STRINGS,
    QUANTITIES,
    st.sampled_from([{"type": name} for name in ("string", "number", "integer", "boolean", "null", "array", "object")]),
    st.fixed_dictionaries({"enum": st.lists(LITERALS, min_size=1, max_size=4)}),
    st.fixed_dictionaries({"const": LITERALS}),
    st.sampled_from([True, False, {}]),
)


def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that hold others."""
    arrays = some(
        type=st.just("array"), items=inner, prefixItems=st.lists(inner, min_size=1, max_size=2),
        minItems=st.integers(0, 4), maxItems=st.integers(0, 5), uniqueItems=st.booleans(),
        contains=inner, minContains=st.integers(0, 2), maxContains=st.integers(0, 3),
    )  # fmt: skip
    objects = some(
        type=st.just("object"),
        properties=st.dictionaries(NAMES, inner, max_size=3),
        required=st.lists(NAMES, unique=True, max_size=2),
        additionalProperties=inner,
        patternProperties=st.dictionaries(st.sampled_from(["^a", "^x-[a-z]{3}$", "[bc]"]), inner, max_size=2),
        propertyNames=st.sampled_from([{"pattern": "^[a-c]"}, {"maxLength": 6}, {"enum": ["a", "b", "q"]}]),
        minProperties=st.integers(0, 3),
        maxProperties=st.integers(0, 4),
        dependentRequired=st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=2), max_size=2),
        dependentSchemas=st.dictionaries(NAMES, inner, max_size=1),
        unevaluatedProperties=st.booleans(),
    )
    joined = some(
        allOf=st.lists(inner, min_size=1, max_size=2),
        anyOf=st.lists(inner, min_size=1, max_size=3),
        oneOf=st.lists(inner, min_size=1, max_size=3),
    )
    either = st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner})
    negated = st.fixed_dictionaries({"not": inner})
    return st.one_of(
        arrays, objects, joined, both(arrays, joined), both(objects, joined), both(objects, negated), either,
        both(QUANTITIES, negated), both(STRINGS, joined),
    )  # fmt: skip


PLAIN = st.recursive(LEAVES, larger, max_leaves=6)
REFERRING = st.recursive(LEAVES | st.sampled_from([{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]), larger, max_leaves=6)
DOCUMENTS = st.builds(lambda top, a, b: {"allOf": [top], "$defs": {"A": a, "B": b}}, REFERRING, REFERRING, REFERRING)
QUICK = settings(
    deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip


@settings(QUICK, max_examples=250)
@given(DOCUMENTS)
def test_what_is_drawn_is_valid_and_repeatable(document):
    """Whatever the schema asks for, a draw satisfies it, and the same chance draws the same bytes."""
    try:
        sampler = Sampler(document)
    except SampleError:
        return
    check = validator(document)

    for seed in range(5):
        value = sampler.draw(Chance(seed))
        assert check.is_valid(value), value
        assert json.dumps(value) == json.dumps(Sampler(document).draw(Chance(seed)) if seed == 0 else value)


POOL: list[Any] = [
    None, True, 0, 1, 2, 50, -20, 0.5, "", "a", "abc", "12-AB", "foo", "2020-01-01", "x" * 41, [], [1], ["a", None],
    {}, {"a": 1}, {"a": "a", "b": 2}, {"a": None, "b": None, "c": None}, {"kind": None, "a": [], "b": {}},
]  # fmt: skip


@settings(QUICK, max_examples=150)
@given(PLAIN.filter(lambda schema: not any(f'"{word}"' in json.dumps(schema) for word in ("not", "if", "maxContains"))))
def test_what_is_called_impossible_is(schema):
    """Where nothing is left to trial and error, a schema that is refused accepts none of a colourful lot of values."""
    try:
        Sampler(schema)
    except SampleError:
        check = validator(schema)

        assert [value for value in POOL if check.is_valid(value)] == []
