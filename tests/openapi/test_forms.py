"""Forms, urlencoded or multipart, become what their schema describes; a broken one is told by part or field."""

from __future__ import annotations

import types
from typing import Any

import pytest

from mockserver.errors import MockserverError, Problem, Refused
from mockserver.openapi.decode import read_body
from mockserver.openapi.forms import MAX_PARTS, Forms, Part, parser_in, read_parts
from tests.openapi.operations import operation, told

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"

SCHEMAS: dict[str, Any] = {
    "Value": {
        "oneOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "array", "items": {"$ref": "#/schemas/Value"}},
            {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["file"]}, "raw_bytes": {}}},
        ]
    },
    "Run": {
        "type": "object",
        "properties": {"inputs": {"type": "object", "additionalProperties": {"$ref": "#/schemas/Value"}}},
    },
    "Runs": {
        "type": "object",
        "properties": {"runs": {"type": "array", "items": {"$ref": "#/schemas/Run"}}},
        "required": ["runs"],
    },
}
JSON_TEXT = {"type": "string", "format": "json"}
BINARY = {"type": "string", "format": "binary"}
BULK = operation(
    {
        "application/json": {"$ref": "#/schemas/Runs"},
        "multipart/form-data": {
            "type": "object",
            "properties": {
                "runs": JSON_TEXT,
                "runs.*.inputs": JSON_TEXT,
                "runs.*.conversation_id": {"type": "string"},
                "runs.*.inputs.*": BINARY,
            },
        },
        URLENCODED: {"$ref": "#/schemas/Runs"},
    },
    schemas=SCHEMAS,
)


def file_value(part: Part) -> Any:
    return {"type": "file", "raw_bytes": part.data.decode("latin-1"), "name": part.filename}


FORMS = Forms(file_value=file_value)


def multipart(*parts: tuple[str, str | bytes] | tuple[str, str | bytes, str], end: str = "--B--\r\n") -> bytes:
    """A body of parts (name, data) or (name, data, file name), as `requests` writes it."""
    body = b""
    for name, data, *filename in parts:
        extra = f'; filename="{filename[0]}"' if filename else ""
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        body += head.encode() + (data.encode() if isinstance(data, str) else data) + b"\r\n"
    return body + end.encode()


def read(op: Any, content_type: str, data: bytes, forms: Forms = FORMS) -> Any:
    return read_body(op, content_type, data, forms=forms)


def form(properties: dict[str, Any], **more: Any) -> Any:
    """An operation that takes that object as a form of either kind."""
    schema = {"type": "object", "properties": properties, **more.pop("also", {})}
    return operation({URLENCODED: schema, "multipart/form-data": schema}, **more)


