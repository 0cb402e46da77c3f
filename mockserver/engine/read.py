"""From bytes to a call that the spec allows: decoded, then held against it, all violations together."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from mockserver.engine.digest import may_be_long
from mockserver.engine.messages import Account, Call, Match, Request, TooLarge
from mockserver.engine.secrets import Secrets
from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.decode import Decoded, read_body
from mockserver.openapi.parameters import Arguments, read_parameters


def read(match: Match, account: Account, request: Request, max_depth: int, faults: list[Violation]) -> Call:
    """The call. Raises Refused: too large, unsupported media type, malformed, or invalid with all violations.

    A disagreement of the two validators accepts the request and is added to `faults`: ours, not the client's.
    """
    if isinstance(request.body, TooLarge):
        raise Refused(_too_large(request.body))
    encoding = request.header("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        raise Refused(_encoded(encoding))
    arguments, decoded = _decode(match, request, request.body, max_depth)
    found, more = list(arguments.violations), 0
    notes = _notes(decoded)
    if decoded.checker is not None and not decoded.checker.fits(decoded.value):
        explained = decoded.checker.explain(decoded.value)
        found += explained.violations
        more = explained.more
        if explained.ours:
            faults.append(_disagreement(decoded.checker.rule))
    if found:
        # What is said of a secret would stand in the answer, and in every report.
        secrets = Secrets((match.service,))
        found = [replace(one, said=secrets.said(one.where, one.said)) for one in found]
        count = f" (and {len(found) + more - 1} more)" if len(found) + more > 1 else ""
        raise Refused(Problem("invalid", f"{found[0]}{count}", tuple(found), more, notes=notes))
    return _call(match, account, request, arguments, decoded, notes)


class Reading(Struct, frozen=True):
    """How a request that was accepted is read again, without holding it against the spec: the journal keeps bytes."""

    match: Match
    account: Account
    max_depth: int

    def __call__(self, request: Request) -> Call:
        """The call."""
        assert not isinstance(request.body, TooLarge)
        arguments, decoded = _decode(self.match, request, request.body, self.max_depth)
        return _call(self.match, self.account, request, arguments, decoded, _notes(decoded))


def _decode(match: Match, request: Request, body: bytes, max_depth: int) -> tuple[Arguments, Decoded]:
    operation = match.operation
    arguments = read_parameters(operation, match.path, request.query, request.headers)
    forms = match.service.vendor.forms
    return arguments, read_body(operation, request.header("content-type"), body, max_depth=max_depth, forms=forms)


def _notes(decoded: Decoded) -> tuple[str, ...]:
    return () if decoded.checker is None else decoded.checker.undeclared(decoded.value)


def _call(
    match: Match, account: Account, request: Request, arguments: Arguments, decoded: Decoded, notes: tuple[str, ...]
) -> Call:
    long = isinstance(request.body, bytes) and may_be_long(request.body)
    media_type = decoded.media.media_type if decoded.media else ""
    return Call(
        request, match, account, arguments.path, arguments.query, request.named, decoded.value, media_type, long, notes
    )


def _too_large(body: TooLarge) -> Problem:
    size = f"{body.size} bytes" if body.size is not None else "more"
    wanted, fault = f"at most {body.limit} bytes", f"at most {body.limit} bytes are taken (--max-body)"
    violation = Violation("body", "", size, wanted, code="E110", fault=fault)
    return Problem("too_large", f"the body has {size}; {fault}", (violation,))


def _encoded(encoding: str) -> Problem:
    fault = "is not taken; send the body as it is"
    violation = Violation("header", "/Content-Encoding", encoding, "no Content-Encoding", code="E106", fault=fault)
    return Problem("unsupported_media_type", f"Content-Encoding {encoding} {fault}", (violation,))


def _disagreement(rule: str) -> Violation:
    return Violation(
        "body",
        "",
        "the request was accepted",
        "a request that fits the document",
        rule,
        "E901",
        fault="the two validators disagree about it: our fault",
    )
