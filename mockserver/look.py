"""How things stand in a world at one moment: all that the end of a test is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from msgspec import Struct

from mockserver.contract.manners import History
from mockserver.engine.inbox import InboxScript
from mockserver.engine.stubs import InputScript, Stub
from mockserver.engine.world import World
from mockserver.outlook import Outlook


class Look(Struct, frozen=True):
    """All that the end of a test is judged by, of one moment."""

    history: History
    left: tuple[tuple[Stub | InputScript | InboxScript, str], ...]  # scripts left over, and how
    outlook: Outlook
    is_open: bool  # a webhook is ready to leave or at its receiver

    @classmethod
    def of(cls, world: World, own: str) -> Self:
        """That of a world, now; `own` is where we serve."""
        now = Outlook.of(world)
        history = History(now.entries, now.executions, now.deliveries, world.timed_from, own)
        return cls(history, tuple(_left_over(world)), now, is_open=world.outbox.is_open)


def gates_of(script: Stub | InputScript | InboxScript) -> set[int]:
    """The gates that a script holds its answers at."""
    return {step.gate for step in script.steps} if isinstance(script, Stub) else set()


def _left_over(world: World) -> Iterator[tuple[Stub | InputScript | InboxScript, str]]:
    """The scripts that were not asked for as often as they say, oldest first."""
    for stub in reversed(world.stubs):
        if clause := stub.left_over(world.used("stub", stub.number)):
            yield stub, clause
    for script in reversed(world.input_scripts):
        if clause := script.left_over(world.used("input", script.number)):
            yield script, clause
    yield from world.inboxes.left_over
