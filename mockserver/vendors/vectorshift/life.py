"""How long a run takes, and the states that it passes through."""

from __future__ import annotations

from mockserver.engine.batch import Planned
from mockserver.engine.lifecycle import Lifecycle

# The SDK's words; a guide of the vendor has others (running, succeeded, failed, cancelled). The length is ours.
LIFECYCLE = Lifecycle(timeline=(("in_progress", 5.0),))


def length(one: Planned) -> float:
    """The seconds that a caller waits for a run: those that a script gives it, else none."""
    if one.plan.after is None and one.plan.timeline is None:
        return 0.0
    return sum(stay for _, stay in LIFECYCLE.path(one.plan, one.chance))
