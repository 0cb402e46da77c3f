"""How a webhook proves where it comes from: headers made of secret, delivery id, moment and raw body.

The one place where wall-clock time matters: stock verifiers refuse a stamp more than five minutes off, so the shell
passes the real time in, for each attempt anew.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Literal

from msgspec import Struct

Scheme = Literal["secret", "hmac", "secret+hmac", "standard"]
Headers = tuple[tuple[str, str], ...]

STANDARD_PREFIX = "whsec_"
UNKNOWN_SECRET = "whsec_YSBzZWNyZXQgdGhhdCBub2JvZHkga25vd3M="  # no receiver has it


class Signing(Struct, frozen=True):
    """A scheme and its secrets; several secrets mean a rotation: each signs, the newest first."""

    scheme: Scheme
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"<Signing {self.scheme}>"

    def headers(self, id: str, moment: int, body: bytes) -> Headers:
        """The headers for one attempt. `moment` is wall-clock time in whole seconds since the epoch."""
        return SCHEMES[self.scheme](self.secrets, id, moment, body)

    def forged(self) -> Signing:
        """The same scheme by somebody who does not know the secret."""
        return Signing(self.scheme, (UNKNOWN_SECRET,))

    def rotated(self) -> Signing:
        """The same in a rotation: a secret that the receiver does not have yet signs too, and first."""
        return Signing(self.scheme, (UNKNOWN_SECRET, *self.secrets))

    def verify(self, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = 300.0) -> str:
        """Why these headers (names in lower case) do not prove `body`; "" when they do."""
        match self.scheme:
            case "secret":
                given = headers.get("x-webhook-secret")
                if given is None:
                    return "X-Webhook-Secret is missing"
                fits = any(_same(given, one) for one in self.secrets)
                return "" if fits else "X-Webhook-Secret is not the secret"
            case "secret+hmac":
                one, other = (Signing(scheme, self.secrets) for scheme in _BOTH)
                return one.verify(headers, body, now, tolerance) or other.verify(headers, body, now, tolerance)
            case "hmac":
                stamp_name, signature_name, id = "x-webhook-timestamp", "x-webhook-signature", ""
            case "standard":
                stamp_name, signature_name, id = "webhook-timestamp", "webhook-signature", headers.get("webhook-id", "")
        stamp = headers.get(stamp_name, "")
        if not stamp.isascii() or not stamp.isdigit():
            return f"{stamp_name} is missing or no whole number"
        if abs(now - int(stamp)) > tolerance:
            return f"{stamp_name} is {abs(now - int(stamp)):.0f}s off, more than {tolerance:.0f}s"
        wanted = {name.lower(): value for name, value in self.headers(id, int(stamp), body)}[signature_name].split()
        given_signatures = headers.get(signature_name, "").split()
        if any(_same(one, other) for one in given_signatures for other in wanted):
            return ""
        return f"{signature_name} does not fit the body" if given_signatures else f"{signature_name} is missing"


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def header_names(scheme: Scheme) -> tuple[str, ...]:
    """The headers that a scheme sends."""
    return tuple(name for name, _ in SCHEMES[scheme](("",), "", 0, b""))


def without(headers: Headers, name: str) -> Headers:
    """`headers` without the one of this name, however it is spelt; "" leaves out those that prove something."""
    return tuple(each for each in headers if not (each[0].lower() == name.lower() if name else proves(each[0])))


def proves(name: str) -> bool:
    """Whether a header of this name carries a signature or a secret."""
    return name.lower().endswith(("-signature", "-secret"))


def _secret(secrets: Sequence[str], id: str, moment: int, body: bytes) -> Headers:
    # The secret itself, not an HMAC of the body (each vendor's page that offers it says "no body signature").
    return (("X-Webhook-Secret", secrets[0]),)


def _hmac(secrets: Sequence[str], id: str, moment: int, body: bytes) -> Headers:
    content = str(moment).encode() + b"." + body
    signature = hmac.new(secrets[0].encode(), content, sha256).hexdigest()
    return (("X-Webhook-Timestamp", str(moment)), ("X-Webhook-Signature", signature))


def _secret_and_hmac(secrets: Sequence[str], id: str, moment: int, body: bytes) -> Headers:
    # For callers whose receiver may look at either.
    return (*_secret(secrets, id, moment, body), *_hmac(secrets, id, moment, body))


_BOTH: tuple[Scheme, Scheme] = ("secret", "hmac")


def _standard(secrets: Sequence[str], id: str, moment: int, body: bytes) -> Headers:
    # Standard Webhooks 1.0: "v1,<base64 HMAC-SHA256 of id.timestamp.body>", several separated by a space for rotation.
    content = f"{id}.{moment}.".encode() + body
    signed = (base64.b64encode(hmac.new(standard_key(one), content, sha256).digest()).decode() for one in secrets)
    return (
        ("webhook-id", id),
        ("webhook-timestamp", str(moment)),
        ("webhook-signature", " ".join(f"v1,{one}" for one in signed)),
    )


def standard_key(secret: str) -> bytes:
    """The key bytes of a Standard Webhooks secret: base64 behind `whsec_`, else the text itself."""
    try:
        return base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
    except ValueError:
        return secret.encode()


SCHEMES: Mapping[Scheme, Callable[[Sequence[str], str, int, bytes], Headers]] = {
    "secret": _secret,
    "hmac": _hmac,
    "secret+hmac": _secret_and_hmac,
    "standard": _standard,
}
