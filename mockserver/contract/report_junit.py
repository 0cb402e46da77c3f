"""A report as JUnit XML: a test case for each different finding, and one for each operation that was called and kept.

Errors are failures, known ones are skipped; warnings and notes are told by cases that pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mockserver.contract.findings import Finding, Gathered, gathered
from mockserver.contract.report import Report, times

# What XML 1.0 cannot hold, escaped or not.
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def render(report: Report) -> str:
    """The document, with its declaration."""
    suite = Element("testsuite", name=f"mockserver {report.command}")
    if report.at:
        suite.set("timestamp", report.at)
    properties = SubElement(suite, "properties")
    for name, value in (("subject", report.subject), ("verdict", report.verdict), ("mockserver", report.version)):
        SubElement(properties, "property", name=name, value=_clean(value))
    told = [
        *((_case(one), one.finding) for one in report.gathered),
        *((_known(one), one.finding) for one in gathered(report.known)),
    ]
    _tell_apart(told)
    cases = [*(case for case, _ in told), *_kept(report), *_whole(report)]
    suite.extend(cases)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    whole = Element("testsuites", {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")})
    whole.append(suite)
    indent(whole)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(whole, encoding="unicode") + "\n"


def _case(one: Gathered) -> Element:
    case = _begun(one.finding)
    if one.finding.severity == "error":
        message = _clean(one.finding.sentence)
        SubElement(case, "failure", type=one.finding.code, message=message).text = _clean(_text(one))
    else:
        SubElement(case, "system-out").text = _clean(f"{one.finding.severity}: {_text(one)}")
    return case


def _known(one: Gathered) -> Element:
    case = _begun(one.finding)
    SubElement(case, "skipped", message=_clean(f"known, in the baseline: {one.finding.sentence}"))
    return case


def _tell_apart(told: Sequence[tuple[Element, Finding]]) -> None:
    """Give each case a name of its own: of several by one name, readers show the first only."""
    names = Counter((case.get("classname"), case.get("name")) for case, _ in told)
    for case, finding in told:
        if names[case.get("classname"), name := case.get("name")] > 1:
            case.set("name", f"{name}: {_clean(finding.wanted or finding.sentence)}")


def _begun(finding: Finding) -> Element:
    asked = f"{finding.request.method} {finding.request.target}" if finding.request else ""
    where = " ".join(part for part in (finding.operation or asked, finding.part, finding.pointer) if part)
    name = f"{finding.code} {where or finding.sentence}"
    case = Element("testcase", classname=_class(finding.service), name=_clean(name), time="0")
    if finding.place is not None:
        case.set("file", _clean(finding.place.file))
        if finding.place.line:
            case.set("line", str(finding.place.line))
    return case


def _text(one: Gathered) -> str:
    finding = one.finding
    rows = (
        ("", f"{finding.code} {finding.title}"),
        ("", finding.sentence),
        ("place", str(finding.place or "")),
        ("also", str(finding.also or "")),
        ("request", str(finding.request or "")),
        ("operation", finding.operation),
        ("where", f"{finding.part} {finding.pointer}".strip()),
        ("said", finding.said),
        ("wanted", finding.wanted),
        ("mend it", finding.remedy),
        ("", times(one)),
    )
    return "\n".join(f"{name}: {value}" if name else value for name, value in rows if value)


def _kept(report: Report) -> Iterator[Element]:
    """The operations that were called and in which nothing is wrong."""
    wrong = {(one.service, one.operation) for one in (*report.findings, *report.known) if one.severity == "error"}
    for service in report.coverage.services if report.coverage else ():
        for one in service.operations:
            if one.calls and (service.name, one.id) not in wrong:
                yield Element("testcase", classname=_class(service.name), name=_clean(one.id), time="0")


def _whole(report: Report) -> Iterator[Element]:
    """What is wrong with no single request."""
    if report.stopped:
        case = Element("testcase", classname="mockserver", name=report.command, time="0")
        SubElement(case, "error", type="could not run", message=_clean(report.stopped))
        yield case
    if report.is_empty:
        case = Element("testcase", classname="mockserver", name="traffic", time="0")
        SubElement(case, "error", type="nothing recorded", message="nothing was recorded: no request reached a service")
        yield case
    if report.is_short and report.coverage is not None:
        case = Element("testcase", classname="mockserver", name="coverage", time="0")
        message = f"{report.coverage.percent:g}% were seen, {report.needed:g}% are asked for"
        SubElement(case, "failure", type="coverage", message=message)
        yield case


def _class(service: str) -> str:
    return _clean(f"mockserver.{service}" if service else "mockserver")


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
