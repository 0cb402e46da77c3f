"""What a test is told when its client, or a script of its own, went wrong: pure functions from entries to text."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mockserver import outlook
from mockserver.console import printable, table
from mockserver.contract.codes import title
from mockserver.contract.manners import HASTY, Breach
from mockserver.engine.delivery import Delivery
from mockserver.engine.inbox import InboxScript
from mockserver.engine.journal import Cut
from mockserver.engine.messages import Entry, TooLarge
from mockserver.engine.secrets import Secrets
from mockserver.engine.stubs import InputScript, Stub
from mockserver.errors import Violation
from mockserver.hints import counted
from mockserver.scenario.model import Respond
from mockserver.seen import Background, nearest, numbers
from mockserver.sentfrom import shown

if TYPE_CHECKING:
    from mockserver.contract.findings import Finding

_REQUESTS, _FINDINGS = 5, 10  # how much of each is shown
_CURL_BODY = 2000  # characters of a body that still go on a command line
_SERVE = "http://127.0.0.1:4010"  # where `mockserver serve` listens: the test's own world is gone by then
_UNSAID = frozenset({"host", "content-length", "accept", "accept-encoding", "user-agent", "connection"})


class Broken(Struct, frozen=True):
    """What one request, or our answer to it, broke under one code; `more` are beyond the explainer's bound."""

    code: str
    entry: Entry
    violations: tuple[Violation, ...]
    more: int = 0


class LeftOver(Struct, frozen=True):
    """A script that was not asked for as often as it says, beside all that reached its mock."""

    script: Stub | InputScript | InboxScript
    clause: str  # "scripted and never called"
    mock: str
    entries: tuple[Entry, ...]


class Findings(Struct, frozen=True):
    """All that was found in a test."""

    broken: tuple[Broken, ...] = ()
    left: tuple[LeftOver, ...] = ()
    undelivered: tuple[Delivery, ...] = ()  # webhooks that were given up
    manners: tuple[Breach, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.broken or self.left or self.undelivered or self.manners)

    def __add__(self, other: Findings) -> Findings:
        return Findings(
            self.broken + other.broken,
            self.left + other.left,
            self.undelivered + other.undelivered,
            self.manners + other.manners,
        )

    def since(self, earlier: Findings | None) -> Findings:
        """What was found after `earlier`, without scripts left over."""
        before = earlier or Findings()
        return Findings(
            tuple(one for one in self.broken if one not in before.broken),
            undelivered=tuple(one for one in self.undelivered if one not in before.undelivered),
            manners=tuple(one for one in self.manners if one not in before.manners),
        )

    def as_contract(self, secrets: Secrets, entries: Sequence[Entry] = ()) -> tuple[Finding, ...]:
        """The same as the findings that `run`, `check` and `verify` report; `entries` are those that manners name."""
        from mockserver.contract.findings import of_breaches, of_deliveries, of_left_over, of_violation  # for a report

        return (
            *(of_violation(one, each.entry, secrets) for each in self.broken for one in each.violations),
            *(of_left_over(each.script, each.clause) for each in self.left),
            *of_deliveries(self.undelivered, secrets),
            *of_breaches(self.manners, entries, secrets),
        )

    def failing(self, *, strict: bool, manners: bool) -> Findings:
        """Those that fail a test. E301 counts among the contract and among manners; what is uncertain fails none."""
        bad = tuple(one for one in self.manners if one.is_certain and (manners or (strict and one.code == HASTY)))
        return replace(self, manners=bad) if strict else Findings(manners=bad)


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
    left = [each for each in findings.left if not (raised and each.script.says_nothing)]
    if findings.undelivered:
        blocks.append(outlook.block(findings.undelivered, background, title("E302")))
    blocks += [_left_over(each, background) for each in left]
    if findings.manners:
        blocks.append(ill_mannered(findings.manners, background))
    return "\n\n".join(blocks)


def ill_mannered(breaches: Sequence[Breach], background: Background) -> str:
    """Breaches of manners, one block a code, one line each with its place in the journal."""
    by_code: dict[str, list[Breach]] = {}
    for each in breaches:
        by_code.setdefault(each.code, []).append(each)
    return "\n\n".join(_manner(code, group, background) for code, group in by_code.items())


def _manner(code: str, group: Sequence[Breach], background: Background) -> str:
    mocks = list(dict.fromkeys(background.mock(each.service) for each in group))
    asked = "strict" if code == HASTY and all(each.is_certain for each in group) else "manners"
    rows = [
        (each.place, each.operation, each.sentence, each.sent_from and f"from {each.sent_from}")
        for each in group[:_FINDINGS]
    ]
    lines = [f"{code} {title(code)}: {counted(len(group), 'finding')} ({', '.join(mocks)}, {asked})"]
    lines += [background.shown(line) for line in table(rows, indent="  ").splitlines()]
    if len(group) > _FINDINGS:
        lines.append(f"  ... and {len(group) - _FINDINGS} more")
    lines += [f'  allow it: {mock}.allow_manners("{code}")' for mock in mocks]
    lines[-1] += f"     explain: mockserver explain {code}"
    return "\n".join(lines)


