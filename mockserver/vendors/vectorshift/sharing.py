"""Sharing pipelines, with a user or organisation or in the marketplace. Nobody else is here to see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.vendor import json_answer
from mockserver.errors import Refused
from mockserver.vendors.vectorshift.pipeline import called, find, keep, not_found

if TYPE_CHECKING:
    from mockserver.engine.world import World

_LISTINGS = "listings"
_WHO = ("user_id", "org_id")


def share_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """Shared with one more, or with another role."""
    who = _same(call.body)
    pipeline = called(call, world)
    others = tuple(one for one in pipeline.shared_with if _same(one) != who)
    given = {"role": "viewer", **{key: call.body[key] for key in (*_WHO, "role", "name") if key in call.body}}
    keep(replace(pipeline, shared_with=(*others, given), updated=world.clock.now), call, world)
    return _done(f"pipeline {pipeline.id} shared")


def unshare_pipeline(call: Call, decision: Decision, world: World) -> Answer:
    """Shared with one less; that it never was is fine."""
    who = _same(call.body)
    pipeline = called(call, world)
    others = tuple(one for one in pipeline.shared_with if _same(one) != who)
    keep(replace(pipeline, shared_with=others, updated=world.clock.now), call, world)
    return _done(f"pipeline {pipeline.id} shared no longer")


def publish(call: Call, decision: Decision, world: World) -> Answer:
    """A listing in the marketplace, with an id of its own."""
    body: Mapping[str, Any] = call.body
    if find(body["object_id"], call.match.service, world) is None:
        raise Refused(not_found())
    listing = world.draw(call, body, _LISTINGS).mark(24)
    world.declare(call.match.service.vendor, _LISTINGS, listing, body)
    return json_answer(200, {"status": "success", "id": listing}, summary=f"{body['object_id']} listed as {listing}")


def unpublish(call: Call, decision: Decision, world: World) -> Answer:
    """The listing is gone."""
    id = call.path["marketplace_id"]
    if world.resource(call.match.service, _LISTINGS, id) is None:
        raise Refused(not_found("Listing"))
    world.declare(call.match.service.vendor, _LISTINGS, id, None)
    return _done(f"listing {id} removed")


def _same(given: Mapping[str, Any]) -> tuple[Any, Any]:
    return given.get("user_id"), given.get("org_id")


def _done(summary: str) -> Answer:
    return json_answer(200, {"status": "success"}, summary=summary)
