"""The effective document of a document in several files is one file that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.chance import Chance
from mockserver.http.admin import spec_yaml
from mockserver.openapi.document import Document
from mockserver.openapi.load import load

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
ANSWER = "{description: d, content: {application/json: {schema: %s}}}"


def answering(schema: str) -> str:
    """A document whose one operation answers with a schema."""
    return f"{HEAD}paths: {{/a: {{get: {{operationId: getA, responses: {{'200': {ANSWER % schema}}}}}}}}}\n"


NODE = "type: object\nrequired: [name, size]\nproperties:\n  name: {enum: [oak]}\n  size: {const: 5}\n"
SHAPES: dict[str, Mapping[str, str]] = {
    "back to the document": {
        "api.yaml": answering("{$ref: 'schemas/a.yaml'}") + "components: {schemas: {Name: {enum: [oak, elm]}}}",
        "schemas/a.yaml": "{required: [n], properties: {n: {$ref: '../api.yaml#/components/schemas/Name'}}}",
    },
    "itself": {
        "api.yaml": answering("{$ref: 'tree.yaml'}"),
        "tree.yaml": NODE + "  one: {$ref: '#'}\n  two: {$ref: tree.yaml}\n  three: {$ref: '#/properties/size'}",
    },
    "a sibling in another folder, in a circle": {
        "api.yaml": answering("{$ref: 'a/tree.yaml'}"),
        "a/tree.yaml": NODE + "  twig: {$ref: ../b/twig.yaml}",
        "b/twig.yaml": NODE + "  tree: {$ref: '../a/tree.yaml'}",
    },
    "escaped pointers": {
        "api.yaml": answering("{$ref: 'my files/all.yaml#/$defs/a~1b'}"),
        "my files/all.yaml": "$defs:\n  a/b: {type: array, minItems: 1, items: {$ref: '#/$defs/c%20~0{d}'}}\n"
        "  c ~{d}: {enum: [1, 2]}",
    },
    "a path item": {
        "api.yaml": HEAD + "paths: {/a: {$ref: 'paths/a.yaml'}, /b: {$ref: 'paths/a.yaml#/x-b'}}",
        "paths/a.yaml": f"get: {{operationId: getA, responses: {{'200': {ANSWER % '{$ref: ../node.yaml}'}}}}}\n"
        f"x-b: {{get: {{operationId: getB, responses: {{'200': {ANSWER % '{$ref: ../node.yaml}'}}}}}}}",
        "node.yaml": NODE + "  node: {$ref: node.yaml}",
    },
    "a parameter and a response": {
        "api.yaml": HEAD + "paths: {'/a/{id}': {get: {operationId: getA, parameters: [{$ref: parts.yaml#/id}], "
        "responses: {'200': {$ref: parts.yaml#/ok}, '404': {$ref: gone.yaml}}}}}",
        "parts.yaml": "id: {name: id, in: path, required: true, schema: {$ref: '#/number'}}\nnumber: {type: integer}\n"
        f"ok: {ANSWER % '{$ref: node.yaml}'}",
        "gone.yaml": "{$ref: 'parts.yaml#/ok'}",
        "node.yaml": NODE + "  node: {$ref: '#'}",
    },
    "one thing of two kinds": {
        "api.yaml": HEAD + "paths: {/a: {post: {operationId: getA, requestBody: {$ref: both.yaml}, "
        "responses: {'200': {$ref: both.yaml}}}}}",
        "both.yaml": "{$ref: 'text.yaml'}",
        "text.yaml": ANSWER % "{$ref: node.yaml}",
        "node.yaml": NODE,
    },
    "names": {
        "api.yaml": answering("{$ref: 'all.yaml#/$defs/A'}"),
        "all.yaml": "$id: https://example.test/all\n$defs:\n  A: {type: array, minItems: 2, items: {$ref: '#b'}}\n"
        "  B: {$anchor: b, anyOf: [{$ref: 'https://example.test/all#/$defs/C'}]}\n  C: {$id: c, enum: [1, 2]}",
    },
    "mappings": {
        "api.yaml": answering("{type: array, minItems: 9, items: {$ref: pets/any.yaml}}"),
        "pets/any.yaml": "oneOf: [{$ref: dog.yaml}, {$ref: 'all.yaml#/Cat'}, {$ref: '#/x-own/Cow'}]\n"
        "discriminator: {propertyName: is, mapping: {d: ./dog.yaml, c: 'all.yaml#/Cat', w: '#/x-own/Cow'}}\n"
        "x-own: {Cow: {type: object, required: [is, horns], properties: {is: {type: string}, horns: {const: 2}}}}",
        "pets/dog.yaml": "{type: object, required: [is, bark], properties: {is: {type: string}, bark: {const: 1}}}",
        "pets/all.yaml": "Cat: {required: [is, lives], properties: {is: {type: string}, lives: {const: 9}}}",
    },
    "x-files of the document's own": {
        "api.yaml": answering("{$ref: 'node.yaml'}") + "x-files: {mine: {any: [thing]}}",
        "node.yaml": NODE + "  node: {$ref: '#'}",
    },
}  # fmt: skip


def written(folder: Path, files: Mapping[str, str]) -> Document:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return load(folder / "api.yaml", name="api")


def answers(document: Document) -> list[Any]:
    """Forty sampled answers of each operation."""
    rules = [one.replies[0].media[0].rule for one in document.operations]
    return [document.sampler(rule).draw(Chance(number)) for rule in rules for number in range(40)]


@pytest.mark.parametrize("name", SHAPES)
def test_the_effective_document_is_one_file_that_says_the_same(name, tmp_path):
    """It loads where no other file is, nothing is odd that was not, and its operations answer alike; twice over."""
    given = written(tmp_path / "given", SHAPES[name])

    again = written(tmp_path / "again", {"api.yaml": spec_yaml(given)})

    assert given.remarks() == again.remarks() == ()
    assert [(one.label, one.id) for one in again.operations] == [(one.label, one.id) for one in given.operations]
    assert answers(again) == answers(given)
    assert spec_yaml(again) == spec_yaml(given)


@pytest.mark.parametrize("mapping", ["dog: ./dog.yaml", "dog: dog.yaml", "dog: 'own.yaml#/Dog'", "dog: Dog"])
def test_a_mapping_into_another_file_names_the_branch(mapping, tmp_path):
    """In what is sampled and in what is said of a value that does not fit."""
    dog = "{type: object, required: [is, bark], properties: {is: {type: string}, bark: {type: boolean}}}"
    cat = dog.replace("bark", "lives").replace("boolean", "integer")
    where = {"own.yaml#/Dog": "'own.yaml#/Dog'", "Dog": "'own.yaml#/components/schemas/Dog'"}
    aim = where.get(mapping.partition(": ")[2].strip("'"), "dog.yaml")
    files = {
        "api.yaml": answering("{$ref: own.yaml}"),
        "own.yaml": f"oneOf: [{{$ref: {aim}}}, {{$ref: '#/Cat'}}]\n"
        f"discriminator: {{propertyName: is, mapping: {{{mapping}, cat: '#/Cat'}}}}\n"
        f"Cat: {cat}\nDog: {dog}\ncomponents: {{schemas: {{Dog: {dog}}}}}",
        "dog.yaml": dog,
    }

    document = written(tmp_path, files)

    checker = document.operations[0].replies[0].media[0].checker
    assert checker is not None
    assert document.remarks() == ()
    assert {("bark" in one, one["is"]) for one in answers(document)} == {(True, "dog"), (False, "cat")}
    assert [str(one) for one in checker.explain({"is": "dog", "bark": 5}).violations] == ["/bark: 5 is not a boolean"]
    assert "is not one of" in str(checker.explain({"is": "cow"}).violations[0])


def test_a_mapping_of_a_parent_reaches_children_in_other_files(tmp_path):
    """The child takes the parent in by allOf; only the parent's mapping names it."""
    files = {
        "api.yaml": answering("{$ref: kids/dog.yaml}"),
        "pet.yaml": "type: object\nrequired: [is]\nproperties: {is: {type: string}}\n"
        "discriminator: {propertyName: is, mapping: {d: kids/dog.yaml}}",
        "kids/dog.yaml": "allOf: [{$ref: ../pet.yaml}]",
    }

    document = written(tmp_path, files)

    assert document.remarks() == ()
    assert {one["is"] for one in answers(document)} == {"d"}