def brief(findings: Findings, background: Background) -> str:
    """What was broken, in few lines: a note at an exception of the test's own."""
    lines = []
    for each in findings.broken[:_REQUESTS]:
        lines += [
            f"{each.code} {title(each.code)}",
            f"  {background.request(each.entry)}",
            _violations(each, background),
        ]
    if (more := len(findings.broken) - _REQUESTS) > 0:
        lines.append(f"... and {counted(more, 'request')} more")
    if findings.undelivered:
        lines.append(f"E302 {title('E302')}: {counted(len(findings.undelivered), 'webhook')}")
    lines += [f"{one.code} {title(one.code)}: {one.place}" for one in findings.manners[:_FINDINGS]]
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
    else:
        lines += [f"  {background.request(each)}   answered {each.answer.status}" for each in found[:_REQUESTS]]
        if len(found) > _REQUESTS:
            lines.append(f"  ... and {counted(len(found) - _REQUESTS, 'call')} more")
    return "\n".join(lines)


def did_not_happen(operation: str | None, at: str | None, entries: Sequence[Entry], background: Background) -> str:
    """E203: the body of `allow_violations` ended without a violation that fits."""
    which = "".join((f" of {operation}" if operation else "", f" at {at}" if at else ""))
    lines = [f"E203 {title('E203')}: {counted(len(entries), 'request')} came, none broke the contract{which}"]
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
    findings = counted(sum(len(each.violations) + each.more for each in group), "finding")
    at_least = "at least " if any(each.more for each in group) else ""
    services = ", ".join(dict.fromkeys(each.entry.service or "no service" for each in group))
    lines = [f"{code} {title(code)}: {at_least}{findings} in {counted(len(group), 'request')} ({services}, strict)"]
    for each in group[:_REQUESTS]:
        lines += [f"  {background.request(each.entry)}", _violations(each, background)]
        refused = code.startswith("E1") and each.entry.problem is not None and not raised
        lines.append(f"  answered {each.entry.answer.status}" + (", which the client did not raise" if refused else ""))
        if code.startswith("E1"):
            lines.append(f"  repeat:   {curl(each.entry, background.secrets)}")
    if len(group) > _REQUESTS:
        lines.append(f"  ... and {counted(len(group) - _REQUESTS, 'request')} more")
    lines += _remedies(code, group, background)
    lines[-1] += f"     explain: mockserver explain {code}"
    return "\n".join(lines)


def _remedies(code: str, group: Sequence[Broken], background: Background) -> list[str]:
    if code.startswith("E9"):
        return ["  please report it, with the journal below"]
    if code.startswith("E5"):
        return list(dict.fromkeys(_off_contract(each.entry, background) for each in group))
    lines = []
    for mock, operation in dict.fromkeys((background.mock(each.entry.service), each.entry.operation) for each in group):
        asked = f'"{operation}"' if operation else ""
        if code == "E105":
            lines.append(f"  a key that works: {mock}.api_key")
            lines.append(f"  to test a 401: {mock}.on({asked}).respond(401, json=...)")
        lines.append(f"  allow it: with {mock}.allow_violations({asked}): ...")
    return lines


def _off_contract(entry: Entry, background: Background) -> str:
    """What helps against an answer of ours that breaks the spec, by what it was made of."""
    if entry.answer.broken:
        return "  mend it: correct the function, it made nothing that can be sent"
    decision = entry.decision
    if decision is not None and isinstance(decision.then, Respond):
        said = '.respond(..., off_contract="why")' if decision.stub else "off_contract: why, in the fixture"
        return f"  allow it: {said}"
    whole = f'{background.mock(entry.service)}.on("{entry.operation}").respond(..., off_contract="why")'
    return f"  mend it: let the output fit what the document declares; what does not is sent by {whole}"


def _left_over(left: LeftOver, background: Background) -> str:
    script = left.script
    what = f" on {script.operation}" if isinstance(script, Stub) else ""
    used = [each for each in left.entries if _is_answered_by(script, each)]
    by = f": {numbers(used)} got the other{'s' * (len(used) > 1)}" if used else ""
    lines = [f"E201 {title('E201')}: {script.source}{what} ({left.mock}, strict)", f"  {left.clause}{by}"]
    if not script.says_nothing and not isinstance(script, InboxScript):
        lines += [f"  {line}" for line in nearest(script, left.entries, background, left.mock)]
    return "\n".join([*lines, "  allow it: .optional()     explain: mockserver explain E201"])


def _is_answered_by(script: Stub | InputScript | InboxScript, entry: Entry) -> bool:
    if isinstance(script, InputScript):
        return any(each.script == script.number for each in entry.spoken)
    return isinstance(script, Stub) and entry.decision is not None and entry.decision.stub == script.number


def _violations(each: Broken, background: Background) -> str:
    shown = each.violations[:_FINDINGS]
    text = table(((_spot(one), background.shown(one.clause), _line(one)) for one in shown), indent="    ")
    rest = len(each.violations) - len(shown) + each.more
    return text + (f"\n    ... and {'at least ' if each.more else ''}{rest} more" if rest else "")


def _spot(violation: Violation) -> str:
    where = printable(violation.where)
    return (where or "body") if violation.part == "body" else f"{violation.part} {where.lstrip('/')}".rstrip()


def _line(violation: Violation) -> str:
    """The line of the spec, without the column: that is for editors."""
    if violation.at is None or not violation.at.line:
        return ""
    return f"{shown(Path(violation.at.file))}:{violation.at.line}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _expected(times: int | tuple[int, int] | None) -> str:
    if times is None:
        return "at least one call"
    return f"{times[0]} to {times[1]}" if isinstance(times, tuple) else str(times)
