"""A report as one HTML page: findings first, then coverage, then traffic. It loads nothing and runs no script."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence

from mockserver.contract.coverage import Coverage, LifecycleCoverage, ServiceCoverage, Share, percent
from mockserver.contract.findings import Asked, Finding, Gathered, Severity, gathered
from mockserver.contract.report import Report, Row, by_code
from mockserver.contract.report_style import STYLE
from mockserver.hints import counted

_WORDS: Mapping[Severity, tuple[str, str]] = {
    "error": ("Errors", "each of them fails the run"),
    "warning": ("Warnings", "worth a look; they fail nothing"),
    "note": ("Notes", "good to know"),
}
_LONG = 400  # characters of a value that are shown


def render(report: Report) -> str:
    """The whole page."""
    tone = "error" if report.exit_code else "warning" if report.number_of("warning") else "fine"
    title = f"mockserver {report.command}: {report.verdict}"
    parts = (
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # A client's words stand on this page: whatever they try, nothing is loaded or run.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>",
        *_head(report, tone),
        "<main>",
        *_tiles(report),
        *_remarks(report),
        *_findings(report),
        *_coverage(report),
        *_traffic(report),
        "</main>",
        f"<footer>Made by mockserver {_text(report.version)}{_at(report)}. Keys and secrets are masked.</footer>",
        "</body></html>",
    )
    return "\n".join(parts) + "\n"


def _head(report: Report, tone: str) -> Iterator[str]:
    yield f'<header class="{tone}"><div>'
    yield f"<h1>{_text(_headline(report))}</h1>"
    yield f'<p class="soft"><code>mockserver {_text(report.command)}</code> {_text(report.subject)}{_at(report)}</p>'
    yield '<nav aria-label="Parts of the report"><a href="#findings">Findings</a>'
    if report.coverage is not None:
        yield '<a href="#coverage">Coverage</a>'
    if report.requests is not None:
        yield '<a href="#traffic">Traffic</a>'
    yield "</nav></div></header>"


def _headline(report: Report) -> str:
    """What came of it, in words for somebody who has not read any of this before."""
    if report.requests is None:
        return f"mockserver {report.command}: {report.verdict}"
    if report.errors:
        return "The contract is broken: " + report.verdict
    if report.is_empty:
        return "Nothing was recorded"
    if report.is_short:
        return "Too little was covered"
    return "The contract is kept: " + report.verdict


def _at(report: Report) -> str:
    return f" · {_text(report.at)}" if report.at else ""


def _tiles(report: Report) -> Iterator[str]:
    counts = {kind: report.number_of(kind) for kind in _WORDS}
    tiles = [(word, f"{counts[kind]:,}", str(kind) if counts[kind] else "") for kind, (word, _) in _WORDS.items()]
    if report.known:
        tiles.append(("Known", str(len(gathered(report.known))), "known"))
    if report.requests is not None:
        tiles.append(("Requests", f"{report.requests:,}", "" if report.requests else "error"))
    if report.coverage is not None:
        tiles.append(("Coverage", f"{report.coverage.percent:g}%", "error" if report.is_short else ""))
    yield '<dl class="tiles">'
    for word, number, kind in tiles:
        yield f'<div class="{kind}"><dt>{word}</dt><dd>{number}</dd></div>'
    yield "</dl>"


def _remarks(report: Report) -> Iterator[str]:
    said = list(report.remarks)
    if report.gone:
        said.append(f"{report.gone} of the baseline not found any more; --update-baseline takes what is gone out")
    if said:
        yield f'<h2>Remarks</h2><div class="remarks"><ul>{"".join(f"<li>{_text(one)}</li>" for one in said)}</ul></div>'


def _findings(report: Report) -> Iterator[str]:
    yield '<section id="findings"><h2>Findings</h2>'
    found = report.gathered
    shown = frozenset(map(_id, report.traffic))
    if not found:
        said = "Nothing was tried." if report.stopped else "Nothing new is wrong."
        yield f'<p class="empty">{said}</p>'
    for severity, (word, meaning) in _WORDS.items():
        group = [one for one in found if one.finding.severity == severity]
        if group:
            yield f"<h3>{word} <small>{meaning}</small></h3>"
            for some in by_code(group).values():
                yield from (_card(one, shown) for one in some)
    if report.known:
        known = gathered(report.known)
        yield f"<details><summary>Known, in the baseline <small>{len(known)}</small></summary>"
        yield from (_card(one, shown, tone="known") for one in known)
        yield "</details>"
    yield "</section>"


def _card(one: Gathered, shown: frozenset[str], tone: str = "") -> str:
    """A finding. `shown` are the requests that the page shows, to be led to."""
    finding = one.finding
    rows = (
        ("in", f"{finding.part} <code>{_text(finding.pointer or '(the whole)')}</code>" if finding.part else ""),
        ("came", _value(finding.said)),
        ("wanted", _value(finding.wanted) if finding.said else ""),
        (_sort_of_place(finding), _code(str(finding.place or ""))),
        ("see also", _code(str(finding.also or ""))),
        ("request", _request(finding, shown)),
    )
    times = f'<span class="badge known">{one.times} times</span>' if one.times > 1 else ""
    facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    mend = f"<b>Mend it:</b> {_text(finding.remedy)}. " if finding.remedy else ""
    return (
        f'<article class="{tone or finding.severity}" id="f-{finding.fingerprint}">'
        f'<p class="who"><span class="badge">{_text(finding.code)}</span> {_text(finding.title)} {times}</p>'
        f'<p class="what">{_text(finding.sentence)}</p>'
        f'<p class="who">{_text(" · ".join(part for part in (finding.service, finding.operation) if part))}</p>'
        f'<dl>{facts}</dl><p class="mend">{mend}'
        f'<span class="soft">More: <code>mockserver explain {_text(finding.code)}</code></span></p></article>'
    )


def _sort_of_place(finding: Finding) -> str:
    """A place in a document has a pointer; others are lines of a test or of a fixture."""
    is_declared = finding.place is not None and bool(finding.place.pointer)
    return "declared" if is_declared and finding.code.startswith(("E1", "E4")) else "place"


def _request(finding: Finding, shown: frozenset[str]) -> str:
    asked = finding.request
    if asked is None:
        return ""
    said = f"<code>{_text(f'{asked.method} {asked.target}')}</code>"
    if not asked.number:
        return said
    mark = _id(asked)
    return (f'<a href="#{mark}">#{asked.number}</a> ' if mark in shown else f"#{asked.number} ") + said


def _coverage(report: Report) -> Iterator[str]:
    coverage = report.coverage
    if coverage is None:
        return
    asked = f", {report.needed:g}% asked for" if report.needed else ""
    said = f"{coverage.met} of {coverage.declared} declared answers and ends{asked}"
    yield f'<section id="coverage"><h2>Coverage <small>{coverage.percent:g}%: {said}</small></h2>'
    if not coverage.requests:
        yield '<p class="empty">No request reached a service.</p>'
    for service in coverage.counted if coverage.requests else ():
        yield from _service(service, coverage)
    yield "</section>"


def _service(service: ServiceCoverage, coverage: Coverage) -> Iterator[str]:
    heads = ("operation", "calls", "cover", "answers")
    rows = [_covered(one.id, one.label, one.calls, one.answers) for one in service.operations]
    lives = [one for one in coverage.lifecycles if one.vendor == service.vendor]
    rows += [row for one in lives for row in _lifecycle(one)]
    yield f"<h3>{_text(service.name)} <small>{_text(service.document)}</small></h3>"
    yield _table(heads, rows, numbers=(1,))


def _lifecycle(one: LifecycleCoverage) -> Iterator[Sequence[str]]:
    yield _covered("executions", "how they ended", one.started, one.ends)
    if one.webhooks.seen:
        yield _covered("webhooks", "which ends they told", sum(one.webhooks.seen.values()), one.webhooks)


def _covered(name: str, label: str, calls: int, share: Share) -> Sequence[str]:
    met, declared = len(share.met), len(share.declared)
    meter = (
        f'<meter min="0" max="{declared or 1}" value="{met}">{percent(met, declared):g}%</meter>' if declared else ""
    )
    chips = [(one, "chip seen" if one in share.seen else "chip") for one in share.declared]
    chips += [(one, "chip undeclared") for one in share.undeclared]
    shown = "".join(
        f'<span class="{kind}" title="{_chip(kind)}">{_text(one)}{_often(share.seen.get(one, 0))}</span>'
        for one, kind in chips
    )
    below = f'<br><span class="soft mono">{_text(label)}</span>' if label != name else ""
    return f"{_text(name)}{below}", str(calls), meter, shown


def _chip(kind: str) -> str:
    return {"chip seen": "seen", "chip undeclared": "seen, and not declared"}.get(kind, "declared, and never seen")


def _often(number: int) -> str:
    return f" × {number}" if number > 1 else ""


def _traffic(report: Report) -> Iterator[str]:
    if report.requests is None:
        return
    yield f'<section id="traffic"><h2>Traffic <small>{counted(report.requests, "request")}</small></h2>'
    if report.traffic:
        tones: dict[str, str] = {one.fingerprint: one.severity for one in report.findings}
        heads = ("#", "request", "operation", "status", "ms", "findings")
        yield _table(
            heads, [_row(one, tones) for one in report.traffic], numbers=(0, 3, 4), ids=list(map(_id, report.traffic))
        )
        left = report.requests - len(report.traffic)
        if left > 0:
            yield f'<p class="soft">... and {left:,} more; the counts above are of all of them.</p>'
    else:
        yield '<p class="empty">No request reached a service.</p>'
    yield "</section>"


def _row(one: Row, tones: Mapping[str, str]) -> Sequence[str]:
    """The cells of a request. `tones` are the severities of what is new, by fingerprint."""
    links = (
        f'<a class="badge {tones.get(mark, "known")}" href="#f-{mark}">{_text(code)}</a>'
        for code, mark in dict(one.found).items()
    )
    beside = " · ".join(part for part in (one.world and f"world {one.world}", one.answered_by, one.at) if part)
    status = "—" if one.status is None else str(one.status)
    tone = "fine" if one.status and one.status < 400 else "warning" if one.status and one.status < 500 else "error"
    return (
        str(one.number),
        f'<span class="mono">{_text(f"{one.method} {_shortened(one.target)}")}</span>'
        + (f'<br><span class="soft">{_text(beside)}</span>' if beside else ""),
        _text(one.operation) or '<span class="soft">none</span>',
        f'<span class="badge {tone}">{status}</span>',
        "" if one.ms is None else f"{one.ms:.0f}",
        " ".join(links),
    )


def _id(one: Row | Asked) -> str:
    """Where the page shows a request."""
    return _text(f"r-{one.world}-{one.number}" if one.world else f"r-{one.number}")


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = (), ids: Sequence[str] = ()
) -> str:
    def kind(column: int) -> str:
        return ' class="number"' if column in numbers else ' class="target"' if heads[column] == "request" else ""

    head = "".join(f'<th scope="col"{kind(at)}>{word}</th>' for at, word in enumerate(heads))
    body = []
    for number, row in enumerate(rows):
        mark = f' id="{ids[number]}"' if ids and ids[number] else ""
        body.append(f"<tr{mark}>" + "".join(f"<td{kind(at)}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def _value(text: str) -> str:
    return _text(_shortened(text))


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>" if text else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 3] + "..."


def _text(text: str) -> str:
    """`text` as HTML shows it; control characters are made visible."""
    shown = (
        text
        if text.isprintable()
        else "".join(mark if mark.isprintable() or mark == "\n" else "\N{REPLACEMENT CHARACTER}" for mark in text)
    )
    return html.escape(shown, quote=True)
