"""JSON is read strictly, bodies are read by their media type, and a refusal is one sentence that says where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import Refused
from mockserver.openapi.decode import read_body, read_json
from mockserver.openapi.forms import Forms
from mockserver.openapi.jsontext import MAX_DIGITS, MAX_VALUES
from mockserver.openapi.operation import MISSING
from tests.openapi.operations import operation, told

OBJECT = {"type": "object"}
TAKES_JSON = operation({"application/json": OBJECT})

MALFORMED = {
    "no bytes": (b"", "the body is empty; it must be JSON"),
    "only white space": (b" \n", "the body is empty; it must be JSON"),
    "byte order mark": (b"\xef\xbb\xbf{}", "the body begins with a byte order mark; send UTF-8 without one"),
    "UTF-16": ("{}".encode("utf-16"), "the body is not UTF-8: byte 0xff at position 0"),
    "broken UTF-8": (b'{"a": "\xc3("}', "the body is not UTF-8: byte 0xc3 at position 7"),
    "a raw surrogate": (b'{"a": "\xed\xa0\x80"}', "the body is not UTF-8: byte 0xed at position 7"),
    "cut off": (b'{"a": ', "the body is not JSON: expecting value at line 1, column 7"),
    "a comma is missing": (b"[1\n 2]", "the body is not JSON: expecting ',' delimiter at line 2, column 2"),
    "single quotes": (
        b"{'a': 1}",
        "the body is not JSON: expecting property name enclosed in double quotes at line 1, column 2",
    ),
    "trailing data": (b'{"a": 1} {"b": 2}', "the body is not JSON: extra data at line 1, column 10"),
    "open string": (b'"abc', "the body is not JSON: unterminated string starting at line 1, column 1"),
    "a line feed in a string": (b'"a\nb"', "the body is not JSON: invalid control character at line 1, column 3"),
    "unknown escape": (rb'"\x"', "the body is not JSON: invalid \\escape at line 1, column 2"),
    "leading zero": (b"[01]", "the body is not JSON: expecting ',' delimiter at line 1, column 3"),
    "NaN": (b'{"runs": [{"x": NaN}]}', "/runs/0/x: NaN is not JSON; it has no such number"),
    "Infinity": (b"[1, -Infinity]", "/1: -Infinity is not JSON; it has no such number"),
    "NaN alone": (b"NaN", "the body: NaN is not JSON; it has no such number"),
    "overflow": (b'{"a": [1e999]}', "/a/0: 1e999 is too large; it overflows a double"),
    "negative overflow": (b"[-1.5E+400]", "/0: -1.5E+400 is too large; it overflows a double"),
    "a long integer": (
        b"[1, " + b"7" * 5000 + b"]",
        "/1: a number of 5,000 digits is too long; at most 4,300 are read",
    ),
    "a long fraction": (
        b"[0." + b"7" * 5000 + b"]",
        "/0: a number of 5,001 digits is too long; at most 4,300 are read",
    ),
    "a long fraction before numbers that are written longer": (
        b"[1." + b"0" * 4300 + b", 1e15" * 400 + b"]",
        "/0: a number of 4,301 digits is too long; at most 4,300 are read",
    ),
    "a long exponent": (
        b"[1e" + b"0" * 4300 + b"]",
        "/0: a number of 4,301 digits is too long; at most 4,300 are read",
    ),
    "duplicate names": (b'{"runs": [{"inputs": {"x": 1, "x": 2}}]}', '/runs/0/inputs: the name "x" occurs twice'),
    "duplicates at the top": (b'{"a": 1, "b": {}, "a": 2}', 'the body: the name "a" occurs twice'),
    "one of two is escaped": (rb'{"p": {"a": 1, "\u0061": 2}}', '/p: the name "a" occurs twice'),
    "an object twice": (b'{"a": {"b": {"c": 1}, "b": {}}}', '/a: the name "b" occurs twice'),
    "a name with a quote": (rb'{"a\"": 1, "a\"": 2}', r'the body: the name "a\"" occurs twice'),
    "twice, spaced": (b'{"a" : 1, "a" : 2, "b":":"}', 'the body: the name "a" occurs twice'),
    "twice, hidden by colons": (b'{"a":1,"a":2,"c":"\\":\\":","d":":"}', 'the body: the name "a" occurs twice'),
    "a name with a slash": (b'{"a/b": {"c": 1, "c": 1}}', '/a~1b: the name "c" occurs twice'),
    "a lone high surrogate": (rb'{"a": ["\ud800"]}', r"/a/0: the lone surrogate \ud800 is not a character"),
    "a lone low surrogate": (rb'["\udC00x"]', r"/0: the lone surrogate \udc00 is not a character"),
    "two high surrogates": (rb'["\ud83d\ud83d\ude00"]', r"/0: the lone surrogate \ud83d is not a character"),
    "a surrogate in a name": (rb'{"\ud800": 1}', r"the body: the lone surrogate \ud800 is not a character"),
}


@pytest.mark.parametrize(("data", "sentence"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_strict_json_is_refused_with_one_sentence(data, sentence):
    """Each way to break JSON is a 400 of one sentence that says what is wrong and where."""
    with pytest.raises(Refused) as caught:
        read_json(data)

    assert told(caught.value) == sentence
    assert caught.value.problem.kind == "malformed"
    assert [violation.code for violation in caught.value.problem.violations] == ["E107"]


LONG = b",".join([b"{}"] * 999)  # more brackets than a text may be deep: such text is read in another way


@pytest.mark.parametrize("data", [data for data, _ in MALFORMED.values() if data.strip()[:1] in (b"{", b"[")])
def test_what_is_refused_alone_is_refused_in_long_text(data):
    """How much JSON there is does not change what is JSON."""
    with pytest.raises(Refused) as caught:
        read_json(b"[%s,%s]" % (LONG, data))

    assert caught.value.problem.kind == "malformed"


TAKEN = {
    "beyond 64 bits": (b"1180591620717411303424", 2**70),
    "4,300 digits": (b"7" * MAX_DIGITS, int("7" * MAX_DIGITS)),
    "a large double": (b"1e308", 1e308),
    "4,300 digits with a point": (b"1." + b"0" * 4299, 1.0),
    "long, but not of digits": (b"1." + b"0" * 4295 + b"e+0001", 10.0),
    "underflow": (b"1e-999", 0.0),
    "null": (b"null", None),
    "a pair of surrogates": (rb'"\ud83d\ude00"', "\U0001f600"),
    "an escaped backslash before u": (rb'"\\ud800"', r"\ud800"),
    "a name in two objects": (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
    "colons and brackets in strings": (b'{"a": "{\\":[[", ":": "]\\\\"}', {"a": '{":[[', ":": "]\\"}),
    "colons at the start": (b'{"a" : ":a", "b":1}', {"a": ":a", "b": 1}),
    "an empty name": (b'{"": {"": 1}}', {"": {"": 1}}),
    "NUL": (rb'"\u0000"', "\0"),
    "white space around": (b" [1]\r\n", [1]),
}


@pytest.mark.parametrize(("data", "value"), TAKEN.values(), ids=TAKEN)
def test_unusual_json_is_read(data, value):
    """What looks like a fault and is none is read as it stands."""
    read, among_others = read_json(data), read_json(b"[%s,%s]" % (LONG, data))

    assert read == value
    assert among_others[-1] == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None, max_examples=50)
@given(JSON, st.booleans(), st.sampled_from([None, 1]))
def test_good_json_is_read_as_the_standard_library_reads_it(value, ascii_only, indent):
    """Strictness costs nothing that is JSON, however it is written."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    assert read_json(text.encode()) == json.loads(text)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(['"', ":", '":', "a", "\\", "{", "é"]), JSON), min_size=1, max_size=5))
def test_a_name_that_occurs_twice_is_always_seen(pairs):
    """Whatever stands in names and values, an object with a repeated name is refused and any other is not."""
    text = "{" + ", ".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}"
    names = [name for name, _ in pairs]

    if len(set(names)) == len(names):
        assert read_json(text.encode()) == dict(pairs)
    else:
        with pytest.raises(Refused, match="occurs twice"):
            read_json(text.encode())


