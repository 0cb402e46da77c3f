"""How each::labs words its refusals: `{"error": text}`, and which text (docs: endpoint pages, errors page)."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.messages import Answer, Match
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Violation
from mockserver.vendors.eachlabs.api_service import API

UNAUTHORIZED = "Invalid or missing API key"
WRONG_COUNT = "inputs must contain 1–10 items"  # the dash is the vendor's (U+2013)
UNREADABLE = {False: "invalid request body", True: "invalid JSON body"}  # engine, api-service

# Of the query: what is wrong where -> the text.
_QUERY = {"/bulk_id": "invalid bulk_id format", "/limit": "limit must be between 1 and 100"}

# Of bodies: what is wrong where -> the text. Documented are those for a name, a definition, and steps.
_MISSING = {
    "name": "name is required",
    "description": "description is required",
    "definition": "definition is required",
    "version_id": "version_id is required",
    "steps": "definition must include at least one step",
    "inputs": WRONG_COUNT,
}
_EMPTY: Mapping[tuple[str, str], str] = {
    ("/inputs", "minItems"): WRONG_COUNT,
    ("/inputs", "maxItems"): WRONG_COUNT,
    ("/name", "minLength"): "name is required",
    ("/version_id", "minLength"): "version_id is required",
    ("/definition/steps", "minItems"): "definition must include at least one step",
}

# The operations whose pages have one text for every body that cannot be read.
_TERSE = frozenset({"createWorkflow", "updateWorkflow", "upsertWorkflowVersion"})


def refuse(problem: Problem, match: Match | None) -> Answer:
    """All errors are `{"error": text}`."""
    text = _text(problem, match)
    return json_answer(problem.status, {"error": text}, headers=problem.headers, summary=problem.message)


def _text(problem: Problem, match: Match | None) -> str:
    if problem.kind == "unauthorized":
        return UNAUTHORIZED
    if problem.kind == "invalid":
        found = next((text for one in problem.violations if (text := _documented(one))), "")
        return found or _unreadable(match) or problem.message
    if problem.kind in ("malformed", "too_deep"):
        return _unreadable(match) or problem.message
    return problem.message


def _documented(violation: Violation) -> str:
    """The vendor's text for one violation, "" where none is known."""
    keyword = violation.rule.rpartition("/")[2]
    if violation.part == "path" and violation.where == "/executionID":
        return "invalid execution_id"
    if violation.part == "query":
        negative = (violation.where, keyword) == ("/offset", "minimum")
        return "offset must not be negative" if negative else _QUERY.get(violation.where, "")
    if keyword == "required":
        # The sentence is ours (`missing "name"`): it ends with the name in quotes.
        return _MISSING.get(violation.clause.rpartition(" ")[2].strip('"'), "")
    return _EMPTY.get((violation.where, keyword), "")


def _unreadable(match: Match | None) -> str:
    if match is None or match.operation.id not in _TERSE:
        return ""
    return UNREADABLE[match.service.name == API]
