"""Documents: what is loaded, and how what they say is found again."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mockserver.chance import Chance
from mockserver.openapi.document import UnknownOperation
from mockserver.openapi.load import load
from mockserver.openapi.operation import SecurityScheme
from tests.openapi.documents import OK, paths


def test_an_operation_is_what_the_document_says(document):
    """Names, parameters, bodies, answers, extensions: everything with the pointer of where it is said."""
    things = document(f"""\
servers: [{{url: 'https://{{host}}/{{stage}}/v1/', variables: {{host: {{default: h}}, stage: {{default: live}}}}}}]
paths:
  /things/{{id}}:
    parameters:
      - {{name: id, in: path, required: true, schema: {{type: integer}}}}
      - {{name: q, in: query, schema: {{type: string}}}}
    get:
      operationId: getThing
      summary: One thing
      x-cost: 5
      parameters:
        - {{name: q, in: query, required: true, schema: {{type: array, items: {{type: string}}}}}}
        - $ref: '#/components/parameters/Trace'
      {OK}
    put:
      requestBody:
        required: true
        content:
          Application/JSON; charset=utf-8: {{schema: {{$ref: '#/components/schemas/Thing'}}, example: {{a: 1}}}}
          text/*: {{}}
      responses:
        2xx: {{description: fine, headers: {{X-Left: {{schema: {{type: integer}}}}, Content-Type: {{}}}}}}
        default: {{$ref: '#/components/responses/Oops'}}
components:
  parameters:
    Trace: {{name: X-Trace, in: header, schema: {{type: string}}}}
  schemas:
    Thing: {{type: object}}
  responses:
    Oops:
      description: oops
      content: {{application/json: {{schema: {{type: string}}, examples: {{a: {{value: x}}}}}}}}
""")

    get, put = things.operations
    assert (things.name, things.title, things.base_path) == ("things", "Things", "/live/v1")
    assert (get.id, get.label, get.summary, get.extensions) == (
        "getThing", "GET /things/{id}", "One thing", {"x-cost": 5}
    )  # fmt: skip
    assert [(one.name, one.location, one.required, one.style, one.explode) for one in get.parameters] == [
        ("id", "path", True, "simple", False),
        ("q", "query", True, "form", True),
        ("X-Trace", "header", False, "simple", False),
    ]
    assert get.parameters[2].rule == "/components/parameters/Trace"
    assert get.parameters[0].checker.fits(5)
    assert not get.parameters[0].checker.fits("5")
    assert put.id == "PUT /things/{id}"
    assert [one.name for one in put.parameters] == ["id", "q"]
    json, text = put.body.media
    assert (json.media_type, json.schema, json.rule, json.examples) == (
        "application/json", {"type": "object"}, "/components/schemas/Thing", ({"a": 1},)
    )  # fmt: skip
    assert (text.media_type, text.schema, text.checker) == ("text/*", None, None)
    assert put.reply(204).headers[0].name == "X-Left"
    assert put.reply(500).media[0].examples == ("x",)
    assert put.reply(500).rule == "/components/responses/Oops"
    assert things.operation("getThing") is things.operation("GET /things/{id}") is get
    assert things.warnings == ()


def test_an_unknown_operation_names_what_was_meant(document):
    """A typing error is answered with the nearest names."""
    things = document(f"paths: {{/a: {{get: {{operationId: listThings, {OK}}}}}}}")

    with pytest.raises(UnknownOperation) as caught:
        things.operation("listThing")

    assert caught.value.nearest == ("listThings",)
    assert str(caught.value) == 'unknown operation "listThing"; did you mean "listThings"?'


SECURITY = f"""\
security: [{{Key: []}}, {{Bearer: [], Query: []}}]
paths:
  /a:
    get: {{{OK}}}
    put: {{security: [], {OK}}}
    post: {{security: [{{}}, {{Cookie: []}}, {{OAuth: [read]}}, {{Oidc: []}}], {OK}}}
components:
  securitySchemes:
    Key: {{type: apiKey, in: header, name: X-Key}}
    Query: {{type: apiKey, in: query, name: key}}
    Cookie: {{type: apiKey, in: cookie, name: sid}}
    Bearer: {{type: http, scheme: Bearer}}
    OAuth: {{type: oauth2, flows: {{}}}}
    Oidc: {{type: openIdConnect, openIdConnectUrl: https://x.example.test}}
"""


def test_security_is_inherited_emptied_or_replaced(document):
    """An operation without `security` has the document's; an empty list opens it; each alternative is a conjunction."""
    get, put, post = document(SECURITY).operations

    assert [[scheme.name for scheme in one] for one in get.security] == [["Key"], ["Bearer", "Query"]]
    assert put.security == ()
    assert post.security[0] == ()
    assert [one[0] for one in post.security[1:]] == [
        SecurityScheme("Cookie", "apiKey", "cookie", "sid"),
        SecurityScheme("OAuth", "oauth2", "header", "Authorization", "bearer"),
        SecurityScheme("Oidc", "openIdConnect", "header", "Authorization", "bearer"),
    ]
    assert get.security[1][0] == SecurityScheme("Bearer", "http", "header", "Authorization", "bearer")


ALIASED = f"""\
paths:
  /run/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
    post: {{operationId: run, requestBody: {{content: {{application/json: {{}}}}}}, {OK}}}
  /go/{{id}}:
    post: {{x-same-as: 'POST /run/{{id}}'}}
"""


def test_an_alias_is_its_operation_under_another_path(document):
    """It is matched, and leads to the operation; it is no operation of its own."""
    things = document(ALIASED)

    (run,), (alias,) = things.operations, things.aliases
    found = things.routes.match("POST", "/go/7")
    assert (found.operation, found.alias, found.params) == (run, alias, {"id": "7"})
    assert (alias.label, alias.same_as, alias.body) == ("POST /go/{id}", "POST /run/{id}", run.body)
    assert things.operation("POST /go/{id}") is run


def test_the_effective_document_says_everything(document, tmp_path):
    """Aliases and relaxed numbers are written out in it, and it can be served in its turn."""
    things = document(ALIASED + "components: {schemas: {N: {oneOf: [{type: integer}, {type: number}]}}}")

    effective = things.effective()
    assert effective["components"]["schemas"]["N"]["oneOf"][1] == {"type": "number", "not": {"type": "integer"}}
    assert things.value["components"]["schemas"]["N"]["oneOf"][1] == {"type": "number"}
    assert "operationId" not in effective["paths"]["/go/{id}"]["post"]
    assert effective["paths"]["/go/{id}"]["post"]["responses"] == {"200": {"description": "fine"}}
    assert effective["paths"]["/go/{id}"]["parameters"] == effective["paths"]["/run/{id}"]["parameters"]
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(effective))
    again = load(tmp_path / "again.yaml", name="again")
    assert (len(again.operations), len(again.aliases), again.warnings) == (1, 1, ())


def test_whole_numbers_fit_where_integer_and_number_meet(document):
    """The trap is relaxed and remarked upon once; strictly, it is the trap."""
    text = paths(OK) + "components: {schemas: {N: {oneOf: [{type: integer}, {type: number}]}}}"
    things, strictly = document(text), document(text, strict=True)

    assert [things.checker("/components/schemas/N").fits(value) for value in (5, 5.0, 1.5, "x")] == [
        True,
        True,
        True,
        False,
    ]
    assert [strictly.checker("/components/schemas/N").fits(value) for value in (5, 1.5)] == [False, True]
    assert [str(remark).split("  ")[:2] for remark in things.warnings] == [
        ["specs/api.yaml:6:28", "/components/schemas/N/oneOf"]
    ]


def test_openapi_3_0_is_read_as_it_is_meant(document):
    """nullable and boolean bounds work, and the effective document still says them as 3.0 does."""
    things = document(
        f"paths: {{/a: {{get: {{{OK}}}}}}}\n"
        "components: {schemas: {N: {type: number, nullable: true, minimum: 1, exclusiveMinimum: true}}}",
        head="openapi: 3.0.3\ninfo: {title: Things, version: '1'}\n",
    )

    checker = things.checker("/components/schemas/N")
    assert [checker.fits(value) for value in (None, 1.1, 1, "x")] == [True, True, False, False]
    assert things.effective()["components"]["schemas"]["N"]["exclusiveMinimum"] is True


def test_files_beside_the_document_may_be_referred_to(document):
    """They become part of it; their own references are theirs; faults in them are located in them."""
    things = document(
        """\
paths:
  /a: {$ref: 'parts/paths.yaml#/a'}
components: {schemas: {Name: {type: string, minLength: 2}}}
""",
        parts__paths_yaml="""\
a:
  post:
    operationId: makeA
    requestBody:
      content:
        application/json: {schema: {$ref: '../shapes.yaml#/Shape'}}
    responses: {'200': {description: fine}}
""",
        shapes_yaml="""\
Shape:
  type: object
  properties: {name: {$ref: 'api.yaml#/components/schemas/Name'}, in: {$ref: '#/Shape'}}
""",
    )

    (make,) = things.operations
    media = make.body.media[0]
    assert media.checker.fits({"name": "ab", "in": {"name": "cd"}})
    assert not media.checker.fits({"in": {"name": "c"}})
    assert str(things.place(media.rule)).startswith("specs/shapes.yaml:1:1")
    assert str(things.place(make.rule)) == "specs/parts/paths.yaml:2:3"
    assert things.effective()["paths"]["/a"] == {"$ref": "#/x-files/parts~1paths.yaml/a"}


def test_a_part_from_an_overlay_points_into_the_overlay(document):
    """The line of a rule is a line of the file that says it."""
    things = document(
        f"paths:\n  /a:\n    get: {{{OK}}}\n",
        overlays=("over.yaml",),
        over_yaml="""\
overlay: 1.0.0
actions:
  - target: $.paths['/a'].get
    description: it needs a name
    x-evidence: guess
    update:
      operationId: getA
""",
    )

    assert things.operation("getA").label == "GET /a"
    assert str(things.place("/paths/~1a/get/operationId")) == "specs/over.yaml:7:7"
    assert str(things.place("/paths/~1a/get/responses")) == "specs/api.yaml:5:11"


def test_the_file_on_disk_is_never_touched(document, tmp_path: Path):
    """Loading and writing out the effective document changes neither file nor document."""
    things = document(ALIASED)
    before = (tmp_path / "api.yaml").read_bytes()

    things.effective()["paths"].clear()

    assert (tmp_path / "api.yaml").read_bytes() == before
    assert things.effective()["paths"]


def test_samples_are_made_once_for_each_schema_and_fit_it(document):
    """A sampler reads the schema as the validators do."""
    things = document(
        paths(OK) + "components: {schemas: {N: {type: array, minItems: 3, items: {type: integer, maximum: 5}}}}"
    )
    rule = "/components/schemas/N"

    drawn = things.sampler(rule).draw(Chance(1))

    assert things.checker(rule).fits(drawn)
    assert things.sampler(rule) is things.sampler(rule)
    assert things.resolve({"$ref": f"#{rule}"})["minItems"] == 3
