"""What a fixture says of the callbacks and webhooks of a document: when they are sent, where to, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from mockserver.hints import nearest
from mockserver.openapi.document import Document, UnknownOperation
from mockserver.openapi.expressions import Expression, compile_expression
from mockserver.pointer import join
from mockserver.scenario.faults import Faults
from mockserver.scenario.words import VendorWords

_LONGEST_DRIP = 60.0
_OURS = frozenset({"to", "on", "after"})  # of a webhook; the rest is said of its delivery


class Event(Struct, frozen=True):
    """When a webhook of the document is sent, and where to."""

    to: Expression
    on: str = ""  # the id of the operation whose success it tells of; "" = it is sent when the world begins
    after: float | None = None  # seconds later; None = as callbacks are


class Sending(Struct, frozen=True):
    """All that a fixture says of what is sent."""

    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by name: of each delivery
    after: Mapping[str, float] = field(default_factory=dict)  # by name of a callback: seconds from the answer
    events: Mapping[str, Event] = field(default_factory=dict)  # by name of a webhook

    def __or__(self, other: Sending) -> Sending:
        """Both; `other` has the last word."""
        return Sending({**self.words, **other.words}, {**self.after, **other.after}, {**self.events, **other.events})


def read_sending(value: Mapping[str, Any], documents: Sequence[Document], own: VendorWords, faults: Faults) -> Sending:
    """What the fixture `value` says; what cannot be goes to `faults`."""
    if not documents or not faults.is_sound("/callbacks") or not faults.is_sound("/webhooks"):
        return Sending()
    return _Reader(faults, documents, own).read(value)


class _Reader(Struct, frozen=True):
    faults: Faults
    documents: Sequence[Document]
    own: VendorWords

    def read(self, value: Mapping[str, Any]) -> Sending:
        callbacks, webhooks = value.get("callbacks", {}), value.get("webhooks", {})
        known = [one.name for each in self.documents for found in each.callbacks.values() for one in found]
        self.names(callbacks, known, "/callbacks", "the document declares no callback")
        self.names(webhooks, [one.name for each in self.documents for one in each.webhooks], "/webhooks",
                   "the document declares no webhook")  # fmt: skip
        events = {name: self.event(said, join("/webhooks", name)) for name, said in webhooks.items()}
        for at, given in (("/callbacks", callbacks), ("/webhooks", webhooks)):
            for name, said in given.items():
                self.delivery(said, join(at, name))
        return Sending(
            words={name: _words(said) for name, said in (*callbacks.items(), *webhooks.items())},
            after={
                name: self.faults.seconds(said["after"], join("/callbacks", name, "after"))
                for name, said in callbacks.items()
                if "after" in said
            },
            events={name: event for name, event in events.items() if event is not None},
        )

    def names(self, given: Mapping[str, Any], known: Sequence[str], at: str, told: str) -> None:
        for name in given:
            if name not in known:
                self.faults.add(join(at, name), f'{told} "{name}"', nearest(name, sorted(set(known))))

    def event(self, said: Mapping[str, Any], pointer: str) -> Event | None:
        try:
            to = compile_expression(said["to"])
        except ValueError as error:
            self.faults.add(join(pointer, "to"), str(error), "write an address, or a runtime expression of OpenAPI")
            return None
        on = self.operation(said["on"], join(pointer, "on")) if "on" in said else ""
        if not on and any(not isinstance(piece, str) for piece in to.pieces):
            self.faults.add(
                join(pointer, "to"), f'"{to.text}" asks for a call, and there is none', "say `on: OPERATION`"
            )
        after = self.faults.seconds(said["after"], join(pointer, "after")) if "after" in said else None
        return Event(to, on, after)

    def operation(self, name: str, pointer: str) -> str:
        known: list[str] = []
        for document in self.documents:
            try:
                return document.operation(name).id
            except UnknownOperation as error:
                known += error.known
        self.faults.add(pointer, f'unknown operation "{name}"', UnknownOperation(name, known).hint)
        return ""

    def delivery(self, said: Mapping[str, Any], pointer: str) -> None:
        self.faults.seconds(said.get("resend", 0), join(pointer, "resend"))
        self.faults.seconds(said.get("drip", 0), join(pointer, "drip"), most=_LONGEST_DRIP)
        self.faults.seconds(str(said.get("timestamp", "0s")).lstrip("+-"), join(pointer, "timestamp"))
        known = self.own.schedules
        if known is not None and "retry" in said and said["retry"] not in known:
            told = f'there is no retry schedule "{said["retry"]}"'
            self.faults.add(join(pointer, "retry"), told, nearest(said["retry"], sorted(known)))


def _words(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in _OURS}
