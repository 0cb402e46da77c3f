"""A document that no module speaks for: what it answers, as the client accepts and prefers it, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.messages import Entry, Request
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

Ask = Callable[..., Entry]
HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"


@pytest.fixture
def serving(tmp_path: Path) -> Callable[[str], Ask]:
    """Serves a document from its paths, and gives what asks it."""

    def served(text: str, *, seed: int = 0) -> Ask:
        path = tmp_path / "api.yaml"
        path.write_text(HEAD + text, "utf-8")
        world = World(assemble(Wanted(specs=((None, path),))), Settings(seed=seed))

        def ask(target: str = "/a", method: str = "GET", body: Any = None, **headers: str) -> Entry:
            path, _, query = target.partition("?")
            pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
            data = b"" if body is None else json.dumps(body).encode()
            pairs += [("Content-Type", "application/json")] if data else []
            return world.apply(Request(method, target, path, query, tuple(pairs), data))

        return ask

    return served


def got(entry: Entry) -> tuple[int, Any]:
    """Status and JSON body; nothing of it is a breach."""
    assert (entry.violations, entry.crash) == ((), "")
    return entry.answer.status, json.loads(entry.answer.body)


def header(entry: Entry, name: str) -> str | None:
    return next((value for key, value in entry.answer.headers if key.lower() == name.lower()), None)


ANIMALS = """
paths:
  /a:
    get:
      operationId: getA
      responses:
        "202": {description: later, content: {application/json: {example: later}}}
        "200":
          description: now
          content:
            text/plain: {example: an animal}
            application/json:
              schema: {type: object, required: [legs], properties: {legs: {type: integer}, name: {type: string}}}
              examples:
                broken: {value: {legs: many}}
                cat: {value: {legs: 4}}
                bird: {value: {legs: 2}}
        "404":
          description: none
          content: {application/json: {schema: {type: object, required: [why], properties: {why: {const: gone}}}}}
        5XX: {description: broken}
"""


def test_the_lowest_success_and_its_first_sound_example_are_sent(serving):
    """An example that breaks its schema is passed over."""
    entry = serving(ANIMALS)()

    assert got(entry) == (200, {"legs": 4})
    assert header(entry, "Preference-Applied") is None


def test_accept_chooses_among_the_media_types(serving):
    """As weighted; a type that is not there is a 406 that says what is."""
    ask = serving(ANIMALS)

    assert ask(Accept="text/plain, application/json;q=0.5").answer.body == b"an animal"
    refused = ask(Accept="image/png")
    assert got(refused)[0] == 406
    assert got(refused)[1]["detail"] == "Accept: image/png takes none of text/plain, application/json"


@pytest.mark.parametrize(
    ("prefer", "status", "body", "applied"),
    [
        ("code=202", 202, "later", "code=202"),
        ("code=404", 404, {"why": "gone"}, "code=404"),
        ("example=bird", 200, {"legs": 2}, "example=bird"),
        ('code=200, example="bird"', 200, {"legs": 2}, "code=200, example=bird"),
        ("return=minimal; x=y, code=202, code=404", 202, "later", "code=202"),
        ("EXAMPLE=bird, dynamic=false", 200, {"legs": 2}, "example=bird, dynamic=false"),
        ("example=bird, dynamic=true", 200, {"legs": 2}, "example=bird"),
        ("respond-async, wait=10", 200, {"legs": 4}, None),
    ],
)
def test_prefer_asks_for_a_status_and_an_example(serving, prefer, status, body, applied):
    """As Prism's users write it; preferences that are not ours are ignored (RFC 7240)."""
    entry = serving(ANIMALS)(Prefer=prefer)

    assert got(entry) == (status, body)
    assert header(entry, "Preference-Applied") == applied


def test_prefer_may_stand_in_the_query(serving):
    """`__code`, `__example` and `__dynamic`; the header wins."""
    ask = serving(ANIMALS)

    assert got(ask("/a?__code=202"))[0] == 202
    assert got(ask("/a?__example=bird"))[1] == {"legs": 2}
    assert got(ask("/a?__code=202", Prefer="code=404"))[0] == 404


