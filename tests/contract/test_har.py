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


def answered(content, **more):
    """A good entry whose answer has this content."""
    return {**GOOD, "response": {"status": 200, "headers": [], "content": content, **more}}


@pytest.mark.parametrize(
    "content",
    [
        {"size": -1, "mimeType": "application/json"},
        {"size": -1, "mimeType": "application/json", "text": ""},
        {"mimeType": "application/json"},
        {"size": 12, "mimeType": "application/json", "text": ""},
    ],
    ids=["not known", "not known, no text", "nothing said", "left out"],
)
def test_content_whose_size_is_not_known_is_no_empty_body(content):
    """`-1` is what browsers write for a body that they did not keep."""
    one, holes = only(answered(content, bodySize=-1))

    assert one.answer_body is None
    assert holes == ("1 entry without the body of the answer: only its status and headers are held (#1)",)


@pytest.mark.parametrize("side", ["sent", "answered"])
@pytest.mark.parametrize(
    ("coded", "said"),
    [
        ({"text": "{not base64}", "encoding": "base64"}, "in what is called base64 and is none: only its "),
        ({"text": "eyJpZCI6ICJvMSJ9!", "encoding": "base64"}, "in what is called base64 and is none: only its "),
        ({"text": "eyJpZ", "encoding": "base64"}, "in what is called base64 and is none: only its "),
        ({"text": "\u00e9", "encoding": "base64"}, "in what is called base64 and is none: only its "),
        ({"text": "x", "encoding": "gzip"}, 'in an encoding that is not known, "gzip": only its '),
        ({"text": "x", "encoding": 5}, 'in an encoding that is not known, "5": only its '),
    ],
    ids=["text", "one more", "cut", "not ASCII", "another", "odd"],
)
def test_a_body_that_is_not_encoded_as_it_says_is_told_and_not_read(side, coded, said):
    """It is never taken for something else; the hole names the entry."""
    bad = answered({"size": 9, "mimeType": "application/json", **coded})
    if side == "sent":
        bad = {**GOOD, "request": {**GOOD["request"], "postData": {"mimeType": "application/json", **coded}}}

    found = har.read(file_of(GOOD, bad, bad), "x.har")

    bodies = [one.body if side == "sent" else one.answer_body for one in found.exchanges]
    assert [body is None for body in bodies] == [False, True, True]
    (hole,) = found.holes
    assert hole.startswith("2 entries with the body ")
    assert said in hole
    assert hole.endswith("(#2, #3)")


@pytest.mark.parametrize("encoding", [None, "", "utf-8", "UTF-8"])
def test_a_text_that_is_not_encoded_is_itself(encoding):
    """Some programs say so."""
    one, holes = only(answered({"text": '{"id": "\u00e9"}', "encoding": encoding}))

    assert (one.answer_body, holes) == ('{"id": "\u00e9"}'.encode(), ())


def test_base64_may_have_lines():
    """As mail has it."""
    one, holes = only(answered({"text": "eyJp\r\nZCI6ICJv\r\nMSJ9\r\n", "encoding": "base64"}))

    assert (one.answer_body, holes) == (b'{"id": "o1"}', ())


@pytest.mark.parametrize(
    ("more", "is_hole"),
    [
        ({}, False),
        ({"bodySize": 0}, False),
        ({"bodySize": 7}, True),
        ({"bodySize": -1}, True),
        ({"bodySize": -1, "method": "GET"}, False),
        ({"bodySize": -1, "headers": [{"name": "Content-Length", "value": "0"}]}, False),
        ({"headers": [{"name": "content-length", "value": "7"}]}, True),
        ({"headers": [{"name": "Transfer-Encoding", "value": "chunked"}]}, True),
        ({"bodySize": 0, "postData": {"mimeType": "text/plain", "params": []}}, False),
        ({"postData": {"mimeType": "application/json", "params": [{"name": "a", "value": "1"}]}}, True),
    ],
    ids=[
        "nothing", "none", "some", "not known", "not known of a GET", "length 0", "length", "chunked", "no fields",
        "fields of no form",
    ],
)  # fmt: skip
def test_a_request_without_a_body_is_told_from_one_whose_body_was_not_recorded(more, is_hole):
    """What is not known is not held."""
    one, holes = only({**GOOD, "request": {"method": "POST", "url": "https://a.test/x", **more}})

    assert (one.body, bool(holes)) == ((None, True) if is_hole else (b"", False))


def test_headers_that_stand_in_one_are_several():
    """A browser writes cookies that are set a line each."""
    one, _ = only(answered({"size": 0}, headers=[{"name": "set-cookie", "value": "a=1; Path=/\nb=2"}]))

    assert one.answer_headers == (("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2"))


@pytest.mark.parametrize(
    ("headers", "cookie"),
    [([], "a=1; b=2"), ([{"name": "cookie", "value": "c=3"}], "c=3")],
    ids=["beside", "among the headers"],
)
def test_cookies_that_stand_beside_the_headers_are_sent_ones(headers, cookie):
    """Where no header has them."""
    cookies = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}, {"value": "x"}, None]

    one, _ = only({**GOOD, "request": {**GOOD["request"], "headers": headers, "cookies": cookies}})

    assert [value for name, value in one.headers if name.lower() == "cookie"] == [cookie]


@pytest.mark.parametrize(
    ("one", "hole"),
    [
        ({"request": {"method": "GET", "url": "https://a.test/s"}, "_webSocketMessages": []}, "not of HTTP (sockets"),
        (
            {"request": {"method": "GET", "url": "https://a.test/s"}, "response": {"status": 101}},
            "not of HTTP (sockets",
        ),
        ({"request": {"method": "GET", "url": "orders"}}, "with an address that is none"),
        ({"request": {"method": "GET", "url": ""}}, "with an address that is none"),
    ],
    ids=["messages", "upgrade", "a word", "nothing"],
)
def test_sockets_and_words_are_passed_over(one, hole):
    """Each is counted as what it is."""
    found = har.read(file_of(one), "x.har")

    assert found.exchanges == ()
    assert found.holes == (f"{found.holes[0].partition(' (#')[0]} (#1)",)
    assert f"1 entry {hole}" in found.holes[0]


def test_an_address_may_be_a_path_alone():
    """Some proxies write what stood in the request line."""
    one, holes = only({**GOOD, "request": {**GOOD["request"], "url": "/v1/orders?a=1"}})

    assert (one.target, one.path, one.query, holes) == ("/v1/orders?a=1", "/v1/orders", "a=1", ())


@pytest.mark.parametrize("status", [0, -1, 5, 4000, None, "200", True])
def test_a_status_that_none_can_be_is_no_answer(status):
    """Browsers write 0 for what was aborted or blocked."""
    one, holes = only({**GOOD, "response": {"status": status, "headers": [], "content": {"size": 0}}})

    assert (one.status, one.answer_body) == (None, None)
    assert holes == ("1 entry without an answer: only the request is held against the spec (#1)",)


def test_comments_and_what_vendors_add_change_nothing():
    """`comment` may be anywhere, and so may names that begin with `_`; sizes of headers are not looked at."""
    request = {**GOOD["request"], "comment": "x", "headersSize": -1, "_more": {}}
    content = {**GOOD["response"]["content"], "comment": "x", "compression": 40, "size": 900}
    response = {**GOOD["response"], "content": content, "bodySize": 12, "headersSize": -1, "_transferSize": 9}

    one, holes = only({**GOOD, "request": request, "response": response, "comment": "x", "_initiator": {}})

    assert (one.body, one.answer_body, holes) == (b'{"item": "tea"}', b'{"id": "o1"}', ())
