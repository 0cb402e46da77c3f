"""Starting runs: what single, bulk and public triggers have in common, and the single trigger of both contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.clock import stamp
from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.executions import Execution
from mockserver.engine.launch import launch
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.signing import Signing
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.scenario.model import Executions
from mockserver.vendors.eachlabs.api_service import is_api, signing
from mockserver.vendors.eachlabs.steps import failure_of, outline
from mockserver.vendors.eachlabs.webhook_url import webhook_url
from mockserver.vendors.eachlabs.workflow import Version, Workflow, called, version_of

if TYPE_CHECKING:
    from mockserver.engine.world import World


def inputs(call: Call) -> tuple[Any, ...]:
    """The inputs of a trigger: those of a bulk call, or the one of a single call; none for any other operation."""
    if "trigger" not in call.match.operation.path:
        return ()
    body = call.body if isinstance(call.body, dict) else {}
    given = body.get("inputs", {})
    return tuple(given) if isinstance(given, list) else (given,)


class Order(Struct, frozen=True):
    """What a call wants to be run, checked as far as it concerns all of its inputs."""

    workflow: Workflow
    version: Version
    webhook_url: str | None
    signing: Signing | None

    @classmethod
    def of(cls, call: Call, workflow: Workflow, version: Version) -> Order:
        """The order of a call. Raises Refused when its webhook cannot be."""
        return cls(workflow, version, webhook_url(call), signing(call))

    def plan(self, call: Call, decision: Decision, world: World) -> tuple[tuple[Planned, ...], list[str]]:
        """A plan for each input, and notes: all that is wrong with those that are refused."""
        notes: list[str] = []

        def reject(index: int, value: Any) -> str | None:
            faults = self.version.takes.faults(value)
            notes.extend(f"/inputs/{index}: {fault}" for fault in faults)
            return faults[0] if faults else None

        return plan_inputs(call, decision, world, reject), notes

    def start(
        self, one: Planned, call: Call, world: World, notes: list[str], bulk_id: str | None = None
    ) -> dict[str, Any]:
        """Queue one run; its entry in the answer. What the journal should say of it is added to `notes`."""
        execution = launch(
            one,
            call,
            world,
            Execution(
                id=one.chance.uuid(),
                service=call.match.service.name,
                operation=call.operation,
                resource=self.workflow.id,
                version=self.version.id,
                input=one.input,
                started=world.clock.now,
                batch=bulk_id,
                index=one.index,
                output=self.version.output(one.chance, example=one.example),
                error=failure_of(self.version),
                webhook_url=self.webhook_url,
                signing=self.signing,
                details=outline(self.version),
            ),
            notes,
            bulk_id=bulk_id,
        )
        queued = {"execution_id": execution.id, "status": "queued"}
        # Only the engine's pages have `started_at` in this answer.
        return queued if is_api(call) else {**queued, "started_at": stamp(execution.started)}


def broken(planned: Sequence[Planned]) -> tuple[str, ...]:
    """Why functions of the test made no outputs for some of them."""
    return tuple(one.broken for one in planned if one.broken)


def pace(decision: Decision) -> dict[str, float]:
    """The delay and hold that a script asks for."""
    then = decision.then
    return {"delay": then.delay, "hold": then.hold} if isinstance(then, Executions) else {}


def ordered(call: Call, world: World) -> Order:
    """The workflow and version that a call names, in the body (engine) or in the path (api-service).

    Raises Refused: an unknown version is a 404, which api-service words like that of an unknown workflow.
    """
    workflow = called(call, world)
    if is_api(call):
        version = version_of(workflow, call.path["versionID"], "workflow not found")
    else:
        version = version_of(workflow, call.body.get("version_id"))
    return Order.of(call, workflow, version)


def trigger(call: Call, decision: Decision, world: World) -> Answer:
    """Queue one run; an input that does not fit is a 400."""
    return start_one(ordered(call, world), call, decision, world)


def start_one(order: Order, call: Call, decision: Decision, world: World) -> Answer:
    """Queue the one input of a call. Raises Refused when it does not fit."""
    (one,), notes = order.plan(call, decision, world)
    if one.rejected is not None:
        raise Refused(Problem("rejected", one.rejected))
    entry = order.start(one, call, world, notes)
    return json_answer(
        202,
        entry,
        summary=f"execution {entry['execution_id'][:8]}: queued",
        notes=tuple(notes),
        broken=broken([one]),
        **pace(decision),
    )