TYPED = form(
    {
        "n": {"type": "integer"},
        "x": {"type": ["number", "null"]},
        "ok": {"type": "boolean"},
        "s": {"type": "string"},
        "v": {},
        "o": {"type": "object"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        "mode": {"$ref": "#/schemas/Mode"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    schemas={"Mode": {"enum": [1, 2]}},
)

FIELDS = {
    "an integer": (b"n=5", {"n": 5}),
    "a number": (b"x=1.5e3", {"x": 1500.0}),
    "a whole number": (b"x=3", {"x": 3}),
    "nothing for null": (b"x=", {"x": None}),
    "a boolean": (b"ok=true", {"ok": True}),
    "text that looks like a number": (b"s=5", {"s": "5"}),
    "text where a string or null may be": (b"maybe=null", {"maybe": "null"}),
    "what is no integer stays text": (b"n=5.5&ok=True", {"n": "5.5", "ok": "True"}),
    "too large a number stays text": (b"x=1e999", {"x": "1e999"}),
    "an enum of numbers behind a reference": (b"mode=2", {"mode": 2}),
    "without a type: JSON": (b"v=%7B%22a%22%3A1%7D", {"v": {"a": 1}}),
    "without a type: else text": (b"v=hello+world", {"v": "hello world"}),
    "without a type: repeated": (b"v=1&v=a", {"v": [1, "a"]}),
    "an object": (b'o={"a":[1]}', {"o": {"a": [1]}}),
    "a list as JSON": (b'tags=["a","b"]', {"tags": ["a", "b"]}),
    "a list of one": (b"tags=a", {"tags": ["a"]}),
    "a list of one that begins with a bracket": (b"tags=[draft]", {"tags": ["[draft]"]}),
    "a list, repeated": (b"ids=1&ids=2&ids=x", {"ids": [1, 2, "x"]}),
    "objects as JSON": (b'rows=[{"a":1}]', {"rows": [{"a": 1}]}),
    "objects, repeated": (b'rows={"a":1}&rows={"a":2}', {"rows": [{"a": 1}, {"a": 2}]}),
    "one object": (b'rows={"a":1}', {"rows": [{"a": 1}]}),
    "undeclared": (b"other=1&more=2&more=3", {"other": "1", "more": ["2", "3"]}),
    "escapes": ("s=%C3%A9+%2B%26ü".encode(), {"s": "é +&ü"}),
    "no sign": (b"s&&n=1", {"s": "", "n": 1}),
}


@pytest.mark.parametrize(("data", "value"), FIELDS.values(), ids=FIELDS)
def test_fields_are_typed_by_the_schema(data, value):
    """A urlencoded field becomes what its property may be; what cannot stays text, for validation to refuse."""
    assert read(TYPED, URLENCODED, data, Forms()).value == value


@pytest.mark.parametrize(
    "data",
    [
        b'runs=[{"inputs":{"q":"a"}},{"inputs":{"q":"b"}}]',
        b'runs={"inputs":{"q":"a"}}&runs={"inputs":{"q":"b"}}',
        b"runs=%5B%7B%22inputs%22%3A%7B%22q%22%3A%22a%22%7D%7D%2C%7B%22inputs%22:%7B%22q%22:%22b%22%7D%7D%5D",
    ],
    ids=["one array", "repeated objects", "escaped"],
)
def test_urlencoded_runs_come_as_one_array_or_as_repeated_objects(data):
    """Both spellings make the same value."""
    decoded = read(BULK, URLENCODED, data)

    assert decoded.value == {"runs": [{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}}]}
    assert decoded.checker.rule == f"/content/{URLENCODED}"


BROKEN_FIELDS = {
    "not JSON": (b"rows=abc", 'the field "rows" is not JSON: expecting value at line 1, column 1'),
    "the second is not JSON": (b"rows={}&rows=[", 'the field "rows" is not JSON: expecting value at line 1, column 2'),
    "an object that is not JSON": (b"o=a", 'the field "o" is not JSON: expecting value at line 1, column 1'),
    "a repeated name in JSON": (
        b'rows=[{"a":1,"a":2}]',
        'the field "rows": /0: the name "a" occurs twice',
    ),
    "a scalar twice": (b"n=1&n=2", 'the field "n" occurs twice'),
    "a bad escape": (b"s=100%", 'the field "s" has a % that no two hexadecimal digits follow; write it as %25'),
    "not UTF-8": (b"s=%FF", 'the field "s" is not UTF-8 where it is percent-encoded'),
    "raw bytes": (b"s=\xff", 'the field "s" is not UTF-8 where it is percent-encoded'),
    "a bad name": (b"n=1&%GG=2", "the name of field 2 has a % that no two hexadecimal digits follow; write it as %25"),
    "too many": (b"a=1&" * MAX_PARTS, "the form has more than 10,000 fields"),
}


@pytest.mark.parametrize(("data", "sentence"), BROKEN_FIELDS.values(), ids=BROKEN_FIELDS)
def test_a_broken_field_is_named(data, sentence):
    """A urlencoded body that cannot be read is a 400 that says which field."""
    with pytest.raises(Refused) as caught:
        read(TYPED, URLENCODED, data)

    assert told(caught.value) == sentence
    assert caught.value.problem.kind == "malformed"
    assert caught.value.problem.violations[0].code == "E107"


ENCODED = form(
    {
        "ids": {"type": "array", "items": {"type": "integer"}},
        "filter": {"type": "object", "properties": {"max": {"type": "integer"}, "tags": {"type": "array"}}},
        "size": {"type": "object", "properties": {"w": {"type": "integer"}, "h": {"type": "integer"}}},
        "blob": {"type": "string"},
    },
    encoding={
        "ids": {"style": "pipeDelimited"},
        "filter": {"style": "deepObject", "explode": True},
        "size": {"style": "form"},
    },
)

STYLED = {
    "deepObject": (b"filter[max]=5&filter[tags]=1&filter[tags]=a", {"filter": {"max": 5, "tags": [1, "a"]}}),
    "pipeDelimited": (b"ids=1%7C2%7C3", {"ids": [1, 2, 3]}),
    "form, exploded": (b"w=3&h=4&blob=x", {"size": {"w": 3, "h": 4}, "blob": "x"}),
}


@pytest.mark.parametrize(("data", "value"), STYLED.values(), ids=STYLED)
def test_an_encoding_says_how_fields_are_written(data, value):
    """Where `encoding` names a style, fields are read in it."""
    assert read(ENCODED, URLENCODED, data).value == value


def test_a_field_that_breaks_its_encoding_is_named():
    """What does not follow the declared style is malformed."""
    with pytest.raises(Refused) as caught:
        read(ENCODED, URLENCODED, b"filter[max]=5&filter[max]=6")

    assert told(caught.value) == 'the field "filter" names "max" 2 times'


RUNS = '[{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}}]'
DOC_A = {"type": "file", "raw_bytes": "A", "name": "a.txt"}
DOC_B = {"type": "file", "raw_bytes": "B", "name": "b.txt"}

ASSEMBLED = {
    "the whole": ([("runs", RUNS)], [{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}}]),
    "the whole, in repeated parts": (
        [("runs", '{"inputs": {"q": "a"}}'), ("runs", '{"inputs": {}}')],
        [{"inputs": {"q": "a"}}, {"inputs": {}}],
    ),
    "by index": (
        [("runs.0.inputs", '{"q": 1}'), ("runs.1.inputs", '{"q": 2}')],
        [{"inputs": {"q": 1}}, {"inputs": {"q": 2}}],
    ),
    "by index, out of order": (
        [("runs.1.inputs", '{"q": 2}'), ("runs.0.inputs", '{"q": 1}')],
        [{"inputs": {"q": 1}}, {"inputs": {"q": 2}}],
    ),
    "by name": (
        [("runs.z.inputs", '{"q": 1}'), ("runs.a.inputs", '{"q": 2}'), ("runs.z.conversation_id", "c")],
        [{"inputs": {"q": 1}, "conversation_id": "c"}, {"inputs": {"q": 2}}],
    ),
    "files": (
        [("runs.0.inputs.doc", "A", "a.txt"), ("runs.1.inputs.doc", "B", "b.txt")],
        [{"inputs": {"doc": DOC_A}}, {"inputs": {"doc": DOC_B}}],
    ),
    "a file with its inputs, in either order": (
        [("runs.0.inputs.doc", "A", "a.txt"), ("runs.0.inputs", '{"q": 1}')],
        [{"inputs": {"q": 1, "doc": DOC_A}}],
    ),
    "a file without a name": (
        [("runs.0.inputs.doc", "A")],
        [{"inputs": {"doc": {"type": "file", "raw_bytes": "A", "name": None}}}],
    ),
    "an input name with dots": (
        [("runs.0.inputs.my.doc.v2", "A", "a.txt")],
        [{"inputs": {"my.doc.v2": DOC_A}}],
    ),
    "a conversation": (
        [("runs", RUNS), ("runs.1.conversation_id", "5")],
        [{"inputs": {"q": "a"}}, {"inputs": {"q": "b"}, "conversation_id": "5"}],
    ),
    "a file merged into the whole": (
        [("runs.1.inputs.doc", "B", "b.txt"), ("runs", RUNS)],
        [{"inputs": {"q": "a"}}, {"inputs": {"q": "b", "doc": DOC_B}}],
    ),
    "the whole wins": (
        [("runs", RUNS), ("runs.0.inputs", '{"q": "late", "more": 1}'), ("runs.0.inputs.q", "A", "a.txt")],
        [{"inputs": {"q": "a", "more": 1}}, {"inputs": {"q": "b"}}],
    ),
    "a run without inputs in the whole": (
        [("runs", "[{}, {}]"), ("runs.1.inputs.doc", "B", "b.txt")],
        [{}, {"inputs": {"doc": DOC_B}}],
    ),
    "what is no run is left for the schema": ([("runs", "[5]"), ("runs.0.inputs.doc", "A", "a.txt")], [5]),
    "what is no list is left for the schema": ([("runs", "5"), ("runs.0.inputs.doc", "A", "a.txt")], 5),
}


@pytest.mark.parametrize(("parts", "runs"), ASSEMBLED.values(), ids=ASSEMBLED)
def test_wildcard_parts_make_the_json_body(parts, runs):
    """Parts named by a path become the value that the same call has as JSON, and that body's checker judges it."""
    decoded = read(BULK, MULTIPART, multipart(*parts))

    assert decoded.value == {"runs": runs}
    assert decoded.media.media_type == "multipart/form-data"
    assert decoded.checker.rule == "/content/application/json"


def test_a_violation_in_a_form_is_told_by_its_place_in_the_json_body():
    """An input that the schema refuses is reported as /runs/1/inputs, however it came."""
    decoded = read(BULK, MULTIPART, multipart(("runs.0.inputs", "{}"), ("runs.1.inputs", "5")))

    assert [violation.where for violation in decoded.checker.explain(decoded.value).violations] == ["/runs/1/inputs"]


BROKEN_PARTS = {
    "the whole is not JSON": (
        multipart(("runs", "[{]")),
        'part 1 ("runs") is not JSON: expecting property name enclosed in double quotes at line 1, column 3',
    ),
    "a piece is not JSON": (
        multipart(("runs.0.inputs", "{}"), ("runs.1.inputs", "abc")),
        'part 2 ("runs.1.inputs") is not JSON: expecting value at line 1, column 1',
    ),
    "an empty part": (multipart(("runs", "")), 'part 1 ("runs") is empty; it must be JSON'),
    "a name occurs twice in JSON": (
        multipart(("runs", '[{"inputs": {"q": 1, "q": 2}}]')),
        'part 1 ("runs"): /0/inputs: the name "q" occurs twice',
    ),
    "too deep": (
        multipart(("runs", "[" * 300 + "]" * 300)),
        'part 1 ("runs") has more than 256 levels of brackets; the setting --max-depth says how many are read',
    ),
    "a gap": (
        multipart(("runs.0.inputs", "{}"), ("runs.2.inputs", "{}")),
        '"runs.1" is missing: part 2 ("runs.2.inputs") comes after it',
    ),
    "no first": (
        multipart(("runs.1.inputs", "{}")),
        '"runs.0" is missing: part 1 ("runs.1.inputs") comes after it',
    ),
    "a huge index": (
        multipart(("runs.99999999999.inputs", "{}")),
        'part 1 ("runs.99999999999.inputs"): "99999999999" is no index; count from 0, without leading zeros',
    ),
    "a leading zero": (
        multipart(("runs.00.inputs", "{}")),
        'part 1 ("runs.00.inputs"): "00" is no index; count from 0, without leading zeros',
    ),
    "foreign digits": (
        multipart(("runs.٣.inputs", "{}")),
        'part 1 ("runs.٣.inputs"): "٣" is no index; count from 0, without leading zeros',
    ),
    "indexes and names": (
        multipart(("runs.0.inputs", "{}"), ("runs.first.inputs", "{}")),
        'part 2 ("runs.first.inputs") mixes indexes and names for the items of "runs"; use one of them',
    ),
    "beyond the whole": (
        multipart(("runs", RUNS), ("runs.3.inputs.doc", "A", "a.txt")),
        'part 2 ("runs.3.inputs.doc") is beyond the 2 items of "runs"',
    ),
    "a name beyond the whole": (
        multipart(("runs", "[]"), ("runs.a.conversation_id", "c")),
        'part 2 ("runs.a.conversation_id") is beyond the 0 items of "runs"',
    ),
    "a place twice": (
        multipart(("runs.0.inputs.d", "A", "a"), ("runs.0.inputs.d", "B", "b")),
        'part 2 ("runs.0.inputs.d"): the name occurs twice',
    ),
    "text that is not UTF-8": (
        multipart(("runs.0.conversation_id", b"\xff")),
        'part 1 ("runs.0.conversation_id") is not UTF-8: byte 0xff at position 0',
    ),
    "cut off in a part": (
        multipart(("runs", "[]"), ("doc", "AAAA"), end="")[:-2],
        'the multipart body is cut off in part 2 ("doc"): it does not end with "--B--"',
    ),
    "cut off after a part": (
        multipart(("runs", "[]"), end="--B"),
        'the multipart body is cut off in part 1 ("runs"): it does not end with "--B--"',
    ),
    "cut off in a header": (
        multipart(("runs", "[]"), end="--B\r\nContent-Dispo"),
        'the multipart body is cut off in part 2: it does not end with "--B--"',
    ),
    "another boundary": (
        multipart(("runs", "[]")).replace(b"--B", b"--C"),
        'the multipart body has no part: the boundary "B" does not occur in it',
    ),
    "a part without a name": (
        multipart(("runs", "[]")) [:-7] + b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n",
        'part 2 has no name; its Content-Disposition needs name="..."',
    ),
    "an empty name": (multipart(("", "x")), 'part 1 has no name; its Content-Disposition needs name="..."'),
    "a part without headers": (
        b"--B\r\n\r\nx\r\n--B--\r\n",
        "part 1 is malformed: missing Content-Disposition part header",
    ),
    "a header that is none": (
        b"--B\r\nnonsense\r\n\r\nx\r\n--B--\r\n",
        "part 1 is malformed: malformed part header",
    ),
    "a long header": (
        b"--B\r\nX-A: %s\r\n\r\nx\r\n--B--\r\n" % (b"x" * 20_000),
        "part 1 is malformed: maximum part header length exceeded",
    ),
    "a transfer encoding": (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--B--\r\n',
        'part 1 ("a") has the Content-Transfer-Encoding "base64"; send its bytes as they are',
    ),
    "a charset": (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=latin-1\r\n\r\nx\r\n'
        b"--B--\r\n",
        'part 1 ("a") is in the charset latin-1; only UTF-8 is read',
    ),
    "too many parts": (multipart(*[("a", "")] * (MAX_PARTS + 1)), "the form has more than 10,000 parts"),
}


@pytest.mark.parametrize(("data", "sentence"), BROKEN_PARTS.values(), ids=BROKEN_PARTS)
def test_a_broken_part_is_named(data, sentence):
    """A multipart body that cannot be read is a 400 that says which part, by number and name."""
    with pytest.raises(Refused) as caught:
        read(BULK, MULTIPART, data)

    assert told(caught.value) == sentence


@pytest.mark.parametrize("content_type", ["multipart/form-data", 'multipart/form-data; boundary=""'])
def test_a_multipart_body_needs_a_boundary(content_type):
    """Without one no part can be found, and the sentence says so."""
    with pytest.raises(Refused) as caught:
        read(BULK, content_type, multipart(("runs", "[]")))

    assert told(caught.value) == "the Content-Type multipart/form-data has no boundary, so no part can be found"


def adopt(value: Any, parts: tuple[Part, ...]) -> Any:
    """The n-th part of a name goes to the n-th run."""
    seen: dict[str, int] = {}
    for part in parts:
        at = seen[part.name] = seen.get(part.name, -1) + 1
        if at >= len(value["runs"]):
            raise Refused(Problem("malformed", f"{part.label} has no run"))
        value["runs"][at]["inputs"][part.name] = file_value(part)
    return value


SYNC = multipart(("runs", RUNS), ("doc", "A", "a.txt"), ("doc", "B", "b.txt"))
ASYNC = (
    b"--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; "
    b'name="runs"\r\n\r\n' + RUNS.encode() + b"\r\n"
    b'--B\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="doc"; '
    b'filename="%2Fhome%2Fme%2Fa.txt"\r\n\r\nA\r\n--B--\r\n'
)


def test_parts_that_no_name_fits_are_adopted_together():
    """The vendor's function gets the value so far and those parts, in order, as the SDK's sync client sends them."""
    decoded = read(BULK, MULTIPART, SYNC, Forms(file_value, adopt))

    assert decoded.value == {"runs": [{"inputs": {"q": "a", "doc": DOC_A}}, {"inputs": {"q": "b", "doc": DOC_B}}]}


def test_the_file_name_of_a_part_is_handed_over_as_sent():
    """The SDK's async client percent-encodes a whole path; what it means is the vendor's to say."""
    runs, doc = read_parts(ASYNC, "B")

    assert (runs.name, runs.content_type, runs.filename, runs.number) == ("runs", "text/plain", None, 1)
    assert (doc.filename, doc.content_type, doc.data, doc.number) == ("%2Fhome%2Fme%2Fa.txt", "text/plain", b"A", 2)


def test_a_vendor_may_refuse_a_part():
    """What `adopt` refuses is refused."""
    with pytest.raises(Refused) as caught:
        read(BULK, MULTIPART, multipart(("runs", "[]"), ("doc", "A", "a.txt")), Forms(file_value, adopt))

    assert caught.value.problem.message == 'part 2 ("doc") has no run'


def test_without_a_vendor_other_parts_stand_at_the_top():
    """Text as text, a file as its value, a list where a name is repeated; a declared part is never replaced."""
    data = multipart(("runs", "[]"), ("note", "5"), ("doc", "A", "a"), ("doc", "B", "b"))

    assert read(BULK, MULTIPART, data, Forms()).value == {"runs": [], "note": "5", "doc": ["QQ==", "Qg=="]}


UPLOAD = form(
    {
        "file": BINARY,
        "photo": {"type": "string", "contentMediaType": "image/png"},
        "files": {"type": "array", "items": BINARY},
        "n": {"type": "integer"},
        "meta": {"type": "object"},
        "note": {"type": "string"},
        "raw": JSON_TEXT,
    },
    also={"additionalProperties": {"type": "integer"}},
)

UPLOADS = {
    "binary": ([("file", "A", "a.txt")], {"file": DOC_A}),
    "binary by its media type": ([("photo", "A", "a.txt")], {"photo": DOC_A}),
    "files": ([("files", "A", "a.txt"), ("files", "B", "b.txt")], {"files": [DOC_A, DOC_B]}),
    "one file of many": ([("files", "A", "a.txt")], {"files": [DOC_A]}),
    "an integer": ([("n", "5")], {"n": 5}),
    "an object": ([("meta", '{"a": 1}')], {"meta": {"a": 1}}),
    "an object that a browser names": ([("meta", '{"a": 1}', "blob")], {"meta": {"a": 1}}),
    "a file where text may be": ([("note", "A", "a.txt")], {"note": DOC_A}),
    "JSON text that nothing else describes": ([("raw", '{"a": 1}')], {"raw": '{"a": 1}'}),
    "by additionalProperties": ([("other", "5")], {"other": 5}),
}


@pytest.mark.parametrize(("parts", "value"), UPLOADS.values(), ids=UPLOADS)
def test_a_form_without_wildcards_stands_for_itself(parts, value):
    """Its parts are typed by its own properties, and its own checker judges the value."""
    decoded = read(UPLOAD, MULTIPART, multipart(*parts))

    assert decoded.value == value
    assert decoded.checker.rule == "/content/multipart/form-data"


def test_json_text_must_be_json_even_where_it_stays_text():
    """`format: json` is held although the value stays the string that the schema asks for."""
    with pytest.raises(Refused, match="is not JSON"):
        read(UPLOAD, MULTIPART, multipart(("raw", "{")))


NESTED = {"type": "object", "properties": {"a": {"type": "object"}, "b": {"type": "integer"}}}
OTHER_SIBLINGS = {
    "it requires what the form lacks": {**NESTED, "required": ["url"]},
    "it is closed to a name": {**NESTED, "additionalProperties": False},
    "it shares no name": {"type": "object", "properties": {"url": {}}},
    "it is no object": {"type": "array"},
}


@pytest.mark.parametrize("json_schema", OTHER_SIBLINGS.values(), ids=OTHER_SIBLINGS)
def test_a_json_body_that_the_form_does_not_describe_is_left_alone(json_schema):
    """Where the names do not map on to the JSON body, the form keeps its names and its own checker."""
    op = operation(
        {
            "application/json": json_schema,
            "multipart/form-data": {"type": "object", "properties": {"a.*": BINARY, "c": {"type": "string"}}},
        }
    )

    decoded = read(op, MULTIPART, multipart(("a.x", "A", "a.txt"), ("c", "1")))

    assert decoded.value == {"a.x": DOC_A, "c": "1"}
    assert decoded.checker.rule == "/content/multipart/form-data"


def test_the_most_literal_name_fits_first():
    """`inputs.id` is what is declared so, not an input called id."""
    op = operation(
        {
            "application/json": {"type": "object", "properties": {"inputs": {"type": "object"}}},
            "multipart/form-data": {
                "type": "object",
                "properties": {"inputs.*": BINARY, "inputs.id": {"type": "integer"}},
            },
        }
    )

    assert read(op, MULTIPART, multipart(("inputs.id", "5"))).value == {"inputs": {"id": 5}}


def test_an_extended_file_name_is_read():
    """Older clients send `filename*` for names beyond ASCII (RFC 8187)."""
    head = "--B\r\nContent-Disposition: form-data; name=\"doc\"; filename*=utf-8''%C3%A9.txt\r\n\r\n"
    (part,) = read_parts(head.encode() + b"A\r\n--B--\r\n", "B")

    assert part.filename == "é.txt"


def test_a_form_may_have_no_part():
    """A multipart body of its last boundary alone is an empty form."""
    assert read(TYPED, MULTIPART, b"--B--\r\n").value == {}


def test_an_old_python_multipart_is_recognised():
    """The module of that name must be the right library; the message says what to do."""
    with pytest.raises(MockserverError, match=r"upgrade python-multipart to 0\.0\.13 or later"):
        parser_in(types.ModuleType("multipart"))
