"""Documents of all kinds, served without a module of their own: every operation answers as its document says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.messages import Answer, Entry
from mockserver.engine.service import Service
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.openapi.operation import Operation
from mockserver.vendors.assembly import Wanted, assemble
from tests.openapi.asking import requests

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
        world = World([service], Settings(seed=seed))
        for request in requests(service.document, one, service.mounts[0], seed):
            entry = world.apply(request)

            assert entry.problem is None, (request.target, request.headers, request.body, entry.answer.body)
            assert (entry.crash, entry.violations) == ("", ())
            assert 200 <= entry.answer.status < 400
