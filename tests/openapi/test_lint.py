"""What is odd about a document, each with its place and code."""

from __future__ import annotations

import pytest

from tests.openapi.documents import OK, paths

NAMED = (
    "Cat: {type: object, required: [kind], properties: {kind: {const: cat}}}, "
    "Dog: {type: object, required: [kind], properties: {kind: {const: dog}}}"
)
BARKS = "{type: object, properties: {bark: {type: string}}}"
MEOWS = "{type: object, properties: {meow: {type: integer}}}"
FORM = "{type: object, properties: {'runs.*.inputs': {type: string, format: json}}}"
JSON = "{type: object, required: [runs], properties: {runs: {type: array, items: {type: object}}}}"


def schemas(text: str) -> str:
    return paths(OK) + f"components: {{schemas: {{{text}}}}}\n"


def posted(content: str) -> str:
    return f"paths: {{/a: {{post: {{operationId: postA, requestBody: {{content: {{{content}}}}}, {OK}}}}}}}\n"


ODD = {
    "overlap": (schemas("A: {oneOf: [{type: string}, {type: string, minLength: 2}]}"), "E703", "/A/oneOf/1"),
    "objects that {} fits": (schemas(f"A: {{oneOf: [{BARKS}, {MEOWS}]}}"), "E703", "/A/oneOf/1"),
    "closed objects that {} fits": (
        schemas(
            f"A: {{oneOf: [{BARKS[:-1]}, additionalProperties: false}}, {MEOWS[:-1]}, additionalProperties: false}}]}}"
        ),
        "E703",
        "/A/oneOf/1",
    ),
    "objects that one object fits": (
        schemas(
            "A: {oneOf: [{type: object, required: [id], properties: {id: {type: string}, bark: {type: string}}}, "
            "{type: object, required: [id], properties: {id: {type: string}, meow: {type: string}}}]}"
        ),
        "E703",
        "/A/oneOf/1",
    ),
    "objects that fit beside what is demanded of both": (
        schemas(f"A: {{required: [id], properties: {{id: {{type: integer}}}}, oneOf: [{BARKS}, {MEOWS}]}}"),
        "E703",
        "/A/oneOf/1",
    ),
    "only two of three": (
        schemas(f"A: {{oneOf: [{BARKS}, {{type: string}}, {MEOWS}]}}"),
        "E703",
        "/A/oneOf/2",
    ),
    "one tag for two": (
        schemas(
            "A: {oneOf: [{type: object, required: [t], properties: {t: {enum: [x]}}}, "
            "{type: object, required: [t], properties: {t: {enum: [y, x]}}}]}"
        ),
        "E703",
        "/A/oneOf/1",
    ),
    "a discriminator to which no branch holds": (
        schemas(
            "C: {type: object, required: [t], properties: {t: {type: string}}}, D: {type: object}, "
            "A: {oneOf: [{$ref: '#/components/schemas/C'}, {$ref: '#/components/schemas/D'}], "
            "discriminator: {propertyName: t}}"
        ),
        "E703",
        "/A/oneOf/1",
    ),
    "lists that [] fits": (
        schemas("A: {oneOf: [{type: array, items: {type: string}}, {type: array, items: {type: integer}}]}"),
        "E703",
        "/A/oneOf/1",
    ),
    "trap": (schemas("A: {oneOf: [{type: integer}, {type: number}]}"), "E703", "/A/oneOf"),
    "example of a schema": (schemas("A: {type: integer, example: many}"), "E704", "/A/example"),
    "one of several": (schemas("A: {type: integer, examples: [1, many]}"), "E704", "/A/examples/1"),
    "default": (schemas("A: {properties: {b: {type: integer, default: x}}}"), "E704", "/A/properties/b/default"),
    "pattern": (schemas("A: {pattern: '(?<n'}"), "E705", "/A/pattern"),
    "no property name": (schemas("A: {discriminator: {mapping: {}}}"), "E707", "/A/discriminator"),
    "mapping to nowhere": (
        schemas(f"{NAMED}, A: {{discriminator: {{propertyName: kind, mapping: {{cat: Cats}}}}}}"),
        "E707",
        "/A/discriminator/mapping/cat",
    ),
    "mapping to no file": (
        schemas("A: {discriminator: {propertyName: kind, mapping: {cat: 'cats.yaml#/Cat'}}}"),
        "E707",
        "/A/discriminator/mapping/cat",
    ),
    "mapping to no branch": (
        schemas(
            f"{NAMED}, A: {{oneOf: [{{$ref: '#/components/schemas/Cat'}}], "
            "discriminator: {propertyName: kind, mapping: {dog: '#/components/schemas/Dog'}}}"
        ),
        "E707",
        "/A/discriminator/mapping/dog",
    ),
    "mapping to an inline schema": (
        schemas(
            "A: {anyOf: [{type: object}, {type: string}], "
            "discriminator: {propertyName: kind, mapping: {one: '#/components/schemas/A/anyOf/0'}}}"
        ),
        "E707",
        "/A/discriminator/mapping/one",
    ),
    "servers of an operation": (paths(f"servers: [{{url: /b}}], {OK}"), "E708", "/get/servers"),
    "unknown field": (paths(f"colour: red, {OK}"), "E708", "/get/colour"),
    "wildcard": (posted(f"multipart/form-data: {{schema: {FORM}}}"), "E709", "/schema"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_told_once_with_its_code_and_place(document, name):
    """One remark, with the line, the pointer and what would be better."""
    text, code, end = ODD[name]

    (remark,) = document(text).remarks()

    assert remark.code == code
    assert remark.at.pointer.endswith(end)
    assert str(remark).startswith("specs/api.yaml:")
    assert remark.hint


SOUND = {
    "branches told apart by a constant": schemas(
        f"{NAMED}, A: {{oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}]}}"
    ),
    "by a constant that may be left out": schemas(
        "A: {oneOf: [{type: object, properties: {t: {const: a}}}, {type: object, properties: {t: {enum: [b, c]}}}]}"
    ),
    "by a property that the whole demands": schemas(
        "A: {type: object, required: [t], oneOf: [{properties: {t: {const: a}}}, {properties: {t: {const: b}}}]}"
    ),
    "by what they demand": schemas("A: {oneOf: [{type: object, required: [a]}, {type: object, required: [b]}]}"),
    "by which property is there": schemas(
        "A: {type: object, properties: {a: {}, b: {}}, oneOf: [{required: [a]}, {required: [b]}]}"
    ),
    "by names that only one allows": schemas(
        "A: {oneOf: [{type: object, required: [a], properties: {a: {}}, additionalProperties: false}, "
        "{type: object, required: [b], properties: {b: {}}, additionalProperties: false}]}"
    ),
    "by the type of a property": schemas(
        "A: {oneOf: [{type: object, required: [a], properties: {a: {type: string}}}, "
        "{type: object, required: [a], properties: {a: {type: integer}}}]}"
    ),
    "by the type of a property that the whole demands": schemas(
        "A: {type: object, required: [a], properties: {a: {type: [string, integer]}}, "
        "oneOf: [{properties: {a: {type: string}}}, {properties: {a: {type: integer}}}]}"
    ),
    "a oneOf that is no schema and that nothing uses": schemas("A: {oneOf: [{type: 5}, {type: object}, {}]}"),
    "an example of what is no schema and that nothing uses": schemas("A: {type: 5, example: 1}"),
    "a oneOf that leads back to itself": schemas(
        "A: {oneOf: [{type: 'null'}, {type: object, required: [next], "
        "properties: {next: {$ref: '#/components/schemas/A'}}}]}"
    ),
    "examples": schemas("A: {type: integer, example: 1, examples: [2], default: 3}"),
    "what only requests have": schemas(
        "A: {type: object, required: [w], properties: {w: {type: string, writeOnly: true}}, example: {w: x}}"
    ),
    "mapping by name and by reference": schemas(
        f"{NAMED}, A: {{oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}], "
        "discriminator: {propertyName: kind, mapping: {cat: Cat, dog: '#/components/schemas/Dog'}}}"
    ),
    "accepted": schemas(
        "A: {anyOf: [{type: object}], x-accepted: {inline-mapping: as published}, "
        "discriminator: {propertyName: kind, mapping: {one: '#/components/schemas/A/anyOf/0'}}}"
    ),
    "wildcard beside JSON": posted(f"application/json: {{schema: {JSON}}}, multipart/form-data: {{schema: {FORM}}}"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_not_remarked_upon(document, name):
    """Nor what its document accepts, with a reason."""
    assert document(SOUND[name]).remarks() == ()


def test_what_stands_beside_a_reference_of_3_0_is_not_looked_at(document):
    """It is ignored there, so that it can be no fault of a document that is served."""
    beside = "properties: {b: {type: integer, example: many}, c: {oneOf: [{}, {}]}}"
    text = schemas(f"B: {{type: object}}, A: {{allOf: [{{$ref: '#/components/schemas/B', {beside}}}]}}")

    loaded = document(text, head="openapi: 3.0.3\ninfo: {title: Things, version: '1'}\n")

    assert loaded.remarks() == ()


def test_examples_inside_schemas_are_looked_at_when_asked(document):
    """They hinder nothing, so that a start does not wait for them."""
    assert document(ODD["example of a schema"][0]).warnings == ()


def test_the_effective_document_has_no_servers_but_its_own(document):
    """Those of paths and operations are not heeded, and whoever reads it must not go there."""
    text = "servers: [{url: /v1}]\npaths: {/a: {servers: [{url: /p}], get: {servers: [{url: /o}], " + OK + "}}}\n"

    loaded = document(text)

    assert [one.code for one in loaded.warnings] == ["E708", "E708"]
    assert loaded.effective()["servers"] == [{"url": "/v1"}]
    assert "servers" not in loaded.effective()["paths"]["/a"]
    assert "servers" not in loaded.effective()["paths"]["/a"]["get"]
