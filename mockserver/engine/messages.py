"""What crosses the engine's borders: frozen values, from the request that came to the entry that records it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

from msgspec import Struct

from mockserver.errors import Problem, Violation
from mockserver.openapi.operation import Operation
from mockserver.scenario.model import MISSING, FaultKind, Then

if TYPE_CHECKING:
    from mockserver.engine.service import Service

Headers = tuple[tuple[str, str], ...]


class TooLarge(Struct, frozen=True):
    """Stands for a body that was not read because it is larger than the limit; `size` is None when not declared."""

    limit: int
    size: int | None = None


class NamedHeaders(tuple[tuple[str, str], ...]):
    """Headers as they came, pairs in order, that a test may also ask by name: `headers["content-type"]`.

    However the name is spelt; the first value of each.
    """

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> tuple[str, str]: ...

    @overload
    def __getitem__(self, key: slice, /) -> tuple[tuple[str, str], ...]: ...

    @overload
    def __getitem__(self, key: str, /) -> str: ...

    def __getitem__(self, key: SupportsIndex | slice | str, /) -> object:
        return _by_name(self)[key.lower()] if isinstance(key, str) else super().__getitem__(key)

    def __contains__(self, key: object, /) -> bool:
        return key.lower() in _by_name(self) if isinstance(key, str) else super().__contains__(key)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header, however its name is spelt."""
        return _by_name(self).get(name.lower(), default)


class SharedHeaders(NamedHeaders):
    """Headers that came with many requests, as clients send the same again and again; `named` is made once for all.

    `accounts` are those that the credentials in them were found to be of, by service and operation.
    """

    named: Mapping[str, str]
    accounts: dict[tuple[Service, str], Account]

    @classmethod
    def of(cls, headers: Headers) -> Self:
        """These headers."""
        shared = cls(headers)
        shared.named = _by_name(headers)
        shared.accounts = {}
        return shared


def _by_name(headers: Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in reversed(headers)}


def _as_json(body: bytes | TooLarge) -> Any:
    try:
        return json.loads(body) if isinstance(body, bytes) else None
    except (ValueError, RecursionError):
        return None


class Request(Struct, frozen=True):
    """One HTTP request as it came. `target` is as sent; `path` is percent-encoded and without the world's prefix."""

    method: str
    target: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes | TooLarge = b""
    sent_from: str = ""  # the test line that sent it, where it can be known

    @property
    def named(self) -> Mapping[str, str]:
        """Headers by name in lower case, the first of each."""
        headers = self.headers
        return headers.named if isinstance(headers, SharedHeaders) else _by_name(headers)

    def header(self, name: str) -> str | None:
        """The first value of a header, however its name is spelt."""
        headers = self.headers
        return (headers.named if type(headers) is SharedHeaders else _by_name(headers)).get(name.lower())

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is something else, or was not kept whole."""
        return _as_json(self.body)

    def __repr__(self) -> str:
        """Without headers and body: they may hold keys."""
        return f"<Request {self.method} {self.target}>"


class Match(Struct, frozen=True):
    """Which operation of which service a request is for; `alias` is the one whose path came, if it is an alias."""

    service: Service
    operation: Operation
    path: Mapping[str, str]
    alias: Operation | None = None

    def __repr__(self) -> str:
        """Without all that the service is."""
        return f"<Match {self.service.name} {self.operation.id}>"


class Account(Struct, frozen=True):
    """Whoever the key belongs to; `key` is "" for an open operation."""

    key: str = ""

    def __repr__(self) -> str:
        """Without the key."""
        return f"<Account {'with a key' if self.key else 'without a key'}>"


class Call(Struct, frozen=True):
    """A request that the spec allows: decoded and validated. Header names are in lower case."""

    request: Request
    match: Match
    account: Account
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any  # MISSING when none came
    media_type: str = ""
    long: bool = False  # it may hold a string of more than 64 Ki characters
    notes: tuple[str, ...] = ()  # of names that its document does not declare: what the journal should say

    @property
    def operation(self) -> str:
        """The operation's id."""
        return self.match.operation.id