def nested(levels: int, opening: str = "[", closing: str = "]", core: str = "") -> bytes:
    return (opening * levels + core + closing * levels).encode()


DEPTHS = {
    "lists": (nested(256), nested(257)),
    "objects": (nested(255, '{"a":', "}", "{}"), nested(256, '{"a":', "}", "{}")),
    "both": (nested(128, '[{"a":', "}]", "1"), nested(129, '[{"a":', "}]", "1")),
    "among many shallow": (b"[[%s],%s]" % (nested(254), b",".join([b"[]"] * 999)), b"[%s,[[]]]" % nested(256)),
    "brackets in strings": (b'["%s", "\\"%s"]' % (b"[" * 900, b"{" * 900), b'["]]]]", %s, "]]"]' % nested(256)),
}


@pytest.mark.parametrize(("allowed", "_"), DEPTHS.values(), ids=DEPTHS)
def test_256_levels_are_read(allowed, _):
    """As many levels of brackets as the setting says are no fault."""
    assert read_json(allowed) is not None


@pytest.mark.parametrize(("_", "refused"), DEPTHS.values(), ids=DEPTHS)
def test_one_level_more_is_too_deep(_, refused):
    """One level of brackets more than the setting is refused, and the sentence names the setting."""
    with pytest.raises(Refused) as caught:
        read_json(refused)

    assert caught.value.problem.kind == "too_deep"
    assert caught.value.problem.violations[0].code == "E110"
    assert (
        told(caught.value)
        == "the body has more than 256 levels of brackets; the setting --max-depth says how many are read"
    )


