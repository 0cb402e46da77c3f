"""VectorShift as one value: its document, its wording of refusals, what exists there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.engine.messages import Answer, Call, Match
from mockserver.engine.record import violation_record
from mockserver.engine.vendor import Source, Vendor, json_answer
from mockserver.errors import Problem
from mockserver.vendors.vectorshift.bulk_run import BULK_RUN, SCOPE, bulk_run, output_rule, runs
from mockserver.vendors.vectorshift.face import FACE
from mockserver.vendors.vectorshift.files import FORMS

if TYPE_CHECKING:
    from mockserver.engine.world import World

# The three texts that the pages' UnauthorizedError allows (docs.vectorshift.ai, every pipeline page).
_UNAUTHORIZED = {
    "missing": "Missing authorization header",
    "format": "Invalid authorization header format",
    "unknown": "Invalid API key",
}


def refuse(problem: Problem, match: Match | None) -> Answer:
    """401 as `{"error"}` alone; all others as `{"status": "failed", "error"}`, violations beside them."""
    if problem.kind == "unauthorized":
        return json_answer(
            401, {"error": _UNAUTHORIZED[problem.reason]}, headers=problem.headers, summary=problem.message
        )
    value: dict[str, Any] = {"status": "failed", "error": problem.message}
    if problem.violations:
        value["violations"] = [violation_record(violation) for violation in problem.violations]
    if problem.more:
        value["more_violations"] = problem.more
    return json_answer(problem.status, value, headers=problem.headers, summary=problem.message)


def exists(call: Call, world: World) -> Problem | None:
    """A pipeline that nobody declared: 404, as the SDK's page on errors says of unknown ids."""
    name = call.path["id"]
    if world.exists(call, "pipelines", name):
        return None
    return Problem("not_found", "Pipeline not found", reason="pipeline")


VENDOR = Vendor(
    name="vectorshift",
    sources=(
        Source("vectorshift", "vectorshift/pipeline.yaml", "/vectorshift", ("vectorshift/pipeline.overlay.yaml",)),
    ),
    face=FACE,
    refuse=refuse,
    handlers={BULK_RUN: bulk_run},
    exists=exists,
    scope=SCOPE,
    inputs=runs,
    output_rule=output_rule,
    forms=FORMS,
    fixtures="vectorshift",
)
