"""The parts of a form become one value: that of the JSON body which their names describe, or one of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mockserver.errors import Problem, Refused
from mockserver.openapi.forms import Forms, Part, read_parts
from tests.openapi.form_bodies import (
    ASYNC,
    BINARY,
    BULK,
    JSON_TEXT,
    MULTIPART,
    RUNS,
    SYNC,
    file_value,
    form,
    multipart,
    read,
)
from tests.openapi.operations import operation, told

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
        [("runs", RUNS), ("runs.0.inputs", '{"q": "late", "more": 1}')],
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


BROKEN_PLACES = {
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
        'part 2 ("runs.2.inputs") comes after "runs.1", which is missing',
    ),
    "no first": (
        multipart(("runs.1.inputs", "{}")),
        'part 1 ("runs.1.inputs") comes after "runs.0", which is missing',
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
    "a name among indexes": (
        multipart(("runs.0.inputs", "{}"), ("runs.first.inputs", "{}")),
        'part 2 ("runs.first.inputs"): "first" is no index; count from 0, without leading zeros',
    ),
    "the name as the page writes it": (
        multipart(("runs.*.inputs", "{}")),
        'part 1 ("runs.*.inputs"): "*" is no index; count from 0, without leading zeros',
    ),
    "below nothing": (
        multipart(("runs.-1.inputs", "{}")),
        'part 1 ("runs.-1.inputs"): "-1" is no index; count from 0, without leading zeros',
    ),
    "beyond the whole": (
        multipart(("runs", RUNS), ("runs.3.inputs.doc", "A", "a.txt")),
        'part 2 ("runs.3.inputs.doc") is beyond the 2 items of "runs"',
    ),
    "beyond nothing": (
        multipart(("runs", "[]"), ("runs.0.conversation_id", "c")),
        'part 2 ("runs.0.conversation_id") is beyond the 0 items of "runs"',
    ),
    "a file that has a value already": (
        multipart(("runs", RUNS), ("runs.0.inputs.q", "A", "a.txt")),
        'part 2 ("runs.0.inputs.q"): there is a value of that name already',
    ),
    "a file beside its inputs": (
        multipart(("runs.0.inputs.q", "A", "a.txt"), ("runs.0.inputs", '{"q": 1}')),
        'part 1 ("runs.0.inputs.q"): there is a value of that name already',
    ),
    "a place twice": (
        multipart(("runs.0.inputs.d", "A", "a"), ("runs.0.inputs.d", "B", "b")),
        'part 2 ("runs.0.inputs.d"): the name occurs twice',
    ),
}


@pytest.mark.parametrize(("data", "sentence"), BROKEN_PLACES.values(), ids=BROKEN_PLACES)
def test_a_part_that_has_no_place_is_named(data, sentence):
    """What cannot be put where its name says is a 400 that says which part, by number and name."""
    with pytest.raises(Refused) as caught:
        read(BULK, MULTIPART, data)

    assert told(caught.value) == sentence
    assert caught.value.problem.reason == "form"


@pytest.mark.parametrize("name", ["runs.x.inputs", "runs.1.inputs"])
def test_a_part_that_has_no_place_is_named_in_the_violation(name):
    """Where it is and what came, for reports that show the violation alone."""
    with pytest.raises(Refused) as caught:
        read(BULK, MULTIPART, multipart((name, "{}")))

    (violation,) = caught.value.problem.violations
    assert (violation.where, violation.said) == (f"/{name}", f'part 1 ("{name}")')
    assert str(violation).startswith(f'/{name}: part 1 ("{name}") ')


def adopt(value: Any, parts: tuple[Part, ...], schema: Mapping[str, Any]) -> Any:
    """The n-th part of a name goes to the n-th run."""
    seen: dict[str, int] = {}
    for part in parts:
        at = seen[part.name] = seen.get(part.name, -1) + 1
        if at >= len(value["runs"]):
            raise Refused(Problem("malformed", f"{part.label} has no run"))
        value["runs"][at]["inputs"][part.name] = file_value(part)
    return value


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
