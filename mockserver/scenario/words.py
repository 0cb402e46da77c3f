"""What a vendor knows of itself, as plain values that a fixture is held against; made where vendors are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from mockserver.openapi.operation import Operation

ENDS = frozenset({"completed", "failed", "cancelled"})


class VendorWords(Struct, frozen=True):
    """The words that a vendor's fixtures may use. Those left out are not checked."""

    scope: frozenset[str] | None = None  # placeholder names in executions, beside the engine's
    states: tuple[str, ...] | None = None  # that an execution passes through
    ends: frozenset[str] = ENDS
    happy: str = "completed"  # the end that needs no script
    schedules: frozenset[str] | None = None  # names of retry schedules
    starts: Callable[[Operation], bool] = lambda operation: True  # whether its calls can start executions
    output_rule: Callable[[Operation], str | None] = lambda operation: None  # the schema of an execution's output
    generic: bool = True  # no vendor module speaks for it, so that a fixture may give it a lifecycle
    resource: Callable[[str, str, Mapping[str, Any]], Any] = lambda kind, name, value: value  # ValueError: cannot be

    @property
    def failures(self) -> list[str]:
        """The ends that can have an error."""
        return sorted(self.ends - {self.happy, "cancelled"})
