"""The vendor of a document that no module speaks for: examples or samples for answers, problem+json for refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.messages import Answer, Call, Decision, Match
from mockserver.engine.record import violation_record
from mockserver.engine.vendor import Face, Source, Vendor, json_answer
from mockserver.errors import Problem

if TYPE_CHECKING:
    from mockserver.engine.world import World


def plain_refusal(problem: Problem, match: Match | None) -> Answer:
    """Problem Details for HTTP APIs (RFC 9457), with the violations beside them."""
    value: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.kind.replace("_", " "),
        "status": problem.status,
        "detail": problem.message,
    }
    if problem.violations:
        value["violations"] = [violation_record(violation) for violation in problem.violations]
    if problem.more:
        value["more"] = problem.more
    answer = json_answer(problem.status, value, headers=problem.headers, summary=problem.message)
    headers = tuple(
        (name, "application/problem+json" if name == "Content-Type" else text) for name, text in answer.headers
    )
    return Answer(answer.status, headers, answer.body, value, summary=problem.message, off_contract=_PLAIN_WORDS)


# A document that no module speaks for may declare another shape for its errors; a plain one is no breach.
_PLAIN_WORDS = "a refusal in plain words"


def sample_answer(call: Call, decision: Decision, world: World) -> Answer:
    """The first declared success: its example, else a seeded sample of its schema, else no body."""
    replies = call.match.operation.replies
    reply = next(
        (r for r in replies if r.status.startswith("2")), next((r for r in replies if r.status == "default"), None)
    )
    status = int(reply.status) if reply and reply.status.isdigit() else 200
    media = next((m for m in reply.media if "json" in m.media_type), None) if reply else None
    if media is None:
        return Answer(status=status if reply and not reply.media else 204)
    if media.examples:
        return json_answer(status, media.examples[0])
    if media.schema is None:
        return json_answer(status, {})
    chance = world.draw(call, call.body if call.media_type else None)
    return json_answer(status, world.sample(call.match.service, media.rule, chance).value)


def generic_vendor(name: str, source: Source) -> Vendor:
    """A vendor for one document, with no behaviour of its own."""
    return Vendor(
        name=name, sources=(source,), face=Face(test_key="test-key"), refuse=plain_refusal, default=sample_answer
    )
