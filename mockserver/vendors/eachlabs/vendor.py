"""each::labs as one value: its documents, its wording of refusals, what exists there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.engine.messages import Answer, Call, Match
from mockserver.engine.vendor import Source, Vendor, json_answer
from mockserver.errors import Problem, Violation
from mockserver.vendors.eachlabs.bulk_trigger import bulk_trigger, inputs
from mockserver.vendors.eachlabs.face import FACE
from mockserver.vendors.eachlabs.workflow import workflow

if TYPE_CHECKING:
    from mockserver.engine.world import World

UNAUTHORIZED = "Invalid or missing API key"
WRONG_COUNT = "inputs must contain 1–10 items"  # the dash is the vendor's (U+2013)


def refuse(problem: Problem, match: Match | None) -> Answer:
    """All errors are `{"error": text}` (docs: endpoint pages of the engine)."""
    return json_answer(problem.status, {"error": _text(problem)}, headers=problem.headers, summary=problem.message)


def _text(problem: Problem) -> str:
    if problem.kind == "unauthorized":
        return UNAUTHORIZED
    if any(_miscounts(violation) for violation in problem.violations):
        return WRONG_COUNT
    return problem.message


def _miscounts(violation: Violation) -> bool:
    return violation.where == "/inputs" and violation.rule.endswith(("/minItems", "/maxItems"))


def exists(call: Call, world: World) -> Problem | None:
    """A workflow that nobody declared is the vendor's 404."""
    if world.exists(call, "workflows", call.path["workflowID"]):
        return None
    return Problem("not_found", "workflow not found", reason="workflow")


VENDOR = Vendor(
    name="eachlabs",
    sources=(Source("eachlabs", "eachlabs/engine.yaml", "/eachlabs", ("eachlabs/engine.overlay.yaml",)),),
    face=FACE,
    refuse=refuse,
    handlers={"POST /{workflowID}/bulk-trigger": bulk_trigger},
    exists=exists,
    resource=workflow,
    scope=frozenset({"inputs", "index", "execution_id", "bulk_id"}),
    inputs=inputs,
    fixtures="eachlabs",
)
