"""`POST /pipeline/{id}/bulk_run`: one entry in `run_outputs` for each run, in order (the order is our inference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.respond import scope
from mockserver.engine.vendor import Encoded, json_answer
from mockserver.errors import Problem, Refused
from mockserver.openapi.operation import Operation
from mockserver.scenario.model import Executions, Missing

if TYPE_CHECKING:
    from mockserver.engine.world import World

BULK_RUN = "POST /pipeline/{id}/bulk_run"
_OUTPUTS = "/responses/200/content/application~1json/schema/properties/run_outputs/items/properties/outputs"


def output_rule(operation: Operation) -> str | None:
    """Where the published document says what a run's outputs look like."""
    return operation.rule + _OUTPUTS if operation.label == BULK_RUN else None


def runs(call: Call) -> tuple[Any, ...]:
    """The runs of the call; a run without inputs is one (`inputs` is not required)."""
    return tuple(call.body["runs"])


def bulk_run(call: Call, decision: Decision, world: World) -> Answer:
    """Run a pipeline once for each item of `runs`; every run succeeds unless a script says otherwise."""
    planned = plan_inputs(call, decision, world)
    refused = next((one for one in planned if one.rejected is not None), None)
    if refused is not None:
        # An item has no room for a refusal of its own, so a rejected run refuses the whole call (a guess).
        raise Refused(Problem("rejected", f"/runs/{refused.index}: {refused.rejected}"))
    notes: list[str] = []
    marks = [one.chance.mark(24) for one in planned]
    outputs = [_outputs(one, run_id, call, world, notes) for one, run_id in zip(planned, marks, strict=True)]
    # One failed run among good ones is undocumented: HTTP 200, `failed` for the whole, no outputs for it (a guess).
    failed = sum(one.plan.ends in _FAILURES for one in planned)
    then = decision.then
    return _answer(
        "failed" if failed else "success",
        marks,
        outputs,
        summary=f"{len(planned) - failed} of {len(planned)} runs succeeded",
        notes=tuple(notes),
        scripts=tuple(dict.fromkeys(one.source for one in planned if one.source)),
        delay=then.delay if isinstance(then, Executions) else 0.0,
        hold=then.hold if isinstance(then, Executions) else 0.0,
    )


_FAILURES = frozenset({"failed", "cancelled"})


def _answer(status: str, marks: list[str], outputs: list[Encoded], **more: Any) -> Answer:
    """The vendor's shape. Its bytes are put together from those of the outputs, which are at hand already."""
    pairs = list(zip(marks, outputs, strict=True))
    entries = b",".join(b'{"run_id":"%b","outputs":%b}' % (run_id.encode(), one.json) for run_id, one in pairs)
    value = {"status": status, "run_outputs": [{"run_id": run_id, "outputs": one.value} for run_id, one in pairs]}
    return json_answer(200, value, body=b'{"status":"%b","run_outputs":[%b]}' % (status.encode(), entries), **more)


def _outputs(one: Planned, run_id: str, call: Call, world: World, notes: list[str]) -> Encoded:
    if one.plan.ends in _FAILURES:
        if not isinstance(one.plan.error, Missing):
            error = one.plan.error.render(_scope(one, run_id, call, world))
            notes.append(f"/runs/{one.index} {one.plan.ends}: {error}; the contract has no place for the reason")
        return _NONE
    if isinstance(one.plan.output, Missing):
        return world.sample(call.match.service, call.match.operation.rule + _OUTPUTS, one.chance)
    names = _scope(one, run_id, call, world)
    missing = one.plan.output.missing(names)
    notes += [
        f"/runs/{one.index}: the placeholder ${{{name}}} names nothing in this run: null was sent" for name in missing
    ]
    return Encoded.of(one.plan.output.render(names))


_NONE = Encoded.of({})

SCOPE = frozenset({"inputs", "index", "run_id", "execution_id", "conversation_id"})


def _scope(one: Planned, run_id: str, call: Call, world: World) -> dict[str, Any]:
    """`inputs`, `index`, `run_id` (also `execution_id`) and `conversation_id` beside those of every answer."""
    names = {"inputs": one.input.get("inputs") or {}, "index": one.index, "run_id": run_id, "execution_id": run_id}
    if "conversation_id" in one.input:
        names["conversation_id"] = one.input["conversation_id"]
    return scope(call, world, **names)
