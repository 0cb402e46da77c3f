"""What each code means, in a few words: the one table that reports and `mockserver explain` share."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "E101": "the client sent a body the spec does not allow",
    "E102": "the client sent a query parameter the spec does not allow",
    "E103": "the client sent a path parameter the spec does not allow",
    "E104": "the client sent a header or cookie the spec does not allow",
    "E105": "the client could not be identified",
    "E106": "the client sent a media type the operation does not take",
    "E107": "the client sent a body that cannot be read",
    "E108": "the client asked for a path that no operation has",
    "E109": "the client used a method that the path does not have",
    "E110": "the client sent a body that is too large or too deep",
    "E201": "a scripted answer was left over",
    "E202": "a script names an operation that does not exist",
    "E203": "an expected violation did not happen",
    "E301": "the client retried sooner than it was asked to",
    "E302": "webhook attempts were used up without a 2xx",
    "E303": "the client repeated a request that had been refused",
    "E304": "the client polled after the end",
    "E305": "failed entries of a batch were never looked at",
    "E306": "a forged webhook was acknowledged",
    "E307": "the client submitted an input again that had completed",
    "E401": "an answer has a status that the spec does not declare",
    "E402": "an answer has a body that breaks its schema",
    "E403": "an answer has another content type than the spec declares",
    "E404": "an answer has headers that break the spec",
    "E405": "a live service accepted what its spec refuses",
    "E406": "a live service gave no whole answer",
    "E407": "an answer holds more than is read",
    "E408": "a live service sent the client elsewhere",
    "E501": "a scripted answer breaks the spec",
    "E601": "an operation was removed",
    "E602": "a request must hold what it did not need before",
    "E603": "a request may not hold what it could before",
    "E604": "an answer was removed, or is new",
    "E605": "an answer may lack what it held before",
    "E606": "an answer may hold what it did not before",
    "E607": "an operation asks for another key",
    "E608": "whether a change breaks clients cannot be told",
    "E609": "a change that breaks no client",
    "E701": "a spec, overlay or fixture cannot be used",
    "E702": "something in a spec is odd",
    "E703": "branches of a oneOf take the same values",
    "E704": "an example or default breaks its schema",
    "E705": "a pattern cannot be read",
    "E706": "no value can be made for an answer",
    "E707": "a discriminator chooses no schema with a name",
    "E708": "something in a spec has no effect",
    "E709": "a wildcard in the name of a form field stands for nothing",
    "E9xx": "mockserver itself is at fault",
}


def title(code: str) -> str:
    """The title of a code; a family answers for its members (`E901` has that of `E9xx`)."""
    return TITLES.get(code) or TITLES[f"{code[:2]}xx"]
