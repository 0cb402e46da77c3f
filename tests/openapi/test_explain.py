"""Why not: the sentences, the places, the rules; and that none of it ever takes long."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.openapi import scan
from mockserver.openapi.validate import Schemas
from tests.openapi.datatype import place

DATA_TYPE = "/components/schemas/DataType"


def told(checker, value):
    """The violations as users read them. The value must not fit, and no fault be ours."""
    assert not checker.fits(value)
    explained = checker.explain(value)
    assert not explained.ours
    return [str(violation) for violation in explained.violations]


def why(schema, value):
    return told(Schemas({"mem:///": schema}, place=place).checker(""), value)


def one_run(value):
    return {"runs": [{"inputs": {"a": 1}}, {"inputs": {"report": value}}]}


@pytest.mark.parametrize(
    ("value", "expected", "rule"),
    [
        ({"type": "file"}, ': missing "raw_bytes"', "/oneOf/6/required"),
        ({"type": "file", "raw_bytes": "!"}, '/raw_bytes: "!" is not a string of format base64',
         "/oneOf/6/properties/raw_bytes/format"),
        ({"type": "file", "raw_bytes": 5}, "/raw_bytes: 5 is not a string (format base64)",
         "/oneOf/6/properties/raw_bytes/type"),
        ({"type": "file", "raw_bytes": "", "metadata": {"name": []}}, "/metadata/name: [] is not a string",
         "/oneOf/6/properties/metadata/properties/name/type"),
        ({"type": "map"}, ': missing "items"', "/oneOf/5/required"),
        ({"type": "map", "items": {"k": [1, {"type": "file"}]}}, '/items/k/1: missing "raw_bytes"',
         "/oneOf/6/required"),
        ({"type": "map", "items": {}, "itmes": 1}, ': "itmes" is not allowed here; allowed: type, items',
         "/oneOf/5/additionalProperties"),
        ({"type": "fil"}, '/type: "fil" is not one of "map", "file"', "/oneOf"),
        ({"type": ["file"]}, '/type: ["file"] is not one of "map", "file"', "/oneOf"),
        ({"name": "x"}, ': missing "type" (one of "map", "file")', "/oneOf"),
        ({}, ': missing "type" (one of "map", "file")', "/oneOf"),
        ([1, [2, {"a": 1}]], '/1/1: missing "type" (one of "map", "file")', "/oneOf"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_value_is_explained_inside_the_alternative_that_was_meant(bulk_run, value, expected, rule):
    """The branch is picked by JSON type, then by the tag; the sentence names the smallest wrong part."""
    explained = bulk_run.explain(one_run(value))

    assert [str(one) for one in explained.violations] == [f"/runs/1/inputs/report{expected}"]
    assert [(one.rule, one.at) for one in explained.violations] == [(DATA_TYPE + rule, place(DATA_TYPE + rule))]


def test_near_misses_of_names_are_pointed_out(data_type):
    """Whoever misspells a key reads what was probably meant."""
    assert told(data_type, {"type": "map", "itmes": {}}) == [
        'body: missing "items"',
        'body: "itmes" is not allowed here; allowed: type, items; did you mean "items"?',
    ]
    assert why({"enum": ["success", "failed"]}, "sucess") == [
        'body: "sucess" is not one of "success", "failed"; did you mean "success"?'
    ]


def test_a_value_of_no_alternatives_type_reads_all_types():
    """A union that no branch takes by type is one readable list; the lenient reading of numbers does not show."""
    whole = {"type": "integer"}
    others = [{"type": "string"}, whole, {"type": "number", "not": whole}, {"type": "boolean"}, {"type": "null"}]

    assert why({"oneOf": others}, [1, 2]) == ["body: [1, 2] is not a string, integer, number, boolean or null"]


def test_all_faults_are_told_in_the_order_of_the_value(bulk_run):
    """Nothing is held back until the next try."""
    value = {"runs": [{"inputs": {"a": {"type": "x"}}}, 7, {"inputs": []}, {"inputs": {"b": {"type": "file"}}}]}

    assert told(bulk_run, value) == [
        '/runs/0/inputs/a/type: "x" is not one of "map", "file"',
        "/runs/1: 7 is not an object",
        "/runs/2/inputs: [] is not an object",
        '/runs/3/inputs/b: missing "raw_bytes"',
    ]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string", "format": "uri"}, 5, "body: 5 is not a string (format uri)"),
        ({"type": "string", "format": "uri"}, "x", 'body: "x" is not a string of format uri, such as https://example.com/hook'),
        ({"type": ["string", "null"]}, 5, "body: 5 is not a string or null"),
        ({"type": "integer"}, 1.5, "body: 1.5 is not an integer"),
        ({"type": "null"}, False, "body: false is not null"),
        ({"const": {"a": 1}}, {"a": True}, 'body: {"a": true} is not {"a": 1}'),
        ({"type": "string", "enum": ["a", "b"]}, 5, 'body: 5 is not one of "a", "b"'),
        ({"enum": ["a"]}, "é", 'body: "é" is not "a"'),
        ({"maxItems": 10}, [{}] * 11, "body: 11 items, at most 10 allowed"),
        ({"minItems": 1}, [], "body: 0 items, at least 1 needed"),
        ({"minLength": 2}, "🙂", "body: 1 character, at least 2 needed"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "body: 2 keys, at most 1 allowed"),
        ({"minimum": 1}, 0, "body: 0 is less than 1"),
        ({"maximum": 1}, 2**70, "body: 1180591620717411303424 is more than 1"),
        ({"exclusiveMinimum": 0}, 0, "body: 0 is not more than 0"),
        ({"exclusiveMaximum": 1}, 1.0, "body: 1.0 is not less than 1"),
        ({"format": "int32"}, 2**31, "body: 2147483648 is more than 2147483647, the largest int32"),
        ({"multipleOf": 5}, 7, "body: 7 is not a multiple of 5"),
        ({"pattern": "^https?://"}, "ftp://x", 'body: "ftp://x" does not match ^https?://'),
        ({"uniqueItems": True}, [1, 2, {"a": 1}, {"a": 1.0}], "body: items 2 and 3 are equal; each may occur once"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, 'body: missing "b", which "a" needs'),
        ({"properties": {"a": False, "b": True}}, {"a": 1}, 'body: "a" is not allowed here; allowed: b'),
        ({"items": False, "prefixItems": [{}]}, [1, 2], "body: 2 items, at most 1 allowed"),
        ({"prefixItems": [{"type": "string"}]}, [5], "/0: 5 is not a string"),
        ({"patternProperties": {"^n": {"type": "integer"}}}, {"n/~": "x"}, '/n~1~0: "x" is not an integer'),
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, {"A": 1}, 'body: the name "A" does not match ^[a-z]+$'),
        ({"not": {"type": "string"}}, "x", 'body: "x" must not be a string'),
        ({"not": {"const": "x"}}, "x", 'body: "x" is not allowed here'),
        ({"not": {"required": ["a"]}}, {"a": 1}, 'body: {"a": 1} fits what is ruled out by "not"'),
        ({"contains": {"type": "string"}}, [1, 2], 'body: 0 of 2 items fit "contains", at least 1 needed'),
        ({"contains": {}, "maxContains": 1}, [1, 2], 'body: 2 of 2 items fit "contains", at most 1 allowed'),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, 'body: missing "b"'),
        ({"if": {"required": ["a"]}, "else": {"required": ["b"]}}, {}, 'body: missing "b"'),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, 'body: missing "b"'),
        ({"allOf": [{"type": "string"}, {"type": "string"}]}, 5, "body: 5 is not a string"),
        ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"a": 1, "b": 2},
         'body: "b" is not allowed here'),
        ({"prefixItems": [{}], "unevaluatedItems": {"type": "string"}}, [1, 2], "/1: 2 is not a string"),
        ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 3,
         "body: 3 matches 2 of the alternatives; exactly one is allowed"),
        ({"anyOf": [{"const": "a"}, {"enum": ["b", "c"]}]}, "d", 'body: "d" is not one of "a", "b", "c"'),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, 'body: missing "a", or missing "b"'),
        ({"anyOf": [{"maximum": 1}, {"multipleOf": 5}]}, 7, "body: 7 is more than 1, or is not a multiple of 5"),
        ({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]}, "ab",
         "body: 2 characters, at most 1 allowed"),
        (False, 5, "body: 5 is not allowed here"),
    ],
    ids=str,
)  # fmt: skip
def test_each_keyword_has_its_sentence(schema, value, expected):
    """One clause says what came and what was wanted."""
    assert why(schema, value) == [expected]


@pytest.mark.parametrize("mapping", [{}, {"mapping": {"Cat": "#/$defs/Cat"}}, {"mapping": {"Cat": "Cat"}}], ids=str)
def test_a_discriminator_without_constants_picks_the_schema_by_name_or_mapping(mapping):
    """OpenAPI's `discriminator` alone tells which branch was meant."""
    schema = {
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", **mapping},
        "$defs": {
            "Cat": {"type": "object", "required": ["kind", "claws"], "properties": {"claws": {"type": "integer"}}},
            "Dog": {"type": "object", "required": ["kind", "bark"]},
        },
    }

    assert why(schema, {"kind": "Cat", "claws": "x"}) == ['/claws: "x" is not an integer']
    assert why(schema, {"kind": "Dog"}) == ['body: missing "bark"']
    assert why(schema, {"claws": 1}) == ['body: missing "kind" (one of "Cat", "Dog")']
    assert why(schema, {"kind": "Cow"}) == ['/kind: "Cow" is not one of "Cat", "Dog"']


