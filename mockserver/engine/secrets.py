"""What must never be shown, derived from one source: the loaded documents' security schemes and the configured keys.

A secret is shown as `***` and a fingerprint, so that two requests with one key can be told from two keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from mockserver.engine.service import Service

# Beside what the documents declare: transport credentials, and our own webhook signing headers.
ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_NAMED_LIKE_A_KEY = re.compile(
    r"(^|[-_])(api[-_]?key|token|secret|password)s?$|^x[-_].*[-_](secret|signature)$", re.IGNORECASE
)
_FORM_FIELD = re.compile(r"(?P<name>[A-Za-z0-9_.%\-]+)=(?P<value>[^&\s]*)")
_JSON_FIELD = re.compile(r'"(?P<name>[A-Za-z0-9_\-]+)"\s*:\s*"(?P<value>(?:\\.|[^"\\])*)"')


def fingerprint(secret: str) -> str:
    """`***` and eight hexadecimal digits that tell one secret from another and lead back to none."""
    return "***" + sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]


class Secrets:
    """Masks whatever a loaded document accepts as a key, and every configured key wherever it appears."""

    def __init__(self, services: Iterable[Service], more: Iterable[str] = ()) -> None:
        services = tuple(services)
        schemes = [scheme for service in services for scheme in service.document.schemes.values()]
        self._names = ALWAYS | {scheme.key.lower() for scheme in schemes}
        keys = {key for service in services for key in (*service.api_keys, service.test_key)} | set(more)
        longest_first = sorted((key for key in keys - {"*"} if len(key) > 3), key=len, reverse=True)
        self._keys = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def is_secret(self, name: str) -> bool:
        """Whether a header, query or body field of this name holds a secret."""
        return name.lower() in self._names or bool(_NAMED_LIKE_A_KEY.search(name))

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The same headers, secrets masked."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def target(self, target: str) -> str:
        """A request target, with secret query fields and configured keys masked."""
        path, mark, query = target.partition("?")
        return self.known(path) + mark + (self._fields(_FORM_FIELD, query) if query else "")

    def text(self, text: str) -> str:
        """A body as text: JSON and form fields named like a key, and configured keys, masked."""
        text = self._fields(_JSON_FIELD, text) if '"' in text else text
        return self._fields(_FORM_FIELD, text) if "=" in text else self.known(text)

    def known(self, text: str) -> str:
        """`text` with every configured key masked."""
        return self._keys.sub(lambda found: fingerprint(found.group()), text) if self._keys else text

    def value(self, value: Any) -> Any:
        """A JSON value with secret fields and configured keys masked."""
        match value:
            case str():
                return self.known(value)
            case list():
                return [self.value(item) for item in value]
            case Mapping():
                return {
                    name: fingerprint(item) if isinstance(item, str) and self.is_secret(name) else self.value(item)
                    for name, item in value.items()
                }
        return value

    def _header(self, name: str, value: str) -> str:
        if not self.is_secret(name):
            return self.known(value)
        scheme, space, token = value.partition(" ")
        return (
            f"{scheme} {fingerprint(token)}" if space and name.lower().endswith("authorization") else fingerprint(value)
        )

    def _fields(self, pattern: re.Pattern[str], text: str) -> str:
        def mask(found: re.Match[str]) -> str:
            if not self.is_secret(found["name"]):
                return found.group()
            start, end = found.span("value")
            return (
                found.group()[: start - found.start()]
                + fingerprint(found["value"])
                + found.group()[end - found.start() :]
            )

        return self.known(pattern.sub(mask, text))