def test_a_range_of_statuses_takes_any_of_them(serving):
    """`5XX` is declared, so 503 may be asked for."""
    assert serving(ANIMALS)(Prefer="code=503").answer.status == 503


def test_dynamic_draws_a_sample_instead_of_the_examples(serving):
    """Seeded: the same for the same seed, another for another call."""
    first, second = (serving(ANIMALS, seed=3) for _ in range(2))

    values = [got(first(Prefer="dynamic=true"))[1] for _ in range(4)]
    assert values == [got(second(Prefer="dynamic=true"))[1] for _ in range(4)]
    assert len({str(value) for value in values}) > 1
    assert all(type(value["legs"]) is int for value in values)


@pytest.mark.parametrize(
    ("prefer", "told"),
    [
        ("code=418", "getA declares no 418; declared: 202, 200, 404, 5XX"),
        ("code=many", '"many" is no status; write `Prefer: code=404`'),
        ("example=fish", '200 has no example "fish"; it has broken, cat, bird'),
        ("dynamic=perhaps", 'dynamic is true or false, not "perhaps"'),
    ],
)
def test_a_preference_that_cannot_be_met_is_a_400_that_says_why(serving, prefer, told):
    """Whoever asks the mock for one answer must not take another for it."""
    status, body = got(serving(ANIMALS)(Prefer=prefer))

    assert (status, body["detail"]) == (400, f"the preference cannot be met: {told}")


def test_an_example_that_is_asked_for_by_name_is_sent_though_it_breaks_its_schema(serving):
    """Whoever names it wants it; the journal says that it breaks the document."""
    entry = serving(ANIMALS)(Prefer="example=broken")

    assert json.loads(entry.answer.body) == {"legs": "many"}
    assert entry.answer.off_contract == "the example breaks its schema"


def one(reply: str) -> str:
    """The paths of a document with one answer."""
    return f"paths: {{/a: {{get: {{responses: {{{reply}}}}}}}}}\n"


def json_of(schema: str) -> str:
    """The paths of a document whose one answer is JSON."""
    return one(f"'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}")


def test_examples_of_parts_stand_in_a_sampled_answer(serving):
    """A schema's own example first, then those of its properties; what nobody gives is drawn."""
    properties = "{a: {type: string, example: red}, b: {type: integer, default: 7}}"
    status, body = got(serving(json_of(f"{{type: object, required: [a, b], properties: {properties}}}"))())

    assert (status, body) == (200, {"a": "red", "b": 7})


def test_examples_of_parts_that_break_the_whole_are_left_out(serving):
    """The sample is valid, whatever its examples say; those that do not break it stand in it."""
    parts = "{a: {type: integer, example: none}, b: {type: string, example: red}, c: {type: integer, example: 7}}"
    _, body = got(serving(json_of(f"{{type: object, required: [a, b, c], properties: {parts}}}"))())

    assert type(body["a"]) is int
    assert (body["b"], body["c"]) == ("red", 7)


