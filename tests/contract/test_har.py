"""HAR files: what browsers and proxies write, and what they leave out."""

import base64
import json

import pytest

from mockserver.contract import har
from mockserver.contract.har import HarError
from tests.contract.orders import GOOD, entry
from tests.contract.orders import har as file_of


def only(one):
    """The exchange of an entry, and the holes."""
    found = har.read(file_of(one), "x.har")
    (exchange,) = found.exchanges
    return exchange, found.holes


def test_an_entry_is_an_exchange():
    """Both bodies are bytes, both sides have their headers, and what HTTP/2 writes as headers is none."""
    one, holes = only(GOOD)

    assert (one.number, one.method, one.path, one.status, holes) == (1, "POST", "/v1/orders", 201, ())
    assert (one.body, one.answer_body) == (b'{"item": "tea"}', b'{"id": "o1"}')
    assert one.headers == (("X-Key", "k"), ("content-type", "application/json"))


def test_bytes_come_as_base64():
    """Of an answer, and of a request where a proxy writes them so."""
    data = b"\xff\x00\xfe"
    coded = {"text": base64.b64encode(data).decode(), "encoding": "base64"}
    answer = {"status": 200, "headers": [], "content": {"mimeType": "image/png", "size": 3, **coded}}
    asked = {**GOOD["request"], "postData": {"mimeType": "application/octet-stream", **coded}}

    one, _ = only({"request": asked, "response": answer})

    assert (one.body, one.answer_body) == (data, data)
    assert one.answer_headers == (("Content-Type", "image/png"),)


def test_a_form_is_put_together_of_its_fields():
    """Where the file has them one by one."""
    asked = {
        **GOOD["request"],
        "headers": [],
        "postData": {
            "mimeType": "application/x-www-form-urlencoded",
            "params": [{"name": "a b", "value": "1&2"}, {"name": "c"}],
        },
    }

    one, _ = only({**GOOD, "request": asked})

    assert one.body == b"a+b=1%262&c="


@pytest.mark.parametrize(
    ("more", "asked", "answered", "hole"),
    [
        ({"response": {"status": 200, "headers": [], "content": {"size": 90}}}, True, None, "body of the answer"),
        ({"response": {"status": 200, "headers": []}}, True, None, "body of the answer"),
        ({"response": {"status": 200, "headers": [], "content": {"size": 0}}}, True, b"", ""),
        ({"response": {"status": 204, "headers": [], "content": {}}}, True, b"", ""),
        ({"response": {"status": 0, "headers": []}}, True, None, "without an answer"),
        ({"response": None}, True, None, "without an answer"),
        ({"response": {"status": "200", "headers": 5, "content": "x"}}, True, None, "without an answer"),
        ({"request": {"method": "POST", "url": "https://a.test/x", "bodySize": 12}}, None, b'{"id": "o1"}', "was sent"),
        (
            {"request": {"method": "POST", "url": "https://a.test/x", "postData": {"mimeType": "text/plain"}}},
            None,
            b'{"id": "o1"}',
            "was sent",
        ),
        (
            {
                "request": {
                    "method": "POST",
                    "url": "https://a.test/x",
                    "postData": {"mimeType": "multipart/form-data; boundary=x", "text": "--x"},
                }
            },
            None,
            b'{"id": "o1"}',
            "form of several parts",
        ),
    ],
    ids=["not kept", "no content", "empty", "204", "blocked", "null", "odd", "not sent", "no text", "parts"],
)
def test_a_hole_is_told_and_nothing_is_made_up(more, asked, answered, hole):
    """A body that is missing is not taken for an empty one."""
    one, holes = only({**GOOD, **more})

    assert (one.body is not None) is (asked is True)
    assert one.answer_body == answered
    assert hole in " ".join(holes)
    assert bool(hole) is bool(holes)


@pytest.mark.parametrize(
    "one",
    [
        {},
        None,
        [],
        {"request": {"url": "https://a.test"}},
        {"request": {"method": "GET", "url": 5}},
        {"request": {"method": "GET", "url": "http://[x/"}},
        {"request": {"method": "GET", "url": "wss://a.test/socket"}},
        {"request": {"method": "GET", "url": "data:text/plain,x"}},
        {"request": {"method": "CONNECT", "url": "https://a.test:443"}},
    ],
    ids=["empty", "null", "list", "no method", "no url", "bad url", "socket", "data", "tunnel"],
)
def test_what_is_no_request_over_http_is_passed_over(one):
    """And counted, beside the entries that are fine."""
    found = har.read(file_of(one, GOOD), "x.har")

    assert [each.number for each in found.exchanges] == [2]
    assert len(found.holes) == 1
    assert "passed over" in found.holes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "no log with entries"),
        (b'{"log": {}}', "no log with entries"),
        (b'{"log": {"entries": {}}}', "no log with entries"),
    ],
    ids=["nothing", "bytes", "deep", "list", "no entries", "odd entries"],
)
def test_a_file_that_is_no_har_is_refused_in_one_sentence(data, said):
    """With its name, and what would be right."""
    with pytest.raises(HarError) as caught:
        har.read(data, "x.har")

    assert str(caught.value).startswith("x.har  ")
    assert said in str(caught.value)


def test_a_byte_order_mark_is_no_harm():
    """Some proxies write one."""
    assert len(har.read(b"\xef\xbb\xbf" + file_of(GOOD), "x.har").exchanges) == 1


def test_a_har_is_told_from_other_json():
    """By its log."""
    assert har.is_har(json.loads(file_of(entry())))
    assert not har.is_har({"openapi": "3.1.0"})
