"""What a test is told when its client, or a script of its own, went wrong: pure functions from entries to text."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mockserver import outlook
from mockserver.console import printable, table
from mockserver.engine.delivery import Delivery
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Entry, TooLarge
from mockserver.engine.secrets import Secrets
from mockserver.engine.stubs import InputScript, Stub
from mockserver.errors import Violation
from mockserver.seen import Background, count, nearest, numbers

TITLES: Mapping[str, str] = {
    "E101": "the client sent a body the spec does not allow",
    "E102": "the client sent a query parameter the spec does not allow",
    "E103": "the client sent a path parameter the spec does not allow",
    "E104": "the client sent a header or cookie the spec does not allow",
    "E105": "the client could not be identified",
    "E106": "the client sent a media type the operation does not take",
    "E107": "the client sent a body that cannot be read",
    "E108": "the client asked for a path that no operation has",
    "E109": "the client used a method that the path does not have",
    "E110": "the client sent a body that is too large or too deep",
    "E201": "a scripted answer was left over",
    "E203": "an expected violation did not happen",
    "E302": "webhook attempts were used up without a 2xx",
    "E501": "a scripted answer breaks the spec",
}
_OUR_FAULT = "mockserver itself is at fault"
_REQUESTS, _FINDINGS = 5, 10  # how much of each is shown
_CURL_BODY = 2000  # characters of a body that still go on a command line
_SERVE = "http://127.0.0.1:4010"  # where `mockserver serve` listens: the test's own world is gone by then
_UNSAID = frozenset({"host", "content-length", "accept", "accept-encoding", "user-agent", "connection"})


@dataclass(frozen=True, slots=True)
class Broken:
    """What one request, or our answer to it, broke under one code; `more` are beyond the explainer's bound."""

    code: str
    entry: Entry
    violations: tuple[Violation, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A script that was not asked for as often as it says, beside all that reached its mock."""

    script: Stub | InputScript
    clause: str  # "scripted and never called"
    mock: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that fails a test."""

    broken: tuple[Broken, ...] = ()
    left: tuple[LeftOver, ...] = ()
    undelivered: tuple[Delivery, ...] = ()  # webhooks that were given up

    def __bool__(self) -> bool:
        return bool(self.broken or self.left or self.undelivered)

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.broken + other.broken, self.left + other.left, self.undelivered + other.undelivered)


def broken(entries: Iterable[Entry], allowed: Collection[tuple[int, Violation]] = ()) -> tuple[Broken, ...]:
    """What was broken and not allowed; `allowed` are pairs of an entry's number and its violation."""
    found = []
    for entry in entries:
        by_code: dict[str, list[Violation]] = {}
        for violation in entry.violations:
            if (entry.number, violation) not in allowed:
                by_code.setdefault(violation.code, []).append(violation)
        more = entry.problem.more if entry.problem else 0
        found += [Broken(code, entry, tuple(some), more * (code == "E101")) for code, some in by_code.items()]
    return tuple(found)


def report(findings: Findings, background: Background, *, raised: bool = False) -> str:
    """All findings, one block a code and one a script. `raised`: the test failed by itself, maybe by the answer."""
    by_code: dict[str, list[Broken]] = {}
    for each in findings.broken:
        by_code.setdefault(each.code, []).append(each)
    blocks = [_block(code, group, background, raised=raised) for code, group in by_code.items()]
    # A test that stopped while it wrote a script has not written it: nothing is left over.
    left = [each for each in findings.left if not (raised and isinstance(each.script, Stub) and not each.script.steps)]
    if findings.undelivered:
        blocks.append(outlook.block(findings.undelivered, background, _title("E302")))
    return "\n\n".join([*blocks, *(_left_over(each, background) for each in left)])


def brief(findings: Findings, background: Background) -> str:
    """What was broken, in few lines: a note at an exception of the test's own."""
    lines = []
    for each in findings.broken[:_REQUESTS]:
        lines += [
            f"{each.code} {_title(each.code)}",
            f"  {background.request(each.entry)}",
            _violations(each, background),
        ]
    if findings.undelivered:
        lines.append(f"E302 {_title('E302')}: {count(len(findings.undelivered), 'webhook')}")
    return "\n".join(lines)


def miscount(
    found: Sequence[Entry],
    times: int | tuple[int, int] | None,
    wanted: Stub,
    entries: Sequence[Entry],
    background: Background,
) -> str:
    """Why an assertion about calls does not hold: `found` fit `wanted`, `entries` are all that reached the mock."""
    mock = next(iter({background.mock(service) for service, _ in wanted.targets}), background.world)
    which = f" ({numbers(found)})" if found else ""
    what = wanted.source if wanted.number else wanted.operation
    lines = [f"{what} was called {_times(len(found))}{which}, expected {_expected(times)}"]
    least = times[0] if isinstance(times, tuple) else 1 if times is None else times
    if len(found) < least:
        lines += [f"  {line}" for line in nearest(wanted, entries, background, mock)]
    return "\n".join(lines)


