"""Secrets are shown nowhere."""

import base64
import json
from typing import Any
from urllib.parse import quote_plus, unquote

import pytest

from mockserver.engine.inputs import Advance, Dial
from mockserver.engine.record import entry_record
from mockserver.engine.secrets import ALWAYS, Secrets, fingerprint
from mockserver.engine.signing import Signing
from mockserver.vendors.assembly import Wanted
from tests.callers import answer, assembled, caller
from tests.engine.anyapi import AnyApi


@pytest.mark.parametrize("vendor", ["vectorshift", "eachlabs"])
def test_whatever_is_accepted_as_a_key_is_masked(vendor):
    """The key that the call was accepted with is nowhere in its record, and its fingerprint is."""
    one = caller(vendor)
    secret = one.auth[1].split()[-1]
    entry = one.send("POST", f"/{secret}/x?token=abcdef&q={secret}", json.dumps({"note": secret}).encode())

    text = json.dumps(entry_record(entry, one.world.secrets))

    assert secret not in text
    assert "abcdef" not in text
    assert fingerprint(secret) in text


SENT = "s3cr3t-value"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Authorization": f"Bearer {SENT}"}, b""),
        ({"Proxy-Authorization": SENT}, b""),
        ({"Cookie": f"session={SENT}"}, b""),
        ({"X-Api_Key": SENT}, b""),
        ({"X-Webhook-Secret": SENT}, b""),
        ({}, json.dumps({"webhook_secret": SENT}).encode()),
        ({}, json.dumps({"accessToken": SENT, "userApiKey": SENT, "clientSecret": SENT}).encode()),
        ({"Content-Type": "application/x-www-form-urlencoded"}, f"a=1&userPassword={SENT}".encode()),
        ({}, json.dumps({"deep": [{"api-key": SENT, "password": SENT}]}).encode()),
        ({"Content-Type": "application/x-www-form-urlencoded"}, f"a=1&api_key={SENT}".encode()),
        ({}, f"a=1&api%5Fkey={SENT}".encode()),
        ({}, json.dumps({"token": [{"deep": SENT}], "password": {"a": SENT}}).encode()),
        ({}, f'{{"pass\\u0077ord": "{SENT}"}}'.encode()),
        ({}, f'{{"password": "{SENT}'.encode()),
        ({}, json.dumps({"webhook_url": f"https://user:{SENT}@example.test/"}).encode()),
        ({}, f"see https://user:{SENT}@example.test/".encode()),
        ({}, f'--B\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SENT}\r\n--B--\r\n'.encode()),
    ],
    ids=str,
)
def test_what_is_named_like_a_key_is_masked(eachlabs, headers, body):
    """Also when no document declares it."""
    entry = eachlabs.send("POST", "/wf_1/bulk-trigger", body, headers, key=False)

    assert SENT not in json.dumps(entry_record(entry, eachlabs.world.secrets))


@pytest.mark.parametrize("name", ["max_tokens", "total_tokens", "maxOutputTokens", "max_new_tokens"])
def test_how_many_tokens_is_no_secret(eachlabs, name):
    """A journal that hid a number could not be repeated."""
    body = json.dumps({"inputs": [{name: 512, "tokens": [SENT]}]}).encode()
    text = json.dumps(entry_record(eachlabs.send("POST", "/wf_1/bulk-trigger", body), eachlabs.world.secrets))

    assert json.dumps(f'"{name}": 512')[1:-1] in text
    assert SENT not in text


def test_two_keys_can_be_told_apart(eachlabs):
    """The fingerprint differs where the key does."""
    records = [
        entry_record(eachlabs.send("GET", "/x", headers={"X-API-Key": key}, key=False), eachlabs.world.secrets)
        for key in ("one-key", "one-key", "another")
    ]
    shown = [record["headers"]["X-API-Key"] for record in records]

    assert shown[0] == shown[1] != shown[2]
    assert all(text.startswith("***") for text in shown)


def test_a_refusal_does_not_repeat_the_key(eachlabs):
    """Neither the answer nor the violations say which key came."""
    entry = eachlabs.send("POST", "/wf_1/bulk-trigger", b"{}", {"X-API-Key": SENT}, key=False)

    assert SENT not in str(answer(entry)) + str(entry.violations)


