"""A finding: one thing that is wrong, with its place. The same in pytest, `run`, `check`, `verify` and `diff`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal, Self

from msgspec import Struct

from mockserver.contract.codes import title
from mockserver.contract.manners import Breach
from mockserver.contract.remedies import remedy
from mockserver.engine.delivery import Delivery
from mockserver.engine.inbox import InboxScript
from mockserver.engine.messages import Entry
from mockserver.engine.secrets import Secrets
from mockserver.engine.stubs import InputScript, Stub
from mockserver.errors import Place, Problem, Violation
from mockserver.hints import counted
from mockserver.regex import compiled

Severity = Literal["error", "warning", "note"]
Source = Literal["request", "answer", "webhook", "spec"]

# What differs from run to run and says nothing of what is wrong: ids, ports, counts, stamps.
_ID = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?=[a-z]*\d)[0-9a-f]{8,}\b"
_NUMBER = r"\d+(?:\.\d+)?"
_MANY = r"#(?:(?:, | and |, and )#)+"
_LINE = r":\d+(?=[),]|$)"  # of a script: `(stub at test_x.py:12)`
_SEGMENT = r"(?<=/)[^/]*\d[^/]*"
_SENT_FROM = r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$"


class Asked(Struct, frozen=True):
    """The request that a finding is about, secrets masked. `number` is that of its world's journal, 0 = none."""

    method: str
    target: str
    number: int = 0
    world: str = ""

    def __str__(self) -> str:
        """`#3 POST /acme/v1/things`."""
        return (f"#{self.number} " if self.number else "") + f"{self.method} {self.target}"


