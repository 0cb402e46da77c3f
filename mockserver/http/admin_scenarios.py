"""The admin API about scripts: the scenarios and stubs of a world, and scenarios that are added while it runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from mockserver.engine.inputs import AddScenarios, DropScenarios
from mockserver.engine.messages import Answer
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.hints import nearest
from mockserver.http.ask import Ask
from mockserver.openapi.document import Document
from mockserver.scenario.load import parse_fixture
from mockserver.scenario.model import Scenario
from mockserver.vendors.assembly import words_of


def list_scenarios(ask: Ask) -> Answer:
    """Scenarios in the order in which they are asked, and stubs, newest first; `used`: how often each answered."""
    world = ask.world
    found = [
        _scenario(one, service.name, world.used("scenario", service.name, one.name), added=added)
        for service in world.services
        for added, scenarios in ((True, world.added_scenarios(service)), (False, service.scenarios))
        for one in scenarios
    ]
    stubs = [
        {"operation": stub.operation, "at": stub.at, "used": world.used("stub", stub.number)} for stub in world.stubs
    ]
    return json_answer(200, {"scenarios": found, "stubs": stubs})


def add_scenarios(ask: Ask) -> Answer:
    """`{"vendor": ..., "scenarios": [...]}`, written as in a fixture file: they are asked before all others."""
    ask.only("a script", "format", "vendor", "about", "scenarios")
    if not ask.value.get("scenarios"):
        raise UsageError('say which: {"vendor": "...", "scenarios": [...]}, as in a fixture file')
    world = ask.world
    fixture = parse_fixture(
        json.dumps({"format": 1, **ask.value}, indent=2),
        label="POST scenarios",
        documents=partial(_documents, world),
        words=lambda vendor: words_of(next(one.vendor for one in world.services if one.vendor.name == vendor)),
    )
    for service in world.services:
        own = {operation.id for operation in service.document.operations}
        fitting = tuple(one for one in fixture.scenarios if one.operation in own)
        if service.vendor.name == fixture.vendor and fitting:
            world.apply(AddScenarios(service.name, fitting))
    return replace(list_scenarios(ask), status=201)


def drop_scenarios(ask: Ask) -> Answer:
    """Forget the scenarios that were added; those of the fixtures, and stubs, stay."""
    ask.world.apply(DropScenarios())
    return list_scenarios(ask)


def _documents(world: World, vendor: str) -> Sequence[Document]:
    served = {one.vendor.name for one in world.services}
    if vendor not in served:
        raise UsageError(f'no document of the vendor "{vendor}" is served here; {nearest(vendor, sorted(served))}')
    return [one.document for one in world.services if one.vendor.name == vendor]


def _scenario(one: Scenario, service: str, used: int, *, added: bool) -> dict[str, Any]:
    return {
        "name": one.name,
        "service": service,
        "operation": one.operation,
        "about": one.about,
        "at": str(one.at),
        "added": added,
        "used": used,
    }
