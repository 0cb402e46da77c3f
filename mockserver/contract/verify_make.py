"""Requests that keep the spec: made of its examples first, then of samples. Each is read back before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.contract.verify_ask import Ask, Keys
from mockserver.contract.verify_ids import Ids
from mockserver.contract.verify_write import body_of, header_text, path_of, path_text, query_of
from mockserver.errors import Refused
from mockserver.openapi.decode import read_body
from mockserver.openapi.document import Document
from mockserver.openapi.forms import Forms
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Media, Operation, Parameter
from mockserver.openapi.parameters import read_parameters
from mockserver.openapi.paths import Found, parameters_of
from mockserver.openapi.sample import SampleError

_EXAMPLES = 5  # of one operation
_SAMPLES = 2
_NAMELESS = "mockserver"  # stands where the spec says nothing of a value


class Values(Struct, frozen=True):
    """What a request says, not yet written."""

    parameters: Mapping[tuple[str, str], Any]  # by location and name
    media: Media | None = None
    body: Any = MISSING


class Maker:
    """Makes requests for the operations of a document, by seeded chance."""

    def __init__(self, document: Document, seed: int, ids: Ids, keys: Keys) -> None:
        self._document, self._seed, self._ids, self._keys = document, seed, ids, keys

    def own(self, operation: Operation) -> tuple[Parameter, ...]:
        """The parameters that are made here: not those that carry a key."""
        return tuple(one for one in operation.parameters if not self._keys.bring(operation, one))

    def requests(self, operation: Operation) -> Iterator[Ask]:
        """Requests that keep the spec, each once; made when asked for, so that ids seen by then are in their paths."""
        seen: set[tuple[str, bytes]] = set()
        for number, (about, media, body) in enumerate(self._bodies(operation)):
            made = self.written(operation, self._values(operation, number, media, body), about)
            if made is not None and (made.target, made.body) not in seen:
                seen.add((made.target, made.body))
                yield made

    def basis(self, operation: Operation) -> tuple[Values, Ask] | None:
        """The first of them, as values too: what is then broken in one thing."""
        for number, (about, media, body) in enumerate(self._bodies(operation)):
            values = self._values(operation, number, media, body)
            made = self.written(operation, values, about)
            if made is not None:
                return values, made
        return None

    def written(self, operation: Operation, values: Values, about: str, *, breaks: bool = False) -> Ask | None:
        """The request that says `values`; None where it cannot be written so that it is read as that.

        One that `breaks` the spec is not read back.
        """
        path, is_guess = {}, False
        names = parameters_of(operation.path)
        declared = {one.name: one for one in operation.parameters if one.location == "path"}
        for name in names:
            value = values.parameters.get(("path", name), _NAMELESS)
            text = path_text(declared[name], value) if name in declared else _NAMELESS
            if text is None:
                return None
            path[name] = text
            is_guess = is_guess or name not in declared or value not in self._ids.of(operation, declared[name])
        query: list[tuple[str, str]] = []
        headers: list[tuple[str, str]] = []
        cookies: list[tuple[str, str]] = []
        for one in self.own(operation):
            value = values.parameters.get((one.location, one.name), MISSING)
            if value is MISSING or one.location == "path":
                continue
            text = header_text(one, value) if one.location == "header" else query_of(one, value)
            if text is None:
                if one.required and not breaks:
                    return None
                continue
            {"query": query, "header": headers, "cookie": cookies}[one.location].append((one.name, text))
        content: tuple[str, bytes] | None = None
        if values.media is not None and values.body is not MISSING:
            content = body_of(values.media.media_type, values.body)
            if content is None:
                return None
            headers.append(("Content-Type", content[0]))
        if cookies:
            headers.append(("Cookie", "; ".join(text.replace("&", "; ") for _, text in cookies)))
        target = path_of(operation.path, path) + ("?" + "&".join(text for _, text in query) if query else "")
        ask = Ask(operation, target, tuple(headers), content[1] if content else b"", about, is_guess=is_guess)
        return ask if breaks or self._is_understood(ask) else None

    def _bodies(self, operation: Operation) -> Iterator[tuple[str, Media | None, Any]]:
        """What a request is made of: its name, and its body; examples first."""
        body = operation.body
        media = sorted(body.media, key=lambda one: not is_json(one.media_type)) if body else []
        examples = [each for one in media for each in self._examples(one)]
        yield from examples[:_EXAMPLES]
        if body is None and any(one.examples for one in operation.parameters):
            yield "its examples", None, MISSING
        for number in range(_SAMPLES):
            about = f"sample {number + 1}"
            drawn = [(one, self._sample(operation, one, number)) for one in media]
            found = [(one, value) for one, value in drawn if value is not MISSING]
            for one, value in found if number == 0 else found[:1]:
                yield about, one, value
            if body is None or (not found and not body.required):
                yield about, None, MISSING

    def _examples(self, media: Media) -> Iterator[tuple[str, Media, Any]]:
        if any("*" in name for name in _names(media)):
            return
        for name, value in media.named.items():
            if media.checker is None or media.checker.fits(value):
                yield f'example "{name}"' if name else "its example", media, value
        if not media.named and media.checker is not None:
            try:
                value = self._document.example(media.rule)
            except (SampleError, KeyError):
                return
            if value is not MISSING and media.checker.fits(value):
                yield "the example of its schema", media, value

    def _sample(self, operation: Operation, media: Media, number: int) -> Any:
        if any("*" in name for name in _names(media)):
            return MISSING
        if media.checker is None:
            return {} if is_json(media.media_type) else _NAMELESS
        return self._drawn(media.rule, operation, media.media_type, number)

    def _values(self, operation: Operation, number: int, media: Media | None, body: Any) -> Values:
        """The parameters of the request with this number: the first has their examples, every second all of them."""
        found: dict[tuple[str, str], Any] = {}
        for one in self.own(operation):
            if one.required or number % 2 or one.examples:
                value = self._argument(operation, one, number)
                if value is not MISSING:
                    found[one.location, one.name] = value
        return Values(found, media, body)

    def _argument(self, operation: Operation, parameter: Parameter, number: int) -> Any:
        known = tuple(self._ids.of(operation, parameter)) if parameter.location == "path" else ()
        fitting = [one for one in parameter.examples if parameter.checker.fits(one)]
        if known and (number or not fitting):
            return known[number % len(known)]
        if fitting:
            return fitting[number % len(fitting)]
        if parameter.schema is True or parameter.schema == {}:
            return _NAMELESS
        rule = parameter.checker.rule
        try:
            own = self._document.example(rule)
        except (SampleError, KeyError):
            own = MISSING
        if own is not MISSING and number == 0 and parameter.checker.fits(own):
            return own
        return self._drawn(rule, operation, parameter.name, number)

    def _drawn(self, rule: str, operation: Operation, name: str, number: int) -> Any:
        chance = Chance(self._seed, operation.id, "verify", name, number)
        try:
            return self._document.request_sampler(rule).draw(chance)
        except (SampleError, KeyError):
            return MISSING

    def _is_understood(self, ask: Ask) -> bool:
        """Whether our own reader finds nothing wrong with the request."""
        operation = ask.operation
        path, _, query = ask.target.partition("?")
        found = self._document.routes.match(operation.method, path)
        if not isinstance(found, Found) or found.operation.id != operation.id:
            return False
        own = replace(operation, parameters=self.own(operation))
        if read_parameters(own, found.params, query, ask.headers).violations:
            return False
        content_type = next((value for name, value in ask.headers if name == "Content-Type"), None)
        try:
            decoded = read_body(operation, content_type, ask.body, forms=Forms())
        except Refused:
            return False
        return decoded.checker is None or decoded.value is MISSING or decoded.checker.fits(decoded.value)


def without(values: Values, location: str, name: str) -> Values:
    """`values` without one parameter."""
    return replace(values, parameters={key: one for key, one in values.parameters.items() if key != (location, name)})


def instead(values: Values, location: str, name: str, value: Any) -> Values:
    """`values` with another value for one parameter."""
    return replace(values, parameters={**values.parameters, (location, name): value})


def _names(media: Media) -> tuple[str, ...]:
    """The names of a form; those that hold `*` stand for many, and have no sample."""
    schema = media.schema
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    return () if is_json(media.media_type) or not isinstance(found, Mapping) else tuple(map(str, found))
