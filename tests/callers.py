"""Ready-made callers: a world with a vendor in it, spoken to by function call, without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from mockserver.engine.messages import Entry, Request
from mockserver.engine.service import Service
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

assembled: Callable[[Wanted], tuple[Service, ...]] = cache(assemble)  # services never change: worlds share them


@dataclass
class Caller:
    """Posts to one base URL with one key, and hands out what came back."""

    world: World
    base: str
    auth: tuple[str, str]

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, *, key: bool = True
    ) -> Entry:
        """The journal entry of one request."""
        pairs = (*((headers or {}).items()), *((self.auth,) if key else ()))
        path, _, query = path.partition("?")
        target = f"{self.base}{path}" + (f"?{query}" if query else "")
        return self.world.apply(Request(method, target, self.base + path, query, tuple(pairs), body))

    def post(self, path: str, value: Any, headers: dict[str, str] | None = None) -> Entry:
        """The journal entry of one JSON request."""
        body = json.dumps(value).encode()
        return self.send("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    def bulk_run(self, *inputs: Any, pipeline: str = "p1") -> Entry:
        """A bulk run with one run for each of `inputs`."""
        return self.post(f"/pipeline/{pipeline}/bulk_run", {"runs": [{"inputs": one} for one in inputs]})

    def bulk_trigger(self, *inputs: Any, workflow: str = "wf_1", **more: Any) -> Entry:
        """A bulk trigger with these inputs."""
        return self.post(f"/{workflow}/bulk-trigger", {"inputs": list(inputs), **more})


def caller(vendor: str, *, settings: Settings | None = None, **wanted: Any) -> Caller:
    """A caller of one shipped vendor."""
    services = assembled(Wanted(vendors=(vendor,), **{"shipped_scenarios": False, **wanted}))
    auth = {"vectorshift": ("Authorization", "Bearer vs-test-key"), "eachlabs": ("X-API-Key", "el-test-key")}[vendor]
    return Caller(World(services, settings or Settings()), services[0].mounts[0], auth)


def answer(entry: Entry) -> Any:
    """The JSON body of an entry's answer."""
    return json.loads(entry.answer.body)


@pytest.fixture
def vectorshift() -> Caller:
    """VectorShift as a pytest world has it: every pipeline exists, nothing is scripted."""
    return caller("vectorshift")


@pytest.fixture
def eachlabs() -> Caller:
    """each::labs as a pytest world has it: every workflow exists, nothing is scripted."""
    return caller("eachlabs")
