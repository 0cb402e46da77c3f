"""Reports to files and to the terminal, and the baseline: options that `run`, `check`, `verify` and `diff` share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver import console
from mockserver.cli.main import Terminal
from mockserver.cli.what import number
from mockserver.contract import baseline, report_terminal
from mockserver.contract.report import Report
from mockserver.errors import CouldNotRun, UsageError
from mockserver.reportfiles import dated, reason, rendered, target, write

_F = TypeVar("_F", bound=Callable[..., Any])


def reporting(command: _F) -> _F:
    """Adds --report, --baseline and --update-baseline."""
    options = (
        click.option(
            "--report",
            "reports",
            multiple=True,
            metavar="KIND=FILE",
            help="Write a report (repeatable): junit=, json=, html= or github=FILE; github alone goes to stdout.",
        ),
        click.option("--baseline", metavar="FILE", help="Findings that are known: they are counted and fail nothing."),
        click.option(
            "--update-baseline", is_flag=True, help="Write what is found now to the --baseline FILE; only that."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def covering(command: _F) -> _F:
    """Adds --coverage-fail-under."""
    return click.option(
        "--coverage-fail-under",
        default=0.0,
        type=number(0, 100, whole=False),
        metavar="PERCENT",
        help="Exit 1 when less of the declared answers and ends was seen.",
    )(command)


def behaving(command: _F) -> _F:
    """Adds --manners."""
    return click.option(
        "--manners",
        default="warn",
        show_default=True,
        type=click.Choice(["off", "warn", "fail"]),
        help="Bad manners of clients (E303 to E307): say nothing, warn, or exit 1.",
    )(command)


class Reports:
    """Where reports go. Made before anything is done, so that a word that is wrong is told at once."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._targets = [target(word, "--report", Path()) for word in words["reports"]]
        self._baseline = Path(words["baseline"]) if words["baseline"] else None
        self._is_updated = bool(words["update_baseline"])
        self._known: frozenset[str] = frozenset()
        if self._is_updated and self._baseline is None:
            raise UsageError("--update-baseline goes with --baseline FILE")
        if self._baseline is not None and not self._is_updated:
            self._known = _read(self._baseline)

    def publish(self, report: Report, terminal: Terminal, *, to_stderr: bool = False) -> int:
        """Write all of them, and the text to stdout or stderr; returns the exit code that the report asks for."""
        report = self.final(report)
        text = "\n".join(map(console.printable, report_terminal.render(report).split("\n")))
        if to_stderr:
            print(text, file=sys.stderr, flush=True)
        else:
            terminal.say(text)
        self.write(report, terminal, apart=to_stderr)
        return report.exit_code

    @contextmanager
    def telling_why(self, command: str, subject: str, terminal: Terminal) -> Iterator[None]:
        """What the command cannot do is in the reports too: one that reads only them must not miss it."""
        try:
            yield
        except CouldNotRun as error:
            self.write(dated(Report(command, subject, stopped=str(error))), terminal)
            raise

    def final(self, report: Report) -> Report:
        """The report with its time, and against the baseline, which is written if that was asked for."""
        report = dated(report)
        if self._is_updated and self._baseline is not None:
            write(self._baseline, baseline.render(report.findings))
            return report.against(one.fingerprint for one in report.findings)
        return report.against(self._known) if self._baseline is not None else report

    def write(self, report: Report, terminal: Terminal, *, apart: bool = False) -> None:
        """Write the files that were asked for; what goes to stdout on a new line, if it shall stand `apart`."""
        for kind, path in self._targets:
            text = rendered(kind, report, Path.cwd())
            if path is not None:
                write(path, text)
            elif text:
                # On a line of its own, whatever was printed before without one: GitHub reads nothing else.
                terminal.say("\n" * apart + text.rstrip("\n"))


def _read(path: Path) -> frozenset[str]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {path}; --update-baseline writes it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the baseline {path} cannot be read: {reason(error)}") from None
    return baseline.read(text, str(path))
