"""What passes between the plan of `verify`, whoever sends it, and the judge: a request and its answer, as values."""

from __future__ import annotations

from base64 import b64encode
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Service
from mockserver.openapi.operation import Operation, Parameter, SecurityScheme

Kind = Literal["keeps", "breaks", "keyless"]
Trouble = Literal["", "unreachable", "hang", "reset", "truncated", "malformed", "too_large", "elsewhere"]
Headers = tuple[tuple[str, str], ...]


class Ask(Struct, frozen=True):
    """A request to be sent: below the base URL, without the key. `about` says what it was made of, or what is wrong."""

    operation: Operation
    target: str  # path and query
    headers: Headers = ()
    body: bytes = b""
    about: str = ""
    kind: Kind = "keeps"  # it keeps the spec, breaks it, or lacks only the key
    is_guess: bool = False  # a value in its path was not seen in an answer, so 404 is an answer


class Heard(Struct, frozen=True):
    """An answer, or the trouble that came instead; `said` puts the latter into words."""

    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    trouble: Trouble = ""
    said: str = ""
    is_cut: bool = False  # a stream that goes on: `body` is its beginning
    ms: float = 0.0

    def header(self, name: str) -> str:
        """All values of a header, joined; "" without one."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


class Keys(Struct, frozen=True):
    """What proves who asks: headers as they are given, and a key that travels as each security scheme says."""

    headers: Headers = ()
    key: str = ""

    def secrets(self, service: Service) -> Secrets:
        """What masks them, and all that the service's document takes for a key."""
        names = Secrets([service])
        values = [value for name, value in self.headers if names.is_secret(name)]
        return Secrets([service], {self.key, *values, *(value.rpartition(" ")[2] for value in values)} - {""})

    def open(self, operation: Operation) -> bool:
        """Whether an operation can be asked for with what there is."""
        return not demands_key(operation) or any(self._has(one) for one in operation.security)

    def bring(self, operation: Operation, parameter: Parameter) -> bool:
        """Whether a parameter is none of the request's own: it carries a key, or is a header that is given."""
        own = [scheme for schemes in operation.security for scheme in schemes if scheme.location == parameter.location]
        if parameter.location != "header":
            return parameter.name in {scheme.key for scheme in own}
        names = {scheme.key.lower() for scheme in own} | {name.lower() for name, _ in self.headers}
        return parameter.name.lower() in names

    def put(self, ask: Ask) -> tuple[str, Headers]:
        """Target and headers of a request with all that proves who asks; of a keyless one, with what does not."""
        given = tuple(pair for pair in self.headers if ask.kind != "keyless" or not _carries(ask.operation, pair[0]))
        headers, target = (*ask.headers, *given), ask.target
        if ask.kind == "keyless" or not self.key or not demands_key(ask.operation):
            return target, headers
        named = {name.lower() for name, _ in given}
        schemes = next((one for one in ask.operation.security if self._has(one)), ())
        for scheme in schemes:
            if scheme.location == "query":
                target += ("&" if "?" in target else "?") + urlencode({scheme.key: self.key})
            elif scheme.key.lower() not in named:
                headers += (_header(scheme, self.key),)
        return target, headers

    def _has(self, schemes: tuple[SecurityScheme, ...]) -> bool:
        named = {name.lower() for name, _ in self.headers}
        return bool(self.key) or all(_place(scheme) in named for scheme in schemes)


def demands_key(operation: Operation) -> bool:
    """Whether the spec says that nobody is answered without a key."""
    return bool(operation.security) and () not in operation.security


def _place(scheme: SecurityScheme) -> str:
    """The header that carries a key; a cookie travels in one too."""
    return "cookie" if scheme.location == "cookie" else scheme.key.lower() if scheme.location == "header" else ""


def _carries(operation: Operation, name: str) -> bool:
    return name.lower() in {_place(scheme) for schemes in operation.security for scheme in schemes}


def _header(scheme: SecurityScheme, key: str) -> tuple[str, str]:
    if scheme.location == "cookie":
        return "Cookie", f"{scheme.key}={key}"
    if scheme.kind == "apiKey":
        return scheme.key, key
    if scheme.scheme == "basic":
        # A key alone is the user, without a password.
        key = b64encode((key if ":" in key else f"{key}:").encode()).decode()
    return "Authorization", f"{(scheme.scheme or 'bearer').capitalize()} {key}"
