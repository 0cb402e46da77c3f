"""The two validators agree: on a table of cases in the manner of JSON-Schema-Test-Suite, and on whatever comes to mind.

Three keywords of stock jsonschema are replaced to get there (see `verdict.py`): `multipleOf` is exact, patterns run on
the one engine, and `unevaluated...` follows. What is left is the written list below.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.openapi.validate import Schemas
from tests.openapi.datatype import DOCUMENT, place
from tests.openapi.schemas import SCHEMAS, VALUES, both

OBJECT = {"a": 1, "b": "x"}
TREE = {"type": "object", "properties": {"next": {"$ref": "#"}, "v": {"type": "integer"}}, "required": ["v"]}

CASES = [
    # schema, values that fit, values that do not
    (True, [None, 1], []),
    (False, [], [None, {}]),
    ({}, [None, 1, "x"], []),
    ({"type": "integer"}, [0, 1.0, -(2**70)], [1.1, True, "1", None]),
    ({"type": ["object", "null"]}, [{}, None], [[], 0, False, ""]),
    ({"enum": [6, "foo", [], True, {"foo": 12}]}, [6.0, "foo", [], {"foo": 12.0}], [1, "6", {"foo": False}, [[]]]),
    ({"enum": [False]}, [False], [0, 0.0, None]),
    ({"enum": [[False]]}, [[False]], [[0]]),
    ({"const": {"a": [1, True]}}, [{"a": [1.0, True]}], [{"a": [True, True]}, {"a": [1, 1]}]),
    ({"const": -2.0}, [-2], [2]),
    ({"const": 9007199254740992}, [9007199254740992, 9007199254740992.0], [9007199254740991]),
    ({"multipleOf": 0.0001}, [0.0075, 12], [0.00751]),
    ({"multipleOf": 1.5}, [0, 4.5], [35]),
    ({"maximum": 3.0}, [2.6, 3, "x"], [3.5, 10**30]),
    ({"exclusiveMinimum": -2}, [-1.9], [-2, -3.5]),
    ({"maxLength": 2}, ["f", "🙂🙂", 100], ["foo"]),
    ({"minLength": 2}, ["fo", 1], ["f", "🙂"]),
    ({"pattern": "^a*$"}, ["aaa", "", True, {}], ["abc"]),
    ({"pattern": r"^\p{Letter}+$"}, ["é", "日本"], ["1"]),
    ({"pattern": r"^\d+$"}, ["12"], ["١", "1\n"]),
    ({"pattern": r"(?=a)b|c$"}, ["xc"], ["ab"]),
    ({"items": {"type": "integer"}}, [[], [1, 2], {"0": "x"}], [[1, "x"]]),
    ({"prefixItems": [{"type": "integer"}], "items": False}, [[], [1]], [[1, 2], ["x"]]),
    ({"prefixItems": [{}, {}], "items": {"type": "string"}}, [[1, 2, "x"], [1]], [[1, 2, 3]]),
    ({"contains": {"minimum": 5}}, [[1, 5], {}], [[], [1, 2]]),
    ({"contains": {"const": 1}, "minContains": 2, "maxContains": 3}, [[1, 1], [1, 1, 1, 2]], [[1], [1] * 4]),
    ({"contains": False, "minContains": 0}, [[], [1]], []),
    ({"uniqueItems": True}, [[1, True], [[1], [True]], [{"a": 1}, {"a": "1"}]], [[1, 1.0], ["a", "b", "a"], [{}, {}]]),
    ({"uniqueItems": False}, [[1, 1]], []),
    ({"minItems": 1, "maxItems": 2}, [[1], [1, 2], ""], [[], [1, 2, 3]]),
    ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}, []], [{}, OBJECT]),
    ({"required": ["a", "__proto__"]}, [{"a": 1, "__proto__": 2}, []], [{"a": 1}]),
    ({"dependentRequired": {"a": ["b"]}}, [{}, {"b": 1}, OBJECT], [{"a": 1}]),
    ({"dependentSchemas": {"a": {"properties": {"b": {"type": "integer"}}}}}, [{"b": "x"}], [OBJECT]),
    ({"properties": {"a": {"type": "string"}, "b": False}}, [{}, {"a": "x"}], [{"a": 1}, {"b": 1}]),
    ({"properties": {"a": {}}, "patternProperties": {"^p": {"type": "integer"}}, "additionalProperties": False},
     [{"a": 1, "p": 2}], [{"p": "x"}, {"q": 1}]),
    ({"patternProperties": {"f.*o": {"type": "integer"}}}, [{"foo": 1, "f": "x"}], [{"xfooo": "x"}]),
    ({"additionalProperties": {"type": "boolean"}}, [{"a": True}], [{"a": 1}]),
    ({"allOf": [{"properties": {"a": {}}}], "additionalProperties": False}, [{}], [{"a": 1}]),
    ({"propertyNames": {"maxLength": 3}}, [{"abc": 1}, {}], [{"abcd": 1}]),
    ({"allOf": [{"minimum": 2}, {"maximum": 3}]}, [2, 3], [1, 4]),
    ({"anyOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2.5, 3], [1.5]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2.5], [3, 1.5]),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, [1.5], [1, 1.0]),
    ({"not": {"type": ["integer", "boolean"]}}, ["x", 1.5], [1, True]),
    ({"not": {}}, [], [1, None]),
    ({"if": {"maximum": 0}, "then": {"minimum": -10}, "else": {"multipleOf": 2}}, [-1, 4], [-100, 3]),
    ({"then": {"const": 1}, "else": {"const": 2}}, [3], []),
    ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, [{"a": 1}], [OBJECT]),
    ({"unevaluatedProperties": False, "anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]},
                                                {"properties": {"b": {"const": 1}}, "required": ["b"]}]},
     [{"a": 1}, {"b": 1}, {"a": 1, "b": 1}], [{"a": 1, "b": 2}, {"a": 1, "c": 1}]),
    ({"unevaluatedProperties": {"type": "integer"}, "patternProperties": {"^p": {}}},
     [{"p": "x", "q": 1}], [{"q": "x"}]),
    ({"unevaluatedProperties": False, "if": {"required": ["a"]}, "then": {"properties": {"a": {}, "b": {}}}},
     [OBJECT, {}], [{"b": 1}]),
    ({"unevaluatedProperties": False, "dependentSchemas": {"a": {"properties": {"a": {}}}}}, [{"a": 1}], [{"b": 1}]),
    ({"unevaluatedProperties": False, "$ref": "#/$defs/x", "$defs": {"x": {"properties": {"a": {}}}}},
     [{"a": 1}], [OBJECT]),
    ({"unevaluatedProperties": False, "allOf": [{"unevaluatedProperties": True}]}, [OBJECT], []),
    ({"unevaluatedProperties": False, "not": {"properties": {"a": {"const": 2}}, "required": ["a"]}}, [{}], [{"a": 1}]),
    ({"unevaluatedItems": False, "prefixItems": [{}]}, [[1]], [[1, 2]]),
    ({"unevaluatedItems": False, "contains": {"type": "string"}}, [["x", "y"]], [["x", 1], []]),
    ({"unevaluatedItems": False, "allOf": [{"prefixItems": [{}, {}]}]}, [[1, 2]], [[1, 2, 3]]),
    ({"unevaluatedItems": False, "anyOf": [{"prefixItems": [{"const": 1}]}, {"prefixItems": [{}, {"const": 2}]}]},
     [[1], [9, 2]], [[1, 3], [9, 2, 3]]),
    (TREE, [{"v": 1, "next": {"v": 2}}], [{"v": 1, "next": {"v": "x"}}, {"v": 1, "next": {}}]),
    ({"$ref": "#/$defs/a~1b~0%25", "$defs": {"a/b~%": {"type": "integer"}}}, [1], ["x"]),
    ({"$ref": "#/$defs/a", "maximum": 2, "$defs": {"a": {"minimum": 1}}}, [1, 2], [0, 3]),
    ({"properties": {"$ref": {"type": "string"}}}, [{"$ref": "x"}], [{"$ref": 1}]),
    ({"properties": {"enum": {"enum": ["a"]}, "pattern": {"pattern": "^a"}}},
     [{"enum": "a"}], [{"enum": 1}, {"pattern": "b"}]),
    ({"const": {"$ref": "#/nowhere", "pattern": "("}}, [{"$ref": "#/nowhere", "pattern": "("}], [{}]),
    ({"$schema": "http://json-schema.org/draft-07/schema#", "prefixItems": [{"type": "integer"}]}, [[1]], [["x"]]),
    ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, [{"type": "string"}, True], [{"type": 5}, "x"]),
    ({"contentEncoding": "base64", "contentMediaType": "application/json"}, ["!"], []),
    ({"discriminator": {"propertyName": "a"}, "nullable": True, "example": 5}, [None, 5, {}], []),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "good", "bad"), CASES, ids=[str(case[0])[:60] for case in CASES])
def test_both_validators_give_the_verdict_of_the_standard(schema, good, bad):
    """Each case is judged alike by both, and as JSON Schema 2020-12 wants it."""
    for fits in both(schema):
        assert [value for value in good if not fits(value)] == []
        assert [value for value in bad if fits(value)] == []


@pytest.mark.parametrize(("schema", "good", "bad"), CASES, ids=[str(case[0])[:60] for case in CASES])
def test_each_refusal_of_the_table_is_explained(schema, good, bad):
    """What is refused has at least one sentence, and what fits has none."""
    checker = Schemas({"mem:///": schema}, place=place).checker("")

    assert [value for value in bad if not checker.explain(value).violations] == []
    assert [value for value in good if checker.explain(value).violations] == []


# The written list: where the two differ, and what that means for a request.
DIFFERENCES = [
    # A whole number beyond 64 bits against a float of the same size: jsonschema-rs compares the digits that the float
    # is written with (9.223372036854776e18 is 9223372036854776000), jsonschema the binary values. Harmless: where the
    # first says no and the second yes, the request is accepted and E901 recorded.
    # schema, value, jsonschema-rs, jsonschema
    ({"maximum": 2**63}, float(2**63), False, True),
    ({"minimum": float(2**63)}, 2**63, False, True),
    ({"exclusiveMaximum": float(2**63)}, 2**63, True, False),
    ({"const": 2**70}, float(2**70), False, True),
    ({"enum": [float(2**70)]}, 2**70, False, True),
    ({"uniqueItems": True}, [2**70, float(2**70)], True, False),
    ({"const": 1e308}, 10**308, True, False),
]


@pytest.mark.parametrize(("schema", "value", "fast", "slow"), DIFFERENCES)
def test_the_written_differences_are_still_there(schema, value, fast, slow):
    """A difference that an upgrade removes is taken off the list."""
    assert tuple(fits(value) for fits in both(schema)) == (fast, slow)


def test_a_value_too_deep_for_jsonschema_is_still_explained(data_type):
    """Some hundred levels are too many for jsonschema as a whole: it is asked about the wrong leaf alone."""
    value: Any = {"type": "file"}
    for _ in range(200):
        value = [value]
    _, slow = both({**DOCUMENT, "$ref": "#/components/schemas/DataType"})

    assert not slow(value)
    assert [one.fault for one in data_type.explain(value).violations] == ['missing "raw_bytes"']


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=5))
def test_both_validators_agree_on_random_schemas(schema, values):
    """Whatever the schema and the value, the verdicts are the same."""
    fast, slow = both(schema)

    assert [fast(value) for value in values] == [slow(value) for value in values]


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=5))
def test_every_refusal_is_explained_in_words_of_its_own(schema, values):
    """What is refused has a bounded explanation that points into the value; what fits has none."""
    checker = Schemas({"mem:///": schema}, place=place).checker("")

    for value in values:
        explained = checker.explain(value)
        assert bool(explained.violations) is not checker.fits(value)
        assert not explained.ours
        for one in explained.violations:
            assert len(one.said) <= 200
            assert one.wanted
            assert "does not fit" not in one.wanted


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(VALUES)
def test_both_validators_agree_on_a_recursive_union(value):
    """The schema that a real vendor uses for any value is judged alike, and every refusal is explained."""
    schema = {**DOCUMENT, "$ref": "#/components/schemas/DataType"}
    fast, slow = both(schema)

    assert fast(value) == slow(value)
    assert fast(value) or Schemas({"mem:///": schema}, place=place).checker("").explain(value).violations
