"""Scripted answers, word for word: a status, headers and a rendered body, or a fault of the connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.clock import stamp
from mockserver.engine.messages import Answer, Call, Chunk
from mockserver.engine.stubs import Broke
from mockserver.engine.vendor import encode, json_answer
from mockserver.scenario.model import Executions, Fault, Missing, Random, Respond, Sequence, Then

if TYPE_CHECKING:
    from mockserver.engine.world import World


def verbatim(then: Then, call: Call, world: World) -> Answer:
    """The answer that a Respond or Fault asks for."""
    match then:
        case Respond():
            return _respond(then, scope(call, world, call=call))
        case Fault(kind, delay, hold):
            # Nothing is sent, so there is no status.
            return Answer(status=0, delay=delay, hold=hold, fault=kind, summary=f"fault: {kind}")
        case Executions() | Sequence() | Random():
            raise AssertionError(f"{then} is not verbatim")


def spoilt(answer: Answer, fault: Fault) -> Answer:
    """The answer that would have been given, on a connection that breaks it: `truncate` or `garbage`."""
    if answer.chunks is not None and fault.kind == "truncate":
        chunks = tuple(islice(answer.chunks, _MOST_CHUNKS))
        answer = replace(answer, chunks=chunks[: len(chunks) // 2])
    elif answer.chunks is not None:
        answer = replace(answer, chunks=None)
    body = _GARBAGE if fault.kind == "garbage" else answer.body
    summary = f"fault: {fault.kind}"
    return replace(answer, body=body, value=None, delay=fault.delay, hold=fault.hold, fault=fault.kind, summary=summary)


_MOST_CHUNKS = 1000  # of a stream that never ends; the first half is sent
_GARBAGE = b"\x00\xff<html>502 Bad Gateway</html>"  # neither JSON nor UTF-8


def scope(call: Call, world: World, /, **more: Any) -> dict[str, Any]:
    """What placeholders can name: path, query, headers, body, now, request_number, and `more`."""
    return {
        "path": call.path,
        "query": call.query,
        "headers": call.headers,
        "body": call.body,
        "now": stamp(world.clock.now),
        "request_number": world.journal.next_number,
        **more,
    }


_JSON = (("Content-Type", "application/json"),)


def _respond(then: Respond, names: dict[str, Any]) -> Answer:
    headers = then.headers
    typed = any(name.lower() == "content-type" for name, _ in headers)
    value: Any = None
    notes: tuple[str, ...] = ()
    chunks: tuple[Chunk, ...] | Iterator[Chunk] | None = None
    if then.events is not None:
        from mockserver.engine.events import EVENT_STREAM, missing_of, played, prolonged  # few scripts stream

        body = b""
        chunks = prolonged(played(then.events, names), then.more)
        notes = _unfilled(name for one in then.events for name in missing_of(one, names))
        headers = headers if typed else (*EVENT_STREAM, *headers)
    elif then.text is not None:
        body = then.text.encode("utf-8", "replace")
        headers = headers if typed else (("Content-Type", "text/plain; charset=utf-8"), *headers)
    elif isinstance(then.body, Missing):
        body = b""
    else:
        try:
            value = then.body.render(names)
        except Broke as broke:
            told = f"{broke}; 500 was sent"
            return json_answer(500, {"error": f"E501 {told}"}, broken=(told,))
        notes = _unfilled(then.body.missing(names))
        body = encode(value)
        headers = headers if typed else (*_JSON, *headers)
    return Answer(
        status=then.status,
        headers=headers,
        body=body,
        value=value,
        delay=then.delay,
        hold=then.hold,
        off_contract=then.off_contract,
        notes=notes,
        chunks=chunks,
        fault=then.fault,
    )


def _unfilled(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        f"the placeholder ${{{name}}} names nothing in this request: null was sent" for name in dict.fromkeys(names)
    )