@pytest.mark.parametrize("said", ["no.yaml", "../no.yaml", "https://example.test/a.yaml", "a.yaml#/No", "file:///a"])
def test_a_mapping_that_leads_nowhere_hinders_nothing(said, tmp_path):
    """It is a warning at its line."""
    schema = "{type: object, discriminator: {propertyName: is, mapping: {a: '%s'}}}" % said  # noqa: UP031

    (remark,) = written(tmp_path, {"api.yaml": answering(schema), "a.yaml": "{}"}).remarks()

    assert (remark.code, remark.at.line) == ("E707", 3)
    assert f'the mapping "{said}" leads nowhere' in remark.message


def test_schemas_below_an_extension_are_schemas_once_a_reference_leads_there(tmp_path):
    """Formats are held to, references followed, and a pattern that cannot be read is a warning, not an accident."""
    extra = "x-all: {A: {type: object, properties: {n: {$ref: '#/x-all/N'}, p: {pattern: '(?<n'}}}, N: {format: int32}}"
    document = written(tmp_path, {"api.yaml": answering("{$ref: '#/x-all/A'}") + extra})

    checker = document.operations[0].replies[0].media[0].checker
    assert checker is not None
    assert [one.code for one in document.remarks()] == ["E705"]
    assert [one.where for one in checker.explain({"n": 2**40, "p": "x"}).violations] == ["/n"]
