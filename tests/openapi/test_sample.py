"""Samples: always valid, of bounded depth and size, the same for the same chance."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.chance import Chance
from mockserver.openapi.formats import TEXT, of_strings
from mockserver.openapi.sample import Sampler, SampleError
from mockserver.openapi.sample_text import FORMATS

TREE = {
    "oneOf": [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number", "not": {"type": "integer"}},
        {"type": "boolean"},
        {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
        {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["map"]},
                "items": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Tree"}},
            },
            "required": ["type", "items"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["file"]},
                "raw_bytes": {"type": "string", "format": "base64"},
                "metadata": {"type": "object", "properties": {"name": {"type": "string"}, "path": {"type": "string"}}},
            },
            "required": ["type", "raw_bytes"],
            "additionalProperties": False,
        },
        {"type": "null"},
    ],
    "discriminator": {"propertyName": "type", "mapping": {"map": "#/$defs/Tree/oneOf/5", "file": "#/$defs/Tree/oneOf/6"}},
}


def validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, formats=of_strings(), validate_formats=True)


def drawn(schema: Any, times: int = 40) -> list[Any]:
    """Draws of a schema, each of them held against it."""
    sampler, check = Sampler(schema), validator(schema)
    values = [sampler.draw(Chance("test", number)) for number in range(times)]
    for value in values:
        check.validate(value)
    return values


def inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def nodes(value: Any) -> int:
    return 1 + sum(map(nodes, inside(value)))


def levels(value: Any) -> int:
    """How often a tree holds a tree."""
    if isinstance(value, dict):
        return 1 + levels(list(value.get("items", {}).values())) if value["type"] == "map" else 1
    return 1 + max(map(levels, value), default=0) if isinstance(value, list) else 1


# -- the recursive union that bulk runs answer with


@pytest.fixture(scope="module")
def trees() -> list[Any]:
    sampler = Sampler({"$defs": {"Tree": TREE}}, "/$defs/Tree")
    check = validator({"$ref": "#/$defs/Tree", "$defs": {"Tree": TREE}})
    values = [sampler.draw(Chance("tree", number)) for number in range(1500)]
    assert all(map(check.is_valid, values))
    return values


def test_a_recursive_union_shows_all_its_kinds(trees):
    """Whole numbers, fractions, files, maps, nested lists and null all come up, and null least."""
    kinds = Counter(
        value["type"] if isinstance(value, dict) else "nested" if isinstance(value, list) and any(map(inside, value))
        else type(value).__name__
        for value in trees
    )  # fmt: skip

    assert set(kinds) == {"str", "int", "float", "bool", "list", "nested", "map", "file", "NoneType"}
    assert kinds["NoneType"] < min(kinds[kind] for kind in ("str", "int", "float", "bool", "map", "file"))


def test_a_fraction_is_never_whole(trees):
    """The branch for numbers that are no integers does not draw 3.0."""
    fractions = [value for value in trees if isinstance(value, float)]

    assert fractions
    assert not any(map(float.is_integer, fractions))


def test_a_recursive_value_is_bounded(trees):
    """At most four trees inside one another, and about fifty nodes."""
    assert 3 <= max(map(levels, trees)) <= 5
    assert 20 <= max(map(nodes, trees)) <= 60


def test_disjoint_branches_are_proven_and_not_verified():
    """Branches that differ by type or by a required literal need no validator, neither at start nor when drawn."""
    asked = []

    def fits(pointer: str) -> Any:
        asked.append(pointer)
        return lambda value: True

    schema = {key: value for key, value in TREE.items() if key != "discriminator"}
    Sampler({"$defs": {"Tree": schema}}, "/$defs/Tree", fits=fits).draw(Chance(1))

    assert asked == []


# -- any schema at all

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


@settings(QUICK, max_examples=350)
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
