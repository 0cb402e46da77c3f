"""Documents of all kinds, served without a module of their own: every operation answers as its document says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from mockserver.engine.messages import Request
from mockserver.engine.service import Service
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.openapi.operation import Operation
from mockserver.vendors.assembly import Wanted, assemble
from tests.openapi.asking import requests
from tests.openapi.test_sample_any_schema import PLAIN

SPECS = Path(__file__).parents[1] / "specs"
DOCUMENTS = {
    "petstore": "petstore.yaml",
    "forms": "forms.yaml",
    "tree": "tree.json",
    "upload": "upload.yaml",
    "jobs": "jobs.yaml",
    "library": "library/api.yaml",
    "everything": "everything.yaml",
    "thirty": "thirty.json",
}


@cache
def served(name: str) -> Service:
    """The document as `serve` mounts it."""
    (service,) = assemble(Wanted(specs=((name, SPECS / DOCUMENTS[name]),)))
    return service


def operations(name: str) -> list[Operation]:
    return list(served(name).document.operations)


ALL = [pytest.param(name, one.id, id=f"{name}-{one.id}") for name in DOCUMENTS for one in operations(name)]


@pytest.mark.parametrize(("name", "operation"), ALL)
def test_every_operation_takes_what_its_document_allows_and_answers_with_what_it_declares(name, operation):
    """For several seeds and each media type of the body: no refusal, and nothing that breaks the document."""
    service = served(name)
    one = service.document.operation(operation)

    for seed in range(1, 6):
        world = World((service,), Settings(seed=seed))
        for request in requests(service.document, one, service.mounts[0], seed):
            entry = world.apply(request)

            assert entry.problem is None, (request.target, request.headers, request.body, entry.answer.body)
            assert (entry.crash, entry.violations) == ("", ())
            assert 200 <= entry.answer.status < 400


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sound_document_has_nothing_to_remark_upon(name):
    """What is supported is read without a warning; what is not heeded is said."""
    said = [warning.message for warning in served(name).document.warnings]

    assert said == {
        "everything": [
            "mutual asks for a client certificate, which is not checked",
            "the servers of a path or an operation are not heeded: it is served where the document is",
        ],
        "thirty": ["nullable has no effect where no type stands beside it"],
    }.get(name, [])


def test_a_document_with_webhooks_and_no_paths_is_served():
    """It answers 404 to everything, and there is nothing to warn of."""
    (service,) = assemble(Wanted(specs=((None, SPECS / "events.yaml"),)))

    assert service.document.warnings == ()
    assert World((service,), Settings()).apply(Request("GET", "/", "/")).answer.status == 404


def test_an_impossible_answer_is_told_of_at_load_among_many_others(tmp_path):
    """Where too many schemas have no value to look into all of them together, answers are looked into one by one."""
    path = tmp_path / "api.json"
    never = {"type": "string", "not": {"minLength": 0}}
    many = {"type": "object", "properties": {f"p{number}": {**never, "title": str(number)} for number in range(25)}}
    gets = {
        f"/{name}": {
            "get": {"responses": {"200": {"description": "d", "content": {"application/json": {"schema": one}}}}}
        }
        for name, one in {"many": many, "never": never}.items()
    }
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": gets}))

    (service,) = assemble(Wanted(specs=((None, path),)))

    world = World((service,), Settings())
    assert [one.at.pointer.split("/")[2] for one in service.document.warnings] == ["~1never"]
    assert world.apply(Request("GET", "/many", "/many")).answer.status == 200
    assert world.apply(Request("GET", "/never", "/never")).answer.status == 500


QUICK = settings(deadline=None, database=None, derandomize=True, max_examples=80,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])  # fmt: skip


@settings(QUICK)
@given(schema=PLAIN)
def test_any_schema_is_answered_or_told_of_at_load(schema, tmp_path):
    """An answer fits its schema, for every seed; where none can be made, the document's warnings say so."""
    path = tmp_path / "api.json"
    reply = {"description": "d", "content": {"application/json": {"schema": schema}}}
    head = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}
    path.write_text(json.dumps({**head, "paths": {"/a": {"get": {"responses": {"200": reply}}}}}))
    (service,) = assemble(Wanted(specs=((None, path),)))
    told = any("no value can be made for an answer" in one.message for one in service.document.warnings)

    for seed in range(3):
        entry = World((service,), Settings(seed=seed)).apply(Request("GET", "/a", "/a"))
        assert (entry.crash, entry.violations) == ("", ())
        assert entry.answer.status == (500 if told else 200)
