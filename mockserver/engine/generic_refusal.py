"""Refusals of a document that no module speaks for: in the shape that it declares, with the real reason in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.generic_answer import example_of, headers_of
from mockserver.engine.messages import Answer, Match
from mockserver.engine.record import violation_record
from mockserver.engine.vendor import encode
from mockserver.errors import Problem
from mockserver.openapi.coerce import properties
from mockserver.openapi.jsontext import shorten
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Media, Reply
from mockserver.openapi.sample import SampleError

# Where documents put the reason of an error, the likeliest first; compared without case, `-` and `_`.
_REASONS = ("message", "detail", "details", "msg", "errormessage", "errordescription", "description", "reason",
            "error", "title", "text")  # fmt: skip
_STATUSES = frozenset({"status", "statuscode", "httpstatus", "code"})
_PROBLEM = frozenset({"type", "title", "status", "detail"})
_DEEPEST = 4  # levels of an error body that are looked through
_MOST_ITEMS = 20  # violations listed one by one
_BRIEF = 80  # characters, where a field does not say how many it holds
# A document that declares no shape for its errors gets ours; that is no breach of it.
_PLAIN_WORDS = "a refusal in plain words"


def plain_refusal(problem: Problem, match: Match | None) -> Answer:
    """Problem Details for HTTP APIs (RFC 9457), with the violations beside them."""
    value = _details(problem, problem.status)
    answer = problem_answer(problem.status, value, _PLAIN_WORDS)
    return replace(answer, headers=(*answer.headers, *problem.headers), summary=problem.message)


def problem_answer(status: int, value: dict[str, Any], off_contract: str) -> Answer:
    """Problem Details as an answer of their own media type; `off_contract` says why no document speaks of it."""
    headers = (("Content-Type", "application/problem+json"),)
    return Answer(status, headers, encode(value), value, off_contract=off_contract, summary=off_contract)


def declared_refusal(problem: Problem, match: Match | None) -> Answer:
    """The refusal as the operation declares it for such a status, else Problem Details."""
    reply = None if match is None else _reply(problem, match)
    if match is None or reply is None:
        return plain_refusal(problem, match)
    status = problem.status if len(reply.status) > 3 or "X" in reply.status else int(reply.status)
    headers = (*problem.headers, *_beside(problem, headers_of(reply, match, Chance("refusal", reply.rule))))
    if not reply.media:
        return Answer(status, headers, summary=problem.message)
    for name in dict.fromkeys(_concrete(one) for one in reply.media):
        # What a range may be called can have an entry of its own, which then says what is in it.
        media = reply.of(name) if is_json(name) else None
        value = MISSING if media is None else _worded(problem, status, media, match)
        if value is not MISSING:
            content_type = ("Content-Type", name)
            return Answer(status, (content_type, *headers), encode(value), value, summary=problem.message)
    if any(one.media_type == "text/plain" and _fits(one, problem.message) for one in reply.media):
        text = ("Content-Type", "text/plain; charset=utf-8")
        return Answer(status, (text, *headers), problem.message.encode("utf-8", "replace"), summary=problem.message)
    plain = plain_refusal(problem, match)
    return replace(plain, status=status, headers=(*plain.headers, *headers[len(problem.headers) :]))


def _reply(problem: Problem, match: Match) -> Reply | None:
    """What the operation declares for this refusal. An invalid request is 422 where that is declared, else 400."""
    known = match.operation.replies_by_status
    wanted = {
        "invalid": ("422", "400"),
        "malformed": ("400", "422"),
        "too_deep": ("400", "422"),
    }.get(problem.kind, (str(problem.status),))
    for status in (*wanted, f"{problem.status // 100}XX"):
        if status in known:
            return known[status]
    # `default` speaks of errors where a success is declared beside it.
    succeeds = any(status[0] == "2" for status in known)
    return known.get("default") if succeeds else None


def _beside(problem: Problem, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    said = {name.lower() for name, _ in problem.headers}
    return (one for one in headers if one[0].lower() not in said)


def _concrete(media: Media) -> str:
    return "application/json" if media.media_type in ("*/*", "application/*") else media.media_type


def _fits(media: Media, value: Any) -> bool:
    return media.checker is None or media.checker.fits(value)


def _details(problem: Problem, status: int) -> dict[str, Any]:
    value: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.kind.replace("_", " "),
        "status": status,
        "detail": problem.message,
    }
    if problem.violations:
        value["violations"] = [violation_record(violation) for violation in problem.violations]
    if problem.more:
        value["more"] = problem.more
    return value


def _worded(problem: Problem, status: int, media: Media, match: Match) -> Any:
    """A body that fits what is declared and tells the reason; MISSING when none can be made."""
    if media.schema is None:
        return _details(problem, status)
    body = _body(media, match)
    if body is MISSING or _is_problem(media, match):
        details = _details(problem, status)
        for value in (details, {name: details[name] for name in details if name in _PROBLEM}):
            if _fits(media, value):
                return value
    if body is MISSING:
        return MISSING
    return _Writer(problem, status, media, match).told(body)


def _body(media: Media, match: Match) -> Any:
    """A body of the declared shape that says anything."""
    value = example_of(media, match.service)
    if value is not MISSING:
        return value
    try:
        return match.service.document.sampler(media.rule).draw(Chance("refusal", media.rule))
    except SampleError:
        return MISSING


def _is_problem(media: Media, match: Match) -> bool:
    """Whether a body is, or may be, Problem Details: it is called so, has two of its fields, or none of its own."""
    declared = properties(media.schema, match.operation.resolve).keys()
    return media.media_type.endswith("problem+json") or len(declared & _PROBLEM) > 1 or not declared


class _Writer:
    """Puts the reason into a body; each change is kept only if the whole still fits."""

    def __init__(self, problem: Problem, status: int, media: Media, match: Match) -> None:
        self._problem, self._status, self._media = problem, status, media
        self._resolve = match.operation.resolve

    def told(self, body: Any) -> Any:
        """`body` with the reason in its likeliest place, and the status where there is a place for it."""
        if isinstance(body, str):
            return next((text for text in self._texts(self._media.schema) if _fits(self._media, text)), body)
        changes = self._changes(body, self._media.schema, _DEEPEST)
        return self._numbered(next((change for change in changes if _fits(self._media, change)), body))

    def _changes(self, node: Any, schema: Any, depth: int) -> Iterator[Any]:
        """`node` with the reason in one place after another, the likeliest first."""
        if depth == 0:
            return
        if isinstance(node, list):
            of = self._item_schema(schema)
            listed = [str(one) for one in self._problem.violations[:_MOST_ITEMS]] or [self._problem.message]
            for item in node[:1] or [""]:
                if isinstance(item, str):
                    yield listed
                    yield [self._problem.message]
                else:
                    yield from ([change] for change in self._changes(item, of, depth - 1))
            return
        if not isinstance(node, dict):
            return
        declared = properties(schema, self._resolve)
        names = sorted(declared.keys() | node.keys(), key=lambda name: (_rank(name), name))
        for name in names:
            if _rank(name) < len(_REASONS):
                for text in self._texts(declared.get(name, True)):
                    if isinstance(node.get(name, ""), str):
                        yield {**node, name: text}
        for name in names:
            if isinstance(node.get(name), dict | list):
                for change in self._changes(node[name], declared.get(name, True), depth - 1):
                    yield {**node, name: change}

    def _texts(self, schema: Any) -> tuple[str, str]:
        """The reason, and as much of it as a field of this schema holds."""
        found = self._resolve(schema)
        longest = found.get("maxLength", _BRIEF) if isinstance(found, dict) else _BRIEF
        return self._problem.message, shorten(self._problem.message, max(int(longest), 1))

    def _item_schema(self, schema: Any) -> Any:
        found = self._resolve(schema)
        return found.get("items", True) if isinstance(found, dict) else True

    def _numbered(self, body: Any) -> Any:
        """The same with the status where a number stands for it."""
        if not isinstance(body, dict):
            return body
        for name, one in body.items():
            if _plain(name) in _STATUSES and isinstance(one, int) and not isinstance(one, bool):
                changed = {**body, name: self._status}
                body = changed if _fits(self._media, changed) else body
            elif isinstance(one, dict) and _plain(name) == "error":
                inner = {**body, name: self._numbered_inside(one)}
                body = inner if _fits(self._media, inner) else body
        return body

    def _numbered_inside(self, error: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._status if _plain(name) in _STATUSES and type(one) is int else one for name, one in error.items()
        }


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _rank(name: str) -> int:
    """How likely a field of this name holds the reason: 0 = most, len(_REASONS) = it does not."""
    plain = _plain(name)
    return _REASONS.index(plain) if plain in _REASONS else len(_REASONS)
