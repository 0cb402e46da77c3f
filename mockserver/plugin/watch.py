"""One test and its world: what fails the test, and what stands beside a failure of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.failures import Findings
    from mockserver.look import Look
    from mockserver.openworld import OpenWorld
    from mockserver.plugin.options import Manners

MANNERS = "mockserver manners"  # the section of a test whose client had bad ones that fail nothing
_OURS = Path(__file__).parents[1]
_IN_FLIGHT = 5.0  # seconds of wall time that the end of a test waits for webhooks at their receivers


class Watch:
    """What is known of the world of the test that is running."""

    def __init__(self, world: OpenWorld, strict: bool, manners: Manners, seed: str) -> None:
        self.world, self.strict, self.manners = world, strict, manners
        self.seed = seed  # where it comes from, and how to have it again
        self.judged = False  # the call phase is over: what comes now is late
        self.verdict: BaseException | None = None  # the failure that is ours
        self.beside = ""  # what we found in a test, or in a subtest of it, that failed by itself
        self.noted: Findings | None = None  # what was found by the end of the last subtest
        self.notes = ""  # what a test that passed may want to know
        self.told = ""  # manners that are told and fail nothing
        self.found: Findings | None = None  # all that was found, allowed or not
        self.failing: Findings | None = None  # what of it fails the test
        self.is_let_pass = False  # pytest reports no failure of the body: it was skipped, or expected to fail

    def judge(self) -> None:
        """Fail the test for what it broke."""
        self.judged = True
        self.world.release()
        look = self.world.at_rest(_IN_FLIGHT)
        if failing := self._failing(look):
            self.verdict = pytest.fail.Exception(self.world.report(failing), pytrace=False)
            raise self.verdict
        self.notes = self.world.notes(look)

    def end(self) -> None:
        """The test has failed by itself, or was skipped."""
        self.judged = True
        self.world.release()

    def was_expected(self, failure: BaseException) -> bool:
        """Whether unittest was told to expect a failure, saw none in the body, and so failed: ours is one."""
        is_theirs = isinstance(failure, pytest.fail.Exception) and failure is not self.verdict
        return is_theirs and self.verdict is not None and str(failure).startswith("Unexpected success")

    def meet(self, when: str, failure: BaseException | None) -> None:
        """Before pytest reports a phase, or a subtest in the body: one that failed by itself gets a note from us."""
        self.beside = ""
        if when == "setup" and failure is not None:
            self.end()
        if when == "call" and not self.judged:
            self._end_subtest(failure)
        elif when != "teardown" and failure is not None and failure is not self.verdict:
            self._stand_beside(failure, self._failing(self.world.look()))

    def _end_subtest(self, failure: BaseException | None) -> None:
        found = self.world.findings().failing(strict=self.strict, manners=self.manners == "fail")
        found, self.noted = found.since(self.noted), found
        if failure is not None:
            # Without scripts left over: the test goes on and may play them.
            self._stand_beside(failure, found)

    def _stand_beside(self, failure: BaseException, failing: Findings) -> None:
        if not isinstance(failure, pytest.skip.Exception):
            self.beside = self.world.report(failing, raised=True)
            if brief := self.world.brief(failing):
                failure.add_note(brief)

    def _failing(self, look: Look) -> Findings:
        findings = self.world.findings(look)
        failing = findings.failing(strict=self.strict, manners=self.manners == "fail")
        self.told = self.world.told(findings, failing)
        self.found, self.failing = findings, failing
        return failing

    def attach(self, report: pytest.TestReport, failure: BaseException | None) -> None:
        """Add the journal, and what we found, to the report of a failed test; notes to that of one that passed."""
        if report.when == "call":
            self.is_let_pass = report.skipped
        if report.passed and report.when == "call" and self.notes:
            report.sections.append(("mockserver notes", self.notes))
        if self.told and (report.when == "call" or (report.when == "setup" and report.failed)):
            report.sections.append(("mockserver notes" if self.manners == "off" else MANNERS, self.told))
        if not report.failed or failure is None:
            return
        _point(report)
        if self.beside:
            report.sections.append(("mockserver findings", self.beside))
        journal = self.world.journal(raised=not _is_ours(failure))
        report.sections.append(("mockserver journal", f"{journal}\n{self.seed}"))


def _is_ours(failure: BaseException) -> bool:
    """Whether it was raised here: what we have to say, it says."""
    at = failure.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return at is not None and Path(at.tb_frame.f_code.co_filename).is_relative_to(_OURS)


def _point(report: pytest.TestReport) -> None:
    """Where pytest has one line for a failure of ours, it names the test and no line of this plugin."""
    crash = getattr(report.longrepr, "reprcrash", None)
    file, line, _ = report.location
    if crash is not None and Path(crash.path).is_relative_to(_OURS):
        crash.path, crash.lineno = file, (line or 0) + 1


def ill_mannered(reports: Iterable[object]) -> str:
    """The line at the end of a run that counts the tests whose reports tell of bad manners; "" when there are none."""
    told = [text for each in reports for title, text in getattr(each, "sections", ()) if title == MANNERS]
    if not told:
        return ""
    codes = sorted({code for text in told for code in re.findall(r"^(E3\d\d) ", text, re.MULTILINE)})
    tests = "1 test" if len(told) == 1 else f"{len(told)} tests"
    return f"mockserver manners: {', '.join(codes)} in {tests}; -rP shows those of tests that passed"


WATCH = pytest.StashKey[Watch]()
ENDING = pytest.StashKey[bool]()  # there while pytest tears the test down
