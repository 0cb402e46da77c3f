"""The table of formats: what each takes and refuses."""

from __future__ import annotations

import base64

import pytest

from mockserver.openapi import formats

GOOD = {
    "base64": ["", "YQ==", "YWI=", "YWJj", "+/+/"],
    "date": ["2026-01-31", "2024-02-29", "0000-02-29"],
    "date-time": ["2026-01-01T00:00:00Z", "2026-01-01t23:59:60.5z", "1990-12-31T15:59:60-08:00"],
    "duration": ["P1Y", "P3DT4H", "PT36H", "P2W", "P1Y2M3DT4H5M6S"],
    "email": ["ann@example.com", "a.b+c@x", '"a b"@x.org', "x@[192.0.2.1]", "x@[IPv6:::1]"],
    "hostname": ["example.com", "a", "xn--4gbwdl.xn--wgbh1c", "1.2.3"],
    "ipv4": ["192.0.2.1", "0.0.0.0", "255.255.255.255"],
    "ipv6": ["::1", "2001:db8::1", "::ffff:192.0.2.1"],
    "iri": ["http://é.com/ü?ß#ö", "urn:x:y"],
    "iri-reference": ["/ü", "#ö", "http://é.com"],
    "json-pointer": ["", "/", "/a~1b/~0/0"],
    "regex": ["^a+$", r"\p{L}", "(?=a)b"],
    "relative-json-pointer": ["0", "1/a", "2#", "0-1/a"],
    "time": ["12:00:00Z", "12:00:00.123+05:30"],
    "uri": [
        "https://e.com",
        "http://e.com:80/a?b=[]#c".replace("[]", "%5B"),
        "mailto:a@b.c",
        "urn:x:y",
        "http://[::1]/",
    ],
    "uri-reference": ["", "/a", "//h/p", "?q", "a:b", "../x"],
    "uuid": ["550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000"],
}
BAD = {
    "base64": ["YQ", "YQ=", "Y Q=", "YQ==\n", "YQ==YQ==", "_-__", "é", "="],
    "date": ["2026-02-29", "2026-1-1", "2026-01-32", "2026-13-01", "２０２６-01-01", "2026-01-01\n"],
    "date-time": ["2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "2026-01-01T12:00:60Z", "T"],
    "duration": ["P", "PT", "1Y", "P1YT", "P1Y2W", "P1H"],
    "email": ["", "a", "@x", "a@", "a b@x", ".a@x", "a@-x", "a@[1.2.3]"],
    "hostname": ["", "-a", "a-", "a..b", "a_b", "a.", "x" * 64],
    "ipv4": ["1.2.3", "01.2.3.4", "256.1.1.1", "1.2.3.4.", "1.2.3.4\n", "١.2.3.4"],
    "ipv6": ["", ":::", "1::2::3", "fe80::1%eth0", "12345::"],
    "iri": ["é", "http://a b", "http://", "http://e.com/\u00a0"],
    "iri-reference": ["a b", "<x>"],
    "json-pointer": ["a", "/~", "/~2"],
    "regex": ["(", "a{2,1}"],
    "relative-json-pointer": ["", "/a", "01", "-1", "1##"],
    "time": ["12:00:00", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00Z", "12:00:00+24:00"],
    "uri": ["", "not a url", "/a", "http://", "https:///x", "http://a b", "1x://y", "http://h:port/", "http://x/%zz",
            "http://[::1", "http://a@b@c/", "http://x/[", "http://x/\n", "http://é.com"],
    "uri-reference": ["a b", "1x:y", "%", "#a#b"],
    "uuid": ["", "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000g", "{x}"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in GOOD.items() for text in texts])
def test_a_format_takes_what_its_standard_allows(name, text):
    """Each format accepts good values."""
    assert formats.TEXT[name](text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_format_refuses_what_its_standard_forbids(name, text):
    """Each format refuses values that are wrong in one way."""
    assert not formats.TEXT[name](text)


def test_every_format_of_strings_is_in_the_tables_of_this_test():
    """No format goes untested; `byte` is `base64` by another name."""
    assert set(GOOD) == set(BAD) == set(formats.TEXT) - {"byte"}
    assert formats.TEXT["byte"] is formats.TEXT["base64"]


@pytest.mark.parametrize("name", sorted(formats.TEXT))
@pytest.mark.parametrize("text", ["\ud800", "\x00", "a" * 5000, "[" * 5000, "é\u202e"])
def test_a_format_never_raises(name, text):
    """Whatever the text, a format says yes or no; an exception would become an error of ours."""
    assert formats.TEXT[name](text) in (True, False)


def test_megabytes_of_base64_are_checked():
    """A file of megabytes is checked to its last character."""
    text = base64.b64encode(bytes(3_000_000)).decode()

    assert formats.is_base64(text)
    assert not formats.is_base64(text[:-2] + "!=")


def test_examples_are_good():
    """What a message gives as an example is accepted."""
    assert all(formats.TEXT[name](example) for name, example in formats.EXAMPLES.items())
