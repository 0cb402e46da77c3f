"""Which changes of a document break its clients, and which do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.diff import differences
from mockserver.contract.findings import Finding
from mockserver.openapi.document import Document
from mockserver.openapi.load import load

OK, HEAD = {"200": {"description": "fine"}}, {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
SCHEMES = {
    "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "Token": {"type": "http", "scheme": "bearer"},
    "OAuth": {"type": "oauth2", "flows": {}},
}
TREE = {
    "type": "object",
    "properties": {"name": STRING, "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
}
NARROW_TREE = {**TREE, "properties": {**TREE["properties"], "name": {"type": "string", "maxLength": 5}}}  # type: ignore[dict-item]  # a mapping
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "lives": INTEGER}}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "bites": {"type": "boolean"}}}
EITHER = {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}

Said = list[tuple[str, str, str]]


@pytest.fixture
def diff(tmp_path: Path) -> Any:
    """What is found between two documents, each given by its paths and schemas."""

    def read(name: str, paths: Any, more: dict[str, Any]) -> Document:
        schemas = {"Tree": TREE, "Cat": CAT, "Dog": DOG, **more.pop("schemas", {})}
        value = {**HEAD, "paths": paths, "components": {"schemas": schemas, "securitySchemes": SCHEMES}, **more}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value, indent=1), "utf-8")
        return load(path, name=name, label=f"{name}.json")

    def found(old: Any, new: Any, before: Any = (), after: Any = ()) -> tuple[Finding, ...]:
        return differences(read("old", old, dict(before)), read("new", new, dict(after)))

    return found


def operation(**said: Any) -> dict[str, Any]:
    """Paths with one operation."""
    return {"/a": {"post": {"operationId": "a", "responses": OK, **said}}}


def asked(schema: Any) -> dict[str, Any]:
    """Paths with an operation that takes such a body."""
    return operation(requestBody={"content": {"application/json": {"schema": schema}}})


def answered(schema: Any) -> dict[str, Any]:
    """Paths with an operation that answers such a body."""
    return operation(responses={"200": {"description": "", "content": {"application/json": {"schema": schema}}}})


def parameter(**said: Any) -> dict[str, Any]:
    """Paths with an operation that has one parameter."""
    return operation(parameters=[{"name": "q", "in": "query", "schema": STRING, **said}])


def thing(*required: str, **properties: Any) -> dict[str, Any]:
    """The schema of an object."""
    return {"type": "object", "required": list(required), "properties": properties}


def said(findings: tuple[Finding, ...]) -> Said:
    """What is compared."""
    return [(one.severity, one.code, one.sentence) for one in findings]


CASES: dict[str, tuple[Any, Any, Said]] = {
    "an operation is gone": (
        {**operation(), "/b": {"get": {"operationId": "b", "responses": OK}}},
        operation(),
        [("error", "E601", "GET /b was removed")],
    ),
    "an operation has another path": (
        operation(),
        {"/z": operation()["/a"]},
        [("error", "E601", "POST /a is POST /z now"), ("note", "E609", "POST /z is new")],
    ),
    "a path parameter has another name": (
        {"/a/{x}": {"get": {"responses": OK, "parameters": [{"name": "x", "in": "path", "required": True}]}}},
        {"/a/{y}": {"get": {"responses": OK, "parameters": [{"name": "y", "in": "path", "required": True}]}}},
        [],
    ),
    "a parameter is gone": (
        parameter(),
        operation(),
        [("warning", "E603", "query parameter q is gone, and has no effect")],
    ),
    "a parameter has another name": (
        parameter(),
        operation(parameters=[{"name": "r", "in": "query", "required": True, "schema": STRING}]),
        [
            ("error", "E602", "query parameter r: is new and required"),
            ("warning", "E603", "query parameter q is gone, and has no effect"),
        ],
    ),
    "a parameter is required now": (
        parameter(),
        parameter(required=True),
        [("error", "E602", "query parameter q: is required now")],
    ),
    "a parameter need not be there any more": (parameter(required=True), parameter(), []),
    "a new parameter may be sent": (operation(), parameter(), [("note", "E609", "query parameter q: is new")]),
    "a parameter has another type": (
        parameter(),
        parameter(schema=INTEGER),
        [("error", "E603", "query parameter q: may not be string any more")],
    ),
    "a parameter is written otherwise": (
        parameter(schema={"type": "array", "items": STRING}),
        parameter(schema={"type": "array", "items": STRING}, explode=False),
        [("error", "E603", "query parameter q: is written in another style: form, it was form, exploded")],
    ),
    "a body is required now": (
        operation(requestBody={"content": {"application/json": {}}}),
        operation(requestBody={"required": True, "content": {"application/json": {}}}),
        [("error", "E602", "the body: is required now")],
    ),
    "a media type is gone": (
        operation(requestBody={"content": {"application/json": {}, "text/plain": {}}}),
        operation(requestBody={"content": {"application/json": {}}}),
        [("error", "E603", "the body: is text/plain no more")],
    ),
    "a field is required now": (
        asked(thing(a=STRING)),
        asked(thing("a", a=STRING)),
        [("error", "E602", 'the body: needs "a" now')],
    ),
    "a new field may be sent": (
        asked(thing(a=STRING)),
        asked(thing(a=STRING, b=STRING)),
        [("note", "E609", 'the body: "b" may be sent now')],
    ),
    "a field is gone": (
        asked(thing(a=STRING)),
        asked(thing()),
        [("warning", "E603", 'the body: "a" is gone')],
    ),
    "a field is refused": (
        asked({**thing(a=STRING, b=STRING), "additionalProperties": False}),
        asked({**thing(a=STRING), "additionalProperties": False}),
        [("error", "E603", 'the body: "b" is refused now')],
    ),
    "other fields are refused": (
        asked(thing(a=STRING)),
        asked({**thing(a=STRING), "additionalProperties": False}),
        [("error", "E603", "the body: other fields are refused now")],
    ),
    "a field that only answers have is required": (
        asked(thing(id={**STRING, "readOnly": True})),
        asked(thing("id", id={**STRING, "readOnly": True})),
        [],
    ),
    "a number must be whole": (
        asked(thing(a={"type": "number"})),
        asked(thing(a=INTEGER)),
        [("error", "E603", "the body /a: may not be a fraction any more")],
    ),
    "a number need not be whole": (asked(thing(a=INTEGER)), asked(thing(a={"type": "number"})), []),
    "null is refused": (
        asked(thing(a={"type": ["string", "null"]})),
        asked(thing(a=STRING)),
        [("error", "E603", "the body /a: may not be null any more")],
    ),
    "a value is not listed any more": (
        asked(thing(a={"enum": ["x", "y"]})),
        asked(thing(a={"enum": ["y", "z"]})),
        [("error", "E603", 'the body /a: "x" is taken no more')],
    ),
    "bounds are narrower": (
        asked(thing(a={"type": "integer", "maximum": 9}, b={"type": "array"}, c={"type": "string", "minLength": 1})),
        asked(
            thing(
                a={"type": "integer", "maximum": 9, "exclusiveMinimum": 0},
                b={"type": "array", "maxItems": 3},
                c={"type": "string", "minLength": 2},
            )
        ),
        [
            ("error", "E603", "the body /a: more than 0"),
            ("error", "E603", "the body /b: at most 3 items"),
            ("error", "E603", "the body /c: at least 2 characters (it was 1)"),
        ],
    ),
    "bounds are wider": (
        asked(thing(a={"type": "integer", "exclusiveMaximum": 9}, c={"type": "string", "minLength": 1})),
        asked(thing(a={"type": "integer", "maximum": 9}, c=STRING)),
        [],
    ),
    "a pattern is new": (
        asked(thing(a=STRING)),
        asked(thing(a={"type": "string", "pattern": "^x"})),
        [("error", "E603", "the body /a: matches ^x now")],
    ),
    "a pattern is another": (
        asked(thing(a={"type": "string", "pattern": "^y"})),
        asked(thing(a={"type": "string", "pattern": "^x"})),
        [("warning", "E608", "the body /a: matches ^x now")],
    ),
    "a format is new": (
        asked(thing(a=STRING)),
        asked(thing(a={"type": "string", "format": "uuid"})),
        [("error", "E603", "the body /a: is of the format uuid now")],
    ),
    "a number has more room": (
        asked(thing(a={"type": "integer", "format": "int32"})),
        asked(thing(a={"type": "integer", "format": "int64"})),
        [],
    ),
    "items are of another type": (
        asked({"type": "array", "items": STRING}),
        asked({"type": "array", "items": INTEGER}),
        [("error", "E603", "the body /-: may not be string any more")],
    ),
    "allOf asks for more": (
        asked({"allOf": [thing(a=STRING), thing(b=STRING)]}),
        asked({"allOf": [thing(a=STRING), thing("b", b=STRING)]}),
        [("error", "E602", 'the body: needs "b" now')],
    ),
    "allOf is written out": (asked({"allOf": [thing("a", a=STRING)]}), asked(thing("a", a=STRING)), []),
    "an alternative is gone": (
        asked(EITHER),
        asked({"$ref": "#/components/schemas/Cat"}),
        [
            ("error", "E603", 'the body /kind: "dog" is taken no more'),
            ("warning", "E603", 'the body: "bites" is gone'),
            ("note", "E609", 'the body: "lives" may be sent now'),
        ],
    ),
    "an alternative of another type is gone": (
        asked({"oneOf": [STRING, INTEGER, {"type": "boolean"}]}),
        asked({"oneOf": [STRING, {"type": "boolean"}]}),
        [("error", "E603", "the body: may not be integer any more")],
    ),
    "an alternative is new": (asked({"oneOf": [STRING]}), asked({"oneOf": [STRING, INTEGER]}), []),
    "alternatives of one type are others": (
        asked({"oneOf": [thing("a", a=STRING), thing("b", b=STRING)]}),
        asked({"oneOf": [thing("a", a=STRING), thing("c", c=STRING)]}),
        [("warning", "E608", "the body: whether what was taken is one of the alternatives cannot be told")],
    ),
    "`not` is another": (
        asked({"type": "string", "not": {"const": "x"}}),
        asked({"type": "string", "not": {"const": "y"}}),
        [("warning", "E608", "the body: `not` is another")],
    ),
    "an answer is gone": (
        operation(responses={**OK, "202": {"description": ""}, "404": {"description": ""}}),
        operation(responses={**OK}),
        [("error", "E604", "the answer 202 was removed"), ("warning", "E604", "the answer 404 was removed")],
    ),
    "an answer is declared by its family": (
        operation(responses={**OK, "404": {"description": ""}}),
        operation(responses={**OK, "4XX": {"description": ""}}),
        [("note", "E609", "the answer 4XX is new")],
    ),
    "an answer is new": (
        operation(),
        operation(responses={**OK, "202": {"description": ""}, "404": {"description": ""}}),
        [("warning", "E604", "the answer 202 is new"), ("note", "E609", "the answer 404 is new")],
    ),
    "an answer has another media type": (
        operation(responses={"200": {"description": "", "content": {"text/csv": {}}}}),
        operation(responses={"200": {"description": "", "content": {"application/json": {}}}}),
        [("error", "E604", "the answer 200: is text/csv no more")],
    ),
    "a required field of an answer is gone": (
        answered(thing("a", a=STRING)),
        answered(thing()),
        [("error", "E605", 'the answer 200: "a" is gone')],
    ),
    "a field of an answer may be missing": (
        answered(thing("a", a=STRING)),
        answered(thing(a=STRING)),
        [("error", "E605", 'the answer 200: "a" may be missing now')],
    ),
    "an optional field of an answer is gone": (
        answered(thing(a=STRING)),
        answered(thing()),
        [("warning", "E605", 'the answer 200: "a" is not declared any more')],
    ),
    "an answer has a new field": (
        answered(thing(a=STRING)),
        answered(thing(a=STRING, b=STRING)),
        [("note", "E609", 'the answer 200: "b" is new')],
    ),
    "an answer may be null": (
        answered(thing(a=STRING)),
        answered(thing(a={"type": ["string", "null"]})),
        [("error", "E606", "the answer 200 /a: may be null now")],
    ),
    "an answer has a new value": (
        answered(thing(a={"enum": ["x"]})),
        answered(thing(a={"enum": ["x", "y"]})),
        [("warning", "E606", 'the answer 200 /a: may be "y" now')],
    ),
    "an answer is narrower": (
        answered(thing(a={"type": ["string", "null"]}, b={"enum": ["x", "y"]})),
        answered(thing("a", a={"type": "string", "maxLength": 9}, b={"enum": ["x"]})),
        [],
    ),
    "an answer may be something else": (
        answered({"oneOf": [STRING]}),
        answered({"oneOf": [STRING, thing(a=STRING)]}),
        [("error", "E606", "the answer 200: may be object now")],
    ),
    "a header of an answer is gone": (
        operation(responses={"200": {"description": "", "headers": {"X-A": {"required": True, "schema": STRING}}}}),
        operation(),
        [("error", "E605", "the answer 200, header X-A: is gone")],
    ),
    "a key is needed": (
        operation(),
        operation(security=[{"Key": []}]),
        [("error", "E607", "no key is not enough any more; it takes header X-Key")],
    ),
    "another key is needed": (
        operation(security=[{"Key": []}, {"Token": []}]),
        operation(security=[{"Token": []}]),
        [("error", "E607", "header X-Key is not enough any more; it takes header Authorization (bearer)")],
    ),
    "another key is taken too": (
        operation(security=[{"Key": []}]),
        operation(security=[{"Key": []}, {"Token": []}]),
        [],
    ),
    "a token travels as before": (operation(security=[{"Token": []}]), operation(security=[{"OAuth": []}]), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_named(diff: Any, case: str) -> None:
    """Each change is named once, as what it is for clients of the old document."""
    old, new, wanted = CASES[case]

    assert said(diff(old, new)) == wanted


@pytest.mark.parametrize("case", CASES)
def test_a_document_does_not_differ_from_itself(diff: Any, case: str) -> None:
    """Nothing is found where nothing changed."""
    old, new, _ = CASES[case]

    assert (diff(old, old), diff(new, new)) == ((), ())


def test_a_schema_within_itself_is_compared_once(diff: Any) -> None:
    """A recursive schema comes to an end, and its change is told once."""
    paths = asked({"$ref": "#/components/schemas/Tree"})
    found = diff(paths, paths, {}, {"schemas": {"Tree": NARROW_TREE}})

    assert said(found) == [("error", "E603", "the body /name: at most 5 characters")]


def test_what_operations_share_is_told_once(diff: Any) -> None:
    """A change of a schema that two operations use is one finding, which says that there are others."""
    paths = {**asked({"$ref": "#/components/schemas/Tree"}), "/b": asked({"$ref": "#/components/schemas/Tree"})["/a"]}
    paths["/b"] = {"post": {**paths["/b"]["post"], "operationId": "b"}}
    found = diff(paths, paths, {}, {"schemas": {"Tree": NARROW_TREE}})

    assert said(found) == [("error", "E603", "the body /name: at most 5 characters (and in 1 more operation)")]


def test_a_change_is_located_in_both_files(diff: Any, tmp_path: Path) -> None:
    """The place is the line of the new document, the other one that of the old."""
    (found,) = diff(asked(thing(a=STRING)), asked(thing(a={"type": "string", "maxLength": 3})))
    places = found.place, found.also
    lines = [(tmp_path / one.file).read_text("utf-8").splitlines()[one.line - 1].strip() for one in places]

    assert [one.file for one in places] == ["new.json", "old.json"]
    assert lines == ['"maxLength": 3', '"a": {']


def test_the_server_path_is_part_of_what_clients_ask_for(diff: Any) -> None:
    """Another path in `servers` may break whoever has the base URL by heart."""
    found = diff(operation(), operation(), {"servers": [{"url": "/v1"}]}, {"servers": [{"url": "/v2"}]})

    assert said(found) == [("warning", "E603", "the server path was /v1 and is /v2")]


def test_what_cannot_be_compared_in_bounds_is_said(diff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas that are too many to be compared end in one warning, not in an endless run."""
    monkeypatch.setattr("mockserver.contract.diff_schema._STEPS", 2)
    old, new = (thing(a=thing(b=one)) for one in (thing(c=STRING), thing("c", c=STRING)))
    (found,) = said(diff(asked(old), asked(new)))

    assert found == ("warning", "E608", "the body /a/b: the schemas are too large to be compared whole")