class Finding(Struct, frozen=True):
    """One thing that is wrong. All texts are masked already."""

    code: str  # "E101"
    sentence: str  # what is wrong, in one sentence without a trailing stop
    severity: Severity = "error"
    source: Source = "request"  # what was held against the contract
    service: str = ""
    operation: str = ""  # its id; "" when it belongs to none
    place: Place | None = None  # the line of the spec, fixture or test that it is about
    also: Place | None = None  # a second one: the line that sent the request, the same place in the other file
    part: str = ""  # of the message: "body", "query", "path", "header", "cookie", "security"
    pointer: str = ""  # JSON Pointer into that part
    said: str = ""  # what came
    wanted: str = ""  # what the contract asks for
    request: Asked | None = None
    remedy: str = ""

    @property
    def title(self) -> str:
        """What its code means."""
        return title(self.code)

    @property
    def fingerprint(self) -> str:
        """Tells it from others, and knows it again in another run: values, ports, numbers and ids do not matter.

        Nor do lines: whoever edits a file above it makes no new finding of it.
        """
        # What is wanted is of the contract, so its numbers are; what a sentence counts is of one run.
        what = compiled(_LINE).sub("", compiled(_ID).sub("#", self.wanted)) if self.wanted else _steady(self.sentence)
        asked = ""
        if not self.operation and self.request is not None:
            path = self.request.target.partition("?")[0]
            asked = f"{self.request.method} {compiled(_SEGMENT).sub('#', path)}"
            what = "" if self.code in ("E108", "E109") else what
        pointer = _steady(self.pointer)
        key = (self.code, self.source, self.service, self.operation, asked, self.part, pointer, what)
        return sha256("\n".join(key).encode("utf-8", "replace")).hexdigest()[:16]

    def record(self) -> dict[str, Any]:
        """As JSON."""
        request = self.request
        return {
            "code": self.code,
            "severity": self.severity,
            "title": self.title,
            "sentence": self.sentence,
            "source": self.source,
            "service": self.service,
            "operation": self.operation,
            "place": _place_record(self.place),
            "also": _place_record(self.also),
            "part": self.part,
            "pointer": self.pointer,
            "said": self.said,
            "wanted": self.wanted,
            "request": request
            and {
                "method": request.method,
                "target": request.target,
                "number": request.number,
                "world": request.world,
            },
            "remedy": self.remedy,
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """From its JSON. Raises KeyError or TypeError when that is not one."""
        asked = record["request"]
        return cls(
            code=record["code"],
            sentence=record["sentence"],
            severity=record["severity"],
            source=record["source"],
            service=record["service"],
            operation=record["operation"],
            place=_place(record["place"]),
            also=_place(record["also"]),
            part=record["part"],
            pointer=record["pointer"],
            said=record["said"],
            wanted=record["wanted"],
            request=None if asked is None else Asked(asked["method"], asked["target"], asked["number"], asked["world"]),
            remedy=record["remedy"],
        )


class Gathered(Struct, frozen=True):
    """A finding, and how often its like was found: the first stands for all."""

    finding: Finding
    times: int


def gathered(findings: Iterable[Finding]) -> tuple[Gathered, ...]:
    """Findings of one fingerprint together; errors first, then by code, else in order."""
    first: dict[tuple[str, str], Finding] = {}
    times: dict[tuple[str, str], int] = {}
    for each in findings:
        key = (each.severity, each.fingerprint)
        first.setdefault(key, each)
        times[key] = times.get(key, 0) + 1
    ranks = ("error", "warning", "note")
    found = [Gathered(each, times[key]) for key, each in first.items()]
    return tuple(sorted(found, key=lambda one: (ranks.index(one.finding.severity), one.finding.code)))


def of_entry(entry: Entry, secrets: Secrets) -> tuple[Finding, ...]:
    """What the client broke with one request, and what our answer to it broke."""
    return tuple(of_violation(violation, entry, secrets) for violation in entry.violations)


def of_violation(violation: Violation, entry: Entry, secrets: Secrets) -> Finding:
    """One violation of an entry: E1xx is the client's, E5xx that of a script, E9xx our own."""
    request, is_request = entry.request, violation.code.startswith("E1")
    script = None if is_request or entry.decision is None else place_of(entry.decision.at)
    sent_from = place_of(request.sent_from)
    return Finding(
        code=violation.code,
        sentence=secrets.text(sentence(violation, entry.problem)),
        source="request" if is_request else "answer",
        service=entry.service,
        operation=entry.operation,
        place=script or violation.at or sent_from,
        also=violation.at if script else sent_from if violation.at else None,
        part=violation.part,
        pointer=secrets.text(violation.where),
        said=secrets.text(violation.said),
        wanted=secrets.text(violation.wanted),
        request=_asked(entry, secrets),
        remedy=remedy(violation.code),
    )


def sentence(violation: Violation, problem: Problem | None) -> str:
    """A violation as a sentence: that of its problem, where it knows more, as of a key in a header."""
    return problem.message if problem is not None and violation.code in ("E105", "E108") else str(violation)


def of_left_over(script: Stub | InputScript | InboxScript, clause: str, service: str = "") -> Finding:
    """E201: a script that was not asked for as often as it says. `clause`: "scripted and never called"."""
    operation = script.operation if isinstance(script, Stub) else ""
    on = f" on {operation}" if operation else ""
    return Finding(
        code="E201",
        sentence=f"{script.source}{on}: {clause}",
        service=service,
        operation=operation,
        place=place_of(script.source.rpartition(" ")[2]),
        wanted=clause,
        remedy=remedy("E201"),
    )


def of_deliveries(given_up: Sequence[Delivery], secrets: Secrets) -> Iterator[Finding]:
    """E302: webhooks that were given up."""
    for one in given_up:
        last = one.attempts[-1] if one.attempts else None
        came = "no attempt was made" if last is None else f"answered {last.status}" if last.status else last.error
        url = secrets.target(one.url)
        tried = counted(len(one.attempts), "attempt")
        signed = f", {one.distrusted}" if one.distrusted else ""
        yield Finding(
            code="E302",
            sentence=f"webhook {one.id[:8]} ({one.status}) to {url}: {tried}, the last {secrets.text(came)}{signed}",
            source="webhook",
            service=one.service,
            said=secrets.text(came),
            wanted="a 2xx",
            request=Asked("POST", url),
            remedy=remedy("E302"),
        )


def of_breaches(breaches: Iterable[Breach], entries: Sequence[Entry], secrets: Secrets) -> Iterator[Finding]:
    """E301, E303 to E307: bad manners. What is uncertain is a note."""
    by_number = {entry.number: entry for entry in entries}
    for one in breaches:
        entry = by_number.get(one.number)
        yield Finding(
            code=one.code,
            sentence=secrets.text(f"{one.place}: {one.sentence}"),
            severity="error" if one.is_certain else "note",
            source="webhook" if one.delivery else "request",
            service=one.service,
            operation=one.operation,
            place=place_of(one.sent_from),
            wanted=remedy(one.code),
            request=_asked(entry, secrets) if entry else None,
            remedy=remedy(one.code),
        )


def place_of(text: str) -> Place | None:
    """The place that `file:line` or `file:line:col` names; None for anything else."""
    found = compiled(_SENT_FROM).fullmatch(text)
    return Place(found["file"], int(found["line"]), int(found["column"] or 0)) if found else None


def _asked(entry: Entry, secrets: Secrets) -> Asked:
    return Asked(entry.request.method, secrets.target(entry.request.target), entry.number, entry.world)


def _steady(text: str) -> str:
    """`text` without what differs from run to run."""
    return compiled(_MANY).sub("#", compiled(_NUMBER).sub("#", compiled(_ID).sub("#", text)))


def _place_record(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}


def _place(record: Mapping[str, Any] | None) -> Place | None:
    return None if record is None else Place(record["file"], record["line"], record["column"], record["pointer"])
