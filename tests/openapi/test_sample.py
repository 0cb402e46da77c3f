"""Samples: always valid, of bounded depth and size, the same for the same chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from mockserver.chance import Chance
from mockserver.openapi.formats import TEXT, of_strings
from mockserver.openapi.sample import SampleError, Sampler
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
    "discriminator": {
        "propertyName": "type",
        "mapping": {"map": "#/$defs/Tree/oneOf/5", "file": "#/$defs/Tree/oneOf/6"},
    },
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
    held = inside(value["items"]) if isinstance(value, dict) and value["type"] == "map" else value
    return 1 + max(map(levels, held), default=0) if isinstance(held, list) else 1


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
    assert max(map(levels, trees)) == 4
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


# -- keyword by keyword


def table(**cases: tuple[Any, Callable[[Any], Any]]) -> pytest.MarkDecorator:
    """One test for each case, named after it."""
    return pytest.mark.parametrize(("schema", "holds"), cases.values(), ids=cases)


@table(
    words=({"type": "string"}, lambda text: text.replace(" ", "").isalpha() and text.islower()),
    length=({"type": "string", "minLength": 7, "maxLength": 7}, lambda text: len(text) == 7),
    long=({"type": "string", "minLength": 5000}, lambda text: len(text) >= 5000),
    empty=({"type": "string", "maxLength": 0}, lambda text: text == ""),
    small=({"type": "integer"}, lambda number: 0 <= number <= 1000),
    negative=({"type": "integer", "maximum": -5000}, lambda number: -6000 <= number <= -5000),
    wide=({"type": "integer", "minimum": 2**70, "maximum": 2**70 + 2}, lambda number: number >= 2**70),
    format_of_numbers=({"type": "integer", "format": "int32", "minimum": 2**31 - 3}, lambda number: number < 2**31),
    narrow=({"type": "number", "exclusiveMinimum": 0.001, "exclusiveMaximum": 0.002}, lambda number: number < 0.002),
    one_number=({"type": "number", "minimum": 0.1, "maximum": 0.1}, lambda number: number == 0.1),
    cents=({"type": "number", "multipleOf": 0.01, "maximum": 5}, lambda number: round(number, 2) == number),
    halves=({"type": "integer", "multipleOf": 2.5}, lambda number: number % 5 == 0),
    two_steps=({"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer"}, lambda number: number % 12 == 0),
    items=({"type": "array", "items": {"type": "integer"}}, lambda items: len(items) <= 3),
    many_items=({"type": "array", "minItems": 9, "maxItems": 9}, lambda items: len(items) == 9),
    tuple=({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False}, [1, 2].__eq__),
    contains=({"type": "array", "items": {"type": "integer"}, "contains": {"const": 3}, "minContains": 2},
              lambda items: items.count(3) >= 2),
    contains_one_of_a_tuple=({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}],
                              "unevaluatedItems": False, "minItems": 2, "contains": {"type": "integer"},
                              "maxContains": 1}, lambda items: list(map(type, items)) == [str, int]),
    contains_later_in_tuple=({"type": "array", "prefixItems": [{"const": "a"}, {"type": "string"}], "items": False,
                              "contains": {"const": "x"}}, ["a", "x"].__eq__),
    contains_in_tuple=({"type": "array", "prefixItems": [{}, {}], "items": False, "contains": {"const": "x"}},
                       lambda items: "x" in items),
    distinct=({"type": "array", "uniqueItems": True, "minItems": 4, "items": {"type": "integer", "maximum": 5}},
              lambda items: len(set(items)) == len(items)),
    all_of_an_enum=({"type": "array", "uniqueItems": True, "minItems": 20, "items": {"enum": list(range(20))}},
                    lambda items: sorted(items) == list(range(20))),
    map=({"type": "object", "additionalProperties": {"type": "integer"}},
         lambda value: 1 <= len(value) <= 3 and all(map(str.isidentifier, value))),
    named_by_pattern=({"type": "object", "patternProperties": {"^x-[a-z]{4}$": {"type": "null"}},
                       "additionalProperties": False}, lambda value: all(name[:2] == "x-" for name in value) and value),
    named_by_rule=({"type": "object", "propertyNames": {"enum": ["north", "south"]}, "minProperties": 2},
                   lambda value: set(value) == {"north", "south"}),
    many_properties=({"type": "object", "minProperties": 40}, lambda value: len(value) >= 40),
    few_properties=({"properties": dict.fromkeys("abcdef", True), "maxProperties": 2}, lambda value: len(value) <= 2),
    one_brings_another=({"properties": {"a": True, "b": True}, "dependentRequired": {"a": ["b"]}, "maxProperties": 2},
                        lambda value: "a" not in value or "b" in value),
    merged=({"allOf": [{"properties": {"a": {"minimum": 3}}, "required": ["a"]},
                       {"properties": {"a": {"type": "integer", "maximum": 4}}, "type": "object"}]},
            lambda value: value["a"] in (3, 4)),
    nothing_unevaluated=({"allOf": [{"properties": {"a": True}}], "properties": {"b": True}, "type": "object",
                          "unevaluatedProperties": False}, lambda value: set(value) <= {"a", "b"}),
    overlap=({"oneOf": [{"type": "integer", "maximum": 600}, {"type": "integer", "minimum": 400}]},
             lambda number: not 400 <= number <= 600),
    literal_numbers=({"oneOf": [{"type": "integer"}, {"type": "number"}]}, lambda number: number != int(number)),
    apart_by_a_property=({"oneOf": [{"required": ["a"], "type": "object", "properties": {"a": True}},
                                    {"type": "object", "properties": {"b": True}, "additionalProperties": False}]},
                         lambda value: set(value) in ({"a"}, {"b"}, set())),
    anything_but=({"type": "string", "enum": ["a", "b", "c"], "not": {"const": "b"}}, lambda text: text in "ac"),
    without=({"type": "object", "properties": {"a": True, "b": True}, "not": {"required": ["a", "b"]}},
             lambda value: len(value) < 2),
    conditional=({"type": "object", "properties": {"kind": {"enum": ["x", "y"]}, "n": {"type": "integer"}},
                  "required": ["kind"], "if": {"properties": {"kind": {"const": "x"}}}, "then": {"required": ["n"]},
                  "else": {"properties": {"n": False}}}, lambda value: ("n" in value) == (value["kind"] == "x")),
    several_types=({"type": ["string", "null"], "maxLength": 3}, lambda value: value is None or len(value) <= 3),
    escaped_reference=({"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"const": 1}}}, lambda value: value == 1),
)  # fmt: skip
def test_a_keyword_is_kept(schema, holds):
    """Each keyword has the effect that it promises, beyond what the validator says."""
    assert all(map(holds, drawn(schema)))


@pytest.mark.parametrize("name", [name for name in FORMATS if name in TEXT])
def test_a_format_is_kept(name):
    """A string of each format that we assert passes our own check, and varies where it can."""
    values = drawn({"type": "string", "format": name})

    assert all(map(TEXT[name], values))
    assert len(set(values)) > 10


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{4}$", r"^https?://", r"^(?:a|bc){2,3}?$", r"^[^\s/]+$", r"^v\d+(\.\d+)*$", r"foo", r"^$",
        r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", r"^(?=.*\d)[a-z\d]{8,}$", r"^(?!foo)\w+$", r"^\u0041\x42$", r"^\p{Lu}\p{L}+$",
        r"^#([0-9a-f]{3}|[0-9a-f]{6})$", r"^[\u4e00-\u9fa5]+$",
        r"^(?<year>\d{4})-(0[1-9]|1[0-2])$", r"\bday\b",
    ],
)  # fmt: skip
def test_a_pattern_is_kept(pattern):
    """Texts are made for the common subset of regular expressions."""
    assert drawn({"type": "string", "pattern": pattern})


def test_a_pattern_is_drawn_in_the_length_asked_for():
    """Lengths steer what a pattern repeats; they are not left to luck."""
    schema = {"type": "string", "pattern": "^[a-z]+(-[a-z0-9]+)*$", "minLength": 63, "maxLength": 63}

    assert len(set(drawn(schema))) == 40


@pytest.mark.parametrize(
    ("schema", "rule", "words"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 3}, "", "at least 5 and at most 3"),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, "", "above 1 and below 2"),
        ({"type": "string", "minLength": 4, "maxLength": 2}, "", "at least 4 and at most 2 characters"),
        ({"type": "string", "pattern": r"^(a)\1$"}, "", r"cannot sample pattern '^(a)\\1$': "),
        ({"type": "array", "minItems": 3, "maxItems": 1}, "", "at least 3 and at most 1 items"),
        ({"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "boolean"}}, "", "fewer values are"),
        ({"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "maxLength": 1}}, "required": ["a"]},
         "/properties/a", "characters"),
        ({"required": ["a"], "additionalProperties": False, "type": "object"}, "", 'required property "a" may not be'),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "", "contradict one another"),
        ({"enum": [1, 2], "minimum": 5}, "", "none of the listed values fits"),
        ({"type": "string", "not": {}}, "", "none of 200 values"),
        ({"$ref": "#/$defs/Loop", "$defs": {"Loop": {"properties": {"next": {"$ref": "#/$defs/Loop"}},
          "required": ["next"], "type": "object"}}}, "/$defs/Loop", "each value of it would have to hold another"),
        ({"$ref": "#/nowhere"}, "/nowhere", "no such place"),
        ({"$ref": "other.yaml"}, "", "does not lead into this document"),
        (False, "", "no value satisfies"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_once(schema, rule, words):
    """A schema without a finite value is refused when the sampler is made: which schema, and why."""
    with pytest.raises(SampleError) as refusal:
        Sampler(schema)

    assert refusal.value.rule == rule
    assert words in str(refusal.value)


def test_an_impossible_option_is_left_out():
    """A property or branch that cannot be is never drawn; the rest is."""
    never = {"type": "integer", "minimum": 5, "maximum": 3}

    assert drawn({"properties": {"a": never, "b": {"const": 1}}, "type": "object"}).count({"b": 1}) > 20
    assert set(drawn({"anyOf": [never, {"const": 2}]})) == {2}


def test_the_cheapest_way_out_is_taken():
    """Schemas that demand one another end where they can, and a binary tree stays small."""
    tree = {
        "oneOf": [
            {"type": "object", "required": ["left", "right"], "additionalProperties": False,
             "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
            {"type": "null"},
        ]
    }  # fmt: skip
    values = drawn(tree, 200)

    assert max(map(nodes, values)) <= 31
    assert max(map(nodes, values)) > 7


def test_a_wide_value_is_bounded():
    """Lists of lists of large objects do not multiply: what is optional is left out when there is enough."""
    row = {"type": "object", "properties": {f"p{number}": {"type": "integer"} for number in range(30)}}
    deep: dict[str, Any] = row
    for _ in range(5):
        deep = {"type": "array", "items": deep, "minItems": 2}

    assert max(map(nodes, drawn(deep))) < 400


def test_optional_properties_come_three_times_out_of_four_in_the_schemas_order():
    """Required ones always; the order of keys is the schema's, whatever is required."""
    null = {"type": "null"}
    values = drawn({"type": "object", "properties": dict.fromkeys("dacb", null), "required": ["c"]}, 400)

    assert all("c" in value and list(value) == sorted(value, key="dacb".index) for value in values)
    assert 250 < sum("a" in value for value in values) < 350


