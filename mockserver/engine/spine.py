"""The way of a request: match, authenticate, decode, validate, decide, answer, check, record. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from traceback import format_exc
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.engine.authenticate import authenticate
from mockserver.engine.check import breaches, event_breaches
from mockserver.engine.decide import decide
from mockserver.engine.delivery import REVERSED
from mockserver.engine.messages import Answer, Call, Decision, Entry, Match, NamedHeaders, Request
from mockserver.engine.otherids import other_ids
from mockserver.engine.read import Reading, read
from mockserver.engine.respond import spoilt, verbatim
from mockserver.engine.streams import takes_time, unchecked
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.paths import Found, NotFound, WrongMethod, segments
from mockserver.scenario.model import Fault, Respond

if TYPE_CHECKING:
    from mockserver.engine.service import Service
    from mockserver.engine.world import World


class Draft(Struct):
    """What is known of a request so far."""

    service: Service | None = None
    match: Match | None = None
    reread: Callable[[Request], Call] | None = None
    call: Call | None = None
    decision: Decision | None = None
    problem: Problem | None = None
    violations: list[Violation] = field(default_factory=list)
    crash: str = ""


class Options(Exception):
    """An OPTIONS request for a known path: answered 204 with `Allow`, no breach (RFC 9110, section 9.3.7)."""

    def __init__(self, allow: tuple[tuple[str, str], ...]) -> None:
        self.allow = allow
        super().__init__(allow)


def handle(world: World, request: Request, ahead: Call | Refused | None = None) -> Entry:
    """Answer one request and record how the answer came about; `ahead` is what `read_ahead` made of it, if it did."""
    draft = Draft()
    try:
        draft.match = match = find(world, request, draft)
        account = authenticate(match, request)
        max_depth = world.settings.limits.max_depth
        draft.reread = Reading(match, account, max_depth)
        if isinstance(ahead, Refused):
            raise ahead
        draft.call = call = ahead or read(match, account, request, max_depth, draft.violations)
        draft.decision = decision = decide(call, world)
        answer = act(world, call, decision)
    except Options as options:
        answer = Answer(204, options.allow)
    except Refused as refusal:
        draft.problem = located(draft, refusal.problem)
        if draft.call is not None and refusal.problem.kind == "not_found":
            draft.problem = replace(draft.problem, notes=other_ids(draft.call, world))
        answer = refuse(draft, draft.problem)
    except Exception:  # noqa: BLE001 - the last resort: our fault is an entry like any other, and the world lives on
        draft.crash = format_exc()
        answer = failed(draft)
    return finish(world, request, draft, answer)


def read_ahead(world: World, request: Request) -> Call | Refused | None:
    """Decode and validate without touching the world, for a shell that does so in another thread; None = not to be had.

    A body of megabytes takes its time, and the loop must not wait for it.
    """
    try:
        match = find(world, request, Draft())
        faults: list[Violation] = []
        call = read(match, authenticate(match, request), request, world.settings.limits.max_depth, faults)
        return None if faults else call
    except (Refused, Options) as refusal:
        return refusal if isinstance(refusal, Refused) else None


def find(world: World, request: Request, draft: Draft) -> Match:
    """The operation that a request is for. Raises Refused: unknown path, or wrong method (with `Allow`)."""
    before = world.mounts.known(request.method, request.path)
    if before is not None:
        draft.service = before.service
        return before
    place = world.mounts.find(request.path)
    if place is None:
        known = ", ".join(service.mounts[0] for service in world.services)
        raise Refused(_unknown(f"nothing is served at {request.path}; base URLs here are {known}"))
    draft.service, rest = place
    match draft.service.document.routes.match(request.method, rest):
        case NotFound(nearest):
            near = f"; nearest: {', '.join(nearest)}" if nearest else ""
            hint = _doubled(draft.service, request.method, rest) or _elsewhere(world, request.method, rest) or near
            raise Refused(_unknown(f"no operation {request.method} {rest}{hint}"))
        case WrongMethod(allowed):
            allow = (("Allow", ", ".join(allowed)),)
            if request.method == "OPTIONS":
                raise Options(allow)
            fault = f"is not allowed at {rest}; allowed: {', '.join(allowed)}"
            wanted = f"one of {', '.join(allowed)}" if len(allowed) > 1 else ", ".join(allowed)
            violation = Violation("path", "", request.method, wanted, code="E109", fault=fault)
            raise Refused(Problem("wrong_method", f"{request.method} {fault}", (violation,), headers=allow))
        case found:
            return world.mounts.keep(
                request.method, request.path, Match(draft.service, found.operation, found.params, found.alias)
            )


def _doubled(service: Service, method: str, path: str) -> str:
    """What to leave out of a path that repeats the end of the base URL; "" for one that does not."""
    for start in dict.fromkeys((*service.mounts, service.document.base_path)):
        rest = path.removeprefix(start)
        if start and rest[:1] == "/" and not isinstance(service.document.routes.match(method, rest), NotFound):
            return f"; the base URL ends with {start} already: leave it out of the path"
    return ""


def _elsewhere(world: World, method: str, path: str) -> str:
    """The base URLs of the services that have such an operation; "" where none has, or only one that takes any path."""
    bases = []
    for service in world.services:
        found = service.document.routes.match(method, path)
        if isinstance(found, Found):
            template = (found.alias or found.operation).path
            if any(text for segment in segments(template) for text in segment.texts):
                bases.append(service.mounts[0])
    return f"; it is served at {' and '.join(bases)}" if bases else ""


def _unknown(message: str) -> Problem:
    violation = Violation("path", "", "", "a path of an operation that is served", code="E108", fault=message)
    return Problem("unknown_path", message, (violation,))


def act(world: World, call: Call, decision: Decision) -> Answer:
    """The answer to a call: verbatim where it is scripted so, else the vendor's own behaviour."""
    match decision.then:
        case Fault(kind="truncate" | "garbage") as fault:
            return spoilt(act(world, call, replace(decision, then=None)), fault)
        case Respond() | Fault():
            return verbatim(decision.then, call, world)
    vendor = call.match.service.vendor
    problem = vendor.exists(call, world)
    if problem is not None:
        raise Refused(problem)
    return vendor.handler(call.match.operation)(call, decision, world)