@pytest.mark.parametrize(
    "data",
    [nested(100_000), b"[" * 100_000, b'{"a":' * 100_000, nested(100_000, '{"a":', "}", "1")],
    ids=["closed", "open", "open objects", "objects"],
)
def test_a_hundred_thousand_brackets_are_refused(data):
    """No body exhausts the stack."""
    with pytest.raises(Refused) as caught:
        read_json(data)

    assert caught.value.problem.kind == "too_deep"
    assert "256 levels" in told(caught.value)


def test_the_depth_is_a_setting():
    """Fewer levels can be asked for."""
    assert read_json(b"[[]]", max_depth=2) == [[]]
    with pytest.raises(Refused, match="more than 2 levels"):
        read_json(b"[[[]]]", max_depth=2)


def test_a_long_name_is_shortened():
    """A sentence stays readable whatever the client names things."""
    name = b'"%s"' % (b"x" * 10_000)

    with pytest.raises(Refused) as caught:
        read_json(b"{%s: 1, %s: 2}" % (name, name))

    assert told(caught.value).endswith('x…" occurs twice')


def test_a_violation_says_place_and_fault_apart():
    """The journal gets the pointer, what came and what is wrong as fields."""
    with pytest.raises(Refused) as caught:
        read_json(b'{"runs": [{"x": 1, "x": 2}]}')

    (violation,) = caught.value.problem.violations
    assert (violation.part, violation.where, violation.said, violation.fault) == (
        "body", "/runs/0", 'the name "x"', "occurs twice",
    )  # fmt: skip


MEDIA = operation(
    {
        "application/json": OBJECT,
        "application/vnd.api+json": OBJECT,
        "text/plain": {"type": "string"},
        "text/xml": {"type": "object"},
        "text/csv": {"type": "integer"},
        "image/*": {"type": "string", "format": "binary"},
    }
)

