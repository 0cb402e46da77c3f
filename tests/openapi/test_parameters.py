"""Parameters are read in their style, typed by their schema, and what is wrong with them is returned."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.openapi.coerce import kinds
from mockserver.openapi.operation import SecurityScheme
from mockserver.openapi.parameters import Arguments, read_parameters
from tests.openapi.operations import operation, parameter, resolver

INTEGERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}, "tag": {}}}
LIST = [3, 4, 5]
OBJECT = {"x": 1, "y": 2}


def read(*parameters: Any, path: dict[str, str] | None = None, query: str = "", headers: Any = (), **more: Any) -> Any:
    return read_parameters(operation(None, *parameters, **more), path or {}, query, headers)


def test_a_plain_path_parameter_is_its_text():
    """The common case: one string in the path, no query."""
    arguments = read(parameter("id", {"type": "string"}, "path"), path={"id": "p 1"})

    assert arguments == Arguments({"id": "p 1"}, {}, {}, {})


@pytest.mark.parametrize("text", ["p 1", "é"])
def test_a_path_parameter_may_be_any_text(text):
    """The quick way and the careful one read the same."""
    assert read(parameter("id", {"type": "string"}, "path"), path={"id": text}).path == {"id": text}


# style, explode -> text of a scalar, a list and an object; "Style Values" of the OpenAPI Specification, 3.1.1
IN_PATH = {
    "simple": ("simple", False, "5", "3,4,5", "x,1,y,2"),
    "simple, exploded": ("simple", True, "5", "3,4,5", "x=1,y=2"),
    "label": ("label", False, ".5", ".3,4,5", ".x,1,y,2"),
    "label, as OpenAPI 3.0 has it": ("label", False, ".5", ".3.4.5", ".x.1.y.2"),
    "label, exploded": ("label", True, ".5", ".3.4.5", ".x=1.y=2"),
    "matrix": ("matrix", False, ";p=5", ";p=3,4,5", ";p=x,1,y,2"),
    "matrix, exploded": ("matrix", True, ";p=5", ";p=3;p=4;p=5", ";x=1;y=2"),
}


@pytest.mark.parametrize(("style", "explode", "scalar", "array", "obj"), IN_PATH.values(), ids=IN_PATH)
def test_path_styles(style, explode, scalar, array, obj):
    """Each style of the path, for a scalar, a list and an object."""
    found = [
        read(parameter("p", schema, "path", style=style, explode=explode), path={"p": text})
        for schema, text in (({"type": "integer"}, scalar), (INTEGERS, array), (POINT, obj))
    ]

    assert [one.path["p"] for one in found] == [5, LIST, OBJECT]
    assert not any(one.violations for one in found)


IN_QUERY = {
    "form": ("form", True, INTEGERS, "p=3&p=4&p=5", LIST),
    "form, one item": ("form", True, INTEGERS, "p=3", [3]),
    "form, not exploded": ("form", False, INTEGERS, "p=3,4,5", LIST),
    "form, encoded commas": ("form", False, INTEGERS, "p=3%2C4%2C5", LIST),
    "form, a comma within an item": ("form", False, {"type": "array"}, "p=a%2Cb,c", ["a,b", "c"]),
    "form, no item": ("form", False, INTEGERS, "p=", []),
    "form object": ("form", True, POINT, "x=1&y=2", OBJECT),
    "form object of any names": (
        "form", True, {"type": "object", "additionalProperties": {"type": "integer"}}, "a=1&b=2", {"a": 1, "b": 2},
    ),
    "form object that names nothing": ("form", True, {"type": "object"}, "a=1&b=t", {"a": 1, "b": "t"}),
    "form object, lists": (
        "form", True, {"type": "object", "properties": {"l": INTEGERS, "m": INTEGERS}}, "l=3&m=6&l=4",
        {"l": [3, 4], "m": [6]},
    ),
    "form object of any names, lists": (
        "form", True, {"type": "object", "additionalProperties": INTEGERS}, "l=3&m=6&l=4", {"l": [3, 4], "m": [6]},
    ),
    "form object that names nothing, lists": ("form", True, {"type": "object"}, "l=3&m=t&l=4", {"l": [3, 4], "m": "t"}),
    "form object, not exploded": ("form", False, POINT, "p=x,1,y,2", OBJECT),
    "spaceDelimited": ("spaceDelimited", False, INTEGERS, "p=3%204%205", LIST),
    "spaceDelimited, plus": ("spaceDelimited", False, INTEGERS, "p=3+4+5", LIST),
    "spaceDelimited, exploded": ("spaceDelimited", True, INTEGERS, "p=3&p=4&p=5", LIST),
    "pipeDelimited": ("pipeDelimited", False, INTEGERS, "p=3|4|5", LIST),
    "pipeDelimited, encoded": ("pipeDelimited", False, INTEGERS, "p=3%7C4%7C5", LIST),
    "deepObject": ("deepObject", True, POINT, "p[x]=1&p%5By%5D=2", OBJECT),
    "deepObject, nested": (
        "deepObject", True, {"type": "object"}, "p[a][b]=1&p[a][c]=t&p[d]=2", {"a": {"b": 1, "c": "t"}, "d": 2},
    ),
    "deepObject, lists": (
        "deepObject", True, {"type": "object", "properties": {"l": INTEGERS, "m": INTEGERS, "n": INTEGERS}},
        "p[l]=3&p[l]=4&p[m][]=5&p[n]=6", {"l": [3, 4], "m": [5], "n": [6]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("style", "explode", "schema", "query", "value"), IN_QUERY.values(), ids=IN_QUERY)
def test_query_styles(style, explode, schema, query, value):
    """Each style of the query."""
    arguments = read(parameter("p", schema, style=style, explode=explode), query=query)

    assert arguments.violations == ()
    assert arguments.query["p"] == value


def test_an_object_of_any_names_takes_no_field_of_another_parameter():
    """Nor the key; what is left is its own, and where nothing is left it is missing."""
    any_names = parameter("p", {"type": "object", "additionalProperties": {"type": "string"}}, required=True)
    others = [
        parameter("page", {"type": "integer"}),
        parameter("at", POINT),
        parameter("deep", {"type": "object"}, style="deepObject"),
    ]
    key = ((SecurityScheme("Key", "apiKey", "query", "key"),),)
    one = replace(operation(None, any_names, *others), security=key)

    found = read_parameters(one, {}, "colour=red&page=2&x=1&deep[a]=b&key=secret", ())
    missing = read_parameters(one, {}, "page=2&x=1&deep[a]=b&key=secret", ())

    assert found.query["p"] == {"colour": "red"}
    assert [violation.where for violation in missing.violations] == ["/p"]


TYPED = {
    "an integer": ({"type": "integer"}, "5", 5),
    "a number": ({"type": "number"}, "-1.5e2", -150.0),
    "a large integer": ({"type": "integer"}, "1" * 30, int("1" * 30)),
    "a boolean": ({"type": "boolean"}, "true", True),
    "a string that looks like a number": ({"type": "string"}, "5", "5"),
    "an empty string": ({"type": "string"}, "", ""),
    "null": ({"type": ["integer", "null"]}, "", None),
    "a list of types": ({"type": ["integer", "string"]}, "5", "5"),
    "anyOf, the text does not fit": ({"anyOf": [{"type": "integer"}, {"enum": ["auto"]}]}, "5", 5),
    "anyOf, the text fits": ({"anyOf": [{"type": "integer"}, {"enum": ["auto"]}]}, "auto", "auto"),
    "allOf": ({"allOf": [{"type": ["integer", "string"]}, {"type": "integer"}]}, "5", 5),
    "an enum of numbers": ({"enum": [1, 2]}, "2", 2),
    "a constant": ({"const": True}, "true", True),
    "nullable, as OpenAPI 3.0 has it": ({"type": "integer", "nullable": True}, "7", 7),
    "a reference": ({"$ref": "#/schemas/Count"}, "7", 7),
    "anything": ({}, "5", "5"),
    "a string or a list": ({"anyOf": [{"type": "string"}, {"type": "array"}]}, "5", "5"),
    "plus and escapes": ({"type": "string"}, "a+b%2B%C3%A9", "a b+é"),
}


@pytest.mark.parametrize(("schema", "raw", "value"), TYPED.values(), ids=TYPED)
def test_a_text_becomes_what_the_schema_lets_through(schema, raw, value):
    """Text is typed by the schema; among several types the first reading that fits wins, text before others."""
    checked = {"schemas": {"Count": {"type": "integer"}}, **schema} if "$ref" in schema else schema
    one = parameter("p", checked, kinds=kinds(checked, resolver({"Count": {"type": "integer"}})))

    arguments = read(one, query=f"p={raw}", schemas={"Count": {"type": "integer"}})

    assert arguments.violations == ()
    assert arguments.query["p"] == value
    assert type(arguments.query["p"]) is type(value)


def test_repeated_fields_make_a_list_where_one_may_be():
    """`anyOf` of a string and a list is a list as soon as the field is repeated."""
    either = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

    assert read(parameter("p", either), query="p=a&p=b").query == {"p": ["a", "b"]}


WRONG: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "a query parameter is missing": (
        parameter("limit", {"type": "integer"}, required=True), {},
        "E102", "query limit: is missing; the query parameter is required",
    ),
    "a path parameter is missing": (
        parameter("id", {"type": "string"}, "path"), {}, "E103", "path id: is missing; the path parameter is required",
    ),
    "a header is missing": (
        parameter("X-Trace", {"type": "string"}, "header", required=True), {"headers": [("Other", "1")]},
        "E104", "header X-Trace: is missing; the header parameter is required",
    ),
    "a cookie is missing": (
        parameter("session", {"type": "string"}, "cookie", required=True), {"headers": [("Cookie", "a=1")]},
        "E104", "cookie session: is missing; the cookie parameter is required",
    ),
    "not what the schema wants": (
        parameter("limit", {"type": "integer"}), {"query": "limit=five"}, "E102", "query limit: 'five' breaks type",
    ),
    "a fraction is no integer": (
        parameter("limit", {"type": "integer"}), {"query": "limit=1.5"}, "E102", "query limit: '1.5' breaks type",
    ),
    "a number too large": (
        parameter("limit", {"type": "number"}), {"query": "limit=1e999"}, "E102", "query limit: '1e999' breaks type",
    ),
    "out of bounds": (
        parameter("limit", {"type": "integer", "maximum": 10}), {"query": "limit=11"},
        "E102", "query limit: 11 breaks maximum",
    ),
    "Python's True": (
        parameter("all", {"type": "boolean"}), {"query": "all=True"}, "E102", "query all: 'True' breaks type",
    ),
    "an item": (parameter("ids", INTEGERS), {"query": "ids=1&ids=b"}, "E102", "query ids/1: 'b' breaks type"),
    "a single value twice": (
        parameter("limit", {"type": "integer"}), {"query": "limit=1&limit=2"},
        "E102", "query limit: 1 is given 2 times, but is a single value",
    ),
    "a bad escape": (
        parameter("q", {"type": "string"}), {"query": "q=100%"},
        "E102", "query q: 100% has a % that no two hexadecimal digits follow; write it as %25",
    ),
    "not UTF-8": (
        parameter("q", {"type": "string"}, required=True), {"query": "q=%FF"},
        "E102", "query q: %FF is not UTF-8 where it is percent-encoded",
    ),
    "a name without a value": (
        parameter("p", POINT, explode=False), {"query": "p=x,1,y"},
        "E102", "query p: x,1,y is not a list of names and values in turn",
    ),
    "an empty integer": (parameter("n", {"type": "integer"}), {"query": "n="}, "E102", "query n: '' breaks type"),
    "a value and members": (
        parameter("p", POINT, style="deepObject"), {"query": "p[x]=1&p[x][y]=2"},
        "E102", 'query p: gives "x" a value and members',
    ),
    "too many brackets": (
        parameter("p", POINT, style="deepObject"), {"query": "p" + "[a]" * 17 + "=1"},
        "E102", "query p: has more than 16 brackets",
    ),
    "no dot": (
        parameter("id", {"type": "integer"}, "path", style="label"), {"path": {"id": "5"}},
        "E103", 'path id: 5 does not begin with "." (style label)',
    ),
    "no semicolon": (
        parameter("id", {"type": "integer"}, "path", style="matrix"), {"path": {"id": "5"}},
        "E103", 'path id: 5 does not begin with ";" (style matrix)',
    ),
    "another matrix": (
        parameter("id", {"type": "integer"}, "path", style="matrix"), {"path": {"id": ";no=5"}},
        "E103", 'path id: ;no=5 is not written as ";id=" (style matrix)',
    ),
    "no pairs": (
        parameter("X-P", POINT, "header", explode=True), {"headers": [("X-P", "x,1")]},
        "E104", "header X-P: x,1 is not a list of name=value",
    ),
    "a name twice": (
        parameter("X-P", POINT, "header", explode=True), {"headers": [("X-P", "x=1,x=2")]},
        "E104", 'header X-P: x=1,x=2 names "x" twice',
    ),
    "bytes that are no text": (
        parameter("X-T", {"type": "string"}, "header"), {"headers": [("X-T", "a\udcff")]},
        "E104", "header X-T: a\\udcff is not UTF-8",
    ),
    "bytes that are no plain text": (
        parameter("X-T", {"type": "string"}, "header", media_type="text/plain"), {"headers": [("X-T", "a\udcff")]},
        "E104", "header X-T: a\\udcff is not UTF-8",
    ),
    "not JSON": (
        parameter("f", {"type": "object"}, media_type="application/json"), {"query": "f=%7B"},
        "E102",
        "query f: { is not JSON: expecting property name enclosed in double quotes at line 1, column 2",
    ),
    "JSON with a fault": (
        parameter("f", {"type": "object"}, media_type="application/json"), {"query": 'f={"a":1,"a":2}'},
        "E102", 'query f: {"a":1,"a":2} is refused: the name "a" occurs twice',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "sent", "code", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_returned(one, sent, code, sentence):
    """A parameter that does not fit is one violation with its place, its code and its rule; it has no value."""
    arguments = read(one, **sent)

    (violation,) = arguments.violations
    assert str(violation) == sentence
    assert (violation.code, violation.part) == (code, one.location)
    assert violation.where.startswith(f"/{one.name}")
    assert violation.rule in (one.rule, "/schema")
    assert one.name not in {**arguments.path, **arguments.query, **arguments.header, **arguments.cookie}


def test_all_that_is_wrong_is_told_together():
    """One violation for each parameter that does not fit; the good ones have their values."""
    arguments = read(
        parameter("a", {"type": "integer"}),
        parameter("b", {"type": "integer"}, required=True),
        parameter("c", {"type": "integer"}),
        query="a=x&c=1",
    )

    assert [violation.where for violation in arguments.violations] == ["/a", "/b"]
    assert arguments.query == {"c": 1}


def test_an_absent_optional_parameter_has_no_value():
    """What was not sent is not there."""
    text = {"type": "string"}
    objects = parameter("o", POINT), parameter("d", POINT, style="deepObject")

    arguments = read(parameter("q", text), parameter("X", text, "header"), parameter("c", text, "cookie"), *objects)

    assert arguments == Arguments({}, {}, {}, {})


def test_undeclared_query_fields_are_kept_as_text():
    """Vendors ignore them; a scenario may still look at them."""
    arguments = read(
        parameter("a", {"type": "integer"}),
        parameter("d", POINT, style="deepObject"),
        query="a=1&trace=t+1&d[x]=1&tag=x&tag=y&%ZZ=1&bad=%FF&&empty",
    )

    assert arguments.violations == ()
    assert arguments.query == {"a": 1, "d": {"x": 1}, "trace": "t 1", "tag": ["x", "y"], "empty": ""}


def test_headers_are_found_whatever_their_case():
    """Header names have no case; a repeated header is a list."""
    arguments = read(
        parameter("X-Ids", INTEGERS, "header"),
        parameter("X-Trace", {"type": "string"}, "header"),
        headers=[("x-ids", "1, 2"), ("X-IDS", "3"), ("x-trace", "t, u")],
    )

    assert arguments.header == {"X-Ids": [1, 2, 3], "X-Trace": "t, u"}


@pytest.mark.parametrize("name", ["Accept", "Content-Type", "authorization"])
def test_some_headers_are_no_parameters(name):
    """OpenAPI ignores header parameters that say what other parts of the document say."""
    assert read(parameter(name, {"type": "integer"}, "header", required=True)).violations == ()


def test_cookies_are_read():
    """Cookies are fields: typed, percent-decoded where well encoded, quotes taken off."""
    arguments = read(
        parameter("n", {"type": "integer"}, "cookie"),
        parameter("s", {"type": "string"}, "cookie"),
        parameter("q", {"type": "string"}, "cookie"),
        parameter("ids", INTEGERS, "cookie", explode=False),
        parameter("bytes", {"type": "string"}, "cookie"),
        headers=[("cookie", 'n=5; s=a%20b+c; q="100%"'), ("Cookie", "ids=1,2; junk; bytes=\udcff")],
    )

    assert arguments.violations == ()
    assert arguments.cookie == {"n": 5, "s": "a b+c", "q": "100%", "ids": [1, 2], "bytes": "\ufffd"}


def test_a_parameter_may_hold_json():
    """A `content` parameter of a JSON media type is parsed; of another one it is text."""
    arguments = read(
        parameter("f", {"type": "object"}, media_type="application/json"),
        parameter("t", {"type": "string"}, media_type="text/plain"),
        query='f={"a":[1]}&t=5',
    )

    assert arguments.query == {"f": {"a": [1]}, "t": "5"}


def test_an_empty_value_can_be_allowed():
    """`allowEmptyValue` lets `?flag` pass whatever the schema says."""
    arguments = read(parameter("flag", {"type": "boolean"}, allow_empty=True), query="flag")

    assert arguments == Arguments({}, {"flag": ""}, {}, {})


def test_names_are_escaped_in_pointers():
    """A place is a JSON Pointer, so a slash in a name is written ~1."""
    (violation,) = read(parameter("a/b", {"type": "integer"}), query="a/b=x").violations

    assert violation.where == "/a~1b"
