"""A report as text for a terminal: what is wrong, where, and how to mend it; then what else should be known."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract import coverage_table
from mockserver.contract.findings import Finding, Gathered
from mockserver.contract.report import Report, by_code, codes, times

_SHOWN = 20  # findings of one code
_WIDTH = 300  # characters of a line


def render(report: Report) -> str:
    """All of it; the verdict comes last, where a terminal shows it."""
    blocks = [
        "\n".join(_block(code, group, severity))
        for severity in ("note", "warning", "error")  # what matters most comes last, too
        for code, group in by_code(one for one in report.gathered if one.finding.severity == severity).items()
    ]
    return "\n\n".join([*blocks, "\n".join(_summary(report))])


def _block(code: str, group: list[Gathered], severity: str) -> Iterator[str]:
    yield f"{severity} {code}: {group[0].finding.title}"
    for one in group[:_SHOWN]:
        for line in _lines(one):
            yield line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..."
    if len(group) > _SHOWN:
        yield f"  ... and {len(group) - _SHOWN} more"
    remedy = group[0].finding.remedy
    yield f"  {f'mend it: {remedy}     ' if remedy else ''}explain: mockserver explain {code}"


def _lines(one: Gathered) -> Iterator[str]:
    finding = one.finding
    if finding.request is not None:
        parts = (str(finding.request), _owner(finding), times(one))
        yield "  " + "   ".join(part for part in parts if part)
        yield f"    {finding.sentence}" + (f"   {finding.place}" if finding.place else "")
    else:
        more = (finding.sentence, _owner(finding), str(finding.place or ""), times(one))
        yield "  " + "   ".join(part for part in more if part)
    if finding.also is not None:
        yield f"    see also {finding.also}"


def _owner(finding: Finding) -> str:
    return finding.operation or finding.service


def _summary(report: Report) -> Iterator[str]:
    if report.coverage is not None and (report.requests or report.is_short):
        if report.is_short:
            yield coverage_table.render(report.coverage)
            yield ""
        asked = f", {report.needed:g}% are asked for" if report.needed else ""
        yield f"coverage: {report.coverage.percent:g}% of the declared answers and ends were seen{asked}"
    yield from report.remarks
    if report.known:
        yield f"known, in the baseline: {codes(report.known)}"
    if report.gone:
        them = "1 finding of the baseline was" if report.gone == 1 else f"{report.gone} findings of the baseline were"
        yield f"{them} not found any more; --update-baseline takes what is gone out"
    yield f"mockserver {report.command}: {report.verdict}"