@pytest.mark.parametrize(
    ("reply", "status", "content_type", "body"),
    [
        ("'204': {description: d}", 204, None, b""),
        ("2XX: {description: d}", 200, None, b""),
        ("default: {description: d}", 200, None, b""),
        ("'302': {description: d, headers: {Location: {schema: {type: string}, example: /b}}}", 302, None, b""),
        ("'200': {description: d, content: {image/png: {}}}", 200, "image/png", bytes(range(16))),
        ("'200': {description: d, content: {text/csv: {example: 'a,b'}}}", 200, "text/csv; charset=utf-8", b"a,b"),
        ("'200': {description: d, content: {application/json: {}}}", 200, "application/json", b"{}"),
        (
            "'200': {description: d, content: {application/xml: {schema: {type: object, xml: {name: pet}, "
            "required: [id, tags], properties: {id: {const: 1, xml: {attribute: true}}, "
            "tags: {const: [a], type: array, xml: {wrapped: true}, items: {type: string, xml: {name: tag}}}}}}}}",
            200,
            "application/xml",
            b'<?xml version="1.0" encoding="UTF-8"?><pet id="1"><tags><tag>a</tag></tags></pet>',
        ),
        (
            "'200': {description: d, content: {application/x-www-form-urlencoded: {example: "
            "{a: [1, b c], o: {x: 1}}}}}",
            200,
            "application/x-www-form-urlencoded",
            b"a=1&a=b+c&o=%7B%22x%22%3A1%7D",
        ),
        (
            "'200': {description: d, content: {application/x-ndjson: {itemSchema: {const: {a: 1}}}}}",
            200,
            "application/x-ndjson",
            b'{"a":1}\n',
        ),
    ],
)
def test_every_declared_answer_can_be_given(serving, reply, status, content_type, body):
    """Whatever its status and media type."""
    entry = serving(one(reply))()

    assert (entry.violations, entry.crash) == ((), "")
    assert (entry.answer.status, header(entry, "Content-Type"), entry.answer.body) == (status, content_type, body)


def test_a_document_without_answers_is_answered_and_is_no_breach(serving):
    """`responses: {}` promises nothing."""
    entry = serving(one(""))()

    assert (entry.answer.status, entry.violations) == (200, ())


def test_declared_headers_are_sampled_and_those_of_the_server_are_not(serving):
    """The required always; a sampled Content-Length would end the answer early."""
    headers = (
        "X-Size: {required: true, schema: {type: integer, minimum: 3, maximum: 3}}, X-Tags: {required: true, schema: "
        "{const: [a, b], type: array}}, X-Any: {required: true}, Content-Length: {required: true, schema: {const: 1}}, "
        'X-No: {schema: {type: string, enum: ["two\\nlines"]}}'
    )
    entry = serving(one(f"'200': {{description: d, headers: {{{headers}}}}}"))()

    assert dict(entry.answer.headers) == {"X-Size": "3", "X-Tags": "a,b", "X-Any": "text"}


ERRORS = """
  /{n}:
    get:
      parameters: [{name: n, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: d}
        %s
"""
CONTENT = "{description: d, content: {application/json: {schema: %s}}}"
MESSAGE = 'path n: "x" is not an integer'


@pytest.mark.parametrize(
    ("replies", "status", "body"),
    [
        pytest.param(
            "'400': " + CONTENT % "{type: object, required: [code, message], properties: {code: {type: integer}, "
            "message: {type: string}}, additionalProperties: false}",
            400, {"code": 400, "message": MESSAGE}, id="message and code",
        ),
        pytest.param(
            "4XX: " + CONTENT % "{type: object, properties: {error: {type: object, required: [message], "
            "properties: {message: {type: string}}, additionalProperties: false}}, required: [error], "
            "additionalProperties: false}",
            400, {"error": {"message": MESSAGE}}, id="nested, a range of statuses",
        ),
        pytest.param(
            "default: " + CONTENT % "{type: object, required: [reason], properties: {reason: {type: string, "
            "maxLength: 80}}, additionalProperties: false}",
            400, {"reason": MESSAGE}, id="default",
        ),
        pytest.param(
            "'400': {description: d}, '422': " + CONTENT % "{type: object, required: [detail], properties: {detail: "
            "{type: array, items: {type: object, required: [msg], properties: {msg: {type: string}}, "
            "additionalProperties: false}}}, additionalProperties: false}",
            422, {"detail": [{"msg": MESSAGE}]}, id="422 before 400, a list of errors",
        ),
        pytest.param(
            "'400': " + CONTENT % "{type: object, required: [errors], properties: {errors: {type: array, minItems: 1, "
            "items: {type: string}}}, additionalProperties: false}",
            400, {"errors": [MESSAGE]}, id="a list of texts",
        ),
        pytest.param(
            "'400': " + CONTENT % "{type: object, required: [errors], properties: {errors: {type: array, "
            "items: {type: string}}}, additionalProperties: false, example: {errors: []}}",
            400, {"errors": [MESSAGE]}, id="a list that may be empty",
        ),
        pytest.param(
            "'400': {description: d, content: {'*/*': {}, application/json: {schema: {type: object, required: "
            "[message], properties: {message: {type: string}}, additionalProperties: false}}}}",
            400, {"message": MESSAGE}, id="a range before the type itself",
        ),
        pytest.param("'400': " + CONTENT % "{type: string}", 400, MESSAGE, id="a text"),
        pytest.param(
            "'400': " + CONTENT % "{type: object, required: [message], properties: {message: {type: string, "
            "maxLength: 20}}, additionalProperties: false}",
            400, {"message": 'path n: "x" is not …'}, id="a short text",
        ),
        pytest.param("'400': " + CONTENT % "{type: string, maxLength: 12}", 400, 'path n: "x"…', id="a short body"),
    ],
)  # fmt: skip
def test_a_refusal_has_the_shape_that_the_document_declares_and_the_real_reason(serving, replies, status, body):
    """The message is in the field that is called like one."""
    text = "paths:" + ERRORS.replace("        %s\n", "".join(f"        {one}\n" for one in _lines(replies)))
    entry = serving(text)("/x")

    assert [one.code for one in entry.violations] == ["E103"]
    assert (entry.answer.status, json.loads(entry.answer.body)) == (status, body)
    assert not entry.answer.off_contract


