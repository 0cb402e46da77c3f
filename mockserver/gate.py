"""A gate that answers wait at: a test knows that a request is in, does something else, and lets the answer go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockserver.arguments import patience
from mockserver.engine.stubs import Stub
from mockserver.http.moves import refuse_in_loop

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it


class Keeper(Protocol):
    """What a gate asks of the mock that it belongs to."""

    def wait_for_gate(self, gate: int, timeout: float) -> bool:
        """Whether a request is held, as soon as one is. Raises UsageError inside a running event loop."""

    async def await_for_gate(self, gate: int, timeout: float) -> bool:
        """`wait_for_gate`, awaited."""

    def release(self, gate: int) -> None:
        """Let go of what is held, and of what comes later."""

    def nearest(self, stub: Stub) -> Sequence[str]:
        """The calls that came nearest to a stub, each with what differs, as lines."""


class Gate:
    """Holds the answers of a stub, from when they are made until `release`, or until the test ends.

    What a held request does has been done: its executions have begun, and the journal has its entry.
    """

    def __init__(self, number: int, stub: Stub, at: str, keeper: Keeper) -> None:
        """`at` is the line of the test that made it."""
        self.number = number
        self._stub, self._at, self._keeper = stub, at, keeper

    def wait(self, timeout: float = 5.0) -> None:
        """Return as soon as a request has come here, whose answer is held.

        Raises AssertionError, saying what came instead, after `timeout` seconds of wall time, and UsageError inside a
        running event loop, whose client could never send: there `await_held` is awaited.
        """
        refuse_in_loop("await gate.await_held()")
        self._demand(self._keeper.wait_for_gate(self.number, patience(timeout)), timeout)

    async def await_held(self, timeout: float = 5.0) -> None:
        """`wait`, awaited."""
        self._demand(await self._keeper.await_for_gate(self.number, patience(timeout)), timeout)

    def release(self) -> None:
        """Let the answers go that are held here; later ones are not held."""
        self._keeper.release(self.number)

    def _demand(self, came: bool, timeout: float) -> None:
        if not came:
            told = [f"no request came to the gate at {self._at} within {timeout:g}s"]
            told += [f"  {line}" for line in self._keeper.nearest(self._stub)]
            raise AssertionError("\n".join(told))