@pytest.mark.parametrize("said", [[SENT], {"a": SENT}, 8182838485], ids=str)
def test_a_refusal_does_not_repeat_a_secret_of_the_wrong_type(eachlabs, said):
    """Neither the answer nor its entry says what stood where a key belongs; nothing is nothing there too."""
    path = "/public/@n/workflows/s/versions/v1/trigger"
    entry = eachlabs.post(path, {"api_key": said})
    empty = eachlabs.post(path, {"api_key": None})

    shown = json.dumps(entry_record(entry, eachlabs.world.secrets))
    assert SENT not in shown + repr(entry)
    assert "8182838485" not in shown
    assert answer(entry) == {"error": "/api_key: *** is not a string"}
    assert answer(empty) == {"error": "/api_key: null is not a string"}


def test_a_refusal_does_not_repeat_a_secret_inside_what_is_wrong(vectorshift):
    """The rest of it is evidence."""
    entry = vectorshift.post("/pipeline/p1/bulk_run", {"runs": {"token": SENT, "n": 1}})

    assert answer(entry)["error"] == f'/runs: {{"token": "{fingerprint(SENT)}", "n": 1}} is not an array'


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/el-test%2Dkey/x", b""),
        ("/x?api%5Fkey=1&q=el-test-key", b""),
        ("/x", b"\xff\x00el-test-key"),
        ("/x", b'{"el-test-key": 1}'),
    ],
    ids=str,
)
def test_a_configured_key_is_masked_wherever_it_appears(eachlabs, target, body):
    """Percent-encoded in a path, in bytes that are no text, as a name."""
    record = entry_record(eachlabs.send("POST", target, body), eachlabs.world.secrets)
    raw = base64.b64decode(record.get("body_base64") or "")

    assert "el-test-key" not in unquote(json.dumps(record))
    assert b"el-test-key" not in raw


def test_a_short_key_is_masked_where_it_stands_alone():
    """And does not make a mess of every word that holds its letters."""
    secrets = Secrets((), more=["abc"])

    assert secrets.text("key abc in abcdef") == f"key {fingerprint('abc')} in abcdef"


MEGABYTE = {
    "letters": "A" * 2**20 + " =",
    "json": '{"u":"a=b","f":"' + "A" * 2**20 + '"}',
    "equals": "=" * 2**20,
    "quotes": '"' * 2**20,
    "parts": 'name="a"\n' * 2**17,
    "fields": "a=" * 2**19,
    "nested": '{"a":' * 2**17,
    "backslashes": "\\" * 2**20 + '="',
    "escapes": '["' + '\\n","' * 2**18,
    "cut": '{"a": {"b": [' + '"c", ' * 2**18,
    "loose": "{" + "a: " * 2**18,
    "loose names": "{" + "a" * 2**20,
    "loose strings": "{" + "a:'" * 2**18,
    "forms in forms": "a={" * 2**18,
    "names of parts": "name=" * 2**18,
    "queries": '["http://' + "?a=b&" * 2**18 + '"]',
}


@pytest.mark.parametrize("text", MEGABYTE.values(), ids=MEGABYTE)
def test_a_megabyte_of_anything_is_passed_over_once(text):
    """Patterns that look at it again and again would take minutes here."""
    assert Secrets((), more=["el-test-key"]).text(text) == text


def test_what_is_not_masked_stays_as_it_was_sent(eachlabs):
    """Spaces, order and escapes of a body are evidence."""
    body = b'{ "inputs" :[ {"prompt": "caf\\u00e9"} ] }'

    record = entry_record(eachlabs.send("POST", "/wf_1/bulk-trigger", body), eachlabs.world.secrets)

    assert record["body"] == body.decode()