def test_a_discriminator_names_the_branch():
    """The property holds the mapped name, or that of the schema, whether branches are listed or inherit."""
    pet = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    choice = {"propertyName": "kind", "mapping": {"kitty": "#/components/schemas/Cat"}}
    schemas = {
        "Cat": {"allOf": [pet, {"required": ["lives"], "properties": {"lives": {"type": "integer"}}}]},
        "Dog": {"allOf": [pet, {"properties": {"barks": {"type": "boolean"}}}]},
        "Any": {"anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in ("Cat", "Dog")], "discriminator": choice},
        "Parent": {**pet, "discriminator": {"propertyName": "kind"}},
        "Child": {"allOf": [{"$ref": "#/components/schemas/Parent"}]},
    }
    document = {"components": {"schemas": schemas}}
    listed = Sampler(document, "/components/schemas/Any")
    inherited = Sampler(document, "/components/schemas/Child")
    values = [listed.draw(Chance(number)) for number in range(40)]

    assert {value["kind"] for value in values} == {"kitty", "Dog"}
    assert all(("lives" in value) == (value["kind"] == "kitty") for value in values)
    assert inherited.draw(Chance(1))["kind"] == "Child"


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "integer", "example": 4, "default": 5}, 4),
        ({"type": "integer", "example": "four", "examples": [6]}, 6),
        ({"type": "integer", "default": 5}, 5),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string", "examples": ["x"]}}}, "x"),
        ({"type": "integer", "example": "four"}, None),
    ],
)
def test_the_schemas_own_example_is_offered_if_it_is_valid(schema, example):
    """`example`, then `examples`, then `default`, references followed; an invalid one is not an example."""
    assert Sampler(schema).example() == example


def test_a_drawn_literal_is_a_copy():
    """Whoever changes a drawn list or object changes no later draw."""
    sampler = Sampler({"const": {"a": [1]}})
    sampler.draw(Chance(1))["a"].append(2)

    assert sampler.draw(Chance(1)) == {"a": [1]}


def test_free_text_looks_the_part():
    """A property called `mime_type` or `url` gets text of that kind, unless the schema says otherwise."""
    names = ("mime_type", "url", "email", "path")
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}

    drawn = Sampler(schema).draw(Chance("named"))

    assert drawn["mime_type"] == "text/plain"
    assert drawn["url"].startswith("https://")
    assert "@" in drawn["email"]
    assert drawn["path"].endswith(".txt")
