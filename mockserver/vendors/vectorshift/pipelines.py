"""Keeping pipelines: list, fetch, create, save, copy, go back, delete. What a client makes belongs to the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Problem, Refused
from mockserver.vendors.vectorshift import graph
from mockserver.vendors.vectorshift.options import option, unheeded
from mockserver.vendors.vectorshift.pipeline import (
    FIRST,
    KIND,
    Pipeline,
    Saved,
    called,
    find,
    find_by_name,
    keep,
    named,
    not_found,
)
from mockserver.vendors.vectorshift.shown import shown

if TYPE_CHECKING:
    from mockserver.engine.world import World


def list_pipelines(call: Call, decision: Decision, world: World) -> Answer:
    """Ids, and with `verbose` the pipelines; those of others with `include_shared` only."""
    query = call.query
    known = [
        one
        for one in named(call.match.service, world)
        if (query.get("include_shared") or not one.shared) and option(call, "folder_id", one.folder) == one.folder
    ]
    first, limit = option(call, "offset", 0), option(call, "limit", len(known))
    page = known[first : first + limit]
    value: dict[str, Any] = {"status": "success", "object_ids": [one.id for one in page]}
    if query.get("verbose"):
        value["objects"] = [shown(one, world) for one in page]
    return json_answer(200, value, summary=f"{len(page)} of {len(known)} pipelines", notes=unheeded(call))


def fetch_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """A pipeline by its id, else by its name."""
    query, service = call.query, call.match.service
    if query.get("id"):
        found = find(query["id"], service, world)
    elif query.get("name"):
        found = find_by_name(query["name"], service, world)
    else:
        raise Refused(Problem("rejected", "Pipeline ID is required"))
    if found is None:
        raise Refused(not_found())
    value = {"status": "success", "object": shown(found.at(option(call, "version")), world)}
    return json_answer(200, value, summary=f"pipeline {found.id}", notes=unheeded(call))


def create_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """A new pipeline, built from nodes if there are any in the body."""
    body: Mapping[str, Any] = call.body
    now = world.clock.now
    nodes, canvas = (option(call, key) for key in ("nodes", "canvas_metadata"))
    saved = None if nodes is None else Saved(nodes, canvas or {})
    made = Pipeline(
        id=world.draw(call, body, KIND).mark(24),
        name=body["name"],
        description=body.get("description", ""),
        saved=saved,
        versions={FIRST: saved} if saved else {},
        created=now,
        updated=now,
    )
    keep(made, call, world)
    value = {"status": "success", "id": made.id}
    return json_answer(200, value, summary=f"pipeline {made.id} created", notes=unheeded(call))


def update_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """Save what is given; with `deploy` it is a version of its own. Also moves it to another folder."""
    body: Mapping[str, Any] = call.body
    pipeline = called(call, world)
    changes: dict[str, Any] = {ours: body[theirs] for theirs, ours in _TEXTS.items() if theirs in body}
    if "nodes" in body or "canvas_metadata" in body:
        before = pipeline.saved or Saved()
        saved = Saved(body.get("nodes", before.nodes), body.get("canvas_metadata", before.canvas))
        changes["saved"] = saved
        if body.get("deploy"):
            version = _next(pipeline, body.get("bump", "patch"))
            changes |= {"version": version, "versions": {**pipeline.versions, version: saved}}
    pipeline = replace(pipeline, **changes, updated=world.clock.now)
    keep(pipeline, call, world)
    return _done(f"pipeline {pipeline.id} saved, version {pipeline.version}")


_TEXTS = {"name": "name", "description": "description", "folder_id": "folder"}


def _next(pipeline: Pipeline, bump: str) -> str:
    """The version after the latest one."""
    if not pipeline.versions:
        return FIRST
    latest = max(tuple(map(int, version.split("."))) for version in pipeline.versions)
    place = ("major", "minor", "patch").index(bump)
    grown = (*latest[:place], latest[place] + 1, 0, 0)[:3]
    return ".".join(map(str, grown))


def duplicate_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """A copy with an id of its own."""
    body: Mapping[str, Any] = call.body
    original = called(call, world)
    now = world.clock.now
    copy = replace(
        original,
        id=world.draw(call, body, KIND).mark(24),
        name=body.get("name", f"Copy of {original.name or original.id}"),
        description=body.get("description", original.description),
        folder=body.get("folder_id", original.folder),
        shared=False,
        shared_with=(),
        created=now,
        updated=now,
    )
    keep(copy, call, world)
    value = {"status": "success", "id": copy.id}
    return json_answer(200, value, summary=f"pipeline {copy.id} is a copy of {original.id}")


def revert_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """It is again as it was in a version."""
    pipeline = called(call, world)
    before = pipeline.at(call.body["version"])
    keep(replace(before, updated=world.clock.now), call, world)
    return _done(f"pipeline {pipeline.id} is version {before.version} again")


def remove_node(call: Call, decision: Decision, world: World) -> Answer:
    """It goes on without a node and its edges."""
    body: Mapping[str, Any] = call.body
    pipeline = called(call, world)
    saved = pipeline.saved or Saved()
    id = body["node_id"] if "node_id" in body else graph.called(saved.nodes, body["node_name"])
    if id is None or id not in saved.nodes:
        raise Refused(not_found("Node"))
    keep(
        replace(pipeline, saved=Saved(*graph.without(saved.nodes, saved.canvas, id)), updated=world.clock.now),
        call,
        world,
    )
    return json_answer(200, {"status": "success", "node_id": id}, summary=f"node {id} removed")


def delete_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """It is gone, whatever `"*"` stands for."""
    world.declare(call.match.service.vendor, KIND, call.path["id"], None)
    return _done(f"pipeline {call.path['id']} deleted")


def _done(summary: str) -> Answer:
    return json_answer(200, {"status": "success"}, summary=summary)
