"""Keys out of a journal file and in again: what a file holds of an input shows no key, and the same key comes back.

A key that the served documents and fixtures know is written as `***` and its fingerprint, as everywhere; whoever serves
the same ones finds it again by that. Any other secret stays hidden for good.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from mockserver.engine.delivery import DEFAULT_SECRET
from mockserver.engine.secrets import Secrets, fingerprint, pattern
from mockserver.engine.service import Service
from mockserver.engine.signing import UNKNOWN_SECRET

_WORD = re.compile(r"\S+")
_PERCENT = re.compile(r"%[0-9A-F]{2}")


class Seal:
    """Seals and opens the JSON of inputs. Services that are the same make seals that are the same."""

    def __init__(self, services: Iterable[Service]) -> None:
        services = tuple(services)
        keys = {key for service in services for key in (*service.api_keys, service.test_key)} - {"*", ""}
        forms = {form for key in keys | {DEFAULT_SECRET, UNKNOWN_SECRET} for form in _forms(key)}
        self._forms = {fingerprint(form): form for form in forms}
        self._found = re.compile("|".join(map(pattern, sorted(forms, key=lambda form: (-len(form), form)))))
        self._marks = re.compile("|".join(map(re.escape, self._forms)))
        self._secrets = Secrets(services, kept=self._forms)

    def seal(self, value: Any) -> Any:
        """The JSON of an input without any secret."""
        match value:
            case str():
                return self._secrets.text(self._known(value))
            case [str(name), str(text)] if self._secrets.is_secret(name):
                return [name, self._header(name, text)]
            case list():
                return [self.seal(one) for one in value]
            case {"base64": str(data)} if len(value) == 1:
                return {"base64": _inside(data, self.seal)}
            case dict():
                return {
                    self._known(name): self._hidden(one) if self._secrets.is_secret(name) else self.seal(one)
                    for name, one in value.items()
                }
        return value

    def open(self, value: Any) -> Any:
        """What was sealed, with the keys that these services know."""
        match value:
            case str():
                return self._marks.sub(lambda found: self._forms[found.group()], value)
            case list():
                return [self.open(one) for one in value]
            case {"base64": str(data)} if len(value) == 1:
                return {"base64": _inside(data, self.open)}
            case dict():
                return {self.open(name): self.open(one) for name, one in value.items()}
        return value

    def _known(self, text: str) -> str:
        # A mask that somebody sent as it is must not become the key that it stands for.
        text = self._marks.sub(lambda found: fingerprint(found.group()), text)
        return self._found.sub(lambda found: fingerprint(found.group()), text)

    def _header(self, name: str, text: str) -> str:
        """The form of a credential stays, scheme and spaces too: whether it has the right one is part of an answer."""
        text = self._known(text)
        if name.lower() == "cookie":
            crumbs = (crumb.partition("=") for crumb in text.split(";"))
            return ";".join(f"{each}{mark}{self._words(value)}" if mark else self._words(each)
                            for each, mark, value in crumbs)  # fmt: skip
        scheme, space, rest = text.partition(" ")
        if space and name.lower().endswith("authorization"):
            return f"{scheme} {self._words(rest)}"
        return self._words(text)

    def _words(self, text: str) -> str:
        return _WORD.sub(lambda found: self._secrets.hide(found.group()), text)

    def _hidden(self, value: Any) -> Any:
        """All that stands below the name of a secret; its form stays, so that it can be read as what it was."""
        match value:
            case str() if value:
                return self._secrets.hide(self._known(value))
            case list():
                return [self._hidden(one) for one in value]
            case dict():
                return {self._known(name): self._hidden(one) for name, one in value.items()}
            case int() | float() if not isinstance(value, bool):
                return fingerprint(json.dumps(value))
        return value


def _inside(data: str, change: Callable[[str], str]) -> str:
    """Base64 of what `change` makes of the bytes; what a user calls so and is none is changed as it is."""
    try:
        text = base64.b64decode(data, validate=True).decode("latin-1")
    except ValueError:
        return change(data)
    changed = change(text)
    return data if changed == text else base64.b64encode(changed.encode("latin-1", "replace")).decode()


def _forms(key: str) -> Iterator[str]:
    """A key as it may stand in a header, an address, a form or in JSON."""
    yield key
    for form in (quote(key, safe=""), quote(key), quote_plus(key)):
        yield form
        yield _PERCENT.sub(lambda found: found.group().lower(), form)
    yield json.dumps(key)[1:-1]
    yield json.dumps(key, ensure_ascii=False)[1:-1]
