"""What is wrong with a webhook receiver: with its answers, and with what its application made of the events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mockserver.arguments import refuse_async, refuse_unless
from mockserver.engine.delivery import Attempt, Delivery
from mockserver.hints import listed

_SHOWN = 3  # executions that a finding names
_TIMES = {1: "once", 2: "twice"}

# What the application made of the events: ids or events, one for each time; ids and what is kept; or who says so.
Processed = Iterable[Any] | Mapping[str, Any] | Callable[[], Iterable[Any] | Mapping[str, Any]]


class Wanted(Struct, frozen=True):
    """What a correct receiver does with what was sent to it."""

    accepted: bool | None  # True: answers 2xx; False: refuses with a 4xx; None: 2xx at first, a repeat either way
    times: int  # how often it processes each event


def judgement(wanted: Wanted, sent: tuple[Delivery, ...], processed: Processed | None) -> list[str]:
    """What the receiver did wrong, as lines; [] when it is correct. `sent` were all tried at least once."""
    found: dict[str, dict[str, None]] = {}
    for said, about in (*_answers(wanted, sent), *_effects(wanted, sent, processed)):
        found.setdefault(said, {})[about] = None
    lines = [line for said, about in found.items() for line in (f"  and {said}", _named(about)) if line]
    return [lines[0].removeprefix("  and "), *lines[1:]] if lines else []


def _named(executions: Iterable[str]) -> str:
    """The executions that a finding is about, in a line; "" for none."""
    every = [one for one in executions if one]
    return f"    execution {listed(every, _SHOWN)}" if every else ""


def _answers(wanted: Wanted, sent: tuple[Delivery, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with the receiver's answers: a sentence, and the execution that it is about."""
    for one in sent:
        last, answers = one.attempts[-1], ", ".join(dict.fromkeys(map(_answer, one.attempts)))
        if one.state == "blocked":
            yield f"it was blocked: {one.reason}", one.execution_id
        elif wanted.accepted is False:
            if not all(_refused(each) for each in one.attempts):
                yield f"the receiver {answers} and should have refused it (4xx)", one.execution_id
        elif one.state != "delivered":
            yield f"the receiver {answers} and should have accepted it (2xx)", one.execution_id
        elif not (_accepted(last) or (wanted.accepted is None and _refused(last))):
            should = "accepted it (2xx)" if wanted.accepted else "accepted (2xx) or refused (4xx) it"
            yield f"the receiver {_answer(last)} to the repeat and should have {should}", one.execution_id


def _answer(attempt: Attempt) -> str:
    return f"answered {attempt.status}" if attempt.status is not None else f"gave no answer: {attempt.error}"


def _accepted(attempt: Attempt) -> bool:
    return attempt.status is not None and 200 <= attempt.status < 300


def _refused(attempt: Attempt) -> bool:
    return attempt.status is not None and 400 <= attempt.status < 500


def _effects(wanted: Wanted, sent: tuple[Delivery, ...], processed: Processed | None) -> Iterator[tuple[str, str]]:
    """What is wrong with what the application made of the events."""
    refuse_async(processed, "processed")
    given = processed() if callable(processed) else processed
    if given is None:
        return
    takes = "check() takes what the application processed: ids, events, a mapping, or a function that gives them"
    refuse_unless(isinstance(given, Iterable) and not isinstance(given, str | bytes), takes, given)
    events = {one.event: one for one in sent}
    times: Counter[str] = Counter()
    for item in given.items() if isinstance(given, Mapping) else given:
        texts = set(_texts(item))
        event = next((one for one in events.values() if texts & {one.execution_id, one.event, one.id}), None)
        if event is None:
            yield f"the application processed {_short(item)}, which no webhook told of", ""
            continue
        times[event.event] += 1
        if wanted.accepted is not False:
            kept = item[1] if isinstance(given, Mapping) else item
            yield from ((said, event.execution_id) for said in _misread(kept, json.loads(event.body), event))
    for id, one in events.items():
        if times[id] != wanted.times:
            should = "not have been" if not wanted.times else "have been once" if times[id] else "have been, once"
            did = f"was processed {_TIMES.get(times[id], f'{times[id]} times')}" if times[id] else "was not processed"
            yield f"the event {did} and should {should}", one.execution_id


def _misread(kept: Any, body: Any, event: Delivery) -> Iterator[str]:
    """How what the application keeps of an event differs from what was sent."""
    if isinstance(kept, Mapping):
        for name, value in kept.items():
            if isinstance(body, Mapping) and name in body and body[name] != value:
                yield f"the application read /{name} as {_short(value)}; {_short(body[name])} was sent"
    elif kept != body:
        known = {event.execution_id, event.event, event.id, *_texts(body)}
        strange = (text for text in _texts(kept) if text not in known)
        yield from (f"the application keeps {_short(text)} for an event that does not hold it" for text in strange)


def _texts(value: Any) -> Iterator[str]:
    """All text in a value, however deep, but for the names of members."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from (text for one in value.values() for text in _texts(one))
        case list() | tuple() | set() | frozenset():
            yield from (text for one in value for text in _texts(one))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{text[:79]}…"
