"""`--mockserver-report KIND=FILE`: what the tests of a run found, as `mockserver run` writes it.

Each test hands over what it found when its world ends. A worker of xdist hands its part to the controller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.contract.findings import Finding
from mockserver.contract.report import Report, Row
from mockserver.contract.traffic import MOST_ROWS
from mockserver.engine.world import World
from mockserver.errors import MockserverError, Place
from mockserver.plugin import coverage, options
from mockserver.plugin.coverage import CoverageReport
from mockserver.plugin.watch import Watch
from mockserver.reportfiles import dated, rendered, target, write
from mockserver.server import Server

_KEY = "mockserver_report"  # in what a worker of xdist hands to its controller


def install(config: pytest.Config) -> None:
    """Gather from here on. Raises UsageError for a report that cannot be written."""
    said = config.getoption("mockserver_report")
    beside = config.inipath.parent if config.inipath else config.rootpath
    folder = beside if said is None else config.invocation_params.dir
    try:
        targets = [target(word, "--mockserver-report", folder) for word in options.setting(config, "report")]
    except MockserverError as error:
        raise pytest.UsageError(f"mockserver_report: {error}") from None
    config.pluginmanager.register(SessionReport(config, targets, coverage.install(config)), "mockserver-reports")


class _Part:
    """What one process has found."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.rows: list[Row] = []  # the first ones
        self.requests = 0

    def record(self) -> dict[str, Any]:
        """As what one process can send to another."""
        findings, rows = [one.record() for one in self.findings], [row.record() for row in self.rows]
        return {"findings": findings, "rows": rows, "requests": self.requests}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> _Part:
        """What another one sent."""
        part = cls()
        part.findings = [Finding.read(one) for one in record["findings"]]
        part.rows = [Row.read(one) for one in record["rows"]]
        part.requests = record["requests"]
        return part


class SessionReport:
    """Gathers, merges, and writes at the end."""

    def __init__(self, config: pytest.Config, targets: list[tuple[str, Path | None]], counting: CoverageReport) -> None:
        self._config, self._targets, self._counting = config, targets, counting
        self._own = _Part()
        self._parts: dict[str, _Part | None] = {}  # of workers; None: it has handed over nothing
        self._printed: list[str] = []
        self._failures: list[str] = []

    def watch(self, server: Server) -> None:
        """Count the requests of this server, whose coverage is counted already."""
        before = server.worlds.on_leave

        def leave(world: World) -> None:
            before(world)
            self._own.requests += world.journal.next_number - 1

        server.worlds.on_leave = leave

    def take(self, item: pytest.Item, watch: Watch) -> None:
        """Take in what a test found, whose world is still open."""
        entries, secrets = watch.world.entries, watch.world.background.secrets
        if watch.found is None or watch.failing is None:
            found: tuple[Finding, ...] = ()
        else:
            failing = watch.failing.as_contract(secrets, entries)
            manners = tuple(one for one in watch.found.manners if one not in watch.failing.manners)
            told = replace(watch.found, broken=(), left=(), undelivered=(), manners=manners)
            found = (
                *(replace(one, severity="note") if watch.is_let_pass else one for one in failing),
                *(_no_error(one) for one in told.as_contract(secrets, entries)),
            )
        self.add(item, found)
        marks: dict[int, list[tuple[str, str]]] = {}
        for one in found:
            if one.request is not None and one.request.number:
                marks.setdefault(one.request.number, []).append((one.code, one.fingerprint))
        for entry in entries[: MOST_ROWS - len(self._own.rows)]:
            row = Row.of(entry, secrets)
            self._own.rows.append(replace(row, world=item.nodeid, found=tuple(marks.get(entry.number, ()))))

    def add(self, item: pytest.Item, findings: Iterable[Finding]) -> None:
        """Take in findings of a test: its name stands for its world, its line for a place that is not known."""
        file, line, _ = item.location
        test = Place(file, 0 if line is None else line + 1)
        for one in findings:
            asked = None if one.request is None else replace(one.request, world=item.nodeid)
            self._own.findings.append(replace(one, request=asked, place=one.place or test))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Under xdist: a worker begins."""
        self._parts[node.gateway.id] = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Under xdist: take in what a worker has found."""
        record = getattr(node, "workeroutput", {}).get(_KEY)
        if record is not None:
            self._parts[node.gateway.id] = _Part.read(record)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over to the controller, or write. What cannot be written fails the run."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_KEY] = self._own.record()
        elif not self._config.option.collectonly:
            self._write(self._report(session))
            if self._failures and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What is to be printed, and what could not be written."""
        for text in self._printed:
            terminalreporter.ensure_newline()
            terminalreporter.write(text)
        for failure in self._failures:
            terminalreporter.line(f"mockserver: {failure}", red=True)

    def _report(self, session: pytest.Session) -> Report:
        parts = [self._own, *(part for _, part in sorted(self._parts.items()) if part is not None)]
        return dated(
            Report(
                command="pytest",
                subject=" ".join(map(str, self._config.invocation_params.args)),
                findings=tuple(one for part in parts for one in part.findings),
                requests=sum(part.requests for part in parts),
                traffic=tuple(row for part in parts for row in part.rows)[:MOST_ROWS],
                coverage=self._counting.total,
                needed=self._counting.needed,
                remarks=(
                    *([f"{_count(session.testsfailed)}, for whatever reason"] if session.testsfailed else ()),
                    *(
                        f"worker {name} crashed: what its tests found is missing"
                        for name, part in sorted(self._parts.items())
                        if part is None
                    ),
                ),
            )
        )

    def _write(self, report: Report) -> None:
        for kind, path in self._targets:
            text = rendered(kind, report, self._config.invocation_params.dir)
            if path is None:
                self._printed.append(text)
                continue
            try:
                write(path, text)
            except MockserverError as error:
                self._failures.append(str(error))


def _no_error(finding: Finding) -> Finding:
    return replace(finding, severity="warning") if finding.severity == "error" else finding


def _count(tests: int) -> str:
    return "1 test failed" if tests == 1 else f"{tests} tests failed"
