"""Documents: what is loaded, what is remarked upon, and what stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mockserver.errors import MockserverError
from mockserver.openapi.document import Document, UnknownOperation, load
from mockserver.openapi.operation import SecurityScheme

HEAD = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\n"
OK = "responses: {'200': {description: fine}}"


@pytest.fixture
def document(tmp_path):
    """Loads a document from text, and other files beside it; it is called api.yaml."""

    def make(
        text: str, *, head: str = HEAD, overlays: tuple[str, ...] = (), strict: bool = False, **files: str
    ) -> Document:
        (tmp_path / "api.yaml").write_text(head + text)
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        return load(
            tmp_path / "api.yaml",
            name="things",
            label="specs/api.yaml",
            overlays=[tmp_path / name for name in overlays],
            strict=strict,
        )

    return make


@pytest.fixture
def refusal(document):
    """The sentence with which a document is refused."""

    def make(text: str, **more) -> str:
        with pytest.raises(MockserverError) as caught:
            document(text, **more)
        assert caught.value.exit_code == 2
        return str(caught.value)

    return make


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
    Oops: {{description: oops, content: {{application/json: {{schema: {{type: string}}, examples: {{a: {{value: x}}}}}}}}}}
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
    text = f"paths: {{/a: {{get: {{{OK}}}}}}}\ncomponents: {{schemas: {{N: {{oneOf: [{{type: integer}}, {{type: number}}]}}}}}}"
    things, strictly = document(text), document(text, strict=True)

    assert [things.checker("/components/schemas/N").fits(value) for value in (5, 5.0, 1.5, "x")] == [
        True,
        True,
        True,
        False,
    ]
    assert [strictly.checker("/components/schemas/N").fits(value) for value in (5, 1.5)] == [False, True]
    assert [str(remark).split("  ")[:2] for remark in things.warnings] == [
        ["specs/api.yaml:4:28", "/components/schemas/N/oneOf"]
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
        shapes_yaml="Shape: {type: object, properties: {name: {$ref: 'api.yaml#/components/schemas/Name'}, in: {$ref: '#/Shape'}}}",
    )

    (make,) = things.operations
    media = make.body.media[0]
    assert media.checker.fits({"name": "ab", "in": {"name": "cd"}})
    assert not media.checker.fits({"in": {"name": "c"}})
    assert str(things.place(media.rule)).startswith("specs/shapes.yaml:1:")
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


def paths(operation: str, path: str = "/a") -> str:
    return f"paths:\n  {path}:\n    get: {{{operation}}}\n"


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
        ("openapi: 3.1.0\npaths: []", "specs/api.yaml:2:1  /paths  the document has no paths"),
        ("openapi: 3.1.0\npaths: {}\ninfo: x", "specs/api.yaml:3:1  /info  info must be a mapping"),
    ],
)
def test_what_is_no_openapi_document_says_what_one_is(refusal, head, message):
    """The wrong file, the wrong version and a document without paths are one sentence each."""
    assert refusal("", head=head).startswith(message)


REF = "components: {schemas: {A: {$ref: '%s'}}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (paths(f"operationId: a, {OK}") + f"  /b: {{get: {{operationId: a, {OK}}}}}",
         'specs/api.yaml:6:14  /paths/~1b/get/operationId  the operationId "a" is taken by GET /a; give each operation its own'),
        (paths(OK, "/a/{x}") + f"  /a/{{y}}: {{get: {{{OK}}}}}", "GET /a/{y} fits the same paths as GET /a/{x}; keep one"),
        (paths(OK, "/a/{x}/{x}"), 'the path "/a/{x}/{x}" has two parameters called "x"; correct the path'),
        (paths(OK, "a"), 'the path "a" does not begin with "/"'),
        (paths(f"parameters: [{{name: q, in: query, schema: {{}}}}, {{name: q, in: query, schema: {{}}}}], {OK}"),
         '/paths/~1a/get/parameters/1  a second query parameter is called "q"; keep one of them'),
        (paths(f"parameters: [{{name: q, in: body}}], {OK}"), 'the parameter "q" is nowhere; `in` is one of path, query, header'),
        (paths(f"parameters: [{{in: query}}], {OK}"), "the parameter has no name"),
        (paths(f"parameters: [{{name: q, in: query, style: simple, schema: {{}}}}], {OK}"),
         '/parameters/0/style  the query parameter "q" has no style "simple"; write one of form, spaceDelimited'),
        (paths(f"parameters: [{{name: q, in: query, content: {{a/b: {{}}, c/d: {{}}}}}}], {OK}"),
         '"q" must have either a schema or one media type'),
        (paths(f"parameters: {{}}, {OK}"), "a mapping stands where a list (parameters) must be"),
        (paths("responses: {'200':}"), "nothing stands where a mapping (response) must be; check the indentation"),
        (paths("responses: {2000: {description: d}}"), '"2000" is no status; write one like "200", "4XX" or "default"'),
        (paths(f"requestBody: {{content: {{}}}}, {OK}"), "the requestBody has no content"),
        (paths(f"operationId: 5, {OK}"), "an operationId must be text"),
        (paths(f"security: [{{Kee: []}}], {OK}") + "components: {securitySchemes: {Key: {type: apiKey, in: query, name: k}}}",
         '/paths/~1a/get/security/0/Kee  there is no security scheme "Kee"; did you mean "Key"?'),
        (paths(f"security: Key, {OK}"), "security must be a list of mappings"),
        (paths(OK) + "components: {securitySchemes: {Key: {type: apiKey, in: body, name: k}}}", "the key of Key travels nowhere"),
        (paths(OK) + "components: {securitySchemes: {Key: {type: key}}}", "Key has no type that is known"),
        (paths(OK) + REF % "#/components/schemas/B", '"#/components/schemas/B" leads nowhere; known: A'),
        (paths(OK) + REF % "#/components/nope/B", '"#/components/nope/B" leads nowhere; there is no /components/nope either'),
        (paths(OK) + REF % "https://example.test/a.yaml", "is on the network, which is never asked; save it beside"),
        (paths(OK) + REF % "../a.yaml", '"../a.yaml" is outside the folder of the document'),
        (paths(OK) + REF % "/etc/passwd", '"etc/passwd"'),
        (paths(OK) + REF % "a.yaml", 'there is no file "a.yaml"; check the path'),
        (paths(OK) + REF % "#A", '"#A" refers by name, which is not followed'),
        (paths(OK) + REF % "#/components/schemas/A", "this refers back to itself without ever reaching a value"),
        (paths(OK) + "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}", "this refers back to itself"),
        (paths(OK) + "components: {schemas: {A: {$ref: 5}}}", '"5" is no reference'),
        (paths(OK) + "components: {schemas: {A: [1]}}", "/components/schemas/A  a list stands where a mapping (schema) must be"),
        (paths(OK) + "  /b:\n    get: {x-same-as: GET /c}", '/paths/~1b/get/x-same-as  there is no operation "GET /c"; did you mean'),
        (paths(OK) + "  /b/{x}:\n    get: {x-same-as: GET /a}", "/b/{x} has not the same parameters as /a; an alias names them alike"),
        (paths(OK) + "  /b:\n    get: {x-same-as: GET /a, responses: {}}", "an alias takes its responses from GET /a, and this is"),
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
    said = refusal(paths(f"operationId: 5, {OK}") + "  b: {}\n  /c:\n    get: {requestBody: {content: {}}}\n")

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


def test_the_file_on_disk_is_never_touched(document, tmp_path: Path):
    """Loading and writing out the effective document changes neither file nor document."""
    things = document(ALIASED)
    before = (tmp_path / "api.yaml").read_bytes()

    things.effective()["paths"].clear()

    assert (tmp_path / "api.yaml").read_bytes() == before
    assert things.effective()["paths"]
