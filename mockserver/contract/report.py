"""What one command found out, as a value that every report is written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from mockserver.clock import stamp
from mockserver.contract.coverage import Coverage
from mockserver.contract.findings import Finding, Gathered, gathered
from mockserver.engine.messages import Entry
from mockserver.engine.secrets import Secrets
from mockserver.hints import counted

FORMAT = "mockserver report"
VERSION = 1


class Row(Struct, frozen=True):
    """One request and what came of it, secrets masked."""

    number: int
    method: str
    target: str
    status: int | None  # None: no answer, or none that was recorded
    operation: str = ""
    service: str = ""
    world: str = ""
    at: str = ""
    ms: float | None = None
    answered_by: str = ""  # a stub or scenario
    found: tuple[tuple[str, str], ...] = ()  # code and fingerprint of what was found in it

    @classmethod
    def of(cls, entry: Entry, secrets: Secrets) -> Self:
        """That of an entry, with nothing found in it."""
        source = entry.decision.source if entry.decision else ""
        return cls(
            number=entry.number,
            method=entry.request.method,
            target=secrets.target(entry.request.target),
            status=entry.answer.status or None,
            operation=entry.operation,
            service=entry.service,
            world=entry.world,
            at=stamp(entry.at),
            ms=entry.sent.ms if entry.sent else None,
            answered_by="" if source == "emulator" else source,
        )

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """From its JSON."""
        return cls(**{**record, "found": tuple((one["code"], one["fingerprint"]) for one in record["found"])})

    def record(self) -> dict[str, Any]:
        """As JSON."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        return said | {"found": [{"code": code, "fingerprint": mark} for code, mark in self.found]}


class Report(Struct, frozen=True):
    """What was found. `requests` None: it is not about traffic, so that none is fine."""

    command: str  # "run"
    subject: str  # what was held against the contract: "pytest -q", an address, a file
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()  # those that a baseline has
    gone: int = 0  # how many of the baseline were not found any more
    requests: int | None = None
    traffic: tuple[Row, ...] = ()  # of these requests, the first ones
    coverage: Coverage | None = None
    needed: float = 0.0  # percent of coverage
    remarks: tuple[str, ...] = ()  # what is no finding, and should be known
    error_code: int = 1  # the exit code for errors: 2 where they are in a document of the user's own
    stopped: str = ""  # why nothing could be tried; there is nothing else in the report then
    at: str = ""  # when it was made
    version: str = ""  # of mockserver
    gathered: tuple[Gathered, ...] = ()  # the new ones that are alike together: made of `findings`

    def __post_init__(self) -> None:
        force_setattr(self, "gathered", gathered(self.findings))

    @property
    def errors(self) -> int:
        """How many different new errors there are."""
        return self.number_of("error")

    def number_of(self, severity: str) -> int:
        """How many different new findings there are of a severity."""
        return sum(one.finding.severity == severity for one in self.gathered)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was there to be held against the contract: that is never green."""
        return self.requests == 0

    @property
    def is_short(self) -> bool:
        """Whether less was covered than is asked for."""
        return self.needed > 0 and (self.coverage is None or self.coverage.is_below(self.needed))

    @property
    def exit_code(self) -> int:
        """That for errors, 3 when nothing was tried or recorded, 1 for too little coverage, else 0."""
        if self.stopped:
            return 3
        if self.errors:
            return self.error_code
        return 3 if self.is_empty else int(self.is_short)

    @property
    def verdict(self) -> str:
        """What came of it, in one sentence: `2 errors, 1 note in 14 requests`."""
        if self.stopped:
            return f"could not run: {self.stopped}"
        counts = [
            counted(number, word) for word in ("error", "warning", "note") if (number := self.number_of(word))
        ] or ["no findings"]
        if self.known:
            counts.append(f"{len(gathered(self.known))} known")
        if self.is_empty:
            return "nothing was recorded: no request reached a service" + (
                "" if counts == ["no findings"] else f"; {', '.join(counts)}"
            )
        return ", ".join(counts) + ("" if self.requests is None else f" in {counted(self.requests, 'request')}")

    def against(self, baseline: Iterable[str]) -> Self:
        """The same with the findings whose fingerprints a baseline has set apart."""
        old = frozenset(baseline)
        known = tuple(one for one in self.findings if one.fingerprint in old)
        gone = len(old - {one.fingerprint for one in known})
        new = tuple(one for one in self.findings if one.fingerprint not in old)
        return replace(self, findings=new, known=known, gone=gone)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "mockserver": self.version,
            "at": self.at,
            "command": self.command,
            "subject": self.subject,
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "counts": {
                **{name: self.number_of(name) for name in ("error", "warning", "note")},
                "known": len(gathered(self.known)),
                "gone": self.gone,
                "requests": self.requests,
            },
            "findings": [{**one.finding.record(), "times": one.times} for one in self.gathered],
            "known": [{**one.finding.record(), "times": one.times} for one in gathered(self.known)],
            "coverage": None if self.coverage is None else {**self.coverage.record(), "needed": self.needed},
            "remarks": list(self.remarks),
            "traffic": [row.record() for row in self.traffic],
        }


def by_code(findings: Iterable[Gathered]) -> dict[str, list[Gathered]]:
    """Findings by their code, codes in the order in which they come."""
    found: dict[str, list[Gathered]] = {}
    for one in findings:
        found.setdefault(one.finding.code, []).append(one)
    return found


def times(one: Gathered) -> str:
    """`and 4 more like it`; "" for a single one."""
    return "" if one.times == 1 else f"and {one.times - 1} more like it"


def codes(findings: Iterable[Finding]) -> str:
    """`E101 (3), E105 (1)`."""
    return ", ".join(f"{code} ({number})" for code, number in sorted(Counter(one.code for one in findings).items()))
