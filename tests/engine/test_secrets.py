"""Secrets are shown nowhere."""

import json

import pytest

from mockserver.engine.record import entry_record
from mockserver.engine.secrets import fingerprint
from tests.callers import answer, caller


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
        ({}, json.dumps({"deep": [{"api-key": SENT, "password": SENT}]}).encode()),
        ({"Content-Type": "application/x-www-form-urlencoded"}, f"a=1&api_key={SENT}".encode()),
    ],
    ids=str,
)
def test_what_is_named_like_a_key_is_masked(eachlabs, headers, body):
    """Also when no document declares it."""
    entry = eachlabs.send("POST", "/wf_1/bulk-trigger", body, headers, key=False)

    assert SENT not in json.dumps(entry_record(entry, eachlabs.world.secrets))


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
