"""One test and its world: what fails the test, and what stands beside a failure of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.openworld import OpenWorld

_IN_FLIGHT = 5.0  # seconds of wall time that the end of a test waits for webhooks at their receivers


@dataclass(slots=True)
class Watch:
    """What is known of the world of the test that is running."""

    world: OpenWorld
    strict: bool
    judged: bool = False  # the call phase is over: what comes now is late
    verdict: BaseException | None = None  # the failure that is ours
    beside: str = ""  # what we found in a test that failed by itself
    notes: str = ""  # what a test that passed may want to know

    def judge(self) -> None:
        """Fail the test for what it broke."""
        self.judged = True
        self.world.settle(_IN_FLIGHT)
        findings = self.world.findings()
        if findings and self.strict:
            self.verdict = pytest.fail.Exception(self.world.report(findings), pytrace=False)
            raise self.verdict
        self.notes = self.world.notes()

    def stand_beside(self, failure: BaseException) -> None:
        """Leave a failure of the test's own as it is, and tell what we found."""
        self.judged = True
        findings = self.world.findings()
        if findings and self.strict and isinstance(failure, Exception | pytest.fail.Exception):
            self.beside = self.world.report(findings, raised=True)
            if brief := self.world.brief(findings):
                failure.add_note(brief)

    def attach(self, report: pytest.TestReport, failure: BaseException | None) -> None:
        """Add the journal, and what we found, to the report of a failed test; notes to that of one that passed."""
        if report.passed and report.when == "call" and self.notes:
            report.sections.append(("mockserver notes", self.notes))
        if not report.failed or failure is None:
            return
        # unittest keeps the failure of a body to itself until now, and puts it in the place of our verdict.
        beside = self.beside or ("" if failure is self.verdict or self.verdict is None else str(self.verdict))
        if beside:
            report.sections.append(("mockserver findings", beside))
        report.sections.append(("mockserver journal", self.world.journal()))


WATCH = pytest.StashKey[Watch]()
