"""A vendor that the package has never heard of: everything that it takes to join, lifecycle and webhooks included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockserver.engine.batch import plan_inputs
from mockserver.engine.delivery import WebhookPolicy
from mockserver.engine.executions import Execution
from mockserver.engine.launch import launch
from mockserver.engine.lifecycle import Lifecycle
from mockserver.engine.messages import Answer, Call, Decision, Match
from mockserver.engine.signing import Signing
from mockserver.engine.vendor import Face, Source, Vendor, json_answer
from mockserver.engine.world import World
from mockserver.errors import Problem, Refused

SECRET = "flour"


def refuse(problem: Problem, match: Match | None) -> Answer:
    return json_answer(problem.status, {"oops": problem.message}, headers=problem.headers, summary=problem.message)


def loaf(execution: Execution, world: World) -> dict[str, Any]:
    shown = {"id": execution.id, "state": execution.state}
    return {**shown, "weight": execution.output} if execution.state == "baked" else shown


def bake(call: Call, decision: Decision, world: World) -> Answer:
    batch = world.draw(call, call.body, "batch").uuid()
    started = []
    for one in plan_inputs(call, decision, world):
        execution = Execution(
            id=one.chance.mark(12),
            service=call.match.service.name,
            operation=call.operation,
            resource="oven",
            version="",
            input=one.input,
            started=world.clock.now,
            batch=batch,
            index=one.index,
            output=one.chance.integer(400, 900),
            webhook_url=call.body.get("tell"),
        )
        started.append(launch(one, call, world, execution))
    return json_answer(202, {"loaves": [loaf(execution, world) for execution in started]})


def look(call: Call, decision: Decision, world: World) -> Answer:
    execution = world.executions.get(call.path["id"])
    if execution is None:
        raise Refused(Problem("not_found", "no such loaf"))
    return json_answer(200, loaf(execution, world), reads=(execution.id,))


VENDOR = Vendor(
    name="bakery",
    sources=(Source("bakery", str(Path(__file__).with_name("bakery.yaml")), "/bakery"),),
    face=Face(test_key="dough", base_url_names=("BAKERY_URL",), api_key_names=("BAKERY_KEY",)),
    refuse=refuse,
    handlers={"POST /batches": bake, "GET /loaves/{id}": look},
    lifecycle=Lifecycle((("rising", 60.0), ("baking", 30.0)), "baked", frozenset({"baked", "burnt"})),
    webhooks=WebhookPolicy(frozenset({"baked", "burnt"}), (0.0, 5.0), loaf, signing=Signing("hmac", (SECRET,))),
    inputs=lambda call: tuple(call.body["loaves"]) if call.operation == "bake" else (),
)
