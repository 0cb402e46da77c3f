"""Who is calling: the operation's security requirement held against the request's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from mockserver.engine.messages import Account, Match, Request
from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.operation import SecurityScheme

# When several schemes could have served, the one that came nearest names the refusal.
_RANK = {"missing": 0, "format": 1, "unknown": 2}


def authenticate(match: Match, request: Request) -> Account:
    """The account of the key that came. Raises Refused(unauthorized) with a reason: missing, format or unknown."""
    alternatives = match.operation.security
    if not alternatives or () in alternatives:
        return Account()
    best: tuple[str, SecurityScheme] | None = None
    for schemes in alternatives:
        key = ""
        for scheme in schemes:
            key, reason = _present(scheme, request, match)
            if reason:
                if best is None or _RANK[reason] > _RANK[best[0]]:
                    best = (reason, scheme)
                break
        else:
            return Account(key)
    assert best is not None
    raise Refused(_problem(*best, match))


def _present(scheme: SecurityScheme, request: Request, match: Match) -> tuple[str, str]:
    """The key that `scheme` carries here, and why it will not do ("" = it does)."""
    said = _credential(scheme, request)
    if not said:
        return "", "missing"
    if scheme.kind != "apiKey":
        wanted = scheme.scheme or "bearer"
        word, _, said = said.partition(" ")
        # RFC 9110, section 11.4: the scheme is case-insensitive and one space precedes the token.
        if word.lower() != wanted or not said or said != said.strip() or " " in said:
            return "", "format"
    return said, "" if match.service.takes(said) else "unknown"


def _credential(scheme: SecurityScheme, request: Request) -> str | None:
    if scheme.location == "header":
        return request.header(scheme.key.lower())
    if scheme.location == "query":
        return parse_qs(request.query).get(scheme.key, [None])[0]
    cookies = (crumb.strip().partition("=") for crumb in (request.header("cookie") or "").split(";"))
    return next((value for name, _, value in cookies if name == scheme.key), None)


_WANTED: Mapping[str, str] = {
    "missing": "is missing",
    "format": "is not of the form `{form}`",
    "unknown": "holds a key that is not known here; known keys are listed when the server starts",
}


def _problem(reason: str, scheme: SecurityScheme, match: Match) -> Problem:
    form = f"{(scheme.scheme or 'bearer').capitalize()} KEY" if scheme.kind != "apiKey" else "KEY"
    wanted = _WANTED[reason].format(form=form)
    document = match.service.document
    rule = f"/components/securitySchemes/{scheme.name}"
    violation = Violation("security", f"/{scheme.key}", "", wanted, rule, "E105", document.place(rule))
    return Problem(
        "unauthorized",
        f"{scheme.location} {scheme.key} {wanted}",
        (violation,),
        headers=(
            ("WWW-Authenticate", "ApiKey" if scheme.kind == "apiKey" else (scheme.scheme or "Bearer").capitalize()),
        ),
        reason=reason,
    )
