"""Our own answers held against the spec: a scripted answer that breaks it is E501, our own fault is E902."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from mockserver.engine.messages import Answer, Chunk, Decision
from mockserver.errors import Violation
from mockserver.openapi.operation import MISSING, NO_BODY, Media, Operation, Reply

# What speaks of the message and the connection is the server's to say (RFC 9110, section 6.6; RFC 9112).
SERVERS = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "trailer", "te",
     "transfer-encoding", "upgrade"}
)  # fmt: skip
_FITTING = "an answer that fits the document"
_DISAGREED = "the two validators disagree about it"


def breaches(answer: Answer, operation: Operation, decision: Decision | None) -> tuple[Violation, ...]:
    """How `answer` breaks what `operation` declares; empty when it does not, or when it says why it may."""
    if answer.broken:
        return tuple(Violation("body", "", "", "", operation.rule, "E501", fault=why) for why in answer.broken)
    if answer.off_contract or (answer.fault and answer.chunks is None):
        return ()
    script = _named(decision) if decision is not None and decision.then is not None else ""
    script = script or (f" ({', '.join(answer.scripts)})" if answer.scripts else "")
    code = "E501" if script else "E902"
    reply = operation.reply(answer.status)
    if reply is None:
        fault = f"is not declared by {operation.id}{script}; declare it, or say why with off_contract"
        wanted = f"one of {', '.join(one.status for one in operation.replies)}" if operation.replies else "none"
        return (Violation("header", "", f"status {answer.status}", wanted, operation.rule, code, fault=fault),)
    missing = _missing_headers(answer, reply, script) if script else ()
    return (*missing, *_body_breaches(answer, reply, code, script))


def _body_breaches(answer: Answer, reply: Reply, code: str, script: str) -> tuple[Violation, ...]:
    if answer.status in NO_BODY:
        return ()
    content_type = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
    media = reply.of(content_type.partition(";")[0].strip().lower())
    if media is None:
        return _undeclared_type(content_type, reply.media, reply.rule, code, script) if reply.media else ()
    if answer.chunks is not None:
        events = answer.chunks if isinstance(answer.chunks, tuple) else ()
        found = (one for event in events for one in _value_breaches(event.value, media, code, script))
        return tuple(dict.fromkeys(found))
    value = answer.value if answer.shape is None else json.loads(answer.body)
    return () if value is None else _value_breaches(value, media, code, script)


def event_breaches(
    answer: Answer, operation: Operation, decision: Decision | None, event: Chunk
) -> tuple[Violation, ...]:
    """How one event of a stream breaks the schema that is declared for each of them."""
    whole = replace(answer, chunks=(event,))
    return tuple(one for one in breaches(whole, operation, decision) if one.part == "body")


def _value_breaches(value: Any, media: Media, code: str, script: str) -> tuple[Violation, ...]:
    if media.checker is None or value is MISSING or media.checker.fits(value):
        return ()
    explained = media.checker.explain(value, code=code)
    if explained.ours:
        return (Violation("body", "", "the answer was sent", _FITTING, media.rule, "E901", fault=_DISAGREED),)
    return tuple(
        replace(found, fault=(found.fault or found.wanted) + script, code=code) for found in explained.violations
    )


def _missing_headers(answer: Answer, reply: Reply, script: str) -> tuple[Violation, ...]:
    """The headers that a script forgot; those that the server writes itself are none of them."""
    given = {name.lower() for name, _ in answer.headers} | SERVERS
    return tuple(
        Violation("header", f"/{header.name}", "", f"the header {header.name}", header.rule, "E501",
                  fault=f"is missing; {reply.status} declares it as required{script}")
        for header in reply.headers
        if header.required and header.name.lower() not in given
    )  # fmt: skip


def _named(decision: Decision) -> str:
    """Which script it was, with its place once."""
    return f" ({decision.source})" if decision.at in decision.source else f" ({decision.source}, {decision.at})"


def _undeclared_type(said: str, media: tuple[Media, ...], rule: str, code: str, script: str) -> tuple[Violation, ...]:
    declared = ", ".join(one.media_type for one in media)
    wanted, fault = f"one of {declared}" if len(media) > 1 else declared, f"declared: {declared}{script}"
    return (Violation("header", "/Content-Type", said or "no Content-Type", wanted, rule, code, fault=fault),)
