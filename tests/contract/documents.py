"""A small document with every kind of answer, served by nobody's module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mockserver.engine.generic import generic_vendor
from mockserver.engine.messages import Request
from mockserver.engine.service import Service
from mockserver.engine.settings import Limits, Settings
from mockserver.engine.vendor import Source
from mockserver.engine.world import World
from mockserver.openapi.load import load

SHOP = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {"200": {description: all}, "400": {description: no}, default: {description: other}}
    post:
      operationId: order
      responses: {"201": {description: made}, 4XX: {description: no}}
  /order:
    post:
      x-same-as: "POST /orders"
  /health:
    get:
      responses: {"204": {description: fine}}
"""


def shop(name: str = "shop", file: str = "shop.yaml") -> Service:
    """The document, mounted at /<name>."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.yaml"
        path.write_text(SHOP, "utf-8")
        loaded = load(path, name=name, label=file)
    return Service(name, (f"/{name}",), loaded, generic_vendor(name, Source(name, file, f"/{name}")))


def world_of(*services: Service, entries: int = 100) -> tuple[World, Callable[[str, str], int]]:
    """A world, and what sends a request to it and gives the status."""
    world = World(services, Settings(limits=Limits(journal_entries=entries)))

    def send(method: str, target: str) -> int:
        path, _, query = target.partition("?")
        status: int = world.apply(Request(method, target, path, query)).answer.status
        return status

    return world, send