def test_alternatives_without_a_tag_are_told_by_the_one_with_the_least_wrong():
    """A value that fits a branch in all but one point reads that point."""
    first = {
        "type": "object",
        "required": ["a", "b", "c"],
        "additionalProperties": False,
        "properties": {"a": {}, "b": {}, "c": {}},
    }
    second = {"type": "object", "required": ["x"], "properties": {"x": {"type": "string"}}}

    assert why({"anyOf": [first, second]}, {"x": 5}) == ["/x: 5 is not a string"]


def test_at_most_a_hundred_are_told_and_the_rest_is_counted(bulk_run):
    """A body that is wrong everywhere gets a hundred sentences and a number."""
    explained = bulk_run.explain({"runs": [{"inputs": 5}] * 150})

    assert len(explained.violations) == 100
    assert explained.more == 50


def test_what_came_is_shortened(bulk_run):
    """However large the value, `said` stays within 200 characters."""
    values = ["x" * 10**6, {"k" * 10**5: 1}, [[0] * 10**5] * 9, 10**4000]
    schema = {"type": "boolean"}

    for value in values:
        (sentence,) = why(schema, value)
        assert len(sentence) < 240


@pytest.mark.parametrize("levels", [10, 100, 250])
def test_depth_is_explained_to_the_last_level(data_type, levels):
    """A wrong leaf below hundreds of lists is named by its place; depth costs no recursion."""
    value: Any = {"type": "file"}
    for _ in range(levels):
        value = [value]

    assert told(data_type, value) == ["/0" * levels + ': missing "raw_bytes"']


