"""How webhooks are signed, forged and replayed, and what a receiver makes of it. No test here sleeps."""

import base64
import hmac
import re
import time
from pathlib import Path

import pytest

from mockserver.arguments import ScriptError
from mockserver.engine.signing import SCHEMES, Scheme, Signing, header_names
from tests.webhooks.bulks import offsets, start

PAGE = (Path(__file__).parents[2] / "docs" / "pytest-webhooks.md").read_text("utf-8")
ROTATION = ["whsec_bmV3LXNlY3JldC1vZi0yNC1ieXRlcw==", "whsec_b2xkLXNlY3JldC1vZi0yNC1ieXRlcw=="]


@pytest.mark.parametrize("scheme", ["secret", "hmac", "standard"])
def test_signed_webhooks_verify(mock, inbox, scheme):
    """With the mock's secret, by the scheme that their headers show, and with no other."""
    mock.webhooks.sign(scheme)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert received.verify(mock.webhook_secret)
    with pytest.raises(AssertionError, match="webhook 1 is not signed as it should be"):
        received.verify("whsec_YW5vdGhlcg==")


def test_a_test_that_patches_time_patches_the_stamp(mock, inbox, monkeypatch):
    """The receiver in the same process goes by that time too."""
    mock.webhooks.sign("hmac")
    monkeypatch.setattr(time, "time", lambda: 1_772_355_600.0)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert received.headers["X-Webhook-Timestamp"] == "1772355600"
    assert received.verify(mock.webhook_secret)


def test_every_scheme_is_on_the_page():
    """With the headers that it sends, no others, and what a receiver has to compute."""
    body, secret, moment = b'{"n":1}', "whsec_c2VjcmV0", 1_795_338_000
    table = PAGE.partition("## Signatures")[2].partition("### ")[0]
    rows = re.findall(r'^\| `"(\w+)"` \| (.+?) \| (.+?) \|', table, re.MULTILINE)
    content = {scheme: signed.strip("`").replace("{body}", body.decode()) for scheme, _, signed in rows}
    keys: dict[Scheme, bytes] = {"standard": b"secret", "hmac": secret.encode()}

    assert {scheme: tuple(re.findall(r"`([\w-]+)`", names)) for scheme, names, _ in rows} == {
        scheme: header_names(scheme) for scheme in SCHEMES if scheme != "secret+hmac"
    }
    for scheme, key in keys.items():
        headers = dict(Signing(scheme, (secret,)).headers("msg_1", moment, body))
        for name, value in headers.items():
            content[scheme] = content[scheme].replace(f"{{{name}}}", value)
        mac = hmac.new(key, content[scheme].encode(), "sha256")
        wanted = mac.hexdigest() if scheme == "hmac" else f"v1,{base64.b64encode(mac.digest()).decode()}"
        assert next(value for name, value in headers.items() if name.lower().endswith("signature")) == wanted


@pytest.mark.parametrize("scheme", ["hmac", "secret"])
def test_headers_that_hold_one_signature_have_that_of_the_newest_secret(scheme):
    """As the page says of a rotation."""
    assert Signing(scheme, ("new", "old")).headers("msg_1", 0, b"{}") == Signing(scheme, ("new",)).headers("", 0, b"{}")


@pytest.mark.parametrize("scheme", ["hmac", "standard"])
@pytest.mark.parametrize("fault", ["body", "signature", "-10m", "+10m"])
def test_hostile_webhooks_do_not_verify(mock, inbox, scheme, fault):
    """A changed body, a changed signature, a stale stamp and one from the future."""
    hostile = mock.webhooks.sign(scheme)
    hostile.timestamp(fault) if fault.endswith("m") else hostile.tamper(fault)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    with pytest.raises(AssertionError, match=r"does not fit the body|s off, more than 300s"):
        received.verify(mock.webhook_secret)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "X-Webhook-Secret is missing"),
        ({"x-webhook-secret": "a"}, "X-Webhook-Secret is not the secret"),
        ({"x-webhook-secret": "\u00e9\udce9"}, "X-Webhook-Secret is not the secret"),
        ({"x-webhook-secret": "s"}, ""),
    ],
)
def test_a_header_that_is_missing_is_not_called_wrong(headers, told):
    """A secret that did not come is missing; whatever came is compared, be it text or not."""
    assert Signing("secret", ("s",)).verify(headers, b"{}", 0.0) == told


def test_a_signature_beyond_ascii_is_wrong_and_no_error():
    """In the schemes with a stamp too."""
    headers = {"x-webhook-timestamp": "0", "x-webhook-signature": "\u00e9"}

    assert Signing("hmac", ("s",)).verify(headers, b"{}", 0.0) == "x-webhook-signature does not fit the body"


@pytest.mark.parametrize(
    ("scheme", "name", "told"),
    [
        ("standard", "webhook-idd", 'webhooks have no header "webhook-idd"; did you mean "webhook-id"?'),
        ("hmac", "webhook-id", 'webhooks have no header "webhook-id"; known: '),
        (None, "User-Agent", 'webhooks have no header "User-Agent"; known: Content-Type, X-Webhook-Secret, '),
    ],
)
def test_a_header_that_is_not_sent_cannot_be_missing(mock, scheme, name, told):
    """Under the scheme that holds; without one, under any that may be asked for."""
    with pytest.raises(ScriptError) as raised:
        mock.webhooks.sign(scheme).missing_header(name)

    assert told in str(raised.value)