class Decision(Struct, frozen=True):
    """Who answers: a stub or scenario (`then` is Respond, Executions or Fault: sequences and dice are already played),
    or the emulator itself (`then` is None)."""

    source: str = "emulator"  # "stub at test_x.py:12", "scenario summaries"
    at: str = ""  # file:line of it
    then: Then | None = None
    occurrence: int = 0  # how many calls this source has answered before
    notes: tuple[str, ...] = ()  # such as "stub at test_x.py:12 fitted but was used up"
    stub: int = 0  # the number of the stub that answered, 0 = none did
    gate: int = 0  # the gate that its answer waits at, 0 = none


class Chunk(Struct, frozen=True):
    """A piece of a streamed body, `after` seconds of the world's clock after the one before."""

    after: float
    data: bytes
    value: Any = MISSING  # the JSON value of the event that it is: checked against the spec


class Answer(Struct, frozen=True):
    """What goes out. `fault` and `hold` are played by the shell; `delay` is on the world's clock (seconds)."""

    status: int  # 0 = nothing is sent (a fault)
    headers: Headers = ()
    body: bytes = b""
    value: Any = (
        None  # the JSON value behind `body`, where there is one: checked against the spec without parsing again
    )
    # Answers of one shape are put together alike, of parts that were checked when they were made: what the spec says of
    # one holds for all. The body of the first is parsed to be checked; `value` is None.
    shape: tuple[object, ...] | None = None
    # The body in pieces, instead of `body`; an iterator may be endless. A `fault` comes after the last of them, in the
    # place of the stream's end (`timeout`: it stays open, and nothing comes any more).
    chunks: tuple[Chunk, ...] | Iterator[Chunk] | None = None
    delay: float = 0.0
    hold: float = 0.0
    gate: int = 0  # the shell sends it when the world has released the gate of this number, 0 = at once
    fault: FaultKind | None = None
    off_contract: str = ""  # why it may break the spec; "" = it must not
    broken: tuple[str, ...] = ()  # why scripts could not make it, or a value in it: what was sent stands in for that
    summary: str = ""  # one readable clause for the log: "batch 550e8400: 2 queued, 1 failed"
    notes: tuple[str, ...] = ()  # what the journal should say beside it
    scripts: tuple[str, ...] = ()  # the scripts for single executions whose values it shows
    reads: tuple[str, ...] = ()  # ids of the executions and deliveries that it shows: under `auto` a read moves time on

    def header(self, name: str) -> str | None:
        """The first value of a header, however its name is spelt. `Date` and `Content-Length` are written later."""
        return _by_name(self.headers).get(name.lower())

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is something else, or was not kept whole."""
        return _as_json(self.body)


class Spoken(Struct, frozen=True):
    """A test's script that spoke for one input of a call."""

    index: int  # of the input
    script: int  # its number
    source: str  # "input(2) at test_x.py:12"


class Sent(Struct, frozen=True):
    """What the shell reports about an answer that it wrote."""

    bytes: int
    ms: float
    chunks: int = 0
    cut_off: bool = False


class Entry(Struct, frozen=True):
    """One answered request, as the journal keeps it. `at` is the world's time in seconds since the epoch."""

    number: int
    at: float
    world: str
    request: Request
    answer: Answer
    service: str = ""
    operation: str = ""
    reread: Callable[[Request], Call] | None = None
    decision: Decision | None = None
    problem: Problem | None = None
    violations: tuple[Violation, ...] = ()  # what the client broke, then what we broke (E5xx, E9xx)
    notes: tuple[str, ...] = ()
    spoken: tuple[Spoken, ...] = ()  # which scripts of single inputs spoke for which
    cut: bool = False  # the journal kept the first part of the request's body only
    undeclared: bool = False  # our refusal's status is not in the spec; no breach
    sent: Sent | None = None
    crash: str = ""  # the traceback of a fault of our own (E901)

    @property
    def call(self) -> Call | None:
        """The call, decoded again: the journal keeps bytes only. None when it was refused or is cut."""
        return None if self.reread is None or self.cut else self.reread(self.request)
