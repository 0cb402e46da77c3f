"""Where a world stands: what became of its webhooks, what is still running, and when that goes on. As text.

Everything that clients sent is masked and made printable first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.console import table
from mockserver.engine.delivery import Attempt, Delivery
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Entry
from mockserver.engine.settings import ClockMode
from mockserver.engine.world import World
from mockserver.hints import counted
from mockserver.seen import Background

_SHOWN = 5  # webhooks that a failure shows
_LISTED = 20  # webhooks beside the journal
_ATTEMPTS = 10
_BLOCKED = "a receiver in an event loop that the client blocks cannot take it"
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


class Outlook(Struct, frozen=True):
    """A world at one moment. `deliveries` and `executions` are those that are asked about."""

    now: float
    mode: ClockMode
    next_due: float | None
    executions: tuple[Execution, ...]
    deliveries: tuple[Delivery, ...]
    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, world: World) -> Outlook:
        """The whole world, now."""
        return cls(
            world.clock.now,
            world.mode,
            world.clock.next_due,
            world.executions.all,
            world.outbox.all,
            world.journal.entries,
        )

    def within(self, services: Collection[str]) -> Outlook:
        """The same, of some services only."""
        return replace(
            self,
            executions=tuple(one for one in self.executions if one.service in services),
            deliveries=tuple(one for one in self.deliveries if one.service in services),
            entries=tuple(one for one in self.entries if one.service in services),
        )

    @property
    def running(self) -> tuple[Execution, ...]:
        """The executions that have not ended."""
        return tuple(one for one in self.executions if not one.is_final)

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """The deliveries that are neither made nor given up."""
        return tuple(one for one in self.deliveries if one.state == "pending")


def given_up(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Those whose attempts were used up although the receiver had a fair chance.

    Not those that were dropped on request, nor those that a receiver does well to refuse.
    """
    return tuple(one for one in deliveries if one.state == "failed" and one.script.copies and not one.script.is_hostile)


def span(seconds: float) -> str:
    """A duration as one writes it: `30s`, `1h59m`, `400ms`."""
    left = round(abs(seconds) * 1000)
    parts = []
    for unit, length in _UNITS:
        number, left = divmod(left, length)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


def ahead(outlook: Outlook, clock: str) -> str:
    """What is still to come and how to come to it; "" when nothing is. `clock` is how the test calls the clock."""
    running, pending = len(outlook.running), len(outlook.pending)
    parts = [f"{counted(running, 'execution')} still running"] if running else []
    parts += [f"{counted(pending, 'webhook')} not yet delivered"] if pending else []
    if not parts:
        return ""
    if outlook.next_due is None:
        why = "a receiver has not answered yet" if pending else "what runs is paused"
        return "; ".join([*parts, f"nothing is due: {why}"])
    move = {
        "manual": f'advance the clock: {clock}.advance("{span(outlook.next_due - outlook.now)}")',
        "auto": f"advance the clock, or let {clock}.run_until(lambda: ...) drive it",
        "real": 'the clock is real: wait as long, as webhook_inbox.wait_for() does, or set clock="auto"',
    }[outlook.mode]
    return "; ".join([*parts, f"next is due at +{span(outlook.next_due - outlook.now)}: {move}"])


def miscount(
    found: Sequence[Delivery],
    times: int | tuple[int, int] | None,
    like: Mapping[str, tuple[Any, str]],
    outlook: Outlook,
    background: Background,
    mock: str,
) -> str:
    """Why an assertion about webhooks does not hold. `like`: the name of a filter -> wanted value, field of a delivery.

    Nearest first, each with only what differs.
    """
    wanted = ", ".join(f"{name} {value}" for name, (value, _) in like.items())
    lines = [f"{counted(len(found), 'webhook')}: {ahead(outlook, f'{mock}.clock') or _why_no_more(outlook)}"]
    lines.append(f"  expected {_expected(times)}" + (f" with {wanted}" if wanted else ""))
    least, most = times if isinstance(times, tuple) else (1, None) if times is None else (times, times)
    if most is not None and len(found) > most:
        lines += _surplus(found)
    if len(found) < least:
        lines += _nearest(found, like, outlook)
    return "\n".join(background.shown(line) for line in lines)


def to_come(outlook: Outlook, url: str, background: Background) -> tuple[str, ...]:
    """Why not enough arrived at `url`: what is still to come, and the webhooks that it was not sent."""
    lines = [ahead(outlook, _clock(background)) or _why_no_more(outlook)]
    elsewhere = Counter(one.webhook_url for one in outlook.executions if one.webhook_url not in (None, url))
    lines += [f"{counted(number, 'execution')} asked for webhooks at {other}" for other, number in elsewhere.items()]
    lines += _nearest([one for one in outlook.deliveries if one.state == "delivered"], {}, outlook)
    return tuple(background.shown(line.strip()) for line in lines)


def unfinished(outlook: Outlook, background: Background) -> str:
    """What is still to come in a whole world, for the report beside a test; "" when nothing is."""
    return background.shown(ahead(outlook, _clock(background)))


def unwanted(came: Sequence[Delivery], within: str, background: Background) -> str:
    """Why the assertion that no webhook is sent does not hold."""
    lines = [f"{counted(len(came), 'webhook')} sent{within}, expected none", *_surplus(came)]
    return "\n".join(background.shown(line) for line in lines)


