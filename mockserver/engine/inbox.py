"""Webhook receivers of a world: what arrived at each, and what each was told to answer."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from mockserver.engine.messages import Answer, Headers, Request, TooLarge
from mockserver.engine.settings import Limits
from mockserver.engine.signing import Signing
from mockserver.engine.vendor import json_answer
from mockserver.scenario.model import FaultKind


class Reply(Struct, frozen=True):
    """One scripted answer of an inbox; `fault` "timeout" makes it hang, "reset" breaks the connection."""

    status: int = 200
    headers: Headers = ()
    body: bytes | None = None  # None: `{"received": n}`
    fault: FaultKind | None = None
    at: str = ""  # the line of the test that says so


class InboxScript(Struct, frozen=True):
    """What an inbox was told to answer and nobody asked it for; `at` is the line of the first such answer."""

    inbox: str
    at: str = ""

    @property
    def says_nothing(self) -> bool:
        """Never: it has answers."""
        return False

    @property
    def source(self) -> str:
        """How a finding names it."""
        return f"answer of webhook_inbox at {self.at}" if self.at else f"answer of the inbox {self.inbox}"


class Arrival(Struct, frozen=True):
    """One request that an inbox took. `at` is the world's time, `wall` real time (seconds since the epoch)."""

    number: int  # counts from 1 in each inbox
    at: float
    wall: float
    method: str
    path: str  # what stood below the inbox's name, "" or "/..."
    query: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is something else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def header(self, name: str) -> str | None:
        """The first value of a header, however its name is spelt."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def verify(self, signing: Signing, tolerance: float = 300.0) -> str:
        """Why its signature does not hold; "" when it does. The stamp is held against the time of receipt."""
        headers = {name.lower(): value for name, value in self.headers}
        return signing.verify(headers, self.body, self.wall, tolerance)

    def __repr__(self) -> str:
        """Without headers and body: they may hold secrets."""
        return f"<Arrival {self.number} {self.method} {self.path or '/'} {len(self.body)} bytes>"


class Inboxes:
    """All inboxes of a world, by name; each is there as soon as somebody writes to it. Bounded like the journal."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._arrived: deque[tuple[str, Arrival]] = deque()
        self._counts: dict[str, int] = {}
        self._replies: dict[str, deque[Reply]] = {}
        self._scripted: Counter[str] = Counter()
        self._optional: set[str] = set()
        self._bytes = 0
        self.dropped = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Those to which something came, the oldest first."""
        return tuple(self._counts)

    def received(self, name: str) -> tuple[Arrival, ...]:
        """What came to an inbox, oldest first."""
        return tuple(arrival for inbox, arrival in self._arrived if inbox == name)

    def count(self, name: str) -> int:
        """How many requests came to it, those included that fell out because inboxes are bounded."""
        return self._counts.get(name, 0)

    def script(self, name: str, replies: Iterable[Reply], *, optional: bool = False) -> None:
        """It answers with these next, each once, after those it was told before; then as always.

        `optional`: from here on nothing is amiss when answers of it are left over.
        """
        if optional:
            self._optional.add(name)
        queue = self._replies.setdefault(name, deque())
        before = len(queue)
        queue.extend(replies)
        self._scripted[name] += len(queue) - before

    @property
    def left_over(self) -> tuple[tuple[InboxScript, str], ...]:
        """The answers that no inbox was asked for, and how many they are, as a clause."""
        return tuple(
            (InboxScript(name, replies[0].at), _left(len(replies), self._scripted[name]))
            for name, replies in self._replies.items()
            if replies and name not in self._optional
        )

    def take(self, name: str, request: Request, at: float, wall: float) -> Answer:
        """Record a request; returns what it is answered."""
        if isinstance(request.body, TooLarge):
            return json_answer(413, {"error": f"the body is too large; at most {request.body.limit} bytes are taken"})
        number = self._counts[name] = self._counts.get(name, 0) + 1
        self._keep(
            name, Arrival(number, at, wall, request.method, request.path, request.query, request.headers, request.body)
        )
        replies = self._replies.get(name)
        reply = replies.popleft() if replies else Reply()
        said = json_answer(reply.status, {"received": number}, headers=reply.headers, fault=reply.fault)
        return said if reply.body is None else Answer(reply.status, reply.headers, reply.body, fault=reply.fault)

    def _keep(self, name: str, arrival: Arrival) -> None:
        self._arrived.append((name, arrival))
        self._bytes += len(arrival.body)
        while len(self._arrived) > self._limits.journal_entries or self._bytes > self._limits.journal_bytes:
            self._bytes -= len(self._arrived.popleft()[1].body)
            self.dropped += 1


def _left(left: int, scripted: int) -> str:
    return f"{left} of {scripted} scripted answers left over" if left < scripted else "nothing came for it"
