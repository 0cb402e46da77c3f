"""A webhook receiver in a test's world: what arrived at it, and what it is told to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from msgspec import Struct

from mockserver import outlook
from mockserver.arguments import (
    ScriptError,
    Span,
    final_status,
    header_pairs,
    here,
    patience,
    refuse_unless,
    whole,
)
from mockserver.engine.inbox import Arrival, Reply
from mockserver.engine.inputs import AddReplies
from mockserver.engine.signing import Scheme, Signing, proves
from mockserver.hints import counted
from mockserver.http.moves import refuse_in_loop
from mockserver.openworld import OpenWorld
from mockserver.scenario.model import MISSING

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it


class Headers(Mapping[str, str]):
    """Header names to their first values, however the names are spelt."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs  # as they came
        self._values = {name.lower(): value for name, value in reversed(pairs)}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self.pairs))

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __repr__(self) -> str:
        """Names only: values may be secret."""
        return f"<Headers {', '.join(self)}>"


class Received(Struct, frozen=True):
    """One request that arrived at an inbox. `at` is the world's time."""

    number: int  # counts from 1 in each inbox
    at: datetime
    method: str
    path: str  # what stood below the inbox, "" or "/..."
    query: str
    headers: Headers
    body: bytes
    _arrival: Arrival
    _signs: str  # what in the test has such webhooks signed

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is something else."""
        return self._arrival.json

    def verify(self, secret: str | Signing, tolerance: float = 300.0) -> bool:
        """True when `secret` signed it. Raises AssertionError, saying why not, otherwise.

        The headers say by which scheme, unless a `Signing` does. A stamp may be `tolerance` seconds off.
        """
        refuse_unless(isinstance(secret, str | Signing), "verify() takes a secret, or a Signing", secret)
        patience(tolerance, "tolerance")
        if isinstance(secret, str) and not any(map(proves, self.headers)):
            told = f"webhook {self.number} is not signed: it carries no signature and no secret"
            raise AssertionError(f"{told}; {self._signs} signs it")
        signing = Signing(self._scheme(), (secret,)) if isinstance(secret, str) else secret
        if why := self._arrival.verify(signing, tolerance):
            raise AssertionError(f"webhook {self.number} is not signed as it should be: {why}")
        return True

    def _scheme(self) -> Scheme:
        if "webhook-signature" in self.headers:
            return "standard"
        return "hmac" if "x-webhook-signature" in self.headers else "secret"

    def __repr__(self) -> str:
        """Without headers and body: they may hold secrets."""
        return f"<Received {self.number} {self.method} {len(self.body)} bytes>"


class Nothing(tuple[Received, ...]):
    """The empty tuple of what arrived. A failed assertion shows why it is empty, and how to come to more."""

    why: str

    def __new__(cls, why: object = "") -> Self:
        """Nothing, for this reason."""
        made = super().__new__(cls)
        made.why = str(why)
        return made

    def __repr__(self) -> str:
        return f"<nothing arrived: {self.why}>"


class WebhookInbox:
    """A receiver. It answers 200, or what `respond` and `hang` say next; each of those once, in order.

    An answer that nothing came for is left over (E201), unless `optional` was called.
    """

    def __init__(self, world: OpenWorld, name: str = "default") -> None:
        refuse_unless(isinstance(world, OpenWorld), "WebhookInbox() takes a world such as OpenWorld(server)", world)
        self._open, self._name = world, name

    @property
    def url(self) -> str:
        """Where it receives."""
        return f"{self._open.url}/__inbox/{self._name}"

    @property
    def received(self) -> tuple[Received, ...]:
        """What arrived, oldest first: a snapshot. When that is nothing, its repr says what is still to come."""
        arrived = self._open.received(self._name)
        return self._as_received(arrived) if arrived else Nothing("; ".join(self._to_come()))

    def respond(
        self,
        status: int = 200,
        *,
        json: Any = MISSING,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        retry_after: Span | None = None,
    ) -> Self:
        """Answer the next one, after those already spoken for, with this; what comes then gets 200 as always."""
        number, pairs = final_status(status), header_pairs(headers or {}, retry_after, here())
        body = None
        if json is not MISSING:
            body = _encoded(json)
            pairs = (("Content-Type", "application/json"), *pairs)
        return self._add(Reply(number, pairs, body, at=str(here())))

    def hang(self) -> Self:
        """Do not answer the next one, until its sender gives up."""
        return self._add(Reply(fault="timeout", at=str(here())))

    def optional(self) -> Self:
        """Nothing is amiss when answers of this inbox are left over."""
        self._open.give(AddReplies(self._name, (), optional=True))
        return self

    def wait_for(self, n: int = 1, timeout: float = 5.0) -> tuple[Received, ...]:
        """What arrived, as soon as that are `n`. An `auto` clock goes from event to event meanwhile, and stays auto.

        Raises AssertionError, saying what is still running and due, after `timeout` seconds of wall time, and
        UsageError inside a running event loop: there `await_for` is awaited.
        """
        refuse_in_loop("await webhook_inbox.await_for(...)")
        whole(n, "wait_for() takes a whole number such as 2")
        return self._enough(self._open.received(self._name, n, patience(timeout)), n, timeout)

    async def await_for(self, n: int = 1, timeout: float = 5.0) -> tuple[Received, ...]:
        """`wait_for`, awaited."""
        whole(n, "wait_for() takes a whole number such as 2")
        return self._enough(await self._open.areceived(self._name, n, patience(timeout)), n, timeout)

    def _enough(self, arrived: tuple[Arrival, ...], n: int, timeout: float) -> tuple[Received, ...]:
        if len(arrived) < n:
            lines = [f"{counted(len(arrived), 'webhook')} arrived at the inbox within {timeout:g}s, expected {n}"]
            raise AssertionError("\n  ".join([*lines, *self._to_come()]))
        return self._as_received(arrived)

    def _as_received(self, arrived: tuple[Arrival, ...]) -> tuple[Received, ...]:
        mocks = list(dict.fromkeys(self._open.background.names.values()))
        signs = " or ".join(f'{mock}.webhooks.sign("standard")' for mock in mocks) or "webhooks.sign(...) of its mock"
        return tuple(_received(one, signs) for one in arrived)

    def _to_come(self) -> tuple[str, ...]:
        return outlook.to_come(self._open.outlook, self.url, self._open.background)

    def _add(self, reply: Reply) -> Self:
        self._open.give(AddReplies(self._name, (reply,)))
        return self


def _encoded(value: Any) -> bytes:
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ScriptError(here(), f"json cannot be sent as JSON: {error}", "give it JSON's types") from None


def _received(one: Arrival, signs: str) -> Received:
    at = datetime.fromtimestamp(one.at, UTC)
    return Received(one.number, at, one.method, one.path, one.query, Headers(one.headers), one.body, one, signs)
