"""Does a verbatim answer keep what the document declares for its operation? Judged once, when a script is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.openapi.operation import NO_BODY, Media, Operation, Reply
from mockserver.scenario.model import MISSING, Missing, Respond

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker

_EVENT_STREAM = "text/event-stream"


class Breach(Struct, frozen=True):
    """One way in which an answer is not what the document declares."""

    below: str  # JSON Pointer into the `respond` value: "/status", "/body/runs/0"
    message: str
    hint: str = ""


def breaches(respond: Respond, operation: Operation) -> list[Breach]:
    """What `respond` breaks, without regard to its `off_contract`. A body with placeholders is not judged."""
    reply = operation.reply(respond.status)
    if reply is None:
        declared = ", ".join(reply.status for reply in operation.replies) or "none"
        return [Breach("/status", f"{operation.id} declares no status {respond.status}", f"declared: {declared}")]
    return [*_headers(respond, reply), *_body(respond, reply)]


def _headers(respond: Respond, reply: Reply) -> Iterator[Breach]:
    given = {name.lower() for name, _ in respond.headers}
    for header in reply.headers:
        if header.required and header.name.lower() not in given:
            yield Breach("/headers", f"the header {header.name} is missing", f"{reply.status} declares it as required")


def _body(respond: Respond, reply: Reply) -> Iterator[Breach]:
    spot = "/events" if respond.events is not None else "/body" if respond.text is None else "/text"
    if isinstance(respond.body, Missing) and respond.text is None and respond.events is None:
        if reply.media and respond.status not in NO_BODY:
            remedy = "give events:" if _types(reply) == _EVENT_STREAM else "give body: or text:"
            yield Breach("", f"the body is missing: {respond.status} declares {_types(reply)}", remedy)
        return
    if respond.status in NO_BODY:
        yield Breach(spot, f"an answer {respond.status} has no body", f"leave {spot[1:]} out")
        return
    if not reply.media:
        return
    media_type = media_type_of(respond)
    media = reply.of(media_type)
    if media is None:
        yield Breach(spot, f"{media_type} is not declared for {respond.status}", f"declared: {_types(reply)}")
        return
    yield from _schema(respond, media, media_type, spot)


def _schema(respond: Respond, media: Media, media_type: str, spot: str) -> Iterator[Breach]:
    if media.checker is not None and respond.events is not None:
        for number, event in enumerate(respond.events):
            if not isinstance(event.data, Missing) and event.data.constant:
                yield from _value(event.data.render({}), media.checker, f"/events/{number}/data")
    if media.checker is None or not _is_json(media_type) or respond.events is not None:
        return
    value: Any = MISSING
    if respond.text is not None:
        try:
            value = json.loads(respond.text)
        except (ValueError, RecursionError):
            yield Breach(spot, f"the text is not JSON, which {media_type} promises", "write it as body:")
            return
    elif not isinstance(respond.body, Missing) and respond.body.constant:
        value = respond.body.render({})
    if value is not MISSING:
        yield from _value(value, media.checker, spot)


def _value(value: Any, checker: Checker, spot: str) -> Iterator[Breach]:
    if checker.fits(value):
        return
    for violation in checker.explain(value).violations:
        where = "" if spot == "/text" else violation.where
        yield Breach(spot + where, violation.clause, f"see {violation.at or violation.rule}")


def media_type_of(respond: Respond) -> str:
    """The media type that `respond` is sent as, in lower case and without parameters."""
    for name, value in respond.headers:
        if name.lower() == "content-type":
            return value.split(";", 1)[0].strip().lower()
    if respond.events is not None:
        return _EVENT_STREAM
    return "application/json" if respond.text is None else "text/plain"


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _types(reply: Reply) -> str:
    return " or ".join(media.media_type for media in reply.media)
