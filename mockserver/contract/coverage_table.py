"""Coverage as a table for a terminal: a line for each operation and lifecycle, what is missing by name, the total."""

from __future__ import annotations

from mockserver.contract.coverage import Coverage, Share, percent

_HEAD = ("operation", "calls", "answers", "cover", "missing")
_WIDEST = 60  # characters of a name, so that one long template does not push the numbers off the screen


def render(coverage: Coverage) -> str:
    """The table; "nothing reached a mock" when no request did."""
    if not coverage.requests:
        return "nothing reached a mock"
    rows = [_HEAD]
    for service in coverage.counted:
        rows.append((f"{service.name}  {service.document}", "", "", "", ""))
        rows += [_row(one.id, one.calls, one.answers) for one in service.operations]
    vendors = {service.vendor for service in coverage.counted}
    for one in coverage.lifecycles:
        if one.vendor in vendors:
            rows.append((f"{one.vendor}  executions", "", "", "", ""))
            rows.append(_row("ends", one.started, one.ends))
            if one.webhooks.seen:
                name, calls, answers, _, missing = _row("webhooks", sum(one.webhooks.seen.values()), one.webhooks)
                rows.append((name, calls, answers, "", missing))
    total = (f"{coverage.met} of {coverage.declared}", _percent(coverage.met, coverage.declared))
    rows.append(("total", "", *total, ""))
    return _aligned(rows)


def _row(name: str, calls: int, share: Share) -> tuple[str, str, str, str, str]:
    """What was seen of one operation or lifecycle."""
    met, declared = len(share.met), len(share.declared)
    beside = f"undeclared: {', '.join(share.undeclared)}" if share.undeclared else ""
    missing = "; ".join(part for part in (", ".join(share.missing), beside) if part)
    return f"  {name}", str(calls), f"{met} of {declared}", _percent(met, declared), missing


def _percent(part: int, whole: int) -> str:
    return f"{percent(part, whole):g}%" if whole else ""


def _aligned(rows: list[tuple[str, str, str, str, str]]) -> str:
    first, *numbers = (max(map(len, column)) for column in zip(*(row[:4] for row in rows if any(row[1:])), strict=True))
    first = min(first, _WIDEST)
    lines = []
    for name, *cells, missing in rows:
        right = (cell.rjust(width) for cell, width in zip(cells, numbers, strict=True))
        lines.append("  ".join((name.ljust(first), *right, missing)).rstrip())
    return "\n".join(lines)
