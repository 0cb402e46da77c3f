"""A tiny vendor whose one operation streams what a test gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.engine.events import EVENT_STREAM, json_event
from mockserver.engine.generic import plain_refusal
from mockserver.engine.messages import Answer, Chunk
from mockserver.engine.service import Service
from mockserver.engine.vendor import Face, Vendor
from mockserver.openapi.load import load
from mockserver.scenario.model import FaultKind

SPEC = """\
openapi: 3.1.0
info: {title: Ticks, version: "1"}
paths:
  /ticks:
    get:
      operationId: listen
      responses:
        "200":
          description: ticks as they come
          content:
            text/event-stream:
              schema: {type: object, required: [n], properties: {n: {type: integer}}}
  /plain:
    get: {operationId: plain, responses: {"200": {description: no body}}}
"""
Chunks = tuple[Chunk, ...] | Iterator[Chunk]


def ticks(*gaps: float) -> tuple[Chunk, ...]:
    """One event after each gap, counted from 1."""
    return tuple(json_event(gap, {"n": number}) for number, gap in enumerate(gaps, 1))


def streaming(chunks: Callable[[], Chunks], fault: FaultKind | None = None, **more: Any) -> Service:
    """The vendor, mounted at /ticks-api; each call is answered with `chunks()`."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ticks.yaml"
        file.write_text(SPEC)
        loaded = load(file, name="ticks", label="ticks.yaml")
    vendor = Vendor(
        name="ticks",
        sources=(),
        face=Face("key"),
        refuse=plain_refusal,
        handlers={
            "GET /ticks": lambda call, decision, world: Answer(200, EVENT_STREAM, chunks=chunks(), fault=fault, **more),
            "GET /plain": lambda call, decision, world: Answer(200),
        },
    )
    return Service("ticks", ("/ticks-api",), loaded, vendor)
