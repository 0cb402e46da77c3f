"""The way of a request: match, authenticate, decode, validate, decide, answer, check, record. Nothing here waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.engine.authenticate import authenticate
from mockserver.engine.check import breaches
from mockserver.engine.decide import decide
from mockserver.engine.generic import plain_refusal
from mockserver.engine.messages import Account, Answer, Call, Decision, Entry, Match, Request, TooLarge
from mockserver.engine.respond import verbatim
from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.decode import read_body
from mockserver.openapi.parameters import read_parameters
from mockserver.openapi.paths import NotFound, WrongMethod
from mockserver.scenario.model import Executions

if TYPE_CHECKING:
    from mockserver.engine.service import Service
    from mockserver.engine.world import World


@dataclass(slots=True)
class Draft:
    """What is known of a request so far."""

    service: Service | None = None
    match: Match | None = None
    call: Call | None = None
    decision: Decision | None = None
    problem: Problem | None = None
    violations: list[Violation] = field(default_factory=list)


def handle(world: World, request: Request) -> Entry:
    """Answer one request and record how the answer came about."""
    draft = Draft()
    try:
        draft.match = match = find(world, request, draft)
        account = authenticate(match, request)
        draft.call = call = read(world, match, request, account, draft)
        draft.decision = decision = decide(call, world)
        answer = act(world, call, decision)
    except Refused as refusal:
        draft.problem = refusal.problem
        answer = refuse(draft, refusal.problem)
    return finish(world, request, draft, answer)


def find(world: World, request: Request, draft: Draft) -> Match:
    """The operation that a request is for. Raises Refused: unknown path, or wrong method (with `Allow`)."""
    place = world.mounts.find(request.path)
    if place is None:
        known = ", ".join(service.mounts[0] for service in world.services)
        raise Refused(_unknown(request, f"nothing is served at {request.path}; base URLs here are {known}"))
    draft.service, rest = place
    match draft.service.document.routes.match(request.method, rest):
        case NotFound(nearest):
            near = f"; nearest: {', '.join(nearest)}" if nearest else ""
            raise Refused(_unknown(request, f"no operation {request.method} {rest}{near}"))
        case WrongMethod(allowed):
            allow = (("Allow", ", ".join(allowed)),)
            wanted = f"is not allowed at {rest}; allowed: {', '.join(allowed)}"
            violation = Violation("path", "", request.method, wanted, code="E109")
            raise Refused(Problem("wrong_method", f"{request.method} {wanted}", (violation,), headers=allow))
        case found:
            return Match(draft.service, found.operation, found.params, found.alias)


def _unknown(request: Request, message: str) -> Problem:
    violation = Violation("path", "", f"{request.method} {request.path}", message.split("; ", 1)[-1], code="E108")
    return Problem("unknown_path", message, (violation,))


def read(world: World, match: Match, request: Request, account: Account, draft: Draft) -> Call:
    """Decode and validate. Raises Refused: too large, unsupported media type, malformed, or invalid with all violations."""
    limits = world.settings.limits
    if isinstance(request.body, TooLarge):
        raise Refused(_too_large(request.body))
    operation = match.operation
    arguments = read_parameters(operation, match.path, request.query, request.headers)
    content_type = request.header("content-type")
    forms = match.service.vendor.forms
    decoded = read_body(operation, content_type, request.body, max_depth=limits.max_depth, forms=forms)
    found, more = list(arguments.violations), 0
    if decoded.checker is not None and not decoded.checker.fits(decoded.value):
        explained = decoded.checker.explain(decoded.value)
        found += explained.violations
        more = explained.more
        if explained.ours:
            draft.violations.append(_disagreement(decoded.checker.rule))
    if found:
        count = f" (and {len(found) + more - 1} more)" if len(found) + more > 1 else ""
        raise Refused(Problem("invalid", f"{found[0]}{count}", tuple(found), more))
    return Call(
        request,
        match,
        account,
        arguments.path,
        arguments.query,
        {name.lower(): value for name, value in request.headers},
        decoded.value,
        decoded.media.media_type if decoded.media else "",
    )


def _too_large(body: TooLarge) -> Problem:
    size = f"{body.size} bytes" if body.size is not None else "more"
    wanted = f"at most {body.limit} bytes are taken (--max-body)"
    return Problem("too_large", f"the body has {size}; {wanted}", (Violation("body", "", size, wanted, code="E110"),))


def _disagreement(rule: str) -> Violation:
    return Violation("body", "", "the request was accepted", "the two validators disagree about it: our fault", rule, "E901")


def act(world: World, call: Call, decision: Decision) -> Answer:
    """The answer to a call: verbatim where it is scripted so, else the vendor's own behaviour."""
    if decision.then is not None and not isinstance(decision.then, Executions):
        return verbatim(decision.then, call, world)
    vendor = call.match.service.vendor
    problem = vendor.exists(call, world)
    if problem is not None:
        raise Refused(problem)
    return vendor.handler(call.operation)(call, decision, world)


def refuse(draft: Draft, problem: Problem) -> Answer:
    """A refusal in the vendor's words, plain where no vendor is known."""
    if draft.service is None:
        return plain_refusal(problem, draft.match)
    return draft.service.vendor.refuse(problem, draft.match)


def finish(world: World, request: Request, draft: Draft, answer: Answer) -> Entry:
    """Check our own answer, play its delay on the clock, and record the entry."""
    violations = [*(draft.problem.violations if draft.problem else ()), *draft.violations]
    undeclared = False
    if draft.match is not None:
        reply = draft.match.operation.reply(answer.status)
        undeclared = draft.problem is not None and reply is None
        if not undeclared:
            violations += breaches(answer, draft.match.operation, draft.decision)
    at = world.clock.now
    if answer.delay and world.mode != "real":
        # On a virtual clock a delay moves the clock and does not make the client wait.
        world.clock.advance_to(at + answer.delay)
    notes = (*(draft.decision.notes if draft.decision else ()), *answer.notes)
    return world.journal.record(
        Entry(
            number=world.journal.next_number,
            at=at,
            world=world.name,
            request=request,
            answer=answer,
            service=draft.service.name if draft.service else "",
            operation=draft.match.operation.id if draft.match else "",
            call=draft.call,
            decision=draft.decision,
            problem=draft.problem,
            violations=tuple(violations),
            notes=notes,
            undeclared=undeclared,
        )
    )
