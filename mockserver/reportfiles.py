"""The files that a report is written to, `KIND=FILE`, as often as somebody asks: on the command line and in pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from mockserver import __version__
from mockserver.contract import report_github, report_html, report_json, report_junit
from mockserver.contract.report import Report
from mockserver.errors import CouldNotRun, UsageError

_WRITERS: Mapping[str, Callable[[Report, Path], str]] = {
    "junit": lambda report, _: report_junit.render(report),
    "github": lambda report, root: report_github.render(report, str(root)),
    "json": lambda report, _: report_json.render(report),
    "html": lambda report, _: report_html.render(report),
}


def target(word: str, option: str, folder: Path) -> tuple[str, Path | None]:
    """The kind and the file of `KIND=FILE`, which is relative to `folder`; no file for `github` alone.

    Raises UsageError, naming the option, for what cannot be.
    """
    kind, mark, name = word.partition("=")
    if kind not in _WRITERS:
        raise UsageError(f'there is no report "{kind}"; there are {", ".join(_WRITERS)}')
    if not name and (mark or kind != "github"):
        raise UsageError(f"{option} {kind} needs a file: {option} {kind}=FILE")
    if not name:
        return kind, None
    path = folder / name
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"the report {name} cannot be written: its folder must be there, and it must be a file")
    return kind, path


def dated(report: Report) -> Report:
    """The report with the time at which it is made, and by whom."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return replace(report, at=now, version=__version__)


def rendered(kind: str, report: Report, root: Path) -> str:
    """The report as text of this kind. `root` is the folder of the checkout, which GitHub names files from."""
    return _WRITERS[kind](report, root)


def write(path: Path, text: str) -> None:
    """Write a file anew. Raises CouldNotRun."""
    try:
        path.write_text(text, "utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise CouldNotRun(f"{path} cannot be written: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Why a file cannot be read or written."""
    return getattr(error, "strerror", None) or "it is no text in UTF-8"
