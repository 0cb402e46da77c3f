"""`POST /pipeline/{id}/run` as server-sent events: texts word by word, then the event `result`, or why there is none.

The page asks for `output_name` and `output_value` in every event, the vendor's examples read `status` and `outputs`
of the last one: it has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mockserver.chance import Chance
from mockserver.engine.batch import Planned
from mockserver.engine.events import EVENT_STREAM, json_event, missing_of, text_event
from mockserver.engine.messages import Answer, Call, Chunk
from mockserver.openapi.operation import Media
from mockserver.regex import compiled
from mockserver.scenario.model import Event, Missing
from mockserver.vendors.vectorshift.life import length
from mockserver.vendors.vectorshift.options import option, traced
from mockserver.vendors.vectorshift.outputs import FAILURES, failure, outputs, placeholders
from mockserver.vendors.vectorshift.pipeline import Pipeline

if TYPE_CHECKING:
    from mockserver.engine.world import World

_MOST_PIECES = 50  # events that one text is sent in, however long it is
_WORD = r"\S+"
_GAP = (0.02, 0.2)  # seconds between two events, where no script says how long the run takes


def stream(one: Planned, run_id: str, pipeline: Pipeline, call: Call, world: World) -> Answer:
    """The events of one run. One that fails says so after half of its pieces, or after those that are scripted."""
    notes: list[str] = []
    fails = one.plan.ends in FAILURES
    shape = _Shape(call, run_id)
    if one.plan.stream is not None:
        chunks, made = _scripted(one.plan.stream, one, shape, call, world, notes)
        if not (fails or (isinstance(one.plan.output, Missing) and isinstance(one.made, Missing))):
            made = outputs(one, run_id, pipeline, call, world, notes).value
        gap = 0.0
    else:
        made = outputs(one, run_id, pipeline, call, world, notes).value
        pieces = list(_pieces(made, everything=option(call, "stream_all_outputs") is True))
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
    return Answer(200, EVENT_STREAM, chunks=chunks, notes=tuple(notes), summary=f"{summary}, streamed")


class _Shape:
    """Events as the document has them."""

    def __init__(self, call: Call, run_id: str) -> None:
        self.run_id = run_id
        self.trace = traced(call)
        reply = call.match.operation.reply(200)
        self._media: Media | None = reply.of("text/event-stream") if reply is not None else None

    def piece(self, after: float, name: str, value: Any) -> Chunk:
        """A piece of an output."""
        return json_event(after, self.stream({"output_name": name, "output_value": value}), "stream")

    def stream(self, data: dict[str, Any]) -> dict[str, Any]:
        """An event `stream`, as far as `data` does not say it.

        As published, without what examples show, the value of an output is an object: it is put into one (a guess).
        """
        event = {"type": "stream", "run_id": self.run_id, **data}
        if "output_value" not in data or self._allows(event):
            return event
        wrapped = {"type": "map", "items": {str(data.get("output_name")): data["output_value"]}}
        mapped = {**event, "output_value": wrapped}
        return mapped if self._allows(mapped) else event

    def _allows(self, event: dict[str, Any]) -> bool:
        return self._media is None or self._media.checker is None or self._media.checker.fits(event)

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
            yield from ((name, piece) for piece in _words(value))
        elif everything:
            yield name, value


def _words(text: str) -> Iterator[str]:
    """A text in a bounded number of pieces, each of them words with the white space before; the rest with the last."""
    ends = [word.end() for word in compiled(_WORD).finditer(text)]
    size = -(-len(ends) // _MOST_PIECES) or 1
    begin = 0
    for end in (*ends[size - 1 : -1 : size], len(text)):
        if begin < end:
            yield text[begin:end]
        begin = end


def _gaps(one: Planned, count: int) -> list[float]:
    """So many gaps: shares of the time that the run is scripted to take, else drawn."""
    if one.plan.after is not None or one.plan.timeline is not None:
        return [length(one) / count] * count
    chance: Chance = one.chance.derive("gaps")
    return [round(chance.number(*_GAP), 3) for _ in range(count)]


def _scripted(
    events: tuple[Event, ...], one: Planned, shape: _Shape, call: Call, world: World, notes: list[str]
) -> tuple[tuple[Chunk, ...], dict[str, Any]]:
    """Scripted events, completed to the document's shape, and the outputs that they come to."""
    names = placeholders(one, shape.run_id, call, world)
    notes += [
        f"the placeholder ${{{name}}} names nothing in this run: null was sent"
        for name in dict.fromkeys(name for event in events for name in missing_of(event, names))
    ]
    said = [_said(event, names) for event in events]
    chunks = tuple(
        text_event(event.after, event.text, event.name, event.id)
        if data is None
        else json_event(event.after, shape.stream(data), event.name or "stream", event.id)
        for event, data in zip(events, said, strict=True)
    )
    return chunks, _joined(data for data in said if data is not None and "output_name" in data)


def _said(event: Event, names: dict[str, Any]) -> dict[str, Any] | None:
    """The data of a scripted event, None where it is plain text. What is no object is the next piece of a text."""
    if isinstance(event.data, Missing):
        return None
    data = event.data.render(names)
    return data if isinstance(data, dict) else {"output_name": "output", "output_value": data}


def _joined(pieces: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The outputs that scripted pieces come to: texts of one name are one text, of anything else the last holds."""
    made: dict[str, Any] = {}
    for piece in pieces:
        name, value = str(piece["output_name"]), piece.get("output_value")
        before = made.get(name)
        made[name] = before + value if isinstance(before, str) and isinstance(value, str) else value
    return made
