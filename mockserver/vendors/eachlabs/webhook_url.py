"""Where a caller wants its webhooks: what the schema cannot say of a `webhook_url`, said before anything starts."""

from __future__ import annotations

from mockserver.engine.messages import Call
from mockserver.errors import Part, Problem, Refused, Violation
from mockserver.vendors.webhook_address import ADDRESS, fault_of


def webhook_url(call: Call) -> str | None:
    """Where the call's runs report their end: the body's word, else the query's; None when nobody asks.

    Raises Refused for an address with a user, or with a host or port that cannot be.
    """
    body = call.body if isinstance(call.body, dict) else {}
    in_body = "webhook_url" in body
    url = body.get("webhook_url", call.query.get("webhook_url"))
    if url is None:
        return None
    fault = fault_of(url)
    if fault:
        # What came is not repeated: it may hold a password.
        part: Part
        part, code = ("body", "E101") if in_body else ("query", "E102")
        violation = Violation(part, "/webhook_url", "", ADDRESS, code=code, fault=fault)
        raise Refused(Problem("invalid", str(violation), (violation,)))
    return str(url)
