"""The newer of the two contracts, api-service: how its calls differ from those of the engine."""

from __future__ import annotations

from mockserver.engine.messages import Call
from mockserver.engine.signing import Signing
from mockserver.errors import Problem, Refused

ENGINE, API = "eachlabs", "eachlabs-api"
SERVICES = frozenset({ENGINE, API})  # both show the same executions and workflows

# What a header may carry (RFC 9110, section 5.5), and nothing that begins or ends in a space.
_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))


def is_api(call: Call) -> bool:
    """Whether a call came through the api-service contract."""
    return call.match.service.name == API


def signing(call: Call) -> Signing | None:
    """How the call wants its webhooks signed: by `webhook_secret`, which only this contract knows.

    Some pages send the secret itself and some an HMAC; both together satisfy a receiver of either kind.
    """
    secret = call.body.get("webhook_secret") if is_api(call) and isinstance(call.body, dict) else None
    if not secret:
        return None
    if secret != secret.strip() or not _PRINTABLE.issuperset(secret):
        raise Refused(Problem("rejected", "/webhook_secret: a header cannot carry it; use printable ASCII characters"))
    return Signing("secret+hmac", (secret,))
