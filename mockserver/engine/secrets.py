"""What must never be shown, derived from one source: the loaded documents' security schemes and the configured keys.

A secret is shown as `***` and a fingerprint, so that two requests with one key can be told from two keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

from mockserver.engine.service import Service
from mockserver.errors import Refused
from mockserver.openapi.jsontext import read_json
from mockserver.regex import compiled

# Beside what the documents declare: transport credentials, and our own webhook signing headers.
ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_NAMED_LIKE_A_KEY = (
    r"(?i)(^|[-_.\[])(api[-_]?key|token|secret|password)s?\]*$|^x[-_].*[-_](secret|signature)$"  # user[password]
    r"|(?-i:(?<=[a-z0-9])(A(pi|PI)Key|Token|Secret|Password)s?\]*$)"  # accessToken
)
# How many, of a language model: `max_tokens`.
_COUNTED = r"(?i)(max|min|num|total|prompt|completion|input|output|cached|reasoning|new|used)[-_]?tokens$"
# Each begins where a field can begin, so that a megabyte of anything is passed over once.
_FORM_FIELD = r"(?:^|(?<=[&?\s]))(?P<name>[^=&?\s\"]{1,200})=(?P<value>[^&\s]*)"
_JSON_FIELD = r'"(?P<name>(?:\\.|[^"\\]){1,200}+)"\s*:\s*(?P<value>"(?:\\.|[^"\\])*+"?|[^\s",{}\[\]]+)'
_LIKE_JSON = r"\ufeff?\s*[\[{]"
# As Python or JavaScript writes it, where JSON was meant: {'name': 'value'}, {name: "value"}.
_LOOSE_FIELD = (
    r"(?<![\w-])(?P<quote>'?)(?P<name>[A-Za-z_][\w-]{0,199})(?P=quote)\s*:\s*"
    r"(?P<value>'(?:\\.|[^'\\])*'?|\"(?:\\.|[^\"\\])*\"?|[^\s\"',{}\[\]]+)"
)
# In what begins like JSON: each string, to its end or that of the text, and the colon after a name.
_JSON_STRING = r'(?s)(?P<string>"(?P<text>(?:\\.|[^"\\])*)(?:"|\\?\Z))(?P<colon>\s*:\s*)?'
_JSON_TOKEN = r'(?s)"(?:\\.|[^"\\])*(?:"|\\?\Z)|[\[{]|[\]}]|[^\s",:{}\[\]]+'
_ESCAPE = r"\\u([0-9a-fA-F]{4})"
_QUOTE = '"'
_MASK = r"\*\*\*[0-9a-f]{8}"
_HEADS = r"[^\n]{0,500}+\n(?:[^\r\n]{1,500}+\r?\n){0,8}\r?\n"  # the rest of a part's headers
_NAME = r'"?(?P<name>(?<=")[^"\r\n]{1,200}+|(?<==)[^"=;\s]{1,200}+)"?'
_PART = rf"(?s)\bname={_NAME}{_HEADS}(?P<value>.*?)(?=\r?\n--|\Z)"
_USER = r'(?<=://)[^/?#@\s"]{1,500}(?=@)'  # user:password of a URL
_QUERY = r"(?<=\?)[^\s#]+"
_STEP = "[/.]"
_NOTHING = frozenset({"", "null", '""', "''", "nothing"})  # no secret
_SHORT = 4  # characters; a key as short as that is masked only where it stands alone


def fingerprint(secret: str) -> str:
    """`***` and eight hexadecimal digits that tell one secret from another and lead back to none."""
    return "***" + sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]


class Secrets:
    """Masks whatever a loaded document accepts as a key, and every configured key wherever it appears."""

    def __init__(
        self, services: Iterable[Service], more: Iterable[str] = (), *, kept: Container[str] = frozenset()
    ) -> None:
        """`more` are further keys; `kept` are shown where a secret is, being masks already."""
        self._services, self._more, self._kept = tuple(services), frozenset(more), kept

    # Not before something is shown: a world in which all goes well needs no document that no client asked for.
    @cached_property
    def _names(self) -> frozenset[str]:
        schemes = [scheme for service in self._services for scheme in service.document.schemes.values()]
        return ALWAYS | {scheme.key.lower() for scheme in schemes}

    @cached_property
    def _keys(self) -> re.Pattern[str] | None:
        keys = {key for service in self._services for key in (*service.api_keys, service.test_key)} | self._more
        longest_first = sorted(keys - {"*", ""}, key=len, reverse=True)
        return re.compile("|".join(map(pattern, longest_first))) if longest_first else None

    def is_secret(self, name: str) -> bool:
        """Whether a header, query, form or JSON field of this name, as written or percent-encoded, holds a secret."""
        name = unquote(name) if "%" in name else name
        if name.lower() in self._names:
            return True
        return compiled(_NAMED_LIKE_A_KEY).search(name) is not None and compiled(_COUNTED).search(name) is None

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The same headers, secrets masked."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def target(self, target: str) -> str:
        """A request target, with secret query fields and configured keys masked."""
        path, mark, query = target.partition("?")
        return self.known(path) + mark + (self._fields(_FORM_FIELD, query) if query else "")

    def text(self, text: str) -> str:
        """A body as text: fields of JSON and forms that are named like a key, and configured keys, masked.

        JSON in which something is masked is written anew; all else stays as it was sent.
        """
        if compiled(_LIKE_JSON).match(text):
            masked = self._json(text)
            if masked is not None:
                return masked
            text = self._fields(_LOOSE_FIELD, self._strings(text))
        if "://" in text and "@" in text:
            text = compiled(_USER).sub(lambda found: fingerprint(found.group()), text)
        if "name=" in text:
            text = self._fields(_PART, text)
        if '"' in text:
            text = self._fields(_JSON_FIELD, text)
        return self._fields(_FORM_FIELD, text) if "=" in text else self.known(text)

    @cached_property
    def _unlike_keys(self) -> tuple[bytes, ...]:
        """Names of fields that hold secrets and are not named like it, of what was loaded at the start."""
        loaded = [service.document for service in self._services if not service.is_late]
        names = {scheme.key.lower().encode() for one in loaded for scheme in one.schemes.values()}
        return tuple(sorted(name for name in names if not _may_name_a_key(name)))

    def may_be_in(self, text: bytes) -> bool:
        """Whether JSON text may hold a secret beside configured keys. Most has none, and need not be read once more."""
        small = text.lower()
        if _may_name_a_key(small):
            return True
        return bool(self._unlike_keys) and any(name in small for name in self._unlike_keys)

    def without(self, text: bytes) -> bytes:
        """JSON text that is the same whatever the secrets in it are: those that were sent, or masks of a journal."""
        shown = self.text(text.decode())
        if compiled(_MASK).search(shown):
            with suppress(ValueError, RecursionError):  # no JSON, or too deep for Python's
                shown = json.dumps(json.loads(shown), ensure_ascii=False)  # as `text` writes what it has masked itself
        return compiled(_MASK).sub("***", shown).encode()

    def raw(self, data: bytes) -> bytes:
        """Bytes that are no text, such as a form with a file in it, with fields and configured keys masked."""
        return self.text(data.decode("latin-1")).encode("latin-1", "replace")

    def _json(self, text: str) -> str | None:
        """`text` masked by its names, whatever their values are; None when it is not JSON as we read it, or too deep.

        Of a name that occurs twice one value would be lost, and the secret in it would stay in the text.
        """
        try:
            value = read_json(text.encode())
            masked = self.value(value)
            return text if masked == value else json.dumps(masked, ensure_ascii=False)
        except (Refused, UnicodeEncodeError, RecursionError):
            return None

    def _strings(self, text: str) -> str:
        """`text`, JSON that is too deep to be read, is cut or has a mistake in it: names and escaped strings masked."""
        shown: list[str] = []
        at = 0
        while found := compiled(_JSON_STRING).search(text, at):
            shown.append(text[at : found.start()])
            plain, string, colon = found["text"], found["string"], found["colon"] or ""
            at = found.end()
            if "\\" in plain:
                plain = _unescaped(plain)
                masked = self.known(self._addresses(plain))
                string = string if masked == plain else json.dumps(masked)
            shown += string, colon
            if colon and self.is_secret(plain):
                at = _end_of_value(text, at)
                shown.append(self._hidden_text(text[found.end() : at]))
        return "".join((*shown, text[at:]))

    def _hidden_text(self, value: str) -> str:
        """What stands for the text of a JSON value; nothing stays nothing."""
        if value in _NOTHING:
            return value
        return f'"{self.hide(_unescaped(value.strip(_QUOTE)) if value.startswith(_QUOTE) else value)}"'

    def said(self, where: str, said: str) -> str:
        """What may be told of a value that came at a place, `/user/password` or `headers.x-token`; of a secret nothing.

        Not its fingerprint either: a journal holds a mask of the value, and the same has to be told of that.
        """
        if said in _NOTHING:
            return said
        return "***" if any(map(self.is_secret, compiled(_STEP).split(where))) else self.text(said)

    def known(self, text: str) -> str:
        """`text` with every configured key masked, percent-encoded ones too (the text is then shown decoded)."""
        if self._keys is None:
            return text
        if "%" in text and self._keys.search(plain := unquote(text)):
            text = plain
        return self._keys.sub(lambda found: fingerprint(found.group()), text)

    def value(self, value: Any) -> Any:
        """A JSON value, however deep, with secret fields, whatever they hold, and configured keys masked."""
        top = [value]
        left: list[tuple[Any, Any]] = [(top, 0)]  # places of what was not looked at yet
        while left:
            holder, at = left.pop()
            match holder[at]:
                case str() as text:
                    holder[at] = self.known(self._addresses(text))
                case list() as items:
                    holder[at] = copy = list(items)
                    left += ((copy, number) for number in range(len(copy)))
                case Mapping() as fields:
                    holder[at] = shown = {}
                    for name, item in fields.items():
                        if self.is_secret(name):
                            shown[self.known(name)] = self._hidden(item)
                        else:
                            shown[known := self.known(name)] = item
                            left.append((shown, known))
        return top[0]

    def hide(self, secret: str) -> str:
        """What stands for a secret; a mask, such as a journal holds, stands for itself."""
        return secret if secret in self._kept or compiled(_MASK).fullmatch(secret) else fingerprint(secret)

    def _hidden(self, value: Any) -> Any:
        """What stands for a secret of any type; nothing stays nothing."""
        if value is None or value == "":
            return value
        try:
            return self.hide(value if isinstance(value, str) else json.dumps(value))
        except RecursionError:  # deeper than Python's JSON goes; one cannot be told from another then
            return self.hide("")

    def _header(self, name: str, value: str) -> str:
        if not self.is_secret(name):
            return self.known(value)
        scheme, space, token = value.partition(" ")
        if space and name.lower().endswith("authorization"):
            return f"{scheme} {self.hide(token)}"
        return self.hide(value)

    def _addresses(self, text: str) -> str:
        """`text` with the users, and the secret query fields, of addresses in it masked."""
        if "://" not in text:
            return text
        if "@" in text:
            text = compiled(_USER).sub(lambda found: fingerprint(found.group()), text)
        if "?" not in text:
            return text
        return compiled(_QUERY).sub(lambda found: compiled(_FORM_FIELD).sub(self._masked, found.group()), text)

    def _fields(self, pattern: str, text: str) -> str:
        """`text` with secret fields, those in JSON that a field holds too, and known keys masked."""

        def mask(found: re.Match[str]) -> str:
            masked = self._masked(found)
            value = found["value"]
            plain = unquote_plus(value) if pattern is _FORM_FIELD else value
            if masked != found.group() or not compiled(_LIKE_JSON).match(plain):
                return masked
            inside = self._json(plain) or self._strings(plain)
            if inside == plain:
                return masked
            return _replaced(found, quote_plus(inside, "*", errors="replace") if pattern is _FORM_FIELD else inside)

        return self.known(compiled(pattern).sub(mask, text))

    def _masked(self, found: re.Match[str]) -> str:
        """A field that was found, its value masked if its name is that of a secret."""
        value = found["value"]
        if value in _NOTHING or not self.is_secret(_unescaped(found["name"])):
            return found.group()
        mark = value[:1] if value[:1] in ('"', "'") else ""
        return _replaced(found, f"{mark}{self.hide(value.strip(mark) if mark else value)}{mark}")


def _may_name_a_key(small: bytes) -> bool:
    """Whether a text in lower case may hold a name like a key's, percent-encoded or not, or an address with a user."""
    # One by one: a generator over them takes three times as long, and each request comes here.
    return (
        b"key" in small or b"token" in small or b"secret" in small or b"password" in small or b"signature" in small
        or b"authorization" in small or b"cookie" in small or b"@" in small or b"%" in small
    )  # fmt: skip


def _replaced(found: re.Match[str], value: str) -> str:
    """What was found, with another value."""
    start, end = found.span("value")
    return found.group()[: start - found.start()] + value + found.group()[end - found.start() :]


def pattern(key: str) -> str:
    """The regular expression that finds a key in a text."""
    return re.escape(key) if len(key) >= _SHORT else rf"(?<![A-Za-z0-9]){re.escape(key)}(?![A-Za-z0-9])"


def _unescaped(text: str) -> str:
    """What stands between the quotes of a JSON string, without its escapes."""
    try:
        return str(json.loads(f'"{text}"', strict=False)) if "\\" in text else text
    except ValueError:  # another escape is none, or cut
        return compiled(_ESCAPE).sub(lambda found: chr(int(found[1], 16)), text)


def _end_of_value(text: str, at: int) -> int:
    """Where the JSON value ends that begins at `at`, however deep it is; the end of the text when it has none."""
    depth = 0
    for token in compiled(_JSON_TOKEN).finditer(text, at):
        first = token.group()[0]
        depth += (first in "[{") - (first in "]}")
        if depth < 0:
            return token.start()  # of what it stands in: there is no value
        if depth == 0:
            return token.end()
    return len(text)
