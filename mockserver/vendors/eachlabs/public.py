"""Versions that are shared with everybody: read without a key, run with the key of whoever pays (docs: public pages).

Shared is what a fixture declares with `public`, a version put with `allowed_to_share`, and what `"*"` stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.clock import stamp
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused, Violation
from mockserver.vendors.eachlabs.trigger import Order, start_one
from mockserver.vendors.eachlabs.workflow import Version, Workflow, find, not_found

if TYPE_CHECKING:
    from mockserver.engine.world import World

_KEY_RULE = "/components/securitySchemes/ApiKeyAuth"


def get_public_version(call: Call, decision: Decision, world: World) -> Answer:
    """A shared version, flat."""
    workflow, version = _shared(call, world, "workflow version not found")
    created = world.settings.start if version.created is None else version.created
    shown = {
        "workflow_id": workflow.id,
        "version_id": version.id,
        "slug": workflow.slug,
        "name": workflow.name or workflow.id,
        "description": workflow.description,
        "status": "active",
        "created_at": stamp(created),
        "updated_at": stamp(created if version.updated is None else version.updated),
        # Fields that nobody set are left out (docs: public version page).
        **({"categories": list(workflow.categories)} if workflow.categories else {}),
        **({"definition": version.definition} if version.definition else {}),
    }
    return json_answer(200, shown, summary=f"public version {version.id} of {workflow.slug}")


def trigger_public_version(call: Call, decision: Decision, world: World) -> Answer:
    """Queue one run of a shared version for the account of the key."""
    _authenticate(call)
    workflow, version = _shared(call, world, "workflow version not found or not publicly available")
    return start_one(Order.of(call, workflow, version), call, decision, world)


def _authenticate(call: Call) -> None:
    """The key is in the body, else in `X-API-Key`; a bearer token is not read here (docs: public trigger page)."""
    key = call.body.get("api_key") or call.headers.get("x-api-key")
    if key and call.match.service.takes(key):
        return
    said = "holds a key that is not known here" if key else "is missing, and X-API-Key too"
    violation = Violation("security", "/api_key", "", "a key that is known here", _KEY_RULE, "E105", fault=said)
    raise Refused(Problem("unauthorized", f"api_key {said}", (violation,), reason="unknown" if key else "missing"))


def _shared(call: Call, world: World, message: str) -> tuple[Workflow, Version]:
    workflow = find(call.path["slug"], call.match.service, world)
    version = workflow.version(call.path["versionID"]) if workflow is not None else None
    if workflow is None or version is None:
        raise Refused(not_found("version", message))
    if not version.shared and workflow.public not in ("*", call.path["nickname"]):
        raise Refused(not_found("version", message))
    return workflow, version
