"""Faults of documents: what is only remarked upon, and what stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.errors import MockserverError
from mockserver.openapi.load import load
from tests.openapi.documents import HEAD, OK, paths


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (paths(OK, "/a/{x}"), 'the path parameter "x" is not declared: any text fits; declare it'),
        (
            paths(f"parameters: [{{name: x, in: path, required: true, schema: {{}}}}], {OK}"),
            '"x" is not in the path /a',
        ),
        (paths(f"parameters: [{{name: x, in: path, schema: {{}}}}], {OK}", "/{x}"), '"x" is not marked as required'),
        (
            paths(f"parameters: [{{name: Accept, in: header, schema: {{}}}}], {OK}"),
            'a header parameter called "Accept"',
        ),
        (paths(f"parameters: [{{name: x, in: query}}], {OK}"), '"x" has no schema: anything fits'),
        (paths("responses: {'200': {description: d, content: {a/b: {}, 'a/b; c=d': {}}}}"), '"a/b" is described twice'),
        (paths(OK) + "components: {schemas: {A: {type: string, nullable: true}}}", "nullable is a word of OpenAPI 3.0"),
        (
            paths(OK) + "components: {schemas: {A: {pattern: '(?<n'}}}",
            "the pattern (?<n cannot be read and is not checked",
        ),
        (paths(OK) + "components: {securitySchemes: {A: {type: mutualTLS}}}", "A asks for a client certificate"),
        (paths(OK) + "jsonSchemaDialect: http://json-schema.org/draft-07/schema", "is read as JSON Schema 2020-12"),
        ("paths: {}", "there are no paths to serve"),
    ],
)
def test_a_fault_that_does_not_hinder_is_a_warning(document, text, remark):
    """The document is served, and `check` has something to say, with the line."""
    (warning,) = document(text).warnings

    assert remark in str(warning)
    assert str(warning).startswith("specs/api.yaml:")


def test_openapi_3_2_is_read_as_3_1(document):
    """A newer document is served as far as we know it."""
    (warning,) = document(paths(OK), head="openapi: 3.2.0\ninfo: {}\n").warnings

    assert "OpenAPI 3.2 is read as 3.1" in str(warning)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("[1]", 'specs/api.yaml:1:1  is not an OpenAPI document; it is a mapping that begins with "openapi: 3.1.0"'),
        ("info: {}", 'specs/api.yaml:1:1  is not an OpenAPI document; it begins with "openapi: 3.1.0"'),
        (
            "swagger: '2.0'",
            "specs/api.yaml:1:1  /swagger  Swagger 2.0 is not served; convert the document to OpenAPI 3.1",
        ),
        ("openapi: 4.0.0", 'specs/api.yaml:1:1  /openapi  OpenAPI "4.0.0" is not known; write "3.1.0" or "3.0.3"'),
        (
            "openapi: 3.1.0",
            "specs/api.yaml:1:1  /paths  the document has no paths; `paths` is a mapping of paths to operations",
        ),
        ("openapi: 3.1.0\npaths: []", "specs/api.yaml:2:1  /paths  paths must be a mapping; check the indentation"),
        ("openapi: 3.1.0\npaths: {}\ninfo: x", "specs/api.yaml:3:1  /info  info must be a mapping"),
    ],
)
def test_what_is_no_openapi_document_says_what_one_is(refusal, head, message):
    """The wrong file, the wrong version and a document without paths are one sentence each."""
    assert refusal("", head=head).startswith(message)


SCHEME = "components: {securitySchemes: {Key: {%s}}}"
REF = "components: {schemas: {A: {$ref: '%s'}}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (paths(f"operationId: a, {OK}") + f"  /b: {{get: {{operationId: a, {OK}}}}}",
         'specs/api.yaml:6:14  /paths/~1b/get/operationId  the operationId "a" is taken by GET /a; give'),
        (paths(OK, "/a/{x}") + f"  /a/{{y}}: {{get: {{{OK}}}}}", "GET /a/{y} fits the same paths as GET /a/{x}; keep"),
        (paths(OK, "/a/{x}/{x}"), 'the path "/a/{x}/{x}" has two parameters called "x"; correct the path'),
        (paths(OK, "a"), 'the path "a" does not begin with "/"'),
        (paths(f"parameters: [{{name: q, in: query, schema: {{}}}}, {{name: q, in: query, schema: {{}}}}], {OK}"),
         '/paths/~1a/get/parameters/1  a second query parameter is called "q"; keep one of them'),
        (paths(f"parameters: [{{name: q, in: body}}], {OK}"), 'the parameter "q" is nowhere; `in` is one of path'),
        (paths(f"parameters: [{{name: q, in: query, style: simple, schema: {{}}}}], {OK}"),
         '/parameters/0/style  the query parameter "q" has no style "simple"; write one of form, spaceDelimited'),
        (paths(f"parameters: [{{name: q, in: query, content: {{a/b: {{}}, c/d: {{}}}}}}], {OK}"),
         '"q" must have either a schema or one media type'),
        (paths(f"parameters: {{}}, {OK}"), "a mapping stands where a list (parameter) must be"),
        (paths("responses: {'200':}"), "nothing stands where a mapping (response) must be; check the indentation"),
        (paths("responses: {2000: {description: d}}"), '"2000" is no status; write one like "200", "4XX" or "default"'),
        (paths(f"security: [{{Kee: []}}], {OK}") + SCHEME % "type: apiKey, in: query, name: k",
         '/paths/~1a/get/security/0/Kee  there is no security scheme "Kee"; did you mean "Key"?'),
        (paths(f"security: Key, {OK}"), "security must be a list of mappings"),
        (paths(OK) + SCHEME % "type: apiKey, in: body, name: k", "the key of Key travels nowhere"),
        (paths(OK) + SCHEME % "type: key", "Key has no type that is known"),
        (paths(OK) + REF % "#/components/schemas/B", '"#/components/schemas/B" leads nowhere; known: A'),
        (paths(OK) + REF % "#/components/nope/B", '"#/components/nope/B" leads nowhere; there is no /components/nope'),
        (paths(OK) + REF % "https://example.test/a.yaml", "is on the network, which is never asked; save it beside"),
        (paths(OK) + REF % "../a.yaml", '"../a.yaml" is outside the folder of the document'),
        (paths(OK) + REF % "file:///etc/passwd", '"file:///etc/passwd" is an absolute file address: references'),
        (paths(OK) + REF % "C:/specs/a.yaml", '"C:/specs/a.yaml" is an absolute file address: references stay in and'),
        (paths(OK) + REF % ".", '"." is a folder; write which file in it is meant'),
        (paths(OK) + REF % ("a" * 300), 'leads to no file that can be read; check the path'),
        (paths(OK) + REF % "a%00.yaml", 'leads to no file that can be read; check the path'),
        (paths(OK) + REF % "a.yaml" + "\nx-files: 5", '/x-files  "5" stands where the files that are referred to must'),
        (paths(OK) + REF % "/etc/passwd", '"etc/passwd"'),
        (paths(OK) + REF % "a.yaml", 'there is no file "a.yaml"; check the path'),
        (paths(OK) + REF % "#A", '"#A" leads nowhere; no schema there has the `$anchor` "A"'),
        (paths(OK) + REF % "#/components/schemas/A", "this refers back to itself without ever reaching a value"),
        (paths(OK) + "components: {schemas: {A: {not: {$ref: '#/components/schemas/A'}}}}", "this refers back to it"),
        (paths(OK) + "components: {schemas: {A: {$ref: 5}}}", '"5" is no reference'),
        (paths(OK) + "components: {schemas: {A: [1]}}", "/schemas/A  a list stands where a mapping (schema) must be"),
        (paths(OK) + "  /b:\n    get: {x-same-as: GET /c}", '/get/x-same-as  there is no operation "GET /c"; did you'),
        (paths(OK) + "  /b/{x}:\n    get: {x-same-as: GET /a}", "/b/{x} has not the same parameters as /a; an alias"),
        (paths(OK) + "  /b:\n    get: {x-same-as: GET /a, responses: {}}", "an alias takes its responses from GET /a"),
        (paths(OK) + "  /b:\n    get: {x-same-as: 5}", "x-same-as must be text"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_served_says_why(refusal, text, message):
    """One line each: file, line, column, pointer, what is wrong, what would be right."""
    said = refusal(text)

    assert message in said
    assert said.startswith("specs/api.yaml:")
    assert "\n" not in said


def test_a_schema_that_cannot_be_compiled_stops_the_start(refusal):
    """It does not wait for the first request that needs it."""
    said = refusal(paths("responses: {'200': {description: d, content: {application/json: {schema: {type: strng}}}}}"))

    assert said.startswith("specs/api.yaml:5:")
    assert "strng" in said


def test_all_faults_of_a_document_come_together(refusal):
    """One run shows what there is to mend."""
    said = refusal(paths(f"security: Key, {OK}") + "  b: {}\n  /c:\n    get: {responses: {2000: {description: d}}}\n")

    assert len(said.splitlines()) == 3


def test_faults_in_other_files_are_located_there(refusal):
    """A line number is always one of the file that is named."""
    assert refusal(paths(OK) + REF % "a.yaml#/A", a_yaml="A: {x: 1, x: 2}").startswith("specs/a.yaml:1:11  the name")
    assert refusal(paths(OK) + REF % "a.yaml#/A", a_yaml="\nA: {$ref: 'b.yaml'}").startswith("specs/a.yaml:2:5  ")


def test_a_symbolic_link_does_not_lead_out(refusal, tmp_path: Path):
    """What a link beside the document points to is outside all the same."""
    (tmp_path / "secret.yaml").write_text("A: {}")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "in" / "api.yaml").write_text(HEAD + paths(OK) + REF % "link.yaml#/A")

    with pytest.raises(MockserverError, match="is outside the folder of the document"):
        load(tmp_path / "in" / "api.yaml", name="x")


CONTENT = "responses: {'200': {description: d, content: {application/json: {schema: {type: integer}, %s}}}}"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (
            paths(f"respones: {{}}, {OK}"),
            '"respones" is no field of an operation and has no effect; did you mean "responses"?',
        ),
        (paths(OK) + "tag: []", '"tag" is no field of a document and has no effect; did you mean "tags"?'),
        (paths(CONTENT % "example: many"), 'the example breaks its schema: "many" is not an integer'),
        (paths(CONTENT % "examples: {a: {value: 1}, b: {value: 1.5}}"), "/examples/b  the example breaks its schema"),
        (
            paths(f"parameters: [{{name: q, in: query, example: x, schema: {{type: integer}}}}], {OK}"),
            '/parameters/0/example  the example breaks its schema: "x" is not an integer',
        ),
        (paths(f"parameters: [{{in: query, schema: {{}}}}], {OK}"), "/0  the parameter has no name and has no effect"),
        (paths(f"requestBody: {{content: {{}}}}, {OK}"), "/requestBody  the requestBody has no content: anything fits"),
        (
            paths(f"operationId: '', {OK}"),
            "/get/operationId  the operationId is no name and has no effect: the operation is called GET /a",
        ),
        (paths(f"operationId: 5, {OK}"), "the operationId is no name and has no effect"),
    ],
)  # fmt: skip
def test_typing_errors_and_broken_examples_are_warnings(document, text, remark):
    """The document is served as if they were not there."""
    (warning,) = document(text).warnings

    assert remark in str(warning)
    assert str(warning).startswith("specs/api.yaml:")


NAMELESS = "{in: query, schema: {type: integer}}"


def test_parameters_without_a_name_hinder_nothing(document):
    """Neither one another nor the operation, which has the others."""
    named = "{name: q, in: query, schema: {type: integer}}"

    loaded = document(paths(f"operationId: '', parameters: [{NAMELESS}, {NAMELESS}, {named}], {OK}"))

    assert [one.name for one in loaded.operation("GET /a").parameters] == ["q"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ("description: ", "/Thing/description  description is not text and has no effect; write text, or take it out"),
        ("title: 5", "/Thing/title  title is not text"),
        ("deprecated: 'yes'", "/Thing/deprecated  deprecated is not true or false and has no effect"),
        ("readOnly: 'true'", "/Thing/readOnly  readOnly is not true or false"),
        ("examples: {one: {value: 1}}", "/Thing/examples  examples is not a list and has no effect"),
        ("required: true", "/Thing/required  required is not a list of names and has no effect; name the property in"),
    ],
)
def test_what_a_schema_says_in_another_form_and_means_nothing_is_a_warning(document, version, said, remark):
    """A description that was left empty, or a word of an older JSON Schema, does not stop a start."""
    content = "{application/json: {schema: {$ref: '#/components/schemas/Thing'}}}"
    text = paths(f"responses: {{'200': {{description: d, content: {content}}}}}")

    loaded = document(
        f"{text}components: {{schemas: {{Thing: {{type: integer, {said}}}}}}}\n",
        head=f"openapi: {version}\ninfo: {{title: Things, version: '1'}}\n",
    )

    (warning,) = loaded.warnings
    assert remark in str(warning)
    assert warning.code == "E708"
    assert loaded.checker("/components/schemas/Thing").fits(1)
    assert not loaded.checker("/components/schemas/Thing").fits("one")


def test_a_flag_beside_a_bound_has_no_effect_since_3_1(document):
    """As `nullable` has none; the bound itself stays."""
    schema = "{type: number, minimum: 1, exclusiveMinimum: true}"

    loaded = document(paths(f"parameters: [{{name: q, in: query, schema: {schema}}}], {OK}"))

    (warning,) = loaded.warnings
    assert "exclusiveMinimum is a bound since OpenAPI 3.1, and true or false has no effect" in str(warning)
    checker = loaded.operation("GET /a").parameters[0].checker
    assert checker.fits(1)
    assert not checker.fits(0.5)


def test_a_document_without_info_is_served(document):
    """It is called by its file then."""
    loaded = document(paths(OK), head="openapi: 3.1.0\n")

    assert [warning.message for warning in loaded.warnings] == ["there is no info"]
    assert loaded.title == "things"


def test_mapping_keys_are_read_as_their_text(document):
    """`200:` is "200" and `on:` is "on"."""
    loaded = document("paths: {/a: {get: {responses: {200: {description: d}}, x-on: {on: 1}}}}\n")

    (operation,) = loaded.operations
    assert [reply.status for reply in operation.replies] == ["200"]
    assert operation.extensions["x-on"] == {"on": 1}


THREE_TWO = """
paths:
  /a:
    query:
      operationId: look
      responses: {'200': {description: d, content: {application/jsonl: {itemSchema: {type: integer}}}}}
    additionalOperations:
      COPY: {operationId: copy, responses: {'200': {$ref: '#/components/responses/Text'}}}
    get:
      operationId: get
      parameters: [{name: c, in: cookie, style: cookie, schema: {type: integer}}]
      responses: {'200': {description: d, content: {text/plain: {examples: {a: {dataValue: one}}}}}}
components:
  responses: {Text: {description: d, content: {text/plain: {$ref: '#/components/mediaTypes/Text'}}}}
  mediaTypes: {Text: {schema: {type: string}}}
"""


def test_what_openapi_3_2_adds_is_read_where_it_costs_nothing(document):
    """QUERY, other methods, shared media types, streams of items, and where examples say their value."""
    loaded = document(THREE_TWO, head="openapi: 3.2.0\ninfo: {}\n")

    assert [(one.id, one.method) for one in loaded.operations] == [("get", "GET"), ("look", "QUERY"), ("copy", "COPY")]
    get, look, copy = (one.replies[0].media[0] for one in loaded.operations)
    assert (get.examples, look.is_stream, copy.rule) == (("one",), True, "/components/mediaTypes/Text/schema")
