"""Keys out of a journal file and in again."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.engine.delivery import DEFAULT_SECRET
from mockserver.engine.seal import Seal
from mockserver.engine.secrets import fingerprint
from tests.callers import caller

KEY = 'pa+ss/wo rd%ü"x'
(SERVICE, *_) = caller("vectorshift").world.services
PART = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nsomebody\'s\r\n--x--\xff'
SERVICES = (SERVICE.but(api_keys=SERVICE.api_keys | {KEY}),)
FORMS = (KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY), quote(KEY).lower(), json.dumps(KEY)[1:-1])


@pytest.fixture(scope="module")
def seal():
    return Seal(SERVICES)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda key: ["X-Api-Key", key],
        lambda key: ["Authorization", f"Bearer {key}"],
        lambda key: ["authorization", f"bearer  {key}"],
        lambda key: ["Cookie", f"session={key};  other=vs-test-key"],
        lambda key: ["X-Else", f"before {key} after"],
        lambda key: {"target": f"/a?api_key={key}&b=1"},
        lambda key: {"body": {"text": f"api_key={key}&b=1"}},
        lambda key: {"body": {"base64": base64.b64encode(b"\xff\x00" + key.encode()).decode()}},
        lambda key: {"json": {"token": [key, {"deep": key}], key: 1}},
    ],
    ids=["header", "bearer", "odd bearer", "cookie", "other header", "query", "form", "binary", "json"],
)
def test_a_known_key_is_hidden_and_comes_back(seal, wrap, form):
    """Wherever it stands and however it is written: not in the file, and there again when it is read."""
    value = wrap(form)

    sealed = seal.seal(value)
    assert seal.open(sealed) == value
    shown = json.dumps(sealed, ensure_ascii=False)
    assert form not in shown
    assert form.encode() not in b"".join(base64.b64decode(part) for part in shown.split('"') if part[-1:] == "=")


def test_a_body_of_json_keeps_its_bytes(seal):
    """Spaces, order and escapes of a JSON body with a key in it are those that came."""
    body = '{ "q":"\\u00e9",  "api_key" : "vs-test-key" }'

    sealed = seal.seal({"body": {"text": body}})
    assert "vs-test-key" not in str(sealed)
    assert seal.open(sealed) == {"body": {"text": body}}


@pytest.mark.parametrize(
    "value",
    [
        ["X-Api-Key", "somebody's"],
        {"target": "/a?token=somebody's"},
        {"text": '{"webhook_secret": "somebody\'s"}'},
        {"text": "password=somebody's"},
        {"json": {"secret": {"a": ["somebody's", 1]}}},
        {"base64": base64.b64encode(PART).decode()},
    ],
    ids=["header", "query", "json body", "form body", "script", "multipart"],
)
def test_another_secret_is_hidden_for_good(seal, value):
    """What no configuration knows cannot come back: its fingerprint stands in its place."""
    sealed = seal.seal(value)
    opened = seal.open(sealed)

    assert opened != value
    if "base64" in value:
        opened = base64.b64decode(opened["base64"]).decode("latin-1")
    assert "somebody's" not in str(opened)
    assert fingerprint("somebody's") in str(opened)


@pytest.mark.parametrize("text", ["abc", "YR==", "plain text", "", "vs-test-key", "\ud800"])
def test_what_a_user_calls_base64_is_left_alone(seal, text):
    """A value that happens to look like our own form of bytes comes back as it was."""
    value = {"json": {"base64": text}}

    assert "vs-test-key" not in str(seal.seal(value))
    assert seal.open(seal.seal(value)) == value


def test_nothing_below_the_name_of_a_secret_is_shown(seal):
    """Whatever its members are called, and of whatever type they are."""
    value = {"json": {"password": {"is": "one", "deep": [2, {"three": 3.5}], "vs-test-key": None}}}

    shown = str(seal.seal(value))
    assert not [word for word in ("one", "2,", "3.5", "vs-test-key") if f"'{word}'" in shown or f" {word}" in shown]


def test_a_mask_that_a_client_sent_does_not_become_the_key(seal):
    """Who copies a masked key from a journal has a wrong key, also after a restart."""
    sent = ["Authorization", f"Bearer {fingerprint('vs-test-key')}"]

    assert "vs-test-key" not in str(seal.open(seal.seal(sent)))


def test_the_signature_of_a_script_can_still_be_read(seal):
    """The secrets of a script are strings below a telling name: its form stays."""
    script = {"is": "Signing", "scheme": "hmac", "secrets": [DEFAULT_SECRET, "own"]}

    sealed = seal.seal(script)
    assert DEFAULT_SECRET not in str(sealed)
    assert seal.open(sealed) == {**script, "secrets": [DEFAULT_SECRET, fingerprint("own")]}


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(["vs-test-key", KEY, "***", "e3a748e2", "a", "é", " ", "\ud800"]), max_size=8))
def test_text_between_keys_stays(parts):
    """Whatever stands around them: what is opened is what was sealed, but for masks that were sent as such."""
    seal = Seal(SERVICES)
    text = "".join(parts)

    sealed = seal.seal({"x": text})
    assert "vs-test-key" not in str(sealed)
    if "***e3a748e2" not in text:
        assert seal.open(sealed) == {"x": text}
