"""Names that a document does not declare where it lets others pass: what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from mockserver.errors import Place
from mockserver.openapi.patterns import Patterns
from mockserver.openapi.rules import ROOT, Rules
from mockserver.openapi.undeclared import names_in
from mockserver.openapi.validate import Schemas
from tests.openapi.schemas import SCHEMAS, VALUES

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "callback_url": {"type": "string"},
        "address": {"anyOf": [{"$ref": "#/$defs/address"}, {"type": "null"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {},
        "pet": {"oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}]},
    },
    "$defs": {
        "item": {"type": "object", "properties": {"size": {}, "parts": {"items": {"$ref": "#/$defs/item"}}}},
        "address": {"allOf": [{"properties": {"street": {}}}, {"properties": {"post_code": {}}}]},
        "cat": {"type": "object", "properties": {"lives": {}}},
        "dog": {"type": "object", "properties": {"barks_at": {}}},
    },
}


def noted(schema: Any, value: Any) -> tuple[str, ...]:
    """What is said of the names in a value."""
    return Schemas({ROOT: schema}, place=lambda pointer: Place("", pointer=pointer)).checker("").undeclared(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"items": [], "callbackUrl": ""}, "/callbackUrl is not in the document; did you mean callback_url?"),
        ({"items": [], "callback-url": ""}, "/callback-url is not in the document; did you mean callback_url?"),
        ({"items": [], "CALLBACK_URL": ""}, "/CALLBACK_URL is not in the document; did you mean callback_url?"),
        ({"items": [], "calback_url": ""}, "/calback_url is not in the document; did you mean callback_url?"),
        ({"items": [], "label": {}}, "/label is not in the document; did you mean labels?"),
        ({"item": []}, "/item is not in the document; did you mean items?"),
        (
            {"items": [{"size": 1}, {"sizes": 1, "parts": []}]},
            "/items/1/sizes is not in the document; did you mean size?",
        ),
        (
            {"items": [{"parts": [{"sizes": 1}]}]},
            "/items/0/parts/0/sizes is not in the document; did you mean size?",
        ),
        (
            {"items": [], "address": {"street": "", "postCode": ""}},
            "/address/postCode is not in the document; did you mean post_code?",
        ),
        ({"items": [], "pet": {"barksAt": ""}}, "/pet/barksAt is not in the document; did you mean barks_at?"),
        ({"items": [{"colour": 1}]}, "/items/0/colour is not in the document, which declares size, parts"),
        (
            {"items": [{"a/b": 1, "colour": 1, "x": 1}]},
            "/items/0/a~1b and 2 more beside it are not in the document, which declares size, parts",
        ),
    ],
)
def test_a_name_that_was_probably_meant_otherwise_is_told(value: Any, said: str) -> None:
    """One that is like a declared name which is not there, and one beside which nothing declared is."""
    assert noted(ORDER, value) == (said,)


@pytest.mark.parametrize(
    "value",
    [
        {"items": [{"size": 1}], "callback_url": "", "address": None, "labels": {}},
        {"items": [{"size": 1, "colour": 1}], "trace": 7},
        {"items": [{}]},
        {"items": [], "callback_url": "", "callbackUrl": ""},
        {"items": [], "labels": {"size": "", "label": ""}},
        {"items": [], "anything": {"item": 1}},
        {"items": [], "pet": {"lives": 9}},
        {"items": [], "pet": "a text"},
        {"items": 5, "address": ["street"]},
        "a text",
    ],
)
def test_all_else_is_let_be(value: Any) -> None:
    """Declared names, further names that are like none, names in maps, and values of other types."""
    assert noted(ORDER, value) == ()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"additionalProperties": {"properties": {"size": {}}}},
        {"oneOf": [{"properties": {"size": {}}}, {"type": "object"}]},
        {"properties": {"size": {}}, "patternProperties": {"^s": {}}},
        {"properties": {"size": {}}, "propertyNames": {"enum": ["size", "sizes"]}},
        True,
    ],
)
def test_where_any_name_may_be_meant_nothing_is_said(schema: Any) -> None:
    """A map lists no names, and neither does one that is one of several things."""
    assert noted(schema, {"sizes": 1}) == ()


@pytest.mark.parametrize(
    "asked_for",
    [
        {"required": ["sizes"]},
        {"allOf": [{"required": ["sizes"]}]},
        {"dependentRequired": {"size": ["sizes"]}},
        {"dependentRequired": {"sizes": []}},
        {"dependentSchemas": {"sizes": {}}},
        {"discriminator": {"propertyName": "sizes"}},
    ],
)
def test_a_name_that_is_asked_for_is_in_the_document(asked_for: Any) -> None:
    """Documents ask for names that they describe nowhere."""
    schema = {"type": "object", "properties": {"size": {}}, **asked_for}

    assert noted(schema, {"sizes": 1}) == ()
    assert noted(schema, {"sizs": 1}) == ("/sizs is not in the document; did you mean size?",)


@pytest.mark.parametrize("word", ["additionalProperties", "unevaluatedProperties"])
def test_where_others_are_asked_for_only_what_is_like_a_declared_one_is_told(word: str) -> None:
    """The document says that there are more names than it lists."""
    schema = {"properties": {"size": {}}, word: True}

    assert noted(schema, {"colour": 1}) == ()
    assert noted(schema, {"sizes": 1}) == ("/sizes is not in the document; did you mean size?",)


def test_of_many_only_the_first_are_told() -> None:
    """A list of a thousand items that are all wrong alike has three notes, and one that there are more."""
    found = noted(ORDER, {"items": [{"sizes": 1}] * 1000})

    assert len(found) == 4
    assert found[2] == "/items/2/sizes is not in the document; did you mean size?"
    assert found[3] == "and more names that are not in the document"


def test_a_schema_that_holds_itself_in_every_way_is_read_to_an_end() -> None:
    """References may go in circles, with and without a value between them."""
    sized = {"properties": {"size": {"$ref": "#"}}}
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, sized]}}}

    assert noted(schema, {"size": {"sizes": 1}}) == ("/size/sizes is not in the document; did you mean size?",)


def test_long_names_are_cut_and_not_compared() -> None:
    """What a client sends may be of any length."""
    (said,) = noted(ORDER, {"items": [{"x" * 5000: 1}]})

    assert len(said) < 200


def test_where_thousands_are_declared_few_names_are_compared() -> None:
    """A request of ours must not take seconds for a note on it."""
    wide = {"type": "object", "properties": {f"field_{number}": {} for number in range(5000)}}

    said = noted(wide, {f"Field{number}": 0 for number in range(50_000)})

    assert said == ("/Field0 is not in the document; did you mean field_0?",)


def test_of_schemas_that_all_lead_to_all_the_nearest_are_read() -> None:
    """Reading has an end in documents in which each schema holds many others, and deep down nothing is said."""
    count = 400
    many = {f"m{i}": {"anyOf": [{"$ref": f"#/$defs/s{(i * 7 + j) % count}"} for j in range(2)]} for i in range(count)}
    wide = {
        f"s{i}": {"properties": {f"p{j}": {"$ref": f"#/$defs/m{(i * 3 + j) % count}"} for j in range(20)}}
        for i in range(count)
    }
    schema = {"$ref": "#/$defs/s0", "$defs": {**many, **wide}}
    deep: dict[str, Any] = {"P-0": 1}
    for _ in range(100):
        deep = {"p0": deep}

    assert noted(schema, {"P-0": 1}) == ("/P-0 is not in the document; did you mean p0?",)
    assert noted(schema, deep) == ()


@given(SCHEMAS, VALUES)
@settings(max_examples=100, deadline=None)
def test_any_schema_can_be_read_and_any_value_looked_at(schema: Any, value: Any) -> None:
    """Whether the value fits or not; where all names are declared nothing is said."""
    rules = Rules({ROOT: schema}, Patterns())
    names = names_in(rules.at(""), rules)

    assert names is None or not names.cover(value) or names.notes(value) == ()
