"""From a planned input to an execution that lives on the world's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.engine.batch import Planned
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Call
from mockserver.engine.notify import script_of
from mockserver.engine.respond import scope
from mockserver.scenario.model import Missing

if TYPE_CHECKING:
    from mockserver.engine.world import World
    from mockserver.scenario.render import Template

_BEYOND_ASCII = "Zoë-東京-🌅"  # two, three and four bytes a letter in UTF-8


def launch(
    one: Planned, call: Call, world: World, execution: Execution, notes: list[str] | None = None, **names: Any
) -> Execution:
    """Start `execution` as its plan says. `names` are placeholders beside `inputs`, `index`, `execution_id`.

    `execution.output` and `.error` are what it comes to without a script; a scripted output or error replaces them, and
    so does an output that a function of the test made. `notes` gets a line for each placeholder that names nothing.
    """
    vendor = call.match.service.vendor
    plan = one.plan
    if not isinstance(one.made, Missing):
        execution = replace(execution, output=one.made)
    if plan.webhook or not (isinstance(plan.output, Missing) and isinstance(plan.error, Missing)):
        placeholders = scope(call, world, inputs=one.input, index=one.index, execution_id=execution.id, **names)
        if notes is not None:
            notes += [
                f"input {one.index}: the placeholder ${{{name}}} names nothing in this call: null was sent"
                for template in (plan.output, plan.error)
                if not isinstance(template, Missing)
                for name in template.missing(placeholders)
            ]
        execution = replace(
            execution,
            output=_rendered(plan.output, placeholders, execution.output),
            error=_rendered(plan.error, placeholders, execution.error),
            webhook=plan.webhook,
        )
    path = vendor.lifecycle.path(one.plan, one.chance)
    if vendor.webhooks is not None and execution.webhook_url:
        script = script_of(execution, vendor.webhooks, world)
        if script.early:
            # Its webhook is to arrive before the answer of the call that starts it, so it ends at once.
            path = ((path[0][0], 0.0), path[-1])
        if script.non_ascii:
            # What it made, and not its webhook alone: a read of it says the same.
            execution = replace(execution, output=_beyond_ascii(execution.output), error=_beyond_ascii(execution.error))
    return world.executions.start(execution, path)


def _rendered(template: Template | Missing, names: dict[str, Any], otherwise: Any) -> Any:
    return otherwise if isinstance(template, Missing) else template.render(names)


def _beyond_ascii(value: Any) -> Any:
    """`value` with letters of several alphabets in each of its texts; an address stays one."""
    match value:
        case str():
            return f"{value}{'#' if '://' in value else ' '}{_BEYOND_ASCII}"
        case list() | tuple():
            return [_beyond_ascii(one) for one in value]
        case dict():
            return {name: _beyond_ascii(one) for name, one in value.items()}
    return value