def test_one_wrong_leaf_among_many_is_found(bulk_run, data_type):
    """A needle in a large list, map or list of runs is named by its place."""
    wrong = {"type": "file"}
    many = list(range(100_000))
    named = {f"k{i}": i for i in many}

    assert told(data_type, [*many, wrong]) == ['/100000: missing "raw_bytes"']
    assert told(data_type, {"type": "map", "items": {**named, "z": wrong}}) == ['/items/z: missing "raw_bytes"']
    assert told(bulk_run, {"runs": [{"inputs": {"a": [i]}} for i in many] + [{"inputs": {"a": wrong}}]}) == [
        '/runs/100000/inputs/a: missing "raw_bytes"'
    ]


def wide_and_deep(levels, width):
    value: Any = {"type": "file"}
    for level in range(levels):
        value = [*([level] * width), value]
    return value


def test_a_value_both_wide_and_deep_is_explained(data_type):
    """Hundreds of levels with thousands of items each: every part is looked at about once."""
    assert told(data_type, wide_and_deep(100, 3_000)) == ["/3000" * 100 + ': missing "raw_bytes"']


def test_when_the_steps_run_out_the_deepest_known_place_is_told(data_type, monkeypatch):
    """The budget is a number of steps: what is known by then is reported, and that there is more."""
    monkeypatch.setattr(scan, "BUDGET", 3_000)
    explained = data_type.explain(wide_and_deep(3, 3_000))

    assert [str(one) for one in explained.violations] == [
        "/3000: an array of 3001 items does not fit; it is too large to say where in it"
    ]
    assert (explained.more, explained.ours) == (1, False)


def test_the_same_value_gets_the_same_words(data_type):
    """Steps are counted, never timed."""
    value = [*range(5_000), {"type": "file"}, *({"type": str(i)} for i in range(300))]

    assert data_type.explain(value) == data_type.explain(value)


def test_the_budget_holds_for_the_worst_values(data_type, monkeypatch):
    """Whatever comes, the steps used stay within the budget."""
    meters = []

    def started(meter):
        meter.left = scan.BUDGET
        meters.append(meter)

    monkeypatch.setattr(scan.Meter, "__init__", started)
    bushy: Any = {"type": "file"}
    for _ in range(5):
        bushy = [bushy, *([[0] * 8] * 8)]
    for value in (wide_and_deep(60, 2_000), bushy, [{"type": "map", "items": {"a": {}}}] * 20_000, ["x" * 100_000, {}]):
        assert told(data_type, value)

    assert all(meter.left > 0 for meter in meters)


def test_a_value_that_fits_has_nothing_to_explain(data_type):
    """Asking why about a good value finds nothing, and blames nobody."""
    explained = data_type.explain(["x", 1, 2.5, None])

    assert (explained.violations, explained.more, explained.ours) == ((), 0, False)


def test_a_disagreement_of_the_validators_is_ours(monkeypatch):
    """jsonschema-rs says no and jsonschema finds nothing: no violation, and the fault is ours."""
    checker = Schemas({"mem:///": {"properties": {"a": {"maximum": 1}}}}, place=place).checker("")
    monkeypatch.setattr("mockserver.openapi.verdict.Verdicts.failing", lambda *_: [])
    monkeypatch.setattr("mockserver.openapi.verdict.Verdicts.errors", lambda *_: [])

    explained = checker.explain({"a": 2})

    assert (explained.violations, explained.more, explained.ours) == ((), 0, True)
