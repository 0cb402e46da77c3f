"""A report as workflow commands of GitHub Actions: annotations on the lines of specs, fixtures and tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.contract.findings import Finding, Gathered
from mockserver.contract.report import Report, times
from mockserver.errors import Place

_COMMANDS: Mapping[str, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, root: str = "") -> str:
    """A line an annotation. Files below `root`, the folder of the checkout, are named relative to it."""
    return "".join(f"{line}\n" for line in _lines(report, root))


def _lines(report: Report, root: str) -> Iterator[str]:
    for one in report.gathered:
        yield _annotation(one, root)
    if report.stopped:
        yield _command("error", {"title": f"mockserver {report.command}"}, report.verdict)
    if report.is_empty:
        yield _command("error", {"title": "mockserver"}, "nothing was recorded: no request reached a service")
    if report.is_short and report.coverage is not None:
        said = f"coverage: {report.coverage.percent:g}% were seen, {report.needed:g}% are asked for"
        yield _command("error", {"title": "mockserver"}, said)


def _annotation(one: Gathered, root: str) -> str:
    finding = one.finding
    properties = _properties(finding.place, root) | {"title": f"{finding.code} {finding.title}"}
    return _command(_COMMANDS[finding.severity], properties, "\n".join(_message(finding, one, root)))


def _message(finding: Finding, one: Gathered, root: str) -> Iterator[str]:
    yield finding.sentence
    if finding.request is not None:
        more = times(one)
        yield f"{finding.request}" + (f", {more}" if more else "")
    if finding.also is not None:
        yield f"see also {_file(finding.also.file, root)}:{finding.also.line}"
    if finding.remedy:
        yield f"mend it: {finding.remedy}"


def _properties(place: Place | None, root: str) -> dict[str, str]:
    if place is None:
        return {}
    numbers = {"line": place.line, "col": place.column}
    return {"file": _file(place.file, root)} | {name: str(number) for name, number in numbers.items() if number}


def _file(name: str, root: str) -> str:
    return name.removeprefix(root.rstrip("/") + "/") if root else name


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    said = ",".join(f"{key}={_escaped(value, also=':,')}" for key, value in properties.items())
    return f"::{name} {said}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    """As the runner of GitHub reads it: a client must not write commands of its own."""
    for mark in "%\r\n" + also:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)