def _lines(replies: str) -> list[str]:
    return replies.replace("{description: d}, '", "{description: d}\n'").split("\n")


def test_a_refusal_that_the_document_does_not_declare_is_a_problem_of_rfc_9457(serving):
    """With the violations beside it."""
    entry = serving(one("'200': {description: d}"))("/a", "POST")

    assert header(entry, "Content-Type") == "application/problem+json"
    assert header(entry, "Allow") == "GET, HEAD, OPTIONS"
    assert json.loads(entry.answer.body)["status"] == 405


def test_what_is_read_only_is_not_demanded_of_requests_nor_write_only_of_answers(serving):
    """And it is not sent either."""
    schema = (
        "{type: object, required: [id, secret], additionalProperties: false, properties: {id: {const: 7, readOnly: "
        "true}, secret: {type: string, writeOnly: true}}}"
    )
    content = f"content: {{application/json: {{schema: {schema}}}}}"
    ask = serving(
        f"paths: {{/a: {{post: {{requestBody: {{{content}}}, responses: {{'200': {{description: d, {content}}}}}}}}}}}"
    )

    assert got(ask("/a", "POST", {"secret": "s"})) == (200, {"id": 7})
    assert ask("/a", "POST", {"id": 7}).answer.status == 400


def test_what_cannot_be_satisfied_is_told_at_load_and_answered_with_a_500_that_says_so(serving, tmp_path):
    """Nobody has to wait for the first request to hear of it."""
    schema = "{type: string, minLength: 3, maxLength: 2}"
    entry = serving(json_of(schema))()

    (service,) = assemble(Wanted(specs=((None, tmp_path / "api.yaml"),)))
    (warning,) = service.document.warnings
    told = "no value can be made for an answer: no string has at least 3 and at most 2 characters; loosen the schema"
    assert f"/schema  {told}" in str(warning)
    assert str(warning).startswith(f"{tmp_path}/api.yaml:3:")
    assert (entry.answer.status, entry.crash, entry.violations) == (500, "", ())
    assert "no string has at least 3" in json.loads(entry.answer.body)["detail"]
    assert header(entry, "Content-Type") == "application/problem+json"


def test_a_sample_is_preferred_only_where_one_can_be_made(serving):
    """Else the example is the answer, and the preference is not called applied."""
    ask = serving(json_of("{type: string, pattern: '^[\\p{Greek}]+$', example: λόγος}"))

    entry = ask(Prefer="dynamic=true")

    assert got(entry) == (200, "λόγος")
    assert header(entry, "Preference-Applied") is None
