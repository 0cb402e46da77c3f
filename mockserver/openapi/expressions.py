"""Runtime expressions, `{$request.body#/webhook_url}`: addresses made of what was asked and answered.

OpenAPI 3.1.1, "Runtime Expressions". Parsed once at start, evaluated for each exchange.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from mockserver.openapi.operation import MISSING
from mockserver.pointer import look_up
from mockserver.regex import compiled

_BRACED = r"\{([^{}]*)\}"
_SOURCE = r"\$(request|response)\.(?:(header)\.(.+)|(query|path)\.(.+)|(body)(?:#(.*))?)\Z"
_PLAIN = ("$url", "$method", "$statusCode")

Kind = Literal["url", "method", "statusCode", "header", "query", "path", "body"]


class Exchange(Struct, frozen=True):
    """What was asked and answered. Header names are in lower case; MISSING stands for a body that is no JSON."""

    url: str
    method: str
    status: int
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = MISSING
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer_body: Any = MISSING


class Part(Struct, frozen=True):
    """One expression: `$response.body#/id` is ("body", "/id", of the answer)."""

    kind: Kind
    name: str = ""  # of a header, a parameter; a JSON Pointer into a body
    is_answer: bool = False

    def value(self, exchange: Exchange) -> Any:
        """What it comes to; MISSING where there is no such thing."""
        match self.kind:
            case "url":
                return exchange.url
            case "method":
                return exchange.method
            case "statusCode":
                return exchange.status
            case "header":
                headers = exchange.answer_headers if self.is_answer else exchange.headers
                return headers.get(self.name.lower(), MISSING)
            case "query":
                return exchange.query.get(self.name, MISSING)
            case "path":
                return exchange.path.get(self.name, MISSING)
            case "body":
                try:
                    return look_up(exchange.answer_body if self.is_answer else exchange.body, self.name)
                except KeyError:
                    return MISSING


class Expression(Struct, frozen=True):
    """A text with expressions in it."""

    text: str  # as written
    pieces: tuple[str | Part, ...]

    @property
    def needs_answer(self) -> bool:
        """Whether it asks for something of the answer."""
        return any(isinstance(one, Part) and (one.is_answer or one.kind == "statusCode") for one in self.pieces)

    def evaluate(self, exchange: Exchange) -> str | None:
        """The text that it comes to; None where something that it asks for is not there, or is no text or number."""
        found = [one if isinstance(one, str) else _text(one.value(exchange)) for one in self.pieces]
        texts = [one for one in found if one is not None]
        return "".join(texts) if len(texts) == len(found) else None


def compile_expression(text: str) -> Expression:
    """The expression in `text`: `$request.query.url`, or any text with such things in braces.

    Raises ValueError with a sentence for what is none.
    """
    if text.startswith("$"):
        return Expression(text, (_part(text),))
    pieces: list[str | Part] = []
    position = 0
    for found in compiled(_BRACED).finditer(text):
        pieces += [text[position : found.start()], _part(found[1])]
        position = found.end()
    pieces.append(text[position:])
    if any("{" in one or "}" in one for one in pieces if isinstance(one, str)):
        raise ValueError(f'"{text[:80]}" has a brace without its other half')
    return Expression(text, tuple(one for one in pieces if one != ""))


def _part(text: str) -> Part:
    if text in _PLAIN:
        kinds: dict[str, Kind] = {"$url": "url", "$method": "method", "$statusCode": "statusCode"}
        return Part(kinds[text])
    found = compiled(_SOURCE).match(text)
    if found is None:
        raise ValueError(
            f'"{text[:80]}" is no runtime expression; one is like $request.body#/url, $request.query.url, '
            "$request.header.x-url, $request.path.id, $response.body#/url, $response.header.x-url, $url or $method"
        )
    where, header, header_name, parameter, parameter_name, _, pointer = found.groups()
    is_answer = where == "response"
    if parameter and is_answer:
        raise ValueError(f'"{text[:80]}": an answer has no {parameter}')
    if header:
        return Part("header", header_name, is_answer)
    if parameter:
        return Part("query" if parameter == "query" else "path", parameter_name)
    if pointer and not pointer.startswith("/"):
        raise ValueError(f'"{text[:80]}": a JSON Pointer begins with /')
    return Part("body", pointer or "", is_answer)


def _text(value: Any) -> str | None:
    match value:
        case str():
            return value
        case bool() | int() | float():
            return json.dumps(value)
    return None
