"""Where webhooks may go: a verdict on an address, before anything is sent to it. Pure: it resolves and opens nothing.

Each reach takes in the one before it. What is named in `_NEVER` is not dialled whatever the reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

Reach = Literal["loopback", "private", "any"]
Address = IPv4Address | IPv6Address

_ORDER: tuple[Reach, ...] = ("loopback", "private", "any")
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT; overlay networks number their machines from it too
    IPv6Network("fc00::/7"),
    IPv6Network("fec0::/10"),  # site-local, deprecated
)
_NEVER: Mapping[str, tuple[IPv4Network | IPv6Network, ...]] = {
    "a cloud's metadata service": (
        IPv4Network("169.254.169.254/32"),
        IPv4Network("100.100.100.200/32"),
        IPv4Network("168.63.129.16/32"),
        IPv6Network("fd00:ec2::254/128"),
        IPv6Network("fd20:ce::254/128"),
    ),
    "link-local": (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10")),
    "unspecified": (IPv4Network("0.0.0.0/8"), IPv6Network("::/128")),
    "a multicast address": (IPv4Network("224.0.0.0/4"), IPv6Network("ff00::/8")),
    "a broadcast address": (IPv4Network("255.255.255.255/32"),),
    "reserved": (IPv4Network("240.0.0.0/4"),),
}
_NAMES = frozenset({"metadata.google.internal", "metadata.goog"})

_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052)
_TRANSLATED_LOCALLY = IPv6Network("64:ff9b:1::/48")  # RFC 8215: the IPv4 address at its end, or behind the 48 bits


def refuse_name(host: str) -> str:
    """Why a host is not even looked up, as a sentence; "" when it may be."""
    name = host.rstrip(".").lower()
    return f"{name} is a cloud's metadata service and is never dialled" if name in _NAMES else ""


def refuse_unresolved(name: str, reach: Reach) -> str:
    """Why a name of which nobody knows where it leads is blocked, as a sentence; "" where it may lead anywhere.

    So a verdict is the same with a network and without one.
    """
    if reach == "any":
        return ""
    return (
        f'the name {name} cannot be resolved, and may be beyond the reach "{reach}"; '
        "correct it, or allow it with --webhook-reach any"
    )


def refuse(address: str, reach: Reach) -> str:
    """Why nothing may be sent to a numeric address, as a sentence that says what allows it; "" when it may be."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped  # the system connects to that
    judged = (found, *_embedded(found))
    for each in judged:
        for what, networks in _NEVER.items():
            if _in(each, networks):
                return f"{address} is {what} and is never dialled"
    needed = max((_needed(each) for each in judged), key=_ORDER.index)
    if _ORDER.index(needed) <= _ORDER.index(reach):
        return ""
    return f'{address} is beyond the reach "{reach}"; allow it with --webhook-reach {needed}'


def _needed(address: Address) -> Reach:
    if _in(address, _LOOPBACK):
        return "loopback"
    return "private" if _in(address, _PRIVATE) else "any"


def _in(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)  # one of the other version is in none


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to by way of a gateway or tunnel."""
    if not isinstance(address, IPv6Address):
        return
    number = int(address)
    last = IPv4Address(number & 0xFFFFFFFF)
    if address in _COMPATIBLE and number > 1:
        yield last
    if address in _TRANSLATED:
        yield last
    if address in _TRANSLATED_LOCALLY:
        yield last
        yield IPv4Address((number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if number >> 32 & 0xFDFFFFFF == 0x5EFE:  # ISATAP (RFC 5214)
        yield last
