"""Forms are taken apart into fields or parts, and fields are typed; a broken one is told by its number or name."""

from __future__ import annotations

import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import MockserverError, Refused
from mockserver.openapi.forms import MAX_PARTS, Forms, parser_in, read_parts
from tests.openapi.form_bodies import ASYNC, BULK, MULTIPART, SYNC, TYPED, URLENCODED, form, multipart, read
from tests.openapi.operations import told

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


BROKEN_PARTS = {
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
        multipart(("runs", "[]"), end="--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n"),
        'part 2 has no name; its Content-Disposition needs name="..."',
    ),
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


FRAGMENTS = [
    b"", b"runs.", b"*", b"[", b'"', b"--B", b"\r\n", rb"\ud800", b"1e999", b"%", b"&", b"=", b"\xff", b";", b"9" * 20,
]  # fmt: skip
BODIES = [(MULTIPART, SYNC), (MULTIPART, ASYNC), (URLENCODED, b'runs={"inputs":{}}&runs=[]&other=%20')]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(BODIES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.sampled_from(FRAGMENTS)), min_size=1, max_size=4),
)
def test_a_mangled_form_is_read_or_refused(body, changes):
    """Whatever bytes come, there is a value that validation can judge, or one sentence."""
    content_type, data = body
    for at, cut, put in changes:
        data = data[:at] + put + data[at + cut :]

    try:
        decoded = read(BULK, content_type, data)
    except Refused as refused:
        told(refused)
    else:
        decoded.checker.fits(decoded.value)


def test_an_extended_file_name_is_read():
    """Older clients send `filename*` for names beyond ASCII (RFC 8187)."""
    head = "--B\r\nContent-Disposition: form-data; name=\"doc\"; filename*=utf-8''%C3%A9.txt\r\n\r\n"
    (part,) = read_parts(head.encode() + b"A\r\n--B--\r\n", "B")

    assert part.filename == "é.txt"


def test_a_name_may_be_empty():
    """It is a name like any other, as in JSON; only a part that has none cannot be read."""
    assert read(TYPED, MULTIPART, multipart(("", "x"))).value == {"": "x"}


def test_a_form_may_have_no_part():
    """A multipart body of its last boundary alone is an empty form."""
    assert read(TYPED, MULTIPART, b"--B--\r\n").value == {}


def test_an_old_python_multipart_is_recognised():
    """The module of that name must be the right library; the message says what to do."""
    with pytest.raises(MockserverError, match=r"upgrade python-multipart to 0\.0\.13 or later"):
        parser_in(types.ModuleType("multipart"))