@pytest.mark.parametrize("name", ["webhook-id", "WEBHOOK-ID", "content-type", "x-webhook-secret"])
def test_a_header_may_be_missing_before_it_is_said_how_webhooks_are_signed(mock, inbox, name):
    """However its name is spelt; the others are sent."""
    scheme = "secret" if name == "x-webhook-secret" else "standard"
    mock.webhooks.missing_header(name).sign(scheme)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    names = {"content-type", *(["x-webhook-secret"] if scheme == "secret" else ["webhook-id", "webhook-signature"])}
    assert {one for one in names if one in received.headers} == names - {name.lower()}


def test_a_receiver_does_well_to_refuse_what_was_tampered_with(world, mock, inbox):
    """Then its attempts are used up, and that fails nothing."""
    mock.webhooks.sign("hmac").tamper("body").retry("none")
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    assert [one.state for one in mock.webhooks.deliveries] == ["failed"]
    assert not world.findings()


def test_secrets_rotate(mock, inbox):
    """All of them sign; each verifies."""
    mock.webhooks.sign("standard", secrets=ROTATION)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert mock.webhook_secret == ROTATION[0]
    assert all(received.verify(secret) for secret in ROTATION)


@pytest.mark.parametrize("scheme", ["secret", "hmac", "standard"])
@pytest.mark.parametrize("fault", ["wrong_secret", "missing_header"])
def test_forged_webhooks_do_not_verify(world, mock, inbox, scheme, fault):
    """Signed by somebody else, or not at all. A receiver that refuses them fails nothing, and the secret stays."""
    secret = mock.webhook_secret
    getattr(mock.webhooks.sign(scheme).retry("none"), fault)()
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    with pytest.raises(AssertionError, match="is not signed as it should be"):
        inbox.received[0].verify(Signing(scheme, (secret,)))
    assert mock.webhook_secret == secret
    assert not world.findings()


def test_one_header_may_be_missing(mock, inbox):
    """However its name is spelt; the others are there."""
    mock.webhooks.sign("standard").missing_header("Webhook-Id")
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert "webhook-id" not in received.headers
    assert {"webhook-timestamp", "webhook-signature"} <= set(received.headers)


def test_a_secret_may_be_under_rotation(mock, inbox):
    """Two signatures, and the second is by the secret that the receiver has."""
    secret = mock.webhook_secret
    mock.webhooks.sign("standard").rotate()
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert len(received.headers["webhook-signature"].split()) == 2
    assert received.verify(secret)
    assert mock.webhook_secret == secret


def test_a_rotation_needs_a_header_with_room(mock):
    """HMAC of one secret has one signature."""
    with pytest.raises(ScriptError, match='the scheme "hmac" has one signature'):
        mock.webhooks.sign("hmac").rotate()


@pytest.mark.parametrize(("repeat", "same"), [("replay", True), ("redeliver", False)])
def test_what_was_acknowledged_may_come_again(mock, inbox, repeat, same):
    """The same event a minute later: replayed byte for byte, or delivered anew with a stamp of its own."""
    getattr(mock.webhooks.sign("standard"), repeat)()
    start(mock, inbox.url)
    mock.clock.run_until_idle()

    first, second = inbox.received

    assert offsets(mock) == [0, 60]
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert (first.headers["webhook-timestamp"] == second.headers["webhook-timestamp"]) == same
    assert (first.headers["webhook-signature"] == second.headers["webhook-signature"]) == same
    assert second.verify(mock.webhook_secret)


def test_nothing_is_signed_when_nobody_asks(mock, inbox):
    """`sign(None)` takes it away."""
    mock.webhooks.sign("standard").sign(None)
    start(mock, inbox.url)

    (received,) = inbox.wait_for(1)

    assert mock.webhooks.signing is None
    with pytest.raises(AssertionError) as raised:
        received.verify(mock.webhook_secret)
    assert str(raised.value) == (
        "webhook 1 is not signed: it carries no signature and no secret; "
        'eachlabs_mock.webhooks.sign("standard") signs it'
    )


def test_wishes_hold_for_what_is_not_yet_delivered(mock, inbox):
    """How it is signed and tampered with, not when it is due: that was asked for before."""
    mock.webhooks.delay("2h")
    start(mock, inbox.url)
    mock.clock.advance("1h")
    mock.webhooks.sign("hmac").tamper()
    mock.clock.advance("2h")

    with pytest.raises(AssertionError, match="x-webhook-signature does not fit the body"):
        inbox.received[0].verify(mock.webhook_secret)


def test_what_was_tampered_with_can_be_recovered_whole(mock, inbox):
    """Once the wish is taken back."""
    mock.webhooks.sign("hmac").tamper().retry("none")
    inbox.respond(401)
    start(mock, inbox.url)
    mock.clock.run_until_idle()
    mock.webhooks.as_usual().sign("hmac")
    mock.webhooks.recover()

    assert inbox.received[1].verify(mock.webhook_secret)
    mock.webhooks.assert_delivered(count=1)
