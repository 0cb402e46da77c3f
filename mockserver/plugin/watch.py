"""One test and its world: what fails the test, and what stands beside a failure of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.failures import Findings
    from mockserver.openworld import Look, OpenWorld
    from mockserver.plugin.options import Manners

MANNERS = "mockserver manners"  # the section of a test whose client had bad ones that fail nothing
_IN_FLIGHT = 5.0  # seconds of wall time that the end of a test waits for webhooks at their receivers


class Watch:
    """What is known of the world of the test that is running."""

    def __init__(self, world: OpenWorld, strict: bool, manners: Manners, seed: str) -> None:
        self.world, self.strict, self.manners = world, strict, manners
        self.seed = seed  # where it comes from, and how to have it again
        self.judged = False  # the call phase is over: what comes now is late
        self.verdict: BaseException | None = None  # the failure that is ours
        self.beside = ""  # what we found in a test that failed by itself
        self.notes = ""  # what a test that passed may want to know
        self.told = ""  # manners that are told and fail nothing

    def judge(self) -> None:
        """Fail the test for what it broke."""
        self.judged = True
        self.world.release()
        look = self.world.at_rest(_IN_FLIGHT)
        if failing := self._failing(look):
            self.verdict = pytest.fail.Exception(self.world.report(failing), pytrace=False)
            raise self.verdict
        self.notes = self.world.notes(look)

    def stand_beside(self, failure: BaseException) -> None:
        """Leave a failure of the test's own as it is, and tell what we found."""
        self.judged = True
        self.world.release()
        failing = self._failing(self.world.look())
        if isinstance(failure, Exception | pytest.fail.Exception):
            self.beside = self.world.report(failing, raised=True)
            if brief := self.world.brief(failing):
                failure.add_note(brief)

    def _failing(self, look: Look) -> Findings:
        findings = self.world.findings(look)
        failing = findings.failing(strict=self.strict, manners=self.manners == "fail")
        self.told = self.world.told(findings, failing)
        return failing

    def attach(self, report: pytest.TestReport, failure: BaseException | None) -> None:
        """Add the journal, and what we found, to the report of a failed test; notes to that of one that passed."""
        if report.passed and report.when == "call" and self.notes:
            report.sections.append(("mockserver notes", self.notes))
        if self.told and (report.when == "call" or (report.when == "setup" and report.failed)):
            report.sections.append(("mockserver notes" if self.manners == "off" else MANNERS, self.told))
        if not report.failed or failure is None:
            return
        # unittest keeps the failure of a body to itself until now, and puts it in the place of our verdict.
        beside = self.beside or ("" if failure is self.verdict or self.verdict is None else str(self.verdict))
        if beside:
            report.sections.append(("mockserver findings", beside))
        report.sections.append(("mockserver journal", f"{self.world.journal()}\n{self.seed}"))


def ill_mannered(reports: Iterable[object]) -> str:
    """The line at the end of a run that counts the tests whose reports tell of bad manners; "" when there are none."""
    told = [text for each in reports for title, text in getattr(each, "sections", ()) if title == MANNERS]
    if not told:
        return ""
    codes = sorted({code for text in told for code in re.findall(r"^(E3\d\d) ", text, re.MULTILINE)})
    tests = "1 test" if len(told) == 1 else f"{len(told)} tests"
    return f"mockserver manners: {', '.join(codes)} in {tests}; -rP shows those of tests that passed"


WATCH = pytest.StashKey[Watch]()
