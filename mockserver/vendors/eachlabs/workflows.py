"""Keeping workflows: create, get, update, list (docs: workflow pages). What is created belongs to the world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.clock import stamp
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.service import Service
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.vendors.eachlabs.api_service import SERVICES, is_api
from mockserver.vendors.eachlabs.executions import PAGE
from mockserver.vendors.eachlabs.versions import redefined, version_shown
from mockserver.vendors.eachlabs.workflow import KIND, Version, Workflow, called, free_slug, slug_of

if TYPE_CHECKING:
    from mockserver.engine.world import World


def create_workflow(call: Call, decision: Decision, world: World) -> Answer:
    """A workflow with its first version, `v1` unless the definition names it."""
    body: Mapping[str, Any] = call.body
    now = world.clock.now
    definition = body.get("definition") or {}
    first = Version(definition.get("version") or "v1", created=now, updated=now)
    workflow = Workflow(
        id=world.draw(call, body, KIND).uuid(),
        slug=free_slug(body["name"], _slugs(call.match.service, world)),
        name=body["name"],
        description=body.get("description", ""),
        categories=tuple(body.get("categories", ())),
        locked=body.get("locked", False),
        production=body.get("production", False),
        versions=(redefined(first, definition),),
        takes_any_version=False,
        created=now,
        updated=now,
    )
    world.declare(call.match.service.vendor, KIND, workflow.id, workflow)
    return json_answer(201, _detail(workflow, call, world), summary=f"workflow {workflow.slug} created")


def get_workflow(call: Call, decision: Decision, world: World) -> Answer:
    """A workflow with its versions, by id or slug."""
    workflow = called(call, world)
    return json_answer(200, _detail(workflow, call, world), summary=f"workflow {workflow.slug}")


def update_workflow(call: Call, decision: Decision, world: World) -> Answer:
    """Change what is said of a workflow; on api-service the name alone. A locked one is a 403."""
    workflow = called(call, world)
    if workflow.locked:
        raise Refused(Problem("forbidden", "forbidden" if is_api(call) else "Workflow is locked", reason="workflow"))
    taken = _slugs(call.match.service, world) - {workflow.slug}
    if is_api(call) and slug_of(call.body.get("name", "")) in taken:
        raise Refused(Problem("conflict", "conflict", reason="slug"))
    honoured = ("name",) if is_api(call) else ("name", "description", "categories", "locked", "production")
    changes: dict[str, Any] = {key: call.body[key] for key in honoured if key in call.body}
    if "name" in changes:
        changes["slug"] = free_slug(changes["name"], taken)
    if "categories" in changes:
        changes["categories"] = tuple(changes["categories"])
    workflow = replace(workflow, **changes, updated=world.clock.now)
    world.declare(call.match.service.vendor, KIND, workflow.id, workflow)
    return json_answer(200, _detail(workflow, call, world), summary=f"workflow {workflow.slug} updated")


def list_workflows(call: Call, decision: Decision, world: World) -> Answer:
    """The workflows that have a name of their own, newest first unless they are to be sorted."""
    query = call.query
    triggers = _triggers(world)
    found = [one for one in world.named(call.match.service, KIND).values() if _wanted(one, query)]
    found.sort(key=lambda one: _time(one.created, world), reverse=True)
    if "sort_key" in query and "sort_direction" in query:
        key = _SORT[query["sort_key"]]
        found.sort(key=lambda one: key(one, world, triggers), reverse=query["sort_direction"] == "desc")
    first, limit = query.get("offset", 0), query.get("limit", PAGE)
    page = found[first : first + limit]
    shown: dict[str, Any] = {"workflows": [_summary(one, world, triggers[one.id]) for one in page]}
    if len(page) == limit:
        # The next page, present whenever this one came back full, even when nothing follows (docs, since 2026-08-17).
        shown["offset"] = first + limit
    return json_answer(200, {**shown, "total_count": len(found)}, summary=f"{len(page)} of {len(found)} workflows")


def _wanted(workflow: Workflow, query: Mapping[str, Any]) -> bool:
    if query.get("node_based"):
        return False  # none of ours is
    if "category" in query and query["category"] not in workflow.categories:
        return False
    text = "\n".join((workflow.name, workflow.slug, workflow.description)).lower()
    return query.get("keyword", "").lower() in text


_SORT: Mapping[str, Callable[[Workflow, World, Mapping[str, int]], Any]] = {
    "name": lambda one, world, triggers: one.name or one.id,
    "created_at": lambda one, world, triggers: _time(one.created, world),
    "updated_at": lambda one, world, triggers: _time(one.updated, world),
    "trigger_count": lambda one, world, triggers: triggers[one.id],
    "status": lambda one, world, triggers: "active",
}


def _slugs(service: Service, world: World) -> set[str]:
    return {one.slug for one in world.named(service, KIND).values()}


def _triggers(world: World) -> Counter[str]:
    """How many runs each workflow has had."""
    return Counter(one.resource for one in world.executions.all if one.service in SERVICES)


def _time(at: float | None, world: World) -> float:
    return world.settings.start if at is None else at


def _summary(workflow: Workflow, world: World, triggers: int) -> dict[str, Any]:
    return {
        "workflow_id": workflow.id,
        "slug": workflow.slug,
        "name": workflow.name or workflow.id,
        "description": workflow.description,
        "categories": list(workflow.categories),
        "status": "active",
        "trigger_count": triggers,
        "is_public": bool(workflow.public),
        "production": workflow.production,
        "node_based": False,
        "created_at": stamp(_time(workflow.created, world)),
        "updated_at": stamp(_time(workflow.updated, world)),
    }


def _detail(workflow: Workflow, call: Call, world: World) -> dict[str, Any]:
    shown = _summary(workflow, world, _triggers(world)[workflow.id])
    if not is_api(call):
        del shown["node_based"]
        shown |= {"locked": workflow.locked, "latest_version_id": workflow.latest.id}
    return {**shown, "versions": [version_shown(one, workflow, world) for one in workflow.versions]}