def block(deliveries: Sequence[Delivery], background: Background, title: str) -> str:
    """E302: the webhooks that were given up, each with its attempts."""
    mocks = list(dict.fromkeys(background.mock(one.service) for one in deliveries))
    lines = [f"E302 {title}: {counted(len(deliveries), 'webhook')} ({', '.join(mocks)}, strict)"]
    for one in deliveries[:_SHOWN]:
        lines.append(background.shown(f"  {one.status}  {one.subject.removeprefix('of ')}  to {one.url}"))
        rows = [_attempt(each, one.attempts[0].at) for each in one.attempts[:_ATTEMPTS]]
        lines += [background.shown(line) for line in table(rows, indent="    ").splitlines()]
        if len(one.attempts) > _ATTEMPTS:
            lines.append(f"    ... and {counted(len(one.attempts) - _ATTEMPTS, 'attempt')} more")
        lines.append(background.shown(f"    {one.reason}"))
        lines += [f"    {one.distrusted}"] if one.distrusted else []
    if len(deliveries) > _SHOWN:
        lines.append(f"  ... and {counted(len(deliveries) - _SHOWN, 'webhook')} more")
    lines += [f"  allow it: {mock}.webhooks.allow_undelivered()" for mock in mocks]
    lines[-1] += "     explain: mockserver explain E302"
    return "\n".join(lines)


def summary(outlook: Outlook, background: Background) -> str:
    """What became of all webhooks, one a line, for the report beside a test; "" when there are none."""
    every = outlook.deliveries
    if not every:
        return ""
    states = Counter(one.state for one in every)
    head = f"webhooks: {', '.join(f'{number} {state}' for state, number in states.items())}"
    rows = [
        (one.id[:8], one.status, _became(one, outlook.now), ", ".join(one.faults), background.secrets.target(one.url))
        for one in every[-_LISTED:]
    ]
    more = [f"  ... {len(every) - _LISTED} before these"] if len(every) > _LISTED else []
    return "\n".join([head, *more, *map(background.shown, table(rows, indent="  ").splitlines())])


def _clock(background: Background) -> str:
    """How a test calls the clock that its mocks share."""
    return f"{next(iter(background.names.values()), background.world)}.clock"


def _attempt(attempt: Attempt, first: float) -> tuple[str, str, str]:
    said = str(attempt.status) if attempt.status is not None else f"no answer: {attempt.error}"
    return f"attempt {attempt.number}", f"+{span(attempt.at - first)}", said


def _became(one: Delivery, now: float) -> str:
    """What became of a delivery, and its attempts."""
    said = [str(each.status) if each.status is not None else each.error for each in one.attempts]
    tried = f" after {', '.join(said[-_SHOWN:])}" if said else ""
    match one.state:
        case "pending" if one.next_due is not None:
            return f"due at +{span(one.next_due - now)}{tried}"
        case "pending" if one.script.early and not said:
            return f"goes before the answer: {_BLOCKED}"
        case "pending":
            return f"waits for its turn or its receiver{tried}"
        case "delivered":
            return f"delivered{tried}"
    return f"{one.state}: {one.reason}"


def _why_no_more(outlook: Outlook) -> str:
    """Why nothing more will come, when nothing is running."""
    if not outlook.executions:
        return f"no execution was started: {_last_refused(outlook.entries)}"
    ends = ", ".join(f"{number} {state}" for state, number in Counter(one.state for one in outlook.executions).items())
    if all(one.webhook_url is None for one in outlook.executions):
        return f"{ends}, none was given an address for webhooks"
    return f"{ends}, nothing more is due"


def _last_refused(entries: Sequence[Entry]) -> str:
    if not entries:
        return "no request came; was the client built before patch_env()?"
    refused = [one for one in entries if one.answer.status >= 400]
    if not refused:
        return f"{counted(len(entries), 'request')} came, none of which starts one"
    last = refused[-1]
    why = last.problem.message if last.problem else last.answer.summary
    asked = f"#{last.number}  {last.request.method} {last.request.path}"
    return f"{asked} was answered {last.answer.status}" + (f", {why}" if why else "")


def _surplus(found: Sequence[Delivery]) -> list[str]:
    events = len({one.event for one in found})
    lines = [f"  {counted(events, 'event')}, sent as {counted(len(found), 'webhook')}"] if events < len(found) else []
    executions = len({one.execution_id for one in found})
    if executions > 1 and not any(one.script.per_batch for one in found):
        lines.append(f"  {executions} executions, each of which sends its own")
    lines += [f"  {one.status}  {one.subject.removeprefix('of ')}  to {one.url}" for one in found[:_SHOWN]]
    return lines + ([f"  ... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else [])


def _nearest(found: Sequence[Delivery], like: Mapping[str, tuple[Any, str]], outlook: Outlook) -> list[str]:
    taken = {one.id for one in found}
    told = []
    for one in outlook.deliveries:
        if one.id not in taken:
            said = ((name, getattr(one, field), value) for name, (value, field) in like.items())
            why = [f"{name} {actual}, wanted {value}" for name, actual, value in said if value != actual]
            if one.state != "delivered":
                why.append(_became(one, outlook.now))
            told.append((why, one))
    told.sort(key=lambda pair: len(pair[0]))
    lines = [f"  webhook {one.id[:8]} {one.subject}: {'; '.join(why)}" for why, one in told[:_SHOWN]]
    return lines + ([f"  ... and {counted(len(told) - _SHOWN, 'webhook')} further off"] if len(told) > _SHOWN else [])


def _expected(times: int | tuple[int, int] | None) -> str:
    if times is None:
        return "at least one webhook"
    return f"{times[0]} to {times[1]}" if isinstance(times, tuple) else str(times)
