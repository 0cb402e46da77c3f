"""Scripted answers, word for word: a status, headers and a rendered body, or a fault of the connection."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.engine.messages import Answer, Call
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
    body = _GARBAGE if fault.kind == "garbage" else answer.body
    summary = f"fault: {fault.kind}"
    return replace(answer, body=body, value=None, delay=fault.delay, hold=fault.hold, fault=fault.kind, summary=summary)


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
    if then.text is not None:
        body = then.text.encode("utf-8", "replace")
        headers = headers if typed else (("Content-Type", "text/plain; charset=utf-8"), *headers)
    elif isinstance(then.body, Missing):
        body = b""
    else:
        try:
            value = then.body.render(names)
        except Broke as broke:
            return json_answer(500, {"error": f"E501 {broke}"}, broken=str(broke))
        missing = then.body.missing(names)
        notes = tuple(f"the placeholder ${{{name}}} names nothing in this request: null was sent" for name in missing)
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
    )
