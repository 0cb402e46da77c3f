"""Where webhooks may go: every way to write an address, at every reach."""

from __future__ import annotations

import pytest

from mockserver.http.reach import Reach, refuse, refuse_name

LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
PRIVATE = [
    "10.0.0.5",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",  # carrier-grade NAT counts as private
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "::ffff:10.0.0.5",
]
ANY = [
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",  # IPv4-compatible: goes where a gateway sends it
    "::10.0.0.5",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:a00:5::1",
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b::a00:5",
    "2001:0:808:808::f7f7:f7f7",  # Teredo: server 8.8.8.8, client 8.8.8.8
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "::ffff:0.0.0.0",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "ff02::1",
    "169.254.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "169.254.169.254",
    "100.100.100.200",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::",
    "2001:0:808:808::5601:5601",  # Teredo: client 169.254.169.254, each bit turned
    "2606::5efe:a9fe:a9fe",  # ISATAP
    "2002:e000:1::1",
]


def allowed(address: str) -> list[Reach]:
    """The reaches under which it may be dialled."""
    reaches: tuple[Reach, ...] = ("loopback", "private", "any")
    return [reach for reach in reaches if not refuse(address, reach)]


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_is_within_every_reach(address: str) -> None:
    """127.0.0.0/8 and ::1, also written as IPv4 in IPv6."""
    assert allowed(address) == ["loopback", "private", "any"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_need_private(address: str) -> None:
    """RFC 1918, carrier-grade NAT and unique local addresses."""
    assert allowed(address) == ["private", "any"]


@pytest.mark.parametrize("address", ANY)
def test_everything_else_needs_any(address: str) -> None:
    """Public addresses, and those that lead through a gateway, whatever they embed."""
    assert allowed(address) == ["any"]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_dialled(address: str) -> None:
    """Link-local, unspecified, broadcast, multicast, reserved and metadata, also when they are embedded."""
    assert allowed(address) == []
    assert refuse(address, "any").endswith("is never dialled")


def test_a_refusal_says_what_allows_it() -> None:
    """The sentence names the reach and the option."""
    said = 'is beyond the reach "loopback"; allow it with --webhook-reach'

    assert refuse("10.0.0.5", "loopback") == f"10.0.0.5 {said} private"
    assert refuse("8.8.8.8", "loopback") == f"8.8.8.8 {said} any"


@pytest.mark.parametrize("host", ["metadata.google.internal", "METADATA.google.internal.", "metadata.goog"])
def test_names_of_metadata_services_are_not_looked_up(host: str) -> None:
    """However they are spelt."""
    assert "never dialled" in refuse_name(host)
    assert refuse_name("google.internal") == ""
