"""A live service held against its spec: which request comes next, and what is wrong with the answer.

Pure: whoever plays it sends each request and hands the answer back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from msgspec import Struct

from mockserver.contract.findings import Finding
from mockserver.contract.verify_ask import Ask, Heard, Keys
from mockserver.contract.verify_ids import Ids
from mockserver.contract.verify_judge import Judge
from mockserver.contract.verify_make import Maker
from mockserver.contract.verify_refusals import refusals
from mockserver.engine.service import Service
from mockserver.errors import CouldNotRun, Refused
from mockserver.hints import counted
from mockserver.openapi.document import Document
from mockserver.openapi.jsontext import MAX_DEPTH, read_json
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import Operation

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # they change nothing (RFC 9110, section 9.2.1)
_NO_KEYS = Keys()
_REFUSALS = 12  # of one operation
_READ = frozenset({400, 415, 422})  # who answers so has read the request
_UNREACHABLE = 3  # in a row: nobody is there any more


class Plan(Struct, frozen=True):
    """What is to be played. `only` names operations, () = all that may be."""

    service: Service
    keys: Keys = _NO_KEYS
    base: str = ""  # the path of the base URL
    only: tuple[str, ...] = ()
    all_methods: bool = False
    seed: int = 0
    max_requests: int = 500
    max_depth: int = MAX_DEPTH  # nested brackets of an answer that are read

    @property
    def document(self) -> Document:
        """The spec."""
        return self.service.document

    def operations(self) -> tuple[Operation, ...]:
        """Those to be played, lists before what they list, and what deletes at the end.

        Raises UnknownOperation, and CouldNotRun when there is none.
        """
        named = [self.document.operation(name) for name in self.only] or self.document.operations
        found = [one for one in {one.id: one for one in named}.values() if self.all_methods or one.method in SAFE]
        if not found:
            what = ", ".join(one.id for one in named) or "the document declares no operation"
            hint = "; they change things, --all-methods plays them too" if named else ""
            raise CouldNotRun(f"there is nothing to play: {what}{hint}")
        return tuple(sorted(found, key=_rank))


class Played(Struct, frozen=True):
    """One request and what became of it."""

    number: int
    ask: Ask
    heard: Heard
    findings: tuple[Finding, ...]


class Verification:
    """One run of a plan: ask for `next()`, send it, `hear` the answer."""

    def __init__(self, plan: Plan) -> None:
        """Raises what `plan.operations()` raises."""
        self.plan = plan
        self.secrets = plan.keys.secrets(plan.service)
        self.operations = plan.operations()
        self.played: list[Played] = []
        self.notes: list[str] = []  # why it ended before its end
        self._ids = Ids()
        self._maker = Maker(plan.document, plan.seed, self._ids, plan.keys)
        self._judge = Judge(plan.document, plan.service.name, self.secrets, plan.base, plan.max_depth)
        self._hung: set[str] = set()
        self._lost = 0  # unreachable, in a row
        self._asks = self._planned()

    def next(self) -> Ask | None:
        """The next request; None at the end, which the bound on their number may bring."""
        if self._lost >= _UNREACHABLE:
            return None
        ask = next((one for one in self._asks if one.operation.id not in self._hung), None)
        if ask is not None and len(self.played) >= self.plan.max_requests:
            most = counted(self.plan.max_requests, "request")
            self.notes.append(f"stopped after {most}, as --max-requests says")
            return None
        return ask

    def hear(self, ask: Ask, heard: Heard) -> tuple[Finding, ...]:
        """Take in what a request was answered, and say what is wrong with it.

        Raises CouldNotRun when the very first one reached nobody.
        """
        if heard.trouble == "unreachable" and not self.played:
            raise CouldNotRun(self.secrets.text(heard.said))
        self._lost = self._lost + 1 if heard.trouble == "unreachable" else 0
        if heard.trouble == "hang":
            self._hung.add(ask.operation.id)
        number = len(self.played) + 1
        found = self._judge.findings(number, ask, heard)
        self.played.append(Played(number, ask, heard, found))
        if ask.kind == "keeps" and 200 <= heard.status < 300 and is_json(heard.header("Content-Type")):
            with suppress(Refused):  # the judge has said so
                self._ids.learn(ask.operation, read_json(heard.body, max_depth=self.plan.max_depth))
        return found

    def finish(self) -> tuple[Finding, ...]:
        """All findings. Raises CouldNotRun where the answers show that nothing was tried: a wrong base URL or key."""
        kept = [one for one in self.played if one.ask.kind == "keeps"]
        statuses = {one.heard.status for one in kept or self.played}
        if not self.played:
            none = "no request could be made: the spec's parameters and bodies allow no value that is found"
            raise CouldNotRun(self.notes[0] if self.notes else none)
        if statuses == {404} and not self._is_there(kept):
            raise CouldNotRun(f"every answer was 404: {self._why_not_found(kept)}")
        if kept and statuses <= {401, 403}:
            keys = self.plan.keys
            why = (
                "the key that was given is refused" if keys.key or keys.headers else "give a key with --key or --header"
            )
            raise CouldNotRun(f"every answer was {min(statuses)}: {why}")
        return tuple(found for one in self.played for found in one.findings)

    @property
    def unkeyed(self) -> tuple[Operation, ...]:
        """Operations that could only be tried without a key, because none was given."""
        return tuple(one for one in self.operations if not self.plan.keys.open(one))

    @property
    def is_unfound(self) -> bool:
        """Whether all that was asked for as the spec says was answered 404."""
        kept = [one for one in self.played if one.ask.kind == "keeps"]
        return bool(kept) and all(one.heard.status == 404 for one in kept)

    @property
    def unplayed(self) -> tuple[Operation, ...]:
        """Operations that no request was sent for."""
        asked = {one.ask.operation.id for one in self.played}
        return tuple(one for one in self.operations if one.id not in asked)

    def statuses(self, operation: Operation) -> Counter[int]:
        """What its requests were answered, troubles as 0."""
        return Counter(one.heard.status for one in self.played if one.ask.operation.id == operation.id)

    def _is_there(self, kept: Sequence[Played]) -> bool:
        """Whether only the ids were unknown: a bad request was refused by somebody who had read it."""
        was_read = any(one.ask.kind == "breaks" and one.heard.status in _READ for one in self.played)
        return was_read and all(one.ask.is_guess for one in kept)

    def _why_not_found(self, kept: Sequence[Played]) -> str:
        base = self.plan.document.base_path
        told = f", and the spec's server path is {base}" if base and not self.plan.base.endswith(base) else ""
        if not kept or not all(one.ask.is_guess for one in kept):
            return f"URL is the base URL that operations are below{told}"
        changing = any(one.method not in SAFE for one in self.plan.document.operations)
        create = "--all-methods creates some, " if changing and not self.plan.all_methods else ""
        return (
            f"nothing is there by the ids that were asked for ({create}an example in the spec can name one), "
            f"or URL is not the base URL that operations are below{told}"
        )

    def _planned(self) -> Iterator[Ask]:
        """In turns, so that a bound leaves no operation out; then what must be refused; what deletes last."""
        deleting = [one for one in self.operations if one.method == "DELETE"]
        others = [one for one in self.operations if one.method != "DELETE"]
        keys = self.plan.keys
        yield from self._in_turns([self._maker.requests(one) for one in others if keys.open(one)])
        for one in self.operations:
            tried = refusals(self._maker, one, with_key=keys.open(one))
            yield from (ask for ask, _ in zip(tried, range(_REFUSALS), strict=False))
        yield from self._in_turns([self._maker.requests(one) for one in deleting if keys.open(one)])

    def _in_turns(self, sources: Sequence[Iterator[Ask]]) -> Iterator[Ask]:
        waiting = list(sources)
        while waiting:
            for source in tuple(waiting):
                ask = next(source, None)
                if ask is None:
                    waiting.remove(source)
                else:
                    yield ask


def _rank(operation: Operation) -> tuple[bool, int, bool]:
    """Where an operation stands: fewer ids in its path first, and what creates before what reads it."""
    return operation.method == "DELETE", operation.path.count("{"), operation.method not in ("GET", "HEAD", "POST")