def located(draft: Draft, problem: Problem) -> Problem:
    """The same problem, with the line of the spec beside each violation that names a rule."""
    if draft.service is None or all(one.at is not None or not one.rule for one in problem.violations):
        return problem
    place = draft.service.document.place
    violations = (
        replace(one, at=place(one.rule)) if one.at is None and one.rule else one for one in problem.violations
    )
    return replace(problem, violations=tuple(violations))


def refuse(draft: Draft, problem: Problem) -> Answer:
    """A refusal in the vendor's words, plain where no vendor is known."""
    if draft.service is None:
        # Imported when needed: a client that is well-behaved, of a vendor with words of its own, never needs it.
        from mockserver.engine.generic import plain_refusal

        return plain_refusal(problem, draft.match)
    return draft.service.vendor.refuse(problem, draft.match)


def failed(draft: Draft) -> Answer:
    """The answer when our own code broke: it says so, and that the log tells why."""
    told = "mockserver itself failed; its log says why"
    draft.violations.append(Violation("body", "", "", "an answer", code="E901", fault=told))
    problem = {"error": f"E901 {told}. Explain: mockserver explain E901"}
    return json_answer(500, problem, off_contract=told, summary=told)


def unreadable(world: World, why: str, said: str) -> Entry:
    """Record what could not be read as a request; the answer is the same for everybody."""
    problem = Problem("malformed", why, (Violation("body", "", said, "a request of HTTP", code="E107", fault=why),))
    draft = Draft(problem=problem)
    return finish(world, Request("", said, ""), draft, json_answer(400, {"error": why}, summary=why))


def finish(world: World, request: Request, draft: Draft, answer: Answer) -> Entry:
    """Check our own answer, play its delay on the clock, and record the entry."""
    violations = [*(draft.problem.violations if draft.problem else ()), *draft.violations]
    undeclared = False
    if draft.match is not None:
        reply = draft.match.operation.reply(answer.status)
        undeclared = draft.problem is not None and reply is None
        if not undeclared:
            violations += _broken(world, draft.match, answer, draft.decision)
    if draft.decision is not None and draft.decision.gate:
        world.use("gate", draft.decision.gate)
        answer = replace(answer, gate=draft.decision.gate)
    if type(answer.headers) is tuple:
        answer = replace(answer, headers=NamedHeaders(answer.headers))
    at = world.clock.now
    if answer.delay and world.mode != "real":
        # On a virtual clock a delay moves the clock and does not make the client wait.
        world.clock.advance_to(at + answer.delay)
    notes = (
        *(draft.call.notes if draft.call else ()),
        *(draft.problem.notes if draft.problem else ()),
        *(draft.decision.notes if draft.decision else ()),
        *answer.notes,
        *_without_a_turn(world, draft),
        *world.standing_still(answer.reads),
    )
    entry = world.journal.record(
        Entry(
            number=world.journal.next_number,
            at=at,
            world=world.name,
            request=request,
            answer=answer,
            service=draft.service.name if draft.service else "",
            operation=draft.match.operation.id if draft.match else "",
            reread=draft.reread if draft.problem is None else None,
            decision=draft.decision,
            problem=draft.problem,
            violations=tuple(violations),
            notes=notes,
            spoken=world.take_spoken(),
            undeclared=undeclared,
            crash=draft.crash,
        )
    )
    if answer.chunks is not None:
        check = partial(event_breaches, answer, draft.match.operation, draft.decision) if draft.match else unchecked
        world.streams.open(entry.number, answer, max(world.clock.now, at + answer.delay), check)
        if world.mode == "auto" and takes_time(answer):
            world.journal.note(world.clock.now, f"the clock goes with the stream of request #{entry.number}")
    if draft.call is not None and (sending := draft.call.match.service.vendor.sending) is not None:
        sending.after(draft.call, answer, world)
    world.after_read(answer.reads)
    return entry


def _without_a_turn(world: World, draft: Draft) -> tuple[str, ...]:
    """A note for an order of webhooks that names inputs which the call does not have."""
    if draft.call is None or draft.decision is None or isinstance(draft.decision.then, Respond | Fault):
        return ()
    service = draft.call.match.service
    order = world.delivery_script(service.name).order
    if not order or order == REVERSED:
        return ()
    count = len(service.vendor.inputs(draft.call))
    beyond = [str(index) for index in sorted(order) if index >= count]
    if not count or not beyond:
        return ()
    given = "1 input" if count == 1 else f"{count} inputs"
    asked = ", ".join(map(str, order))
    return (f"webhooks.order({asked}) names input {', '.join(beyond)}; this call has {given}, counted from 0",)


def _broken(world: World, match: Match, answer: Answer, decision: Decision | None) -> tuple[Violation, ...]:
    """What our answer breaks; of answers of one shape the first is looked at."""
    if answer.shape is None:
        return breaches(answer, match.operation, decision)
    shape = (match.service.name, match.operation.id, answer.status, answer.shape)
    if world.pools.is_proven(shape):
        return ()
    found = breaches(answer, match.operation, decision)
    if not found:
        world.pools.prove(shape)
    return found
