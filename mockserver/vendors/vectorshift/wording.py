"""How VectorShift words its refusals (docs: every pipeline page; bodies in the tests of its SDK)."""

from __future__ import annotations

from typing import Any

from mockserver.engine.messages import Answer, Match
from mockserver.engine.record import violation_record
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem

# The three texts that the pages' UnauthorizedError allows (docs.vectorshift.ai, every pipeline page).
_UNAUTHORIZED = {
    "missing": "Missing authorization header",
    "format": "Invalid authorization header format",
    "unknown": "Invalid API key",
}

# How the vendor's texts begin, and ours goes on.
_JSON, _FORM, _TYPE = "Invalid JSON body", "Invalid form data", "Unsupported content type"


def refuse(problem: Problem, match: Match | None) -> Answer:
    """401 as `{"error"}` alone; all others as `{"status": "failed", "error"}`, violations beside them."""
    if problem.kind == "unauthorized":
        return json_answer(
            401, {"error": _UNAUTHORIZED[problem.reason]}, headers=problem.headers, summary=problem.message
        )
    value: dict[str, Any] = {"status": "failed", "error": _text(problem)}
    if problem.violations:
        value["violations"] = [violation_record(violation) for violation in problem.violations]
    if problem.more:
        value["more_violations"] = problem.more
    return json_answer(problem.status, value, headers=problem.headers, summary=problem.message)


def _text(problem: Problem) -> str:
    match problem.kind:
        case "malformed" | "too_deep":
            return f"{_FORM if problem.reason == 'form' else _JSON}: {problem.message}"
        case "unsupported_media_type":
            return f"{_TYPE}: {problem.message}"
    return problem.message