def did_not_happen(operation: str | None, at: str | None, entries: Sequence[Entry], background: Background) -> str:
    """E203: the body of `allow_violations` ended without a violation that fits."""
    which = "".join((f" of {operation}" if operation else "", f" at {at}" if at else ""))
    lines = [f"E203 {_title('E203')}: {count(len(entries), 'request')} came, none broke the contract{which}"]
    for entry in entries[-_REQUESTS:]:
        lines.append(f"  {background.request(entry)}   answered {entry.answer.status}")
        lines += [f"    {each.code} {_spot(each)}" for each in entry.violations[:_FINDINGS]]
    return "\n".join([*lines, "  explain: mockserver explain E203"])


def curl(entry: Entry, secrets: Secrets) -> str:
    """The request once more, at the address of `mockserver serve`; keys are masked."""
    request = entry.request
    query = f"?{request.query}" if request.query else ""
    words = ["curl", "-X", request.method, printable(secrets.target(f"{_SERVE}{request.path}{query}"))]
    for name, value in secrets.headers(request.headers):
        if name.lower() not in _UNSAID:
            words += ["-H", printable(f"{name}: {value}")]
    return shlex.join([*words, *_curl_body(request.body, secrets)])


def _curl_body(body: bytes | TooLarge, secrets: Secrets) -> tuple[str, ...]:
    if body == b"":
        return ()
    text = ""
    if isinstance(body, bytes) and not isinstance(body, Cut) and len(body) <= _CURL_BODY:
        text = body.decode("utf-8", "replace")
        text = secrets.text(text if text.isprintable() else _on_one_line(text))
    return ("-d", text) if text.isprintable() and text else ("--data-binary", "@body")


def _on_one_line(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return ""


def _block(code: str, group: Sequence[Broken], background: Background, *, raised: bool) -> str:
    findings = count(sum(len(each.violations) + each.more for each in group), "finding")
    at_least = "at least " if any(each.more for each in group) else ""
    services = ", ".join(dict.fromkeys(each.entry.service or "no service" for each in group))
    lines = [f"{code} {_title(code)}: {at_least}{findings} in {count(len(group), 'request')} ({services}, strict)"]
    for each in group[:_REQUESTS]:
        lines += [f"  {background.request(each.entry)}", _violations(each, background)]
        refused = code.startswith("E1") and each.entry.problem is not None and not raised
        lines.append(f"  answered {each.entry.answer.status}" + (", which the client did not raise" if refused else ""))
        if code.startswith("E1"):
            lines.append(f"  repeat:   {curl(each.entry, background.secrets)}")
    if len(group) > _REQUESTS:
        lines.append(f"  ... and {count(len(group) - _REQUESTS, 'request')} more")
    lines += _remedies(code, group, background)
    lines[-1] += f"     explain: mockserver explain {code}"
    return "\n".join(lines)


def _remedies(code: str, group: Sequence[Broken], background: Background) -> list[str]:
    if code.startswith("E9"):
        return ["  please report it, with the journal below"]
    if code.startswith("E5"):
        return ['  allow it: .respond(..., off_contract="why"), in a fixture off_contract: why']
    lines = []
    for mock, operation in dict.fromkeys((background.mock(each.entry.service), each.entry.operation) for each in group):
        asked = f'"{operation}"' if operation else ""
        if code == "E105":
            lines.append(f"  a key that works: {mock}.api_key")
            lines.append(f"  to test a 401: {mock}.on({asked}).respond(401, json=...)")
        lines.append(f"  allow it: with {mock}.allow_violations({asked}): ...")
    return lines


def _left_over(left: LeftOver, background: Background) -> str:
    script = left.script
    what = f" on {script.operation}" if isinstance(script, Stub) else ""
    lines = [f"E201 {_title('E201')}: {script.source}{what} ({left.mock}, strict)", f"  {left.clause}"]
    lines += [f"  {line}" for line in nearest(script, left.entries, background, left.mock)]
    return "\n".join([*lines, "  allow it: .optional()     explain: mockserver explain E201"])


def _title(code: str) -> str:
    return TITLES.get(code, _OUR_FAULT)


def _violations(each: Broken, background: Background) -> str:
    shown = each.violations[:_FINDINGS]
    text = table(((_spot(one), background.shown(_clause(one, each.entry)), _line(one)) for one in shown), indent="    ")
    rest = len(each.violations) - len(shown) + each.more
    return text + (f"\n    ... and {'at least ' if each.more else ''}{rest} more" if rest else "")


def _spot(violation: Violation) -> str:
    where = printable(violation.where)
    return (where or "body") if violation.part == "body" else f"{violation.part} {where.lstrip('/')}".rstrip()


def _clause(violation: Violation, entry: Entry) -> str:
    # Of a path that leads nowhere the problem says more, and says it without the mount, as all these texts do.
    return entry.problem.message if violation.code == "E108" and entry.problem else violation.clause


def _line(violation: Violation) -> str:
    """The line of the spec, without the column: that is for editors."""
    return f"{violation.at.file}:{violation.at.line}" if violation.at and violation.at.line else ""


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _expected(times: int | tuple[int, int] | None) -> str:
    if times is None:
        return "at least one call"
    return f"{times[0]} to {times[1]}" if isinstance(times, tuple) else str(times)
