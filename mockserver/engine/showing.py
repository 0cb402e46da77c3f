"""Where the answers and callbacks of a document show executions, and what is to be seen of each: compiled at start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.executions import Execution
from mockserver.engine.messages import Answer, Call
from mockserver.engine.sending import sampled
from mockserver.engine.shown import Frame, at, put
from mockserver.engine.vendor import encode
from mockserver.openapi.callbacks import Callback
from mockserver.openapi.document import Document
from mockserver.openapi.mediatype import is_json, parse
from mockserver.openapi.operation import MISSING, Media
from mockserver.pointer import join
from mockserver.scenario.lifecycle import LifecycleScript, shown

if TYPE_CHECKING:
    from mockserver.engine.world import World


class Spot(Struct, frozen=True):
    """Where a body holds an execution, or a list of them."""

    at: str
    is_list: bool
    frame: Frame


class Showing(Struct, frozen=True):
    """All places of a document where executions are shown. Made by `of`."""

    script: LifecycleScript
    document: Document
    spots: Mapping[str, Spot]  # by the pointer of the media type

    @classmethod
    def of(cls, script: LifecycleScript, document: Document, callbacks: Sequence[Callback]) -> Showing:
        """The places in the answers of the script's operations, and in `callbacks`."""
        spots: dict[str, Spot] = {}
        for role in script.roles.values():
            for media in shown(document.operation(role.operation)):
                is_list = bool(media.schema is not None and document.spots(media.rule, f"{role.at}/-"))
                frame = _frame(script, document, media, f"{role.at}/-" if is_list else role.at, is_sent=False)
                spots[media.at] = Spot(role.at, is_list, frame)
        for media in (media for one in callbacks for media in one.media):
            frame = _frame(script, document, media, script.callback_at, is_sent=True)
            spots[media.at] = Spot(script.callback_at, False, frame)
        return cls(script, document, spots)

    def media(self, call: Call, answer: Answer) -> Media | None:
        """The JSON in which an answer shows executions; None when it shows none."""
        reply = call.match.operation.reply(answer.status)
        kind = parse(next((value for name, value in answer.headers if name.lower() == "content-type"), ""))
        media = reply.of(kind.media_type) if reply and kind and is_json(kind.media_type) else None
        return media if media is not None and media.at in self.spots else None

    def answer(
        self, answer: Answer, media: Media, executions: Sequence[Execution], world: World, batch: Any = MISSING
    ) -> Answer:
        """The document's answer with the executions in it."""
        spot = self.spots[media.at]
        found = [self.shown(spot.frame, one, world) for one in executions]
        value = answer.value
        if spot.is_list:
            value = put(value, spot.at, found)
        elif found:
            value = put(value, spot.at, found[0])
        if batch is not MISSING and self.script.batch is not None:
            value = put(value, self.script.batch, batch)
        return replace(answer, value=value, body=encode(value))

    def body(self, media: Media | None, execution: Execution, world: World) -> Any:
        """What a callback of this media type tells of an execution."""
        if media is None:
            return MISSING
        spot = self.spots[media.at]
        told = self.shown(spot.frame, execution, world)
        around = Chance(world.settings.seed, "told", execution.id)
        return put(sampled(media, self.document, around), spot.at, told) if spot.at else told

    def shown(self, frame: Frame, one: Execution, world: World) -> Any:
        """An execution as it is now."""
        chance = Chance(world.settings.seed, "shown", frame.rule, one.id)
        return frame.show(self.facts(one), one.input, chance)

    def facts(self, one: Execution) -> dict[str, Any]:
        """What is to be seen of an execution, by field."""
        facts = {"id": one.details["id"], "state": self.script.word(one.state or self.script.states[0][0])}
        if one.state == "completed" and one.output is not MISSING:
            facts["output"] = one.output
        if one.state == "failed" and one.error is not MISSING:
            facts["error"] = one.error
        return facts


def _frame(script: LifecycleScript, document: Document, media: Media, where: str, *, is_sent: bool) -> Frame:
    rules = document.spots(media.rule, where) if media.schema is not None else None
    if not rules:  # nothing is said of it: whatever is shown fits
        return Frame(script.fields, lambda name: False, lambda chance: {}, lambda chance: {}, lambda value: True)
    rule = rules[0]
    fits = document.checker(rule).fits if where or media.checker is None else media.checker.fits
    sampler = document.request_sampler if is_sent else document.sampler
    given = [at(value, where.replace("/-", "/0")) for value in media.examples]

    def first(chance: Chance) -> Any:
        examples = (*given, document.example(rule))
        example = next((one for one in examples if one is not MISSING and fits(one)), MISSING)
        return document.with_examples(rule, sampler(rule).draw(chance)) if example is MISSING else example

    return Frame(
        fields={name: spot for name, spot in script.fields.items() if document.spots(rule, spot) != ()},
        echoes=lambda name: bool(document.spots(rule, join("", name))),
        first=first,
        draw=lambda chance: sampler(rule).draw(chance),
        fits=fits,
        rule=rule,
    )
