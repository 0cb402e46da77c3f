"""`POST /pipeline/{id}/run` as server-sent events: texts word by word, then the event `result`, or why there is none.

The page asks for `output_name` and `output_value` in every event, the vendor's examples read `status` and `outputs`
of the last one: it has all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mockserver.chance import Chance
from mockserver.engine.batch import Planned
from mockserver.engine.events import EVENT_STREAM, json_event, missing_of, text_event
from mockserver.engine.messages import Answer, Call, Chunk
from mockserver.openapi.operation import Media
from mockserver.scenario.model import Event, Missing
from mockserver.vendors.vectorshift.outputs import FAILURES, failure, outputs, placeholders
from mockserver.vendors.vectorshift.pipeline import Pipeline

if TYPE_CHECKING:
    from mockserver.engine.world import World

_MOST_PIECES = 50  # events that one text is sent in, however long it is
_GAP = (0.02, 0.2)  # seconds between two events, where no script says how long the run takes


def asks_for_stream(call: Call) -> bool:
    """Whether a run is to be streamed: the SDK says so in the body, other clients in the header."""
    accepted = call.headers.get("accept", "").lower()
    return call.body.get("stream") in (True, "true") or "text/event-stream" in accepted


def stream(one: Planned, run_id: str, pipeline: Pipeline, call: Call, world: World, **more: Any) -> Answer:
    """The events of one run. One that fails says so after half of its pieces, or after those that are scripted."""
    notes: list[str] = []
    fails = one.plan.ends in FAILURES
    shape = _Shape(call, run_id)
    if one.plan.stream is not None:
        chunks = _scripted(one.plan.stream, one, shape, call, world, notes)
        made = _joined(chunks)
        if not (fails or (isinstance(one.plan.output, Missing) and isinstance(one.made, Missing))):
            made = outputs(one, run_id, pipeline, call, world, notes).value
        gap = 0.0
    else:
        made = outputs(one, run_id, pipeline, call, world, notes).value
        pieces = list(_pieces(made, everything=call.body.get("stream_all_outputs") in (True, "true")))
        pieces = pieces[: (len(pieces) + 1) // 2] if fails else pieces
        gaps = _gaps(one, len(pieces) + 1)
        chunks = tuple(shape.piece(gap, *piece) for gap, piece in zip(gaps, pieces, strict=False))
        gap = gaps[-1]
    if fails:
        error = failure(one, run_id, call, world)
        last, summary = shape.error(gap, error), f"the run failed: {error}"
    else:
        last, summary = shape.result(gap, made), "the run succeeded"
    chunks = (*chunks, last)
    return Answer(200, EVENT_STREAM, chunks=chunks, notes=tuple(notes), summary=f"{summary}, streamed", **more)


class _Shape:
    """Events as the document has them."""

    def __init__(self, call: Call, run_id: str) -> None:
        self.run_id = run_id
        self.trace = {"trace_id": call.body["trace_id"]} if "trace_id" in call.body else {}
        reply = call.match.operation.reply(200)
        self._media: Media | None = reply.of("text/event-stream") if reply is not None else None

    def piece(self, after: float, name: str, value: Any) -> Chunk:
        """A piece of an output. As published, without what examples show, its value is an object (a map: a guess)."""
        event = self.stream({"output_name": name, "output_value": value})
        if self._media is not None and self._media.checker is not None and not self._media.checker.fits(event):
            event["output_value"] = {"type": "map", "items": {name: value}}
        return json_event(after, event, "stream")

    def stream(self, data: dict[str, Any]) -> dict[str, Any]:
        """An event `stream`, as far as `data` does not say it."""
        return {"type": "stream", "run_id": self.run_id, **data}

    def result(self, after: float, made: dict[str, Any]) -> Chunk:
        """The event that ends the stream of a run that succeeds."""
        return json_event(after, {**self._last(made), "status": "success", "outputs": made, **self.trace}, "result")

    def error(self, after: float, error: str) -> Chunk:
        """The event that ends the stream of a run that fails; the JSON is that of a 500."""
        return json_event(after, {**self._last({}), "status": "failed", "error": error, **self.trace}, "error")

    def _last(self, made: dict[str, Any]) -> dict[str, Any]:
        value = {"type": "map", "items": made}
        return {"type": "result", "run_id": self.run_id, "output_name": "", "output_value": value}


def _pieces(made: dict[str, Any], *, everything: bool) -> Iterator[tuple[str, Any]]:
    """The texts of the outputs piece by piece; the other outputs whole, where the caller wants all of them."""
    for name, value in made.items():
        if isinstance(value, str):
            words = re.findall(r"\s*\S+(?:\s+\Z)?", value)
            size = -(-len(words) // _MOST_PIECES) or 1
            for start in range(0, len(words), size):
                yield name, "".join(words[start : start + size])
        elif everything:
            yield name, value


def _gaps(one: Planned, count: int) -> list[float]:
    """So many gaps: shares of the time that the run is scripted to take, else drawn."""
    if one.plan.after is not None:
        return [one.plan.after / count] * count
    chance: Chance = one.chance.derive("gaps")
    return [round(chance.number(*_GAP), 3) for _ in range(count)]


def _scripted(
    events: tuple[Event, ...], one: Planned, shape: _Shape, call: Call, world: World, notes: list[str]
) -> tuple[Chunk, ...]:
    """Scripted events, completed to the document's shape. Data that is no object is the next piece of a text."""
    names = placeholders(one, shape.run_id, call, world)
    notes += [
        f"the placeholder ${{{name}}} names nothing in this run: null was sent"
        for name in dict.fromkeys(name for event in events for name in missing_of(event, names))
    ]
    return tuple(_event(event, shape, names) for event in events)


def _event(event: Event, shape: _Shape, names: dict[str, Any]) -> Chunk:
    if isinstance(event.data, Missing):
        return text_event(event.after, event.text, event.name, event.id)
    data = event.data.render(names)
    if not isinstance(data, dict):
        data = {"output_name": "output", "output_value": data}
    return json_event(event.after, shape.stream(data), event.name or "stream", event.id)


def _joined(chunks: tuple[Chunk, ...]) -> dict[str, Any]:
    """The outputs that scripted pieces come to: texts of one name are one text, of anything else the last holds."""
    made: dict[str, Any] = {}
    for chunk in chunks:
        if not isinstance(chunk.value, dict) or "output_name" not in chunk.value:
            continue
        name, value = str(chunk.value["output_name"]), chunk.value.get("output_value")
        before = made.get(name)
        made[name] = before + value if isinstance(before, str) and isinstance(value, str) else value
    return made
