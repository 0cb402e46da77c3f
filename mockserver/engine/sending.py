"""What the service of any document sends by itself: callbacks after an answer, and webhooks. Values into the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.delivery import Delivery, WebhookPolicy, script_from
from mockserver.engine.generic_body import written
from mockserver.engine.messages import Answer, Call
from mockserver.engine.schedules import SCHEDULES
from mockserver.engine.shown import taken_out
from mockserver.engine.vendor import encode
from mockserver.errors import Refused, UsageError
from mockserver.openapi.callbacks import Callback
from mockserver.openapi.document import Document
from mockserver.openapi.expressions import Exchange, Part
from mockserver.openapi.jsontext import read_json
from mockserver.openapi.lint import is_sound
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Media
from mockserver.openapi.sample import SampleError
from mockserver.scenario.sending import Sending

if TYPE_CHECKING:
    from mockserver.engine.executions import Execution
    from mockserver.engine.world import World

SOON = 1.0  # seconds from an answer to its callback, where no fixture says when
WAIT = SCHEDULES["standard"]
_DEEPEST = 256


class Sender(Struct, frozen=True):
    """Sends the callbacks and webhooks of one document. `told` is the callback that executions send at their end."""

    service: str
    document: Document
    said: Sending
    told: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be sent: webhooks first."""
        callbacks = (one.name for found in self.document.callbacks.values() for one in found)
        return tuple(dict.fromkeys([*(one.name for one in self.document.webhooks), *callbacks]))

    def policy(self) -> WebhookPolicy | None:
        """How deliveries go; None for a document that sends nothing."""
        if not self.names:
            return None
        return WebhookPolicy(notify=frozenset(), wait=WAIT, body=_nothing, words=self.said.words)

    def after(self, call: Call, answer: Answer, world: World) -> None:
        """Send what a success of an operation brings with it."""
        callbacks = [one for one in self.document.callbacks.get(call.operation, ()) if one.name != self.told]
        events = [(name, one) for name, one in self.said.events.items() if one.on == call.operation]
        if not (callbacks or events) or not 200 <= answer.status < 300:
            return
        exchange = exchange_of(call, answer)
        # On a virtual clock the delay of the answer has gone by.
        delay = answer.delay if world.mode == "real" else 0.0
        for one in callbacks:
            self._send(one, one.address.evaluate(exchange) if one.address else None,
                       self.said.after.get(one.name, SOON) + delay, world)  # fmt: skip
        for name, event in events:
            wait = SOON if event.after is None else event.after
            for one in self._called(name):
                self._send(one, event.to.evaluate(exchange), wait + delay, world)

    def begin(self, world: World) -> None:
        """Send what needs no call, when its time has come."""
        for name, event in self.said.events.items():
            for one in self._called(name) if not event.on else ():
                self._send(one, event.to.text, SOON if event.after is None else event.after, world)

    def send(self, name: str, url: str, body: Any, world: World) -> None:
        """Send a callback or webhook of this name now; `body` MISSING: as its schema has it.

        Raises UsageError when the document has none of this name, or `url` is no address.
        """
        found = self._called(name)
        if not found:
            told = f'the document {self.service} has no webhook or callback "{name}"'
            raise UsageError(f"{told}; it has {', '.join(self.names) or 'none'}")
        if not is_address(url):
            raise UsageError(f"{url[:200]!r} is no http or https address")
        self._send(found[0], url, 0.0, world, body)

    def _called(self, name: str) -> tuple[Callback, ...]:
        callbacks = (one for found in self.document.callbacks.values() for one in found if one.name == name)
        return (*(one for one in self.document.webhooks if one.name == name), *callbacks)

    def _send(self, one: Callback, url: str | None, after: float, world: World, body: Any = MISSING) -> None:
        """Put it into the outbox. Nothing where nobody asked; a note where what is asked for is no address."""
        if not url:
            return
        if not is_address(url):
            world.journal.note(world.clock.now, f'the callback {one.name} is not sent: "{url[:80]}" is no http address')
            return
        number = world.use("sent", self.service, one.rule)
        chance = Chance(world.settings.seed, "sent", self.service, one.rule, number)
        media = media_of(one)
        if body is MISSING and media is not None:
            body = sampled(media, self.document, chance.derive("body"))
        words = self.said.words.get(one.name, {})
        base = world.delivery_script(self.service)
        script = script_from(words, base, {})
        wait = script.wait or WAIT
        event = f"msg_{chance.hex(24)}"
        for copy in range(1, max(1, script.copies) + 1):
            world.outbox.add(
                Delivery(
                    id=chance.uuid(),
                    event=event,
                    service=self.service,
                    execution_id="",
                    batch=None,
                    status=one.name,
                    url=url,
                    body=b"" if body is MISSING else encoded(media, body, self.document),
                    script=script,
                    wait=(0.0 if script.early else wait[0] + after, *wait[1:]),
                    signing=None if script.unsigned else script.signing,
                    copy=copy,
                    name=one.name,
                    method=one.method,
                    media_type="" if media is None and body is MISSING else media_type_of(media),
                )
            )


def is_address(text: str) -> bool:
    """Whether a webhook can go there."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def exchange_of(call: Call, answer: Answer) -> Exchange:
    """What runtime expressions can ask for."""
    request, headers = call.request, {name.lower(): value for name, value in reversed(answer.headers)}
    value = answer.value
    if value is None and is_json(headers.get("content-type", "")):
        try:
            value = read_json(answer.body, max_depth=_DEEPEST)
        except Refused:  # a script may answer anything
            value = MISSING
    return Exchange(
        url=f"http://{request.header('host') or 'localhost'}{request.target}",
        method=request.method,
        status=answer.status,
        path=call.path,
        query=call.query,
        headers=request.named,
        body=call.body,
        answer_headers=headers,
        answer_body=value,
    )


def unaddressed(call: Call) -> Call:
    """The call without the addresses in its body: they hold a port and a world's name, and neither may enter a draw."""
    body = call.body
    for one in call.match.service.document.callbacks.get(call.operation, ()):
        for part in one.address.pieces if one.address else ():
            if isinstance(part, Part) and part.kind == "body" and part.name and not part.is_answer:
                body = taken_out(body, part.name)
    return call if body is call.body else replace(call, body=body)


def media_of(one: Callback) -> Media | None:
    """The media type that a callback is sent as: JSON where there is a choice; None = it has no body."""
    return next((media for media in one.media if is_json(media.media_type)), one.media[0] if one.media else None)


def media_type_of(media: Media | None) -> str:
    """How it is called in a header."""
    name = "application/json" if media is None else media.media_type
    return "application/json" if "*" in name else name


def sampled(media: Media, document: Document, chance: Chance) -> Any:
    """A sound example of a callback's body, else a seeded sample of it."""
    for value in media.examples:
        if is_sound(media, value):
            return value
    if media.schema is None:
        return MISSING if not is_json(media_type_of(media)) else {}
    example = document.example(media.rule)
    if example is not MISSING and is_sound(media, example):
        return example
    try:
        value = document.request_sampler(media.rule).draw(chance)
    except SampleError:  # it was said when the document was loaded
        return {}
    better = document.with_examples(media.rule, value)
    return better if is_sound(media, better) else value


def encoded(media: Media | None, value: Any, document: Document) -> bytes:
    """The bytes of a body."""
    if media is None or is_json(media_type_of(media)):
        return encode(value)
    return written(200, media, media_type_of(media), value, (), document.resolve).body


def _nothing(execution: Execution, world: World) -> Mapping[str, Any]:
    """What executions send where no lifecycle says so; there are none."""
    return {}