@pytest.mark.parametrize("levels", [100, 300, 500, 700, 900, 990, 3000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_a_secret_is_masked_however_deep_it_is(vectorshift, brackets, levels):
    """Masking does not give up where a reader of JSON does, and breaks nowhere."""
    opened, closed = brackets
    text = f'{opened * levels}{{"api_key": "{SENT}"}}{closed * levels}'

    shown = vectorshift.world.secrets.text(text)

    assert SENT not in shown
    assert fingerprint(SENT) in shown


KEY = "key-of-vector-shift"
ESCAPED = "".join(f"\\u{ord(each):04x}" for each in KEY)
DEEP = {
    "below a name": f'{{"password": ["{SENT}", {{"a": "{SENT}"}}]}}',
    "below an escaped name": f'{{"pass\\u0077ord" : {{"a": [[{{}}], "{SENT}"]}}}}',
    "as a name below a name": f'{{"tokens": {{"{SENT}": true}}}}',
    "a number": '{"token": 7766554433, "of": {"secret": [7766554433]}}',
    "a user of an address": f'{{"url": "http:\\/\\/bob:{SENT}@example.test/"}}',
    "a configured key": f'["{KEY}"]',
    "a configured key as a name": f'{{"{KEY}": 1}}',
    "a configured key with escapes": f'["{ESCAPED}"]',
    "a configured key with escapes as a name": f'{{"{ESCAPED}": 1}}',
}


@pytest.mark.parametrize("end", ["}", "", "!"], ids=["whole", "cut", "broken"])
@pytest.mark.parametrize("levels", [1, 300, 990, 5000])
@pytest.mark.parametrize("inner", DEEP.values(), ids=DEEP)
def test_no_secret_is_shown_at_any_depth(inner, levels, end):
    """Nor from a body that is cut, or has a mistake behind it; all else stays as it was sent."""
    secrets = Secrets((), more=[KEY])
    text = '{"a":' * levels + '{"b\\t" : [1, "two"], "c":' + inner + "}" + end * levels

    shown = secrets.text(text)
    for secret in (SENT, KEY, ESCAPED, "7766554433"):
        assert secret not in shown
    assert "***" in shown
    assert shown.replace(" ", "").startswith('{"a":' * levels + '{"b\\t":[1,"two"],"c":')


ODD = {
    "white space before it": f'\n {{"password": ["{SENT}"]}}',
    "a byte order mark": f'\ufeff{{"password": ["{SENT}"]}}',
    "a name twice": f'{{"password": "{SENT}", "password": ""}}',
    "a name twice above it": f'{{"a": {{"password": "{SENT}"}}, "a": 1}}',
    "a known key below a name that occurs twice": f'{{"a": "{KEY}", "a": 1}}',
    "a lone surrogate beside it": f'{{"a": "\\ud800", "password": "{SENT}"}}',
    "as Python shows a dict": f"{{'a': 1, 'api_key': '{SENT}'}}",
    "as JavaScript is written": f'{{a: 1, token: "{SENT}"}}',
    "in the query of an address": f'{{"webhook_url": "http://h.test/x?token={SENT}&a=1"}}',
    "in the query of an address with escapes": f'{{"webhook_url": "http:\\/\\/h.test\\/?token={SENT}"}}',
    "a form's field of dots": f"runs.0.inputs.password={SENT}&a=1",
    "a form's field of brackets": f"user[password]={SENT}&a=1",
    "JSON in a form": "a=1&runs=" + quote_plus(f'[{{"password": ["{SENT}"]}}]'),
    "broken JSON in a form": "a=1&runs=" + quote_plus(f'[{{"password": ["{SENT}"]'),
    "JSON in a part": f'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n{{"token": ["{SENT}"]}}\r\n--B--',
    "a part whose name has no quotes": f"--B\r\nContent-Disposition: form-data; name=token\r\n\r\n{SENT}\r\n--B--",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_no_secret_is_shown_however_it_is_written(text):
    """What a client sends is masked as it would be read, and as it was meant where it cannot be read."""
    shown = Secrets((), more=[KEY]).text(text)

    assert SENT not in unquote(shown)
    assert KEY not in shown
    assert "***" in shown
    assert Secrets((), more=[KEY]).text(shown) == shown  # as a restored world shows it


@pytest.mark.parametrize("text", ["password=&a=1", '{"password":"","password":null}', "{'password': ''}"])
def test_nothing_is_no_secret(text):
    """What is empty stays so, and is not taken for something."""
    assert Secrets(()).text(text) == text


def test_a_number_that_json_cannot_hold_is_shown_beside_a_secret_as_it_was_sent():
    """What the refusal speaks of has to be there."""
    shown = Secrets(()).text(f'{{"password": "{SENT}", "n": 1e999}}')

    assert shown == f'{{"password": "{fingerprint(SENT)}", "n": 1e999}}'


def test_a_secret_beside_escapes_that_are_none_is_masked():
    """A body that is no JSON shows no key either."""
    secrets = Secrets((), more=[KEY])

    shown = secrets.text(f'["\\q{ESCAPED}", "\\ud800{ESCAPED}"]')
    assert ESCAPED not in shown
    assert KEY not in shown
    assert shown.count(fingerprint(KEY)) == 2


def test_a_value_of_any_depth_is_masked(vectorshift):
    """As one that was read is, and what was given stays as it was."""
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(3000):
        inner["a"] = inner = {}
    inner |= {"api_key": SENT, "password": {"a": [SENT]}, "token": None, "of": [SENT, 1]}

    masked = vectorshift.world.secrets.value(deep)
    hidden = vectorshift.world.secrets.value({"password": deep})

    for _ in range(3000):
        masked, deep = masked["a"], deep["a"]
    assert masked["api_key"] == fingerprint(SENT)
    assert list(masked) == ["api_key", "password", "token", "of"]
    assert masked["password"].startswith("***")
    assert (masked["token"], masked["of"]) == (None, [SENT, 1])
    assert deep["api_key"] == SENT
    assert hidden["password"].startswith("***")


def test_what_is_too_deep_to_be_read_is_an_entry_like_any_other(vectorshift):
    """The client's 400 is recorded and shown, and is no fault of ours."""
    entry = vectorshift.send("POST", "/pipeline/p1/run", b"[" * 700 + b"]" * 700, {"Content-Type": "application/json"})

    record = entry_record(entry, vectorshift.world.secrets)

    assert (entry.answer.status, entry.crash) == (400, "")
    assert record["body"] == "[" * 700 + "]" * 700


def test_values_do_not_show_keys_and_secrets():
    """A failed assertion of a test prints them, and its log goes to CI."""
    labs = caller("eachlabs")
    entry = labs.post("/wf_1/bulk-trigger", {"inputs": [{}], "webhook_url": "http://127.0.0.1:9/", "note": SENT})
    labs.world.apply(Advance(3600.0))
    (posting,) = labs.world.apply(Dial(0.0))

    assert entry.call is not None
    shown = repr((entry, entry.call.account, posting, labs.world.outbox.all, Signing("hmac", (SENT,))))

    assert "el-test-key" not in shown
    assert SENT not in shown


SESSIONS = """\
openapi: 3.1.0
info: {title: sessions, version: "1"}
components:
  securitySchemes: {session: {type: apiKey, in: query, name: SID}}
paths:
  /:
    post:
      operationId: begin
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        "200":
          description: begun
          content: {application/json: {schema: {type: string, format: uuid}}}
"""
NAMES = [
    *sorted(ALWAYS),
    "api_key",
    "apiKey",
    "accessToken",
    "PASSWORD",
    "x-hook-signature",
    "sid",
    "s%69d",
    "api_%6bey",
]


@pytest.fixture
def sessions(tmp_path):
    """The document of an API with a key that is not named like one."""
    spec = tmp_path / "sessions.yaml"
    spec.write_text(SESSIONS)
    return spec


@pytest.mark.parametrize("shape", ['{"%s": "%s"}', '["http://h.test/?%s=%s"]'], ids=["a field", "of an address"])
@pytest.mark.parametrize("name", NAMES)
def test_a_quick_look_finds_whatever_would_be_masked(sessions, name, shape):
    """A value is read for secrets only where a look at its text says that there may be some."""
    secrets = AnyApi(sessions).world.secrets
    text = (shape % (name, SENT)).encode()

    assert SENT.encode() not in secrets.without(text)
    assert secrets.may_be_in(text)


def test_a_quick_look_needs_no_document_that_we_ship():
    """Their keys are named like keys, so that none has to be loaded for it."""
    shipped = [scheme.key for one in assembled(Wanted()) for scheme in one.document.schemes.values()]

    assert [name for name in shipped if not Secrets(()).may_be_in(name.encode())] == []


def test_an_answer_does_not_hang_on_a_secret_that_is_not_named_like_one(sessions):
    """A journal has its fingerprint, and a world that is restored from it answers the same."""
    sent, masked, other = (AnyApi(sessions).got("POST", "/", body)
                           for body in ({"sid": SENT}, {"sid": fingerprint(SENT)}, {"id": SENT}))  # fmt: skip

    assert sent == masked
    assert sent != other
