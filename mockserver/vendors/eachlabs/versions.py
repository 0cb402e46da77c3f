"""The versions of a workflow: put (created or replaced, it becomes the latest), and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.clock import stamp
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.vendors.eachlabs.workflow import KIND, Version, Workflow, called, compiled

if TYPE_CHECKING:
    from mockserver.engine.world import World

_FLAGS = {"published": "published", "locked": "locked", "production": "production", "allowed_to_share": "shared"}


def upsert_version(call: Call, decision: Decision, world: World) -> Answer:
    """Create a version or change it. What is not given stays; a locked one is a 403, a new one needs a definition."""
    body: Mapping[str, Any] = call.body
    workflow = called(call, world)
    name = body.get("version_id", call.path["versionID"])
    known = next((one for one in workflow.versions if one.id == name), None)
    if known is not None and known.locked:
        raise Refused(Problem("forbidden", "version is locked", reason="version"))
    if known is None and body.get("definition") is None:
        raise Refused(Problem("rejected", "definition is required"))
    now = world.clock.now
    version = replace(known or Version(name, created=now), updated=now)
    if body.get("definition") is not None:
        version = redefined(version, body["definition"])
    if "output_mapping" in body:
        version = replace(version, output_mapping=body["output_mapping"])
    version = replace(version, **{ours: body[theirs] for theirs, ours in _FLAGS.items() if theirs in body})
    workflow = replace(workflow.put(version), updated=now)
    world.declare(call.match.service.vendor, KIND, workflow.id, workflow)
    shown = version_shown(version, workflow, world)
    return json_answer(200, shown, summary=f"version {name} of {workflow.slug} put")


def redefined(version: Version, definition: Mapping[str, Any]) -> Version:
    """`version` with another definition. Raises Refused when a schema in it is none."""
    try:
        return compiled(version, definition, f"version {version.id}")
    except ValueError as error:
        raise Refused(Problem("rejected", str(error))) from error


def version_shown(version: Version, workflow: Workflow, world: World) -> dict[str, Any]:
    """A version as the vendor shows it."""
    created = world.settings.start if version.created is None else version.created
    return {
        "version_id": version.id,
        "slug": workflow.slug,
        "published": version.published,
        "locked": version.locked,
        "production": version.production,
        "allowed_to_share": version.shared,
        "status": "active",
        "created_at": stamp(created),
        "updated_at": stamp(created if version.updated is None else version.updated),
        "definition": version.definition,
    }
