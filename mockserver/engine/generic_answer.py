"""What a document itself lets us answer: which reply, which media type, which body and headers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.check import SERVERS
from mockserver.engine.generic_body import written
from mockserver.engine.generic_prefer import Preference, unmet
from mockserver.engine.messages import Answer, Call, Match
from mockserver.errors import Problem, Refused
from mockserver.openapi.accept import choose
from mockserver.openapi.lint import is_sound
from mockserver.openapi.operation import MISSING, NO_BODY, Media, Operation, Parameter, Reply
from mockserver.openapi.sample import SampleError
from mockserver.openapi.styles import to_header

if TYPE_CHECKING:
    from mockserver.engine.service import Service
    from mockserver.engine.world import World


def reply_of(operation: Operation, preference: Preference) -> tuple[Reply | None, int]:
    """The declared reply to send and its status: the preferred, else the lowest success; None = none is declared.

    Raises Refused when the preferred status is not declared.
    """
    if preference.code is not None:
        reply = operation.reply(preference.code)
        if reply is None:
            declared = ", ".join(one.status for one in operation.replies) or "none"
            unmet(f"{operation.id} declares no {preference.code}; declared: {declared}")
        return reply, preference.code
    known = {one.status: one for one in operation.replies}
    for status in (*sorted(one for one in known if one[0] == "2"), "default", *sorted(known)):
        if status in known:
            return known[status], 200 if status == "default" else int(status.replace("X", "0"))
    return None, 200


def media_of(reply: Reply, preference: Preference, accept: str | None) -> tuple[Media, str] | None:
    """The media type that suits the client best, and how it is called; None = the reply has no body.

    Raises Refused: 406 when none suits, 400 when none has the preferred example.
    """
    if not reply.media:
        return None
    offered: Sequence[Media] = reply.media
    if preference.example is not None:
        offered = [one for one in offered if preference.example in one.named]
        if not offered:
            names = dict.fromkeys(name for one in reply.media for name in one.named if name)
            unmet(f'{reply.status} has no example "{preference.example[:80]}"; it has {", ".join(names) or "none"}')
    chosen = choose(accept, [one.media_type for one in offered])
    if chosen is None:
        there = ", ".join(one.media_type for one in offered)
        raise Refused(Problem("not_acceptable", f"Accept: {(accept or '')[:200]} takes none of {there}"))
    return offered[chosen[0]], chosen[1]


def answer_with(
    reply: Reply, status: int, chosen: tuple[Media, str] | None, preference: Preference, call: Call, world: World
) -> Answer:
    """The answer: an example of the document where it has a sound one, else a seeded sample; with its headers."""
    service = call.match.service
    chance = world.draw(call, call.body if call.media_type else None)
    headers = tuple(_headers(reply, service, chance))
    if chosen is None or status in NO_BODY or status < 200:
        return Answer(status, headers)
    media, media_type = chosen
    if preference.example is not None:
        value = media.named[preference.example]
        answer = written(status, media, media_type, value, headers, call.match.operation.resolve)
        return answer if is_sound(media, value) else replace(answer, off_contract="the example breaks its schema")
    value = MISSING if preference.dynamic else example_of(media, service)
    if value is MISSING and media.schema is not None:
        value = world.sample(service, media.rule, chance).value
        if not preference.dynamic:
            value = service.document.with_examples(media.rule, value)
    return written(status, media, media_type, value, headers, call.match.operation.resolve)


def example_of(media: Media, service: Service) -> Any:
    """The first sound example of a media type or of its schema, else MISSING."""
    for value in media.examples:
        if is_sound(media, value):
            return value
    return MISSING if media.schema is None else service.document.example(media.rule)


def headers_of(reply: Reply, match: Match, chance: Chance) -> tuple[tuple[str, str], ...]:
    """The headers that a reply must have, sampled."""
    return tuple(_headers(reply, match.service, chance, required_only=True))


def _headers(
    reply: Reply, service: Service, chance: Chance, *, required_only: bool = False
) -> Iterator[tuple[str, str]]:
    for header in reply.headers:
        if header.name.lower() in SERVERS or (required_only and not header.required):
            continue
        text = _header(header, service, chance.derive("header", header.name))
        if text is not None:
            yield header.name, text


def _header(header: Parameter, service: Service, chance: Chance) -> str | None:
    """One header's text: its example, else a sample; None where there is none that a header can hold."""
    value = next((one for one in header.examples if header.checker.fits(one)), MISSING)
    if value is MISSING and header.schema in (True, {}):
        return "text" if header.required else None
    if value is MISSING:
        value = service.document.example(header.checker.rule)
    for _ in range(_TRIES):
        if value is MISSING:
            try:
                value = service.document.sampler(header.checker.rule).draw(chance)
            except SampleError:
                return None
        text = to_header(value, explode=header.explode, media_type=header.media_type)
        if text is not None:
            return text
        value = MISSING
    return None


_TRIES = 20  # samples of a header until one can be written
