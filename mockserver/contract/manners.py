"""How well a client behaves beside the contract: what it repeats, polls, overlooks, believes and pays for twice.

Pure functions from what happened in a world to breaches. What cannot be known for certain is said to be uncertain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from msgspec import Struct

from mockserver.contract.submissions import Submission, submissions
from mockserver.contract.telling import strings, told_by
from mockserver.engine.delivery import Delivery
from mockserver.engine.digest import digest
from mockserver.engine.executions import Execution
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Entry
from mockserver.engine.secrets import Secrets
from mockserver.engine.world import World
from mockserver.scenario.model import Respond

HASTY = "E301"
CODES = (HASTY, "E303", "E304", "E305", "E306", "E307")
_SLACK = 0.05  # seconds that a timer may go off early
_FORGIVEN = 1  # reads of an execution after the one that showed its end
_REFUSED = (400, 401)
_INBOX = "/__inbox/"


class Breach(Struct, frozen=True):
    """One breach of manners and its place in the journal."""

    code: str
    service: str
    operation: str
    number: int  # of the entry that is at fault, or (a webhook) that started what it tells of; 0 = not known
    sentence: str
    after: int = 0  # the entry that it came too soon or in vain after
    delivery: str = ""  # the id of the webhook that is at fault
    is_certain: bool = True  # False: it may be well meant, and fails no test
    sent_from: str = ""  # the line that sent the entry, where that is known

    @property
    def place(self) -> str:
        """`#4 after #1`, `#1`, `webhook 0b7c2f9e after #1`."""
        if self.delivery:
            return f"webhook {self.delivery[:8]}" + (f" after #{self.number}" if self.number else "")
        return f"#{self.number}" + (f" after #{self.after}" if self.after else "")


class History(Struct, frozen=True):
    """What happened in one world."""

    entries: tuple[Entry, ...]
    executions: tuple[Execution, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    timed_from: int | None = None  # the first entry that came when only the test or real time moved the clock
    own: str = ""  # where we serve: our inboxes are below it; "" = not known, so that their paths alone tell them

    @classmethod
    def of(cls, world: World, own: str) -> Self:
        """That of a world, now."""
        return cls(world.journal.entries, world.executions.all, world.outbox.all, world.timed_from, own)


def manners(history: History, secrets: Secrets) -> tuple[Breach, ...]:
    """All breaches, code by code. `secrets` knows which headers hold a key."""
    told = told_by(history.entries, {one.id for one in history.executions})
    submitted = submissions(history.entries, history.executions, told)
    return (
        *hasty(history),
        *_repeated(history.entries, secrets),
        *_polled_on(history, told),
        *_overlooked(history, told, submitted),
        *_fooled(history, submitted),
        *_paid_twice(submitted),
    )


def hasty(history: History) -> Iterator[Breach]:
    """E301: a request sent again before the seconds of its answer's `Retry-After` were over.

    Uncertain while the clock runs by itself: a sleep, patched or not, moves nothing then.
    """
    waiting: dict[tuple[str, ...], tuple[Entry, float]] = {}
    for entry in history.entries:
        asked = _retry_after(entry)
        if not waiting and asked is None:
            continue
        before, seconds = waiting.pop(key := _key(entry), (None, 0.0))
        if before is not None and entry.at < before.at + before.answer.delay + seconds - _SLACK:
            sentence = f"sent again after {entry.at - before.at:g}s, Retry-After asked for {seconds:g}s"
            timed = history.timed_from is not None and entry.number >= history.timed_from
            sentence += "" if timed else "; the clock is auto, where a sleep moves nothing"
            yield _breach(HASTY, entry, sentence, after=before.number, is_certain=timed)
        if asked is not None and entry.operation:
            waiting[key] = entry, asked


def _repeated(entries: Sequence[Entry], secrets: Secrets) -> Iterator[Breach]:
    """E303: the next time that the same request came after its 400 or 401, nothing about it had changed."""
    last: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        if not entry.operation:
            continue
        before = last.get(key := _key(entry))
        last[key] = entry
        if before is not None and before.answer.status in _REFUSED and _as_before(before, entry, secrets):
            sentence = f"sent again unchanged, although the answer had been {before.answer.status}"
            yield _breach("E303", entry, sentence, after=before.number)


def _as_before(before: Entry, entry: Entry, secrets: Secrets) -> bool:
    """Whether the headers that may have been mended are the same: keys and the media type, or all if one was wrong."""
    any_header = any(one.part in ("header", "cookie") for one in before.violations)

    def mendable(each: Entry) -> list[tuple[str, str]]:
        named = each.request.named.items()
        return sorted(pair for pair in named if any_header or pair[0] == "content-type" or secrets.is_secret(pair[0]))

    return mendable(before) == mendable(entry)


def _polled_on(history: History, told: Mapping[str, Sequence[Entry]]) -> Iterator[Breach]:
    """E304: an execution was read by its id at least twice more after an answer had shown its end."""
    for one in history.executions:
        reads: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in told.get(one.id, ()):
            if _shows_end(entry, one):
                reads[entry.service, entry.operation].append(entry)
        for first, *more in reads.values():
            if len(more) > _FORGIVEN:
                sentence = f"execution {one.id[:8]} was read {len(more)} more times when #{first.number} had shown it"
                yield _breach("E304", more[_FORGIVEN], f"{sentence} {one.state}", after=first.number)


def _shows_end(entry: Entry, one: Execution) -> bool:
    """Whether this is a read of an ended execution by its id, answered by the emulator and with nothing to wait for."""
    call = entry.call
    if call is None or entry.request.method != "GET" or one.id not in call.path.values() or one.ended is None:
        return False
    if entry.decision is not None and isinstance(entry.decision.then, Respond):
        return False
    # What was answered in the instant of the end may have been answered before it.
    shown = entry.at > one.ended or (entry.at == one.ended and one.state in strings(entry.answer))
    return shown and set(entry.answer.reads) <= {one.id}


def _overlooked(
    history: History, told: Mapping[str, Sequence[Entry]], submitted: Sequence[Submission]
) -> Iterator[Breach]:
    """E305: of a batch, executions that failed and inputs that were refused, and nothing shows that anybody noticed.

    Of a refused input that is uncertain: the answer said so, and whether it was read cannot be seen.
    """
    webhooks = {one.execution_id for one in history.deliveries}
    batches = {one.batch for one in history.deliveries if one.script.per_batch}
    by_entry: dict[int, list[Submission]] = defaultdict(list)
    for each in submitted:
        if each.is_batch:
            by_entry[each.entry.number].append(each)
    for each_batch in by_entry.values():
        entry = each_batch[0].entry
        later = [each for each in submitted if each.entry.number > entry.number]
        failed = [
            each.index
            for each in each_batch
            if (one := each.execution) is not None
            and each.has_failed
            and not (one.id in webhooks or one.batch in batches)
            and not any(seen.number > entry.number and seen.at >= (one.ended or 0.0) for seen in told.get(one.id, ()))
            and not any(other.key == each.key for other in later)
        ]
        if failed:
            accepted = f"{_inputs(failed)} {'was' if len(failed) == 1 else 'were'} accepted and failed while running"
            sentence = f"{accepted}, which nobody read and no webhook told"
            yield _breach("E305", entry, sentence)
        refused = [each.index for each in each_batch if each.is_refused]
        if refused and not any(_like(other.entry, entry) for other in later):
            sentence = (
                f"{_inputs(refused)} {'was' if len(refused) == 1 else 'were'} refused, and nothing was sent since"
            )
            yield _breach("E305", entry, sentence, is_certain=False)


def _like(one: Entry, other: Entry) -> bool:
    return (one.service, one.operation, one.request.path) == (other.service, other.operation, other.request.path)


def _fooled(history: History, submitted: Sequence[Submission]) -> Iterator[Breach]:
    """E306: a receiver answered 2xx to a webhook that does not prove where it comes from, although others do.

    Not one of our inboxes: they take whatever comes, and the test verifies.
    """
    started = {each.execution.id: each.entry for each in submitted if each.execution is not None}
    for one in history.deliveries:
        is_inbox = one.url.startswith(f"{history.own}/") if history.own else _INBOX in one.url
        if one.state != "delivered" or is_inbox or not (how := _forged(one)):
            continue
        entry = started.get(one.execution_id)
        number, operation = (entry.number, entry.operation) if entry else (0, "")
        sentence = f"{how}, and {one.url} answered {one.attempts[-1].status}"
        yield Breach("E306", one.service, operation, number, sentence, delivery=one.id)


def _forged(one: Delivery) -> str:
    """What was done to its proof; "" when nothing was, or nothing that a receiver could see."""
    if one.signing is None:
        return ""
    if one.script.wrong_secret:
        return "it was signed with another secret"
    if one.script.missing_header == "":
        return "its proof was left out"
    # A secret that is sent as it is says nothing of the body.
    return f"its {one.script.tamper} was tampered with" if one.script.tamper and one.signing.scheme != "secret" else ""


def _paid_twice(submitted: Sequence[Submission]) -> Iterator[Breach]:
    """E307: an input was submitted again when an execution of the same one had come to its good end."""
    known: dict[tuple[str, ...], list[Submission]] = defaultdict(list)
    pairs: dict[tuple[int, int], list[tuple[Submission, Submission]]] = defaultdict(list)
    for each in submitted:
        if each.is_refused:
            continue
        done = [one for one in known[each.key] if one.completed is not None and one.completed <= each.entry.at]
        earlier = next((one for one in reversed(done) if one.entry.number < each.entry.number), None)
        if earlier is not None:
            pairs[each.entry.number, earlier.entry.number].append((each, earlier))
        known[each.key].append(each)
    for (_, after), twice in pairs.items():
        yield _breach("E307", twice[0][0].entry, f"paid twice: {_same(twice, after)}", after=after)


def _same(twice: Sequence[tuple[Submission, Submission]], after: int) -> str:
    """Which inputs were the same."""
    now, before = [one.index for one, _ in twice], [one.index for _, one in twice]
    if not twice[0][0].is_batch and not twice[0][1].is_batch:
        return "the same input of two calls"
    return f"{_inputs(now)} of two batches" if now == before else f"{_inputs(now)}, {_inputs(before)} of #{after}"


def _inputs(indexes: Sequence[int]) -> str:
    *most, last = map(str, indexes)
    return f"inputs {', '.join(most)} and {last}" if most else f"input {last}"


def _breach(code: str, entry: Entry, sentence: str, *, after: int = 0, is_certain: bool = True) -> Breach:
    return Breach(
        code,
        entry.service,
        entry.operation,
        entry.number,
        sentence,
        after,
        is_certain=is_certain,
        sent_from=entry.request.sent_from,
    )


def _key(entry: Entry) -> tuple[str, ...]:
    """What makes two requests the same: operation, path, query, and the value of the body."""
    request, call = entry.request, entry.call
    if call is not None:
        body = digest(call.body, long=call.long)
    else:
        body = request.body.sha256 if isinstance(request.body, Cut) else digest(repr(request.body))
    return entry.service, entry.operation, request.method, request.path, request.query, body


def _retry_after(entry: Entry) -> float | None:
    """The seconds of `Retry-After`; None without it, and where it is a date: of whose clock cannot be known."""
    said = next((value.strip() for name, value in entry.answer.headers if name.lower() == "retry-after"), "")
    return float(said) if said.isascii() and said.isdigit() else None
