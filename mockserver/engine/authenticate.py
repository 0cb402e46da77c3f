"""Who is calling: the operation's security requirement held against the request's credentials."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qs

from mockserver.engine.messages import Account, Match, Request, SharedHeaders
from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.operation import SecurityScheme
from mockserver.regex import compiled

# When several schemes could have served, the one that came nearest names the refusal.
_RANK = {"missing": 0, "format": 1, "unknown": 2}


def authenticate(match: Match, request: Request) -> Account:
    """The account of the key that came. Raises Refused(unauthorized) with a reason: missing, format or unknown."""
    headers = request.headers
    if request.query or type(headers) is not SharedHeaders:  # a query may hold a key too
        return _authenticated(match, request)
    key = (match.service, match.operation.id)
    known = headers.accounts.get(key)
    if known is None:
        known = headers.accounts[key] = _authenticated(match, request)
    return known


def _authenticated(match: Match, request: Request) -> Account:
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
    if scheme.kind == "apiKey":
        return said, "" if match.service.takes(said) else "unknown"
    wanted = scheme.scheme or "bearer"
    word, _, said = said.partition(" ")
    # RFC 9110, section 11.4: the scheme is case-insensitive and one space precedes the token.
    if word.lower() != wanted or not said or said != said.strip() or (wanted in _TOKENS and " " in said):
        return "", "format"
    if wanted not in _KEYED:
        return said, "" if match.service.takes(said) else "unknown"
    keys = _keys(wanted, said)
    if not keys:
        return "", "format"
    known = next((key for key in keys if match.service.takes(key)), None)
    return (keys[0], "unknown") if known is None else (known, "")


_TOKENS = frozenset({"bearer", "basic"})
_KEYED = frozenset({"basic", "digest"})  # the key is a part of their credentials
_USER = r'(?:^|[,\s])username="((?:[^"\\]|\\.)*)"'


def _keys(scheme: str, said: str) -> tuple[str, ...]:
    """What the key may be in credentials of a scheme, likeliest first; () = they are not of its form.

    Basic (RFC 7617): the password, else the user, else both. Digest (RFC 7616): the user; the digest is not checked.
    """
    if scheme == "digest":
        named = compiled(_USER).search(said)
        return (named[1],) if named and named[1] else ()
    try:
        user, colon, password = b64decode(said, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return ()
    return tuple(filter(None, (password, user, f"{user}:{password}"))) if colon and (user or password) else ()


def _credential(scheme: SecurityScheme, request: Request) -> str | None:
    if scheme.location == "header":
        return request.header(scheme.key.lower())
    if scheme.location == "query":
        return parse_qs(request.query).get(scheme.key, [None])[0]
    cookies = (crumb.strip().partition("=") for crumb in (request.header("cookie") or "").split(";"))
    return next((value for name, _, value in cookies if name == scheme.key), None)


_FAULTS: Mapping[str, str] = {
    "missing": "is missing",
    "format": "is not of the form `{form}`",
    "unknown": "holds a key that is not known here; the `api_keys` of fixtures are",
}


def _problem(reason: str, scheme: SecurityScheme, match: Match) -> Problem:
    form = "KEY" if scheme.kind == "apiKey" else _FORMS.get(scheme.scheme, f"{_word(scheme)} KEY")
    fault = _FAULTS[reason].format(form=form)
    wanted = "a key that is known here" if reason == "unknown" else f"`{form}`"
    document = match.service.document
    rule = f"/components/securitySchemes/{scheme.name}"
    violation = Violation("security", f"/{scheme.key}", "", wanted, rule, "E105", document.place(rule), fault)
    return Problem(
        "unauthorized",
        f"{scheme.location} {scheme.key} {fault}",
        (violation,),
        headers=(("WWW-Authenticate", "ApiKey" if scheme.kind == "apiKey" else _challenge(scheme)),),
        reason=reason,
    )


_FORMS = {"basic": "Basic BASE64 of USER:KEY", "digest": 'Digest username="KEY", ...'}


def _word(scheme: SecurityScheme) -> str:
    return (scheme.scheme or "bearer").capitalize()


def _challenge(scheme: SecurityScheme) -> str:
    """What a client needs to be told to try again: Basic and Digest have a realm, Digest a nonce too."""
    more = {"basic": ' realm="mockserver"', "digest": ' realm="mockserver", qop="auth", nonce="bW9jaw=="'}
    return _word(scheme) + more.get(scheme.scheme, "")
