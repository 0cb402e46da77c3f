"""What has not come to its end in a world, in words: for whoever waits for it, stops it, or leaves it."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.clock import stamp
from mockserver.engine.world import World

_SHOWN = 5  # items that a sentence lists


def still_going(world: World) -> str:
    """The executions, deliveries and streams that are not settled, and when the clock goes on, as a clause."""
    running = [f"execution {one.id} is {one.state}" for one in world.executions.all if not one.is_final]
    waiting = [
        f"delivery {one.id[:8]} has made {len(one.attempts)} of {len(one.wait)} attempts"
        for one in world.outbox.pending
    ]
    waiting += [f"the stream of request #{number} is open" for number in world.streams.numbers]
    due = world.clock.next_due
    last = "nothing is due" if due is None else f"next is due in {due - world.clock.now:g}s"
    return "; ".join([*_few(running), *_few(waiting), last])


def undelivered(world: World) -> str:
    """The webhooks that were neither acknowledged nor given up, as a sentence; "" when there are none."""
    pending = world.outbox.pending
    if not pending:
        return ""
    shown = [
        f"{one.id[:8]} ({one.status}) to {world.secrets.target(one.url)}"
        + (f", due {stamp(one.next_due)}" if one.next_due is not None else "")
        for one in pending
    ]
    where = f' of world "{world.name}"' if world.name else ""
    count = f"1 webhook{where} was" if len(pending) == 1 else f"{len(pending)} webhooks{where} were"
    return f"{count} not delivered: {'; '.join(_few(shown))}"


def _few(items: Sequence[str]) -> Sequence[str]:
    return items if len(items) <= _SHOWN else [*items[:_SHOWN], f"and {len(items) - _SHOWN} more"]
