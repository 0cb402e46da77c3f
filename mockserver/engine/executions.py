"""The executions of a world: one run of one input each, kept in the order in which they were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.scenario.model import Plan


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one input. `started` is the world's time in seconds; `batch` is shared by the runs of one bulk call."""

    id: str
    service: str
    operation: str
    resource: str  # the id of what it runs
    version: str
    batch: str
    index: int  # of its input among those of the call
    input: Any
    plan: Plan
    state: str
    started: float
    webhook_url: str | None = None


class Executions:
    """All executions, by id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Execution] = {}

    def add(self, execution: Execution) -> None:
        """Keep a new one."""
        self._by_id[execution.id] = execution

    def get(self, id: str) -> Execution | None:
        """The one with this id, or None."""
        return self._by_id.get(id)

    @property
    def all(self) -> tuple[Execution, ...]:
        """A snapshot, oldest first."""
        return tuple(self._by_id.values())
