"""The executions of a document as a fixture's lifecycle has them: started, shown, listed, cancelled, told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mockserver.chance import Chance
from mockserver.engine.batch import Planned, plan_inputs
from mockserver.engine.delivery import WebhookPolicy
from mockserver.engine.executions import Execution
from mockserver.engine.generic import document_answer
from mockserver.engine.launch import launch
from mockserver.engine.lifecycle import Lifecycle
from mockserver.engine.messages import Answer, Call, Decision
from mockserver.engine.sending import (
    Sender,
    encoded,
    exchange_of,
    is_address,
    media_of,
    media_type_of,
    unaddressed,
)
from mockserver.engine.showing import Showing
from mockserver.engine.shown import at
from mockserver.engine.vendor import Handler, Vendor
from mockserver.errors import Problem, Refused
from mockserver.hints import listed
from mockserver.openapi.callbacks import Callback
from mockserver.openapi.document import Document
from mockserver.openapi.operation import MISSING, Media
from mockserver.openapi.sample import SampleError
from mockserver.scenario.lifecycle import LifecycleScript, Role, shown
from mockserver.scenario.model import Executions

if TYPE_CHECKING:
    from mockserver.engine.world import World

_FAILED = "it failed, as it was asked to"
_TRIES = 50  # ids that are drawn until one is free


def living(vendor: Vendor, script: LifecycleScript, sender: Sender) -> Vendor:
    """`vendor` with executions that live as `script` says; `sender` knows the document that they are of."""
    document = sender.document
    callbacks = [one for found in document.callbacks.values() for one in found if one.name == script.callback]
    life = _Life(script, document, sender.service, tuple(callbacks), Showing.of(script, document, callbacks))
    kinds: Mapping[str, Handler] = {
        "starts": life.start,
        "reads": life.read,
        "lists": life.list,
        "cancels": life.cancel,
    }
    return replace(
        vendor,
        handlers={document.operation(name).label: kinds[role.kind] for name, role in script.roles.items()},
        lifecycle=Lifecycle(timeline=script.states, ends="completed", final=frozenset(script.ends)),
        inputs=life.inputs,
        drawn=lambda call: life.inputs(unaddressed(call)),
        webhooks=life.policy(vendor.webhooks, sender.said.after),
        face=replace(vendor.face, batch="batch" if script.batch else ""),
    )


class _Life(Struct, frozen=True):
    script: LifecycleScript
    document: Document
    service: str
    callbacks: tuple[Callback, ...]  # that tell of an end
    showing: Showing

    def inputs(self, call: Call) -> tuple[Any, ...]:
        """The inputs of a call that starts executions; none of any other."""
        role = self.script.roles.get(call.operation)
        if role is None or role.kind != "starts":
            return ()
        found = at(call.body, role.inputs)
        if isinstance(found, list) and role.inputs:
            return tuple(found)
        return ({} if found is MISSING else found,)

    def start(self, call: Call, decision: Decision, world: World) -> Answer:
        """Start one execution for each input. Raises Refused where a script refuses one: then nothing starts."""
        planned = plan_inputs(call, decision, world)
        refused = next((one for one in planned if one.rejected is not None), None)
        if refused is not None:
            which = f"input {refused.index}: " if len(planned) > 1 else ""
            raise Refused(Problem("rejected", f"{which}{refused.rejected}"))
        answer = document_answer(call, decision, world)
        media = self.showing.media(call, answer)
        if media is None or not 200 <= answer.status < 300:
            return answer
        batch, shown_batch = self.batch_id(media, call, world)
        ready = [self.ready(one, call, world, media, batch) for one in planned]
        url = self.address(call, lambda: self.showing.answer(answer, media, ready, world, shown_batch), world)
        notes: list[str] = []
        started = [
            launch(one, call, world, replace(execution, webhook_url=url), notes)
            for one, execution in zip(planned, ready, strict=True)
        ]
        delay, hold = _pace(decision)
        return replace(
            # As they began: a webhook that comes early tells of an end that this answer does not know yet.
            self.showing.answer(answer, media, [_begun(one) for one in started], world, shown_batch),
            summary=f"started: {listed([one.id for one in started], 3)}",
            notes=(*answer.notes, *notes),
            broken=tuple(one.broken for one in planned if one.broken),
            delay=delay,
            hold=hold,
        )

    def read(self, call: Call, decision: Decision, world: World) -> Answer:
        """One execution. Raises Refused: 404 for an unknown one."""
        return self.answer(call, decision, world, [self.meant(call, world)])

    def cancel(self, call: Call, decision: Decision, world: World) -> Answer:
        """End one execution; one that has ended stays as it is. Raises Refused: 404 for an unknown one."""
        one = self.meant(call, world)
        return self.answer(call, decision, world, [world.executions.end(one.id, "cancelled") or one])

    def list(self, call: Call, decision: Decision, world: World) -> Answer:
        """All executions, or those of one batch, oldest first."""
        role = self.script.roles[call.operation]
        batch = _given(call, role) if role.by else ""
        mine = [one for one in world.executions.all if one.service == self.service]
        return self.answer(call, decision, world, [one for one in mine if not batch or one.batch == batch])

    def answer(self, call: Call, decision: Decision, world: World, executions: Sequence[Execution]) -> Answer:
        """The document's answer, with these executions in it where it shows any."""
        answer = document_answer(call, decision, world)
        media = self.showing.media(call, answer)
        if media is not None and 200 <= answer.status < 300:
            answer = self.showing.answer(answer, media, executions, world)
        told = [f"{one.id}: {self.script.word(one.state)}" for one in executions]
        reads = tuple(one.id for one in executions if not one.is_final)
        return replace(answer, summary=listed(told, 3) if told else "no executions", reads=reads)

    def policy(self, plain: WebhookPolicy | None, after: Mapping[str, float]) -> WebhookPolicy | None:
        """How the end of an execution is told; `after` has the seconds that a fixture says, by name of a callback."""
        if plain is None or not self.callbacks:
            return plain
        told = self.callbacks[0]
        media = media_of(told)
        words = {**plain.words.get(told.name, {}), "after": after.get(told.name, 0.0)}
        return replace(
            plain,
            words={**plain.words, told.name: words},
            notify=frozenset(self.script.ends),
            body=partial(self.showing.body, media),
            name=told.name,
            method=told.method,
            media_type=media_type_of(media) if media else "",
            encode=lambda value: encoded(media, value, self.document) if media else b"",
        )

    def ready(self, one: Planned, call: Call, world: World, media: Media, batch: str | None) -> Execution:
        """An execution that is about to start, with what it comes to where no script says so."""
        id = self.free_id(one.chance, media, world)
        return Execution(
            id=str(id),
            service=self.service,
            operation=call.operation,
            resource="",
            version="",
            input=one.input,
            started=world.clock.now,
            batch=batch,
            index=one.index,
            output=self.result("output", one),
            error=self.result("error", one),
            details={"id": id},
        )

    def result(self, name: str, one: Planned) -> Any:
        """An output or error that can be read: the document's example if that is asked for, else a sample.

        MISSING where nothing can be said.
        """
        likely = [_FAILED, {"message": _FAILED}] if name == "error" else []
        for rule in self.rules(name):
            fits = self.document.checker(rule).fits
            examples = [self.document.example(rule)] if one.example else []
            found = next((value for value in (*likely, *examples) if value is not MISSING and fits(value)), MISSING)
            try:
                return self.document.sampler(rule).draw(one.chance.derive(name)) if found is MISSING else found
            except SampleError:  # it was said when the document was loaded
                continue
        return MISSING

    def rules(self, name: str) -> Iterator[str]:
        """The schemas of a field where executions are read."""
        for role in self.script.roles.values() if name in self.script.fields else ():
            for media in shown(self.document.operation(role.operation)) if role.kind == "reads" else ():
                yield from self.document.spots(media.rule, role.at + self.script.fields[name]) or ()

    def free_id(self, chance: Chance, media: Media, world: World) -> Any:
        """An id that the answer can show and no other execution has: a UUID where that is possible."""
        spot = self.showing.spots[media.at]
        pointer = f"{spot.at}{'/-' if spot.is_list else ''}{self.script.fields['id']}"
        rules = (self.document.spots(media.rule, pointer) if media.schema is not None else None) or ()
        for number in range(_TRIES):
            found = self.id_of(rules, chance.derive("id", number))
            if world.executions.get(str(found)) is None:
                return found
        return chance.uuid()

    def id_of(self, rules: Sequence[str], chance: Chance) -> Any:
        """An id that fits as many of these schemas as can be: each state may have its own."""
        fits = [self.document.checker(rule).fits for rule in rules]
        likely: list[Any] = [chance.uuid(), chance.hex(24), chance.integer(1, 2**31 - 1)]
        if not any(all(each(id) for each in fits) for id in likely):
            likely += [self.document.sampler(rule).draw(chance) for rule in rules]
        return max(likely, key=lambda id: sum(each(id) for each in fits))

    def batch_id(self, media: Media, call: Call, world: World) -> tuple[str | None, Any]:
        """The id that the executions of a call share, and as it is shown; None and MISSING where there is none."""
        rules = () if self.script.batch is None else self.document.spots(media.rule, self.script.batch)
        if rules == ():
            return None, MISSING
        found = self.id_of(rules or (), world.draw(call, None, "batch"))
        return str(found), found

    def address(self, call: Call, answer: Any, world: World) -> str | None:
        """Where the callback goes that tells of the end; None when nobody asked. `answer` makes the answer."""
        own = self.document.callbacks.get(call.operation, ())
        told = next((one for one in own if one.name == self.script.callback), None)
        if told is None or told.address is None:
            return None
        url = told.address.evaluate(exchange_of(call, answer() if told.address.needs_answer else Answer(200)))
        if url and not is_address(url):
            world.journal.note(
                world.clock.now, f'the callback {told.name} is not sent: "{url[:80]}" is no http address'
            )
            return None
        return url or None

    def meant(self, call: Call, world: World) -> Execution:
        """The execution that a call names. Raises Refused: 404 where there is none."""
        id = _given(call, self.script.roles[call.operation])
        one = world.executions.get(id)
        if one is None or one.service != self.service:
            raise Refused(Problem("not_found", f'there is no execution "{id[:80]}"'))
        return one


def _begun(one: Execution) -> Execution:
    """An execution in its first state."""
    return replace(one, state=one.entered[0][0])


def _pace(decision: Decision) -> tuple[float, float]:
    """The delay and hold that a script asks for."""
    then = decision.then
    return (then.delay, then.hold) if isinstance(then, Executions) else (0.0, 0.0)


def _given(call: Call, role: Role) -> str:
    """The value of a role's parameter as text."""
    return str(call.path.get(role.by, call.query.get(role.by, "")))
