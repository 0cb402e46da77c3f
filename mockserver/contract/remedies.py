"""What mends a finding, in a few words, by its code; `mockserver explain CODE` says more."""

from __future__ import annotations

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    "E101": "send what the spec asks for; if the service takes it as it is, correct the spec with an overlay",
    "E102": "send the query as `style` and `explode` of the spec say",
    "E103": "look at how the client builds the path: an empty id, a name instead of an id",
    "E104": "send the header or cookie as the spec declares it",
    "E105": "use a key that works, where the spec says; `serve` lists them, `run` and pytest export them",
    "E106": "send a Content-Type that the operation takes, and the body as it is",
    "E107": "let a JSON or form library write the body",
    "E108": "compare the client's base URL with those that the server prints",
    "E109": "use one of the methods that the answer's Allow header lists",
    "E110": "send less, or raise the bound with --max-body or --max-depth",
    "E201": "make the call that the script waits for, or call .optional() on the script",
    "E202": "choose an operation from `mockserver routes`",
    "E203": "take allow_violations away: the client keeps the contract",
    "E301": "wait for as long as Retry-After says",
    "E302": "let the receiver answer with a 2xx",
    "E303": "retry 408, 429 and 5xx; raise any other refusal",
    "E304": "stop polling when an answer shows the end",
    "E305": "look at every entry of a batch, the failed ones too",
    "E306": "verify the proof of a webhook before it is answered with a 2xx",
    "E307": "remember what has completed, and do not submit it again",
    "E401": "declare the status, or let the service answer one that is declared",
    "E402": "let the service answer as the schema says, or correct the schema with an overlay",
    "E403": "let the service send the declared Content-Type, and the body as it says",
    "E404": "let the service send the header as the spec declares it",
    "E405": "let the service refuse it with a 4xx, or let the spec allow it",
    "E406": "look at the service's log for the request; a slow one may need --timeout",
    "E407": "let the service answer in pages, or raise the bound that is named",
    "E408": "give the URL that the service is at, or declare the redirect",
    "E501": 'let the script answer as the spec declares, or say why not: off_contract: "why"',
    "E601": "keep the operation until no client calls it",
    "E602": "let it be optional, with a default",
    "E603": "go on taking what was taken, or give the operation a new version",
    "E604": "keep the answer, or give the operation a new version",
    "E605": "go on sending it, or give the operation a new version",
    "E606": "tell clients before you send it, or give the operation a new version",
    "E607": "go on taking the old key beside the new one",
    "E608": "compare the two places by hand",
    "E609": "nothing is to be done",
    "E701": "mend the line; `serve` would not start with it",
    "E702": "look at the line; `serve` starts with it",
    "E703": "let the branches exclude one another, or write anyOf",
    "E704": "correct the example, or the schema",
    "E705": "write the pattern as ECMA-262 has it",
    "E706": "loosen the schema, or give an example",
    "E707": "give the schema a name in components/schemas, and name it in the mapping",
    "E708": "take it out, or write what was meant",
    "E709": "declare the same body as application/json",
    "E9xx": "please report it",
}


def remedy(code: str) -> str:
    """The remedy of a code; a family answers for its members, and for an unknown one `explain` does."""
    return REMEDIES.get(code) or REMEDIES.get(f"{code[:2]}xx") or f"mockserver explain {code}"