READ = {
    "JSON": ("application/json", b'{"a": 1}', {"a": 1}, True),
    "with a charset": ("Application/JSON; charset=UTF-8", b'{"a": 1}', {"a": 1}, True),
    "a quoted charset": ('application/json;charset="utf-8";', b"{}", {}, True),
    "of another kind": ("application/vnd.api+json", b"{}", {}, True),
    "text": ("text/plain; charset=us-ascii", b"hi", "hi", True),
    "text that has no schema for text": ("text/xml", b"<a/>", "<a/>", False),
    "text that stands for a number": ("text/csv", b"12\n", 12, True),
    "a media range": ("image/png", b"\x89PNG", b"\x89PNG", False),
}


@pytest.mark.parametrize(("content_type", "data", "value", "checked"), READ.values(), ids=READ)
def test_a_body_is_read_by_its_media_type(content_type, data, value, checked):
    """JSON becomes a value, text stays text, anything else stays bytes, which nothing checks."""
    decoded = read_body(MEDIA, content_type, data, forms=Forms())

    assert decoded.value == value
    assert decoded.media is not None
    assert (decoded.checker is not None) is checked


UNSUPPORTED = {
    "none": (None, "the request has a body but no Content-Type; the operation takes application/json"),
    "blank": (" ", "the request has a body but no Content-Type; the operation takes application/json"),
    "another": ("text/html", "the operation does not take text/html; it takes application/json"),
    "no slash": ("json", 'the Content-Type "json" is malformed; the operation takes application/json'),
    "a stray quote": (
        'application/json; charset="utf-8',
        r'the Content-Type "application/json; charset=\"utf-8" is malformed; the operation takes application/json',
    ),
    "Latin-1": (
        "application/json; charset=ISO-8859-1",
        'the charset "ISO-8859-1" is not understood; send application/json in UTF-8',
    ),
}


@pytest.mark.parametrize(("content_type", "sentence"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_media_type_that_the_operation_does_not_take_is_refused(content_type, sentence):
    """415, and the sentence names what the operation takes."""
    with pytest.raises(Refused) as caught:
        read_body(TAKES_JSON, content_type, b"{}", forms=Forms())

    assert told(caught.value) == sentence
    assert caught.value.problem.kind == "unsupported_media_type"
    assert caught.value.problem.violations[0].code == "E106"


@pytest.mark.parametrize("content_type", ["application/json", None, "text/html"])
def test_a_required_body_must_not_be_empty(content_type):
    """No bytes where a body is required: 400, whatever the Content-Type says."""
    with pytest.raises(Refused) as caught:
        read_body(TAKES_JSON, content_type, b"", forms=Forms())

    assert told(caught.value) == "the body is empty; the operation needs one of application/json"
    assert caught.value.problem.kind == "malformed"


ABSENT: dict[str, Any] = {
    "it is optional": (operation({"application/json": OBJECT}, required=False), b""),
    "the operation takes none": (operation(), b"whatever"),
}


@pytest.mark.parametrize(("op", "data"), ABSENT.values(), ids=ABSENT)
def test_no_body_is_missing(op, data):
    """Where no body came, or none is taken, the value is MISSING and nothing checks it."""
    decoded = read_body(op, "application/json", data, forms=Forms())

    assert decoded.value is MISSING
    assert decoded.checker is None


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"[" + b"1," * (MAX_VALUES - 2) + b"1]", False),
        (b"[" + b"1," * MAX_VALUES + b"1]", True),
        (b'["' + b"a,[{" * MAX_VALUES + b'"]', False),
        (b'["' + b'\\",' * MAX_VALUES + b'"]', False),
        (b"[" + b'"",' * (2 * MAX_VALUES) + b"1]", True),
        (b"[" * (MAX_VALUES + 1), True),
    ],
    ids=["just few enough", "numbers", "a long text", "a text of quotes", "empty texts", "brackets"],
)
def test_a_body_of_too_many_values_is_refused_before_it_is_read(body, refused):
    """A million values take a second to read; more are refused, whatever a long text looks like."""
    if not refused:
        assert read_json(body)
        return
    with pytest.raises(Refused) as caught:
        read_json(body)
    assert caught.value.problem.kind == "too_large"
    assert caught.value.problem.message == "the body holds more than 1,000,000 values; split the call"
