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
from mockserver.console import printable
from mockserver.engine.journal import Note
from mockserver.engine.messages import Entry
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Mounts, Service
from mockserver.engine.stubs import InputScript, Stub, value_differences
from mockserver.hints import counted
from mockserver.openapi.paths import Found
from mockserver.scenario.match import Difference, Facts
from mockserver.scenario.model import MISSING

_CALLS, _DIFFERENCES, _ENTRIES = 5, 10, 50  # how much of each is shown
_USED_UP = " fitted but was used up"  # how the engine notes it
_REMARKS = (": the clock stands, ", "webhooks.order(")  # likewise, of what nobody may have meant


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


def journal(entries: Sequence[Entry], dropped: int, background: Background, notes: Sequence[Note] = ()) -> str:
    """What reached the world, oldest first, with who answered and what was noted; `notes` stand where they belong."""
    lines = [f"{background.setting}: {counted(len(entries) + dropped, 'request')}"]
    if dropped:
        lines.append(f"  {dropped} fell out: the journal is bounded")
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
    """What was noted of things that nobody may have meant, each with its request: executions that were read again and
    again while the clock stood, and an order of webhooks of other inputs than those that came."""
    for entry in entries:
        told = (note for note in entry.notes if any(mark in note for mark in _REMARKS))
        yield from (f"#{entry.number}  {background.shown(note)}" for note in told)


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
        return [f"0 calls reached {mock}; was the client built before patch_env()?"]
    same = [
        each for each in entries if isinstance(script, InputScript) or (each.service, each.operation) in script.targets
    ]
    if not same:
        came = ", ".join(dict.fromkeys(entry.operation or background.request(entry) for entry in entries))
        return [f"{counted(len(entries), 'call')} reached {mock}, none of {getattr(script, 'operation', '')}: {came}"]
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


def _answered(script: Stub | InputScript, entry: Entry, background: Background) -> bool:
    if isinstance(script, InputScript):
        return False
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
    call = entry.call
    if call is None:
        return [f"refused with {entry.answer.status} before its inputs were looked at"]
    inputs = call.match.service.vendor.inputs(call)
    if script.index is not None:
        return [f"has {counted(len(inputs), 'input')}, counted from 0"]
    different = [value_differences(script.where, value, f"input {number}") for number, value in enumerate(inputs)]
    return [background.difference(each) for some in sorted(different, key=len) for each in some] or ["has no inputs"]
