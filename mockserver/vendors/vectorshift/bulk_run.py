"""`POST /pipeline/{id}/bulk_run`: one entry in `run_outputs` for each run, in order (the order is our inference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import Encoded, json_answer
from mockserver.errors import Problem, Refused
from mockserver.scenario.model import Executions, Missing
from mockserver.vendors.vectorshift.life import length
from mockserver.vendors.vectorshift.outputs import FAILURES, NO_OUTPUTS, failure, outputs, scripts
from mockserver.vendors.vectorshift.pipeline import run_by

if TYPE_CHECKING:
    from mockserver.engine.world import World


def bulk_run(call: Call, decision: Decision, world: World) -> Answer:
    """Run a pipeline once for each item of `runs`; every run succeeds unless a script says otherwise."""
    planned = plan_inputs(call, decision, world)
    pipeline = run_by(call, world)
    notes: list[str] = []
    made: list[tuple[str, Encoded]] = []  # the id of each run, and what it comes to
    failed: list[Planned] = []
    for one in planned:
        if one.rejected is not None:
            # An item has no room for a refusal of its own, so a rejected run refuses the whole call (a guess).
            raise Refused(Problem("rejected", f"/runs/{one.index}: {one.rejected}"))
        run_id = one.chance.mark(24)
        if one.plan.ends in FAILURES:
            failed.append(one)
            made.append((run_id, NO_OUTPUTS))
        else:
            made.append((run_id, outputs(one, run_id, pipeline, call, world, notes)))
    notes += _reasons(failed, made, call, world)
    told = scripts(planned, pipeline)
    # All runs go in parallel, so the answer waits for the slowest; without a script none takes any time, or breaks.
    slowest = max(map(length, planned), default=0.0) if told else 0.0
    broken = tuple(one.broken for one in planned if one.broken) if told else ()
    scripted = decision.then if isinstance(decision.then, Executions) else None
    if failed and pipeline.failed_status == 500:
        error = failure(failed[0], made[failed[0].index][0], call, world)
        said = _Said(500, {"status": "failed", "error": error})
    else:
        # One failed run among good ones is undocumented: HTTP 200, `failed` for the whole, no outputs for it (a guess).
        said = _said("failed" if failed else "success", made)
    return json_answer(
        said.status,
        said.value,
        body=said.body,
        shape=said.shape,
        summary=f"{len(planned) - len(failed)} of {len(planned)} runs succeeded",
        notes=tuple(notes),
        scripts=told,
        broken=broken,
        delay=slowest + (scripted.delay if scripted else 0.0),
        hold=scripted.hold if scripted else 0.0,
    )


class _Said(Struct, frozen=True):
    """What the answer says: `value`, or its bytes where those are at hand and of a `shape` that was proven."""

    status: int
    value: Any
    body: bytes | None = None
    shape: tuple[object, ...] | None = None


def _said(status: str, made: list[tuple[str, Encoded]]) -> _Said:
    """The vendor's shape. Its bytes are put together from those of the outputs, which are at hand already."""
    entries: list[bytes] = []
    is_sound = True
    for run_id, one in made:
        entries.append(b'{"run_id":"%b","outputs":%b}' % (run_id.encode(), one.json))
        is_sound = is_sound and one.sound
    body = b'{"status":"%b","run_outputs":[%b]}' % (status.encode(), b",".join(entries))
    if is_sound:
        return _Said(200, None, body, (status, len(made)))
    value = {"status": status, "run_outputs": [{"run_id": run_id, "outputs": one.value} for run_id, one in made]}
    return _Said(200, value, body)


def _reasons(failed: list[Planned], made: list[tuple[str, Encoded]], call: Call, world: World) -> list[str]:
    """Notes for the journal: an entry of the answer has no place for the reason."""
    return [
        f"/runs/{one.index} {one.plan.ends}: {failure(one, made[one.index][0], call, world)}; "
        "the contract has no place for the reason"
        for one in failed
        if not isinstance(one.plan.error, Missing)
    ]
