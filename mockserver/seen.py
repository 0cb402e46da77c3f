"""What a test sees of its requests: the journal as text, and which calls came nearest to what was asked for.

Everything that clients sent is masked and made printable first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.clock import stamp
from mockserver.console import is_remark, printable
from mockserver.engine.journal import Note
from mockserver.engine.messages import Decision, Entry
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Mounts, Service
from mockserver.engine.stubs import InputScript, Stub, value_differences
from mockserver.hints import counted
from mockserver.openapi.paths import Found
from mockserver.pointer import join
from mockserver.scenario.match import Difference, Facts
from mockserver.scenario.model import MISSING, Fault, Respond

_CALLS, _DIFFERENCES, _REMARKS, _ENTRIES = 5, 10, 10, 50  # how much of each is shown
_USED_UP = " fitted but was used up"  # how the engine notes it


class Background(Struct, frozen=True):
    """What the texts need to know beside the entries."""

    services: tuple[Service, ...]
    secrets: Secrets
    names: Mapping[str, str]  # service -> how the test calls its mock
    world: str  # how the test calls its whole world: "mockserver"
    setting: str  # "world world-3, seed 0, clock auto"

    def shown(self, text: str) -> str:
        """`text` as it may be printed."""
        return printable(self.secrets.text(text))

    def difference(self, one: Difference) -> str:
        """What a call differs in from a script; nothing secret is told of what came."""
        return str(replace(one, said=self.secrets.said(one.where, one.said)))

    def mock(self, service: str) -> str:
        """How the test calls the mock of `service`; what belongs to no service belongs to the world."""
        return self.names.get(service, self.world)

    def request(self, entry: Entry) -> str:
        """`request #1  POST /wf_abc123/bulk-trigger   bulkTriggerWorkflow`: the path as the document writes it."""
        _, below = self._place(entry)
        parts = [f"request #{entry.number}  {self.shown(f'{entry.request.method} {below}')}"]
        parts += [
            part for part in (entry.operation, entry.request.sent_from and f"from {entry.request.sent_from}") if part
        ]
        return "   ".join(parts)

    def facts(self, entry: Entry) -> Facts:
        """What a script is held against; of a refused request, what can still be read."""
        if entry.call is not None:
            return entry.call
        service, below = self._place(entry)
        found = service.document.routes.match(entry.request.method, below) if service else None
        try:
            body = json.loads(entry.request.body) if isinstance(entry.request.body, bytes) else MISSING
        except (ValueError, RecursionError):
            body = MISSING
        headers = {name.lower(): value for name, value in entry.request.headers}
        return _Read(found.params if isinstance(found, Found) else {}, headers, body)

    def _place(self, entry: Entry) -> tuple[Service | None, str]:
        found = Mounts(self.services).find(entry.request.path)
        return found or (None, entry.request.path)


class _Read(Struct, frozen=True):
    """A request that was refused, as far as it can be read without its document."""

    path: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    query: Mapping[str, Any] = field(default_factory=dict)


def numbers(entries: Iterable[Entry]) -> str:
    """`#1, #2`, in the middle shortened."""
    every = [f"#{entry.number}" for entry in entries]
    return ", ".join(every if len(every) <= 6 else [*every[:3], "...", every[-1]])


def journal(
    entries: Sequence[Entry], dropped: int, background: Background, notes: Sequence[Note] = (), *, raised: bool = False
) -> str:
    """What reached the world, oldest first, with who answered and what was noted; `notes` stand where they belong.

    `raised`: the test failed by itself, maybe because nothing came.
    """
    lines = [f"{background.setting}: {counted(len(entries) + dropped, 'request')}"]
    if dropped:
        lines.append(f"  {dropped} fell out: the journal is bounded")
    elif raised and not entries:
        lines.append(f"  {_nobody_called(', '.join(dict.fromkeys(background.names.values())) or background.world)}")
    if len(entries) > _ENTRIES:
        lines.append(f"  ... {len(entries) - _ENTRIES} before these")
    lines += [f"  {note}" for note in remarks(entries[:-_ENTRIES], background)]
    shown = entries[-_ENTRIES:]
    first = shown[0].number if len(entries) > _ENTRIES else 0
    beside: dict[int, list[str]] = {}
    for each in [note for note in notes if note.after >= first][-_ENTRIES:]:
        beside.setdefault(each.after, []).append(f"      {stamp(each.at)}  {background.shown(each.text)}")
    lines += beside.get(0, [])
    for entry in shown:
        source = entry.decision.source if entry.decision else "refused"
        gist = entry.problem.message if entry.problem else entry.answer.fault or entry.answer.summary
        target = background.shown(f"{entry.request.method} {entry.request.path}")
        line = f"#{entry.number}  {target}  {entry.answer.status}  {source}"
        lines.append(line + (f": {background.shown(gist)}" if gist else ""))
        lines += [f"      {background.shown(with_uses(note, entries))}" for note in entry.notes]
        lines += beside.get(entry.number, [])
    return "\n".join(lines)


def remarks(entries: Iterable[Entry], background: Background) -> Iterator[str]:
    """What was noted of things that nobody may have meant, each with its requests: the first few."""
    told: dict[str, list[Entry]] = {}
    for entry in entries:
        for note in filter(is_remark, entry.notes):
            told.setdefault(note, []).append(entry)
    yield from (f"{numbers(came)}  {background.shown(note)}" for note, came in list(told.items())[:_REMARKS])
    if (more := len(told) - _REMARKS) > 0:
        yield f"and {counted(more, 'more note')}"


def with_uses(note: str, entries: Iterable[Entry]) -> str:
    """A note that a script was used up, with the requests that used it; any other note as it is."""
    source, mark, _ = note.partition(_USED_UP)
    used = [entry for entry in entries if entry.decision and entry.decision.source == source] if mark else []
    if not used:
        return note
    responses = f"{counted(len(used), 'scripted response')} {'was' if len(used) == 1 else 'were'}"
    return f"matched {source}, but its {responses} already used by {numbers(used)}"


def nearest(script: Stub | InputScript, entries: Sequence[Entry], background: Background, mock: str) -> list[str]:
    """The calls that came nearest to `script` and were not answered by it, each with only what differs.

    `entries` are all that reached the mock. A stub without a number answers nothing: an assertion asks with it.
    """
    if not entries:
        return [_nobody_called(mock)]
    same = [each for each in entries if _is_meant(script, each)]
    if not same:
        what = "with inputs" if isinstance(script, InputScript) else f"of {script.operation}"
        came = ", ".join(dict.fromkeys(entry.operation or background.request(entry) for entry in entries))
        return [f"{counted(len(entries), 'call')} reached {mock}, none {what}: {came}"]
    others = [entry for entry in same if not _answered(script, entry, background)]
    told = sorted(
        ((_why_not(script, entry, entries, background), entry) for entry in others), key=lambda pair: len(pair[0])
    )
    lines = []
    for why, entry in told[:_CALLS]:
        lines += [background.request(entry), *(f"  {background.shown(line)}" for line in why[:_DIFFERENCES])]
    if len(told) > _CALLS:
        lines.append(f"... and {counted(len(told) - _CALLS, 'call')} further off")
    return lines


def _is_meant(script: Stub | InputScript, entry: Entry) -> bool:
    """Whether a call is of the kind that a script speaks for. What cannot be read may have inputs if it has a body."""
    if isinstance(script, Stub):
        return (entry.service, entry.operation) in script.targets
    call = entry.call
    return entry.request.body != b"" if call is None else bool(call.match.service.vendor.inputs(call))


def _nobody_called(mock: str) -> str:
    return f"0 calls reached {mock}; was the client built before patch_env()?"


def _answered(script: Stub | InputScript, entry: Entry, background: Background) -> bool:
    if isinstance(script, InputScript):
        return any(each.script == script.number for each in entry.spoken)
    if script.number:
        return entry.decision is not None and entry.decision.stub == script.number
    return not script.differences(background.facts(entry))


def _why_not(script: Stub | InputScript, entry: Entry, entries: Sequence[Entry], background: Background) -> list[str]:
    """Why `script` did not answer `entry`."""
    if isinstance(script, InputScript):
        return _why_no_input(script, entry, background)
    used_up = [with_uses(note, entries) for note in entry.notes if note == script.source + _USED_UP]
    differences = [background.difference(each) for each in script.differences(background.facts(entry))]
    if used_up or differences:
        return used_up or differences
    if entry.decision is None:
        return [f"refused with {entry.answer.status} before any script was asked"]
    return [f"matched, but {entry.decision.source} answered it"]


def _why_no_input(script: InputScript, entry: Entry, background: Background) -> list[str]:
    taken = {each.index: f"input {each.index} was taken by {each.source}" for each in entry.spoken}
    call = entry.call
    if call is None:
        return [_unread(entry, taken.values())]
    inputs = call.match.service.vendor.inputs(call)
    fitting = [number for number, value in enumerate(inputs) if script.fits(number, value)]
    if fitting and entry.decision is not None and _is_verbatim(entry.decision):
        return [f"{entry.decision.source} answered it before its inputs were looked at"]
    if fitting:
        return [taken.get(number, f"input {number} fits, and came before this was scripted") for number in fitting]
    if script.index is not None:
        return [f"has {counted(len(inputs), 'input')}, counted from 0"]
    where, misplaced = _on_its_level(script.where, inputs)
    different = [value_differences(where, value, f"input {number}") for number, value in enumerate(inputs)]
    if not all(different):
        return misplaced
    return [*misplaced, *(background.difference(each) for some in sorted(different, key=len) for each in some)]


def _is_verbatim(decision: Decision) -> bool:
    """Whether the vendor was not asked: a spoilt answer is one that it gave."""
    then = decision.then
    return isinstance(then, Respond) or (isinstance(then, Fault) and then.kind in ("reset", "timeout"))


def _unread(entry: Entry, taken: Iterable[str]) -> str:
    """Why nothing is known of the inputs of a call."""
    if entry.cut:
        return "the journal kept only the beginning of its body"
    why = ", ".join(taken)
    return f"refused with {entry.answer.status}" + (f": {why}" if why else " before its inputs were looked at")


def _on_its_level(where: Any, inputs: Sequence[Any]) -> tuple[Any, list[str]]:
    """`where`, if an input has what it names one level down or up: as it would be there, and a line that says so."""
    found = [
        (number, above, members)
        for number, value in enumerate(inputs)
        if isinstance(where, Mapping) and isinstance(value, Mapping) and where.keys().isdisjoint(value)
        for above, members in _other_levels(where, value)
    ]
    if not found:
        return where, []
    fitting = (each for each in found if not value_differences(_below(*each[1:]), inputs[each[0]], ""))
    number, above, members = next(fitting, found[0])
    spots = ", ".join(join("", *above, name) for name in members)
    sketch = ", ".join(f'"{name}": ...' for name in members)
    sketch = f'{{"{above[0]}": {{{sketch}}}}}' if above else f"{{{sketch}}}"
    names = ", ".join(map(str, members))
    return _below(above, members), [f"input {number} has {names} at {spots}: write where={sketch}"]


def _other_levels(
    where: Mapping[Any, Any], value: Mapping[Any, Any]
) -> Iterator[tuple[tuple[str, ...], Mapping[Any, Any]]]:
    """Where `value` has all that `where` names: in one of its members, or at its top what the only member names."""
    for name, below in value.items():
        if isinstance(below, Mapping) and where.keys() <= below.keys():
            yield (name,), where
    inner = next(iter(where.values()), None) if len(where) == 1 else None
    if isinstance(inner, Mapping) and inner and inner.keys() <= value.keys():
        yield (), inner


def _below(above: tuple[str, ...], members: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return {above[0]: members} if above else members
