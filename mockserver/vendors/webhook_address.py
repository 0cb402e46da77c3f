"""Which addresses a webhook can be sent to: what no schema says of a URI, for all vendors."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

from mockserver.regex import compiled

# RFC 1035, section 2.3.4: 63 octets a label, 253 characters a name. The underscore is no host name's, and names of
# containers have it all the same.
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NUMBER = r"[0-9]+|0[xX][0-9A-Fa-f]*"
_LONGEST_NAME = 253
ADDRESS = "the address of a host, without user or password"


def fault_of(url: str) -> str:
    """Why nothing can be sent to a URI of http or https; "" when it can."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "its host or port cannot be read"
    if parts.username is not None or parts.password is not None:
        return "it must not hold a user or password"
    if port == 0:
        return "there is no port 0"
    return "" if _is_host(host, bracketed="[" in parts.netloc) else f'no DNS allows the host "{host[:80]}"'


def _is_host(host: str, *, bracketed: bool) -> bool:
    try:
        if bracketed:
            IPv6Address(host)
            return True
        labels = host.removesuffix(".").split(".")
        if compiled(_NUMBER).fullmatch(labels[-1]):
            # A name that ends in a number is an IPv4 address or nothing (WHATWG URL, "ends in a number").
            IPv4Address(host)
            return True
    except AddressValueError:
        return False
    return len(host) <= _LONGEST_NAME and all(compiled(_LABEL).fullmatch(label) for label in labels)
