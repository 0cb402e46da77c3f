"""An answer of a live service held against its spec: every way in which it breaks it, as findings E401 to E408."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.contract.findings import Asked, Finding, Severity
from mockserver.contract.remedies import remedy
from mockserver.contract.verify_ask import Ask, Heard
from mockserver.engine.secrets import Secrets
from mockserver.errors import Refused, Violation
from mockserver.openapi.coerce import kinds, scalar
from mockserver.openapi.document import Document
from mockserver.openapi.jsontext import MAX_DEPTH, read_json, shorten
from mockserver.openapi.mediatype import is_json, parse
from mockserver.openapi.operation import MISSING, NO_BODY, Media, Operation, Reply
from mockserver.openapi.parameters import read_parameters

EVENT_STREAM = "text/event-stream"
_TROUBLE = {"too_large": "E407", "elsewhere": "E408"}  # all other is E406
_MOST = 20  # findings of one answer
_TOO_MUCH = {"too_deep": "is nested deeper than is read", "too_large": "holds more than is read"}  # E407
_UNSAID = frozenset({401, 403, 429})  # answers of whatever stands before a service; a spec may leave them out


class Judge(Struct, frozen=True):
    """Holds answers against a document. `base` is the path of the base URL, as findings show it."""

    document: Document
    service: str
    secrets: Secrets
    base: str
    max_depth: int = MAX_DEPTH  # nested brackets that are read

    def findings(self, number: int, ask: Ask, heard: Heard) -> tuple[Finding, ...]:
        """What is wrong with the answer to a request, which was sent as the one with this number."""
        found = tuple(self._found(number, ask, heard))
        if len(found) > _MOST:
            left = len(found) - _MOST
            more = f"and {left} more {'thing is' if left == 1 else 'things are'} wrong with this answer"
            return (*found[:_MOST], replace(found[_MOST], sentence=more, pointer="", said="", wanted=""))
        return found

    def _found(self, number: int, ask: Ask, heard: Heard) -> Iterator[Finding]:
        operation = ask.operation

        def finding(
            code: str, sentence: str, rule: str = "", *, violation: Violation | None = None, wanted: str = "",
            severity: Severity = "error",
        ) -> Finding:  # fmt: skip
            one = violation or Violation("body", "", "", wanted or sentence, rule or operation.rule)
            return Finding(
                code=code,
                sentence=self.secrets.text(f"{sentence} ({ask.about})" if ask.about else sentence),
                severity=severity,
                source="answer",
                service=self.service,
                operation=operation.id,
                place=one.at or self.document.place(one.rule or operation.rule),
                part=one.part if violation else "",
                pointer=self.secrets.text(one.where),
                said=self.secrets.text(one.said),
                wanted=self.secrets.text(one.wanted),
                request=Asked(operation.method, self.secrets.target(self.base + ask.target), number),
                remedy=remedy(code),
            )

        if heard.trouble:
            yield finding(_TROUBLE.get(heard.trouble, "E406"), heard.said, wanted=_kind_of(heard))
            return
        if ask.kind == "keyless" and 300 <= heard.status < 400:
            return  # sent to where there are keys
        if ask.kind != "keeps" and not 400 <= heard.status < 500:
            what = "it accepted" if heard.status < 400 else "it broke down over"
            wanted = f"a refusal (4xx) {ask.about}" if ask.kind == "keyless" else f"a refusal (4xx): {ask.about}"
            yield finding("E405", f"{what} what the spec refuses, with {heard.status}", wanted=wanted)
            if heard.status >= 500:
                return
        reply = operation.reply(heard.status)
        if reply is None:
            if not _is_expected(ask, heard.status):
                declared = ", ".join(one.status for one in operation.replies) or "none"
                said = f"answered {heard.status}, which the spec does not declare; declared: {declared}"
                yield finding("E401", said, wanted=f"a declared status ({declared}), not {heard.status}")
            return
        if ask.kind == "keeps" and heard.status >= 500:
            yield finding("E401", f"answered {heard.status} to a request that keeps the spec", reply.rule,
                          wanted="an answer that is no failure", severity="warning")  # fmt: skip
        for code, violation in (*_headers(operation, reply, heard), *_body(operation, reply, heard, self.max_depth)):
            yield finding(code, str(violation), violation=violation)


def _kind_of(heard: Heard) -> str:
    """What was wanted instead of a trouble; it names the kind, so that one is not taken for another."""
    return {
        "hang": "an answer in time",
        "unreachable": "a connection",
        "reset": "an answer before the connection ends",
        "truncated": "as many bytes as the answer announces",
        "malformed": "an answer that is HTTP",
        "too_large": "an answer that can be held",
        "elsewhere": "an answer from here",
    }[heard.trouble]


def _is_expected(ask: Ask, status: int) -> bool:
    """Whether an undeclared status is no breach: a refusal that was asked for, an id that nobody knows."""
    if ask.kind != "keeps":
        return 400 <= status < 500
    return status in _UNSAID or (status == 404 and ask.is_guess)


def _headers(operation: Operation, reply: Reply, heard: Heard) -> Iterator[tuple[str, Violation]]:
    if reply.headers:
        carrier = replace(operation, parameters=reply.headers)
        for one in read_parameters(carrier, {}, "", heard.headers).violations:
            yield "E404", replace(one, fault=one.fault.partition(";")[0], code="E404")


def _body(operation: Operation, reply: Reply, heard: Heard, max_depth: int) -> Iterator[tuple[str, Violation]]:
    """What is wrong with the content type, or else with the body."""
    if operation.method == "HEAD" or heard.status in NO_BODY or not reply.media:
        return
    said = heard.header("Content-Type")
    declared = ", ".join(one.media_type for one in reply.media)
    if not heard.body and not said and not heard.is_cut:
        yield "E402", Violation("body", "", "", declared, reply.rule, fault=f"is empty; declared: {declared}")
        return
    kind = parse(said)
    media = reply.of(kind.media_type) if kind else None
    if kind is None or media is None:
        fault = f"is not declared: {declared}" if said else f"is missing; declared: {declared}"
        wanted = f"one of {declared}" if len(reply.media) > 1 else declared
        yield "E403", Violation("header", "/Content-Type", shorten(said), wanted, reply.rule, fault=fault)
        return
    try:
        values = _values(kind.media_type, media, operation, heard, max_depth)
    except Refused as refused:
        first = refused.problem.violations[0]
        too_much = _TOO_MUCH.get(refused.problem.kind)
        if too_much:
            fault = f"{too_much}: {first.clause}"
            yield "E407", Violation("body", first.where, "", first.wanted, media.at or media.rule, fault=fault)
            return
        told = refused.problem.message.removeprefix(f"{first.where}: ")
        fault = f"cannot be read as its Content-Type says: {told}"
        wanted = f"a body of {kind.media_type}"
        yield "E403", Violation("body", first.where, "", wanted, media.at or media.rule, fault=fault)
        return
    checker = media.checker
    for value in values if checker is not None else ():
        assert checker is not None
        if value is MISSING or checker.fits(value):
            continue
        explained = checker.explain(value, code="E402")
        yield from (("E402", one) for one in explained.violations)
        if explained.more:
            yield "E402", Violation("body", "", "", f"at least {explained.more} more", media.rule)


def _values(media_type: str, media: Media, operation: Operation, heard: Heard, max_depth: int) -> Iterable[Any]:
    """What the schema speaks of: the value of the body, or those of the events of a stream."""
    if is_json(media_type):
        return (read_json(heard.body, max_depth=max_depth),)
    if media_type == EVENT_STREAM:
        return list(_events(heard.body, media, operation, max_depth))
    if media_type.startswith("text/"):
        text = heard.body.decode("utf-8", "replace")
        allowed = kinds(media.schema, operation.resolve)
        return () if allowed <= {"array", "object"} else (text if "string" in allowed else scalar(text, allowed),)
    return ()


def _events(body: bytes, media: Media, operation: Operation, max_depth: int) -> Iterator[Any]:
    """The data of each whole event (WHATWG HTML, "Server-sent events"): JSON, where the schema wants more than text."""
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    is_text = kinds(media.schema, operation.resolve) == {"string"}
    for event in lines.split("\n\n")[:-1]:
        data = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
        text = "\n".join(data)
        if data and is_text:
            yield text
        elif data:
            try:
                yield read_json(text.encode(), max_depth=max_depth, what="the data of an event")
            except Refused as refused:
                if refused.problem.kind in _TOO_MUCH:
                    raise
                yield text
