"""From a planned input to an execution that lives on the world's clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.engine.batch import Planned
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Call
from mockserver.engine.notify import script_of
from mockserver.engine.respond import scope
from mockserver.scenario.model import Missing
from mockserver.scenario.render import Template

if TYPE_CHECKING:
    from mockserver.engine.world import World


def launch(one: Planned, call: Call, world: World, execution: Execution, **names: Any) -> Execution:
    """Start `execution` as its plan says. `names` are placeholders beside `inputs`, `index`, `execution_id`.

    `execution.output` and `.error` are what it comes to without a script; a scripted output or error replaces them.
    """
    vendor = call.match.service.vendor
    plan = one.plan
    if plan.webhook or not (isinstance(plan.output, Missing) and isinstance(plan.error, Missing)):
        placeholders = scope(call, world, inputs=one.input, index=one.index, execution_id=execution.id, **names)
        execution = replace(
            execution,
            output=_rendered(plan.output, placeholders, execution.output),
            error=_rendered(plan.error, placeholders, execution.error),
            webhook=plan.webhook,
        )
    path = vendor.lifecycle.path(one.plan, one.chance)
    if vendor.webhooks is not None and execution.webhook_url and script_of(execution, vendor.webhooks, world).early:
        # Its webhook is to arrive before the answer of the call that starts it, so it ends at once.
        path = ((path[0][0], 0.0), path[-1])
    return world.executions.start(execution, path)


def _rendered(template: Template | Missing, names: dict[str, Any], otherwise: Any) -> Any:
    return otherwise if isinstance(template, Missing) else template.render(names)
