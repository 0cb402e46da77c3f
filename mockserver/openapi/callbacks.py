"""What a document says of the requests that the service itself makes: callbacks of operations, and webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from mockserver.errors import Place
from mockserver.openapi.expressions import Expression, compile_expression
from mockserver.openapi.grammar import METHODS
from mockserver.openapi.operation import MISSING, Media, Operation
from mockserver.openapi.references import References
from mockserver.openapi.remark import Remark
from mockserver.openapi.validate import Schemas
from mockserver.pointer import join


class Callback(Struct, frozen=True):
    """One request that the service makes: where to (None = a webhook, whose address no call names), and what it is."""

    name: str  # "onDone"
    method: str  # upper case
    address: Expression | None
    media: tuple[Media, ...]  # of its body; () = it has none
    rule: str  # JSON Pointer of the operation in the effective document


class Outgoing(Struct, frozen=True):
    """All that a document's service sends by itself."""

    callbacks: Mapping[str, tuple[Callback, ...]] = field(default_factory=dict)  # by the id of the declaring operation
    webhooks: tuple[Callback, ...] = ()


def outgoing(
    tree: Any,
    operations: Sequence[Operation],
    schemas: Schemas,
    place: Callable[[str], Place],
    remarks: list[Remark],
) -> Outgoing:
    """The callbacks and webhooks in `tree`. What is wrong with one is a remark, and that one is never sent."""
    reader = _Reader(References(tree), schemas, place, remarks)
    found = {one.id: tuple(reader.callbacks(one.rule)) for one in operations if one.callbacks}
    return Outgoing(found, tuple(reader.webhooks(tree)))


class _Reader(Struct, frozen=True):
    references: References
    schemas: Schemas
    place: Callable[[str], Place]
    remarks: list[Remark]

    def callbacks(self, rule: str) -> Iterator[Callback]:
        """Those of the operation at `rule`."""
        for name in self.references.follow(rule)[1]["callbacks"]:
            at, said = self.references.follow(join(rule, "callbacks", name))
            for text in said:
                if text.startswith("x-"):
                    continue
                try:
                    address = compile_expression(text)
                except ValueError as error:
                    self._remark(join(at, text), f'the callback "{name}" is never sent: {error}', "correct the address")
                    continue
                yield from self._requests(name, join(at, text), address)

    def webhooks(self, tree: Mapping[str, Any]) -> Iterator[Callback]:
        """Those of the document."""
        for name in tree.get("webhooks") or {}:
            if not name.startswith("x-"):
                yield from self._requests(name, join("/webhooks", name), None)

    def _requests(self, name: str, at: str, address: Expression | None) -> Iterator[Callback]:
        at, item = self.references.follow(at)
        for method in METHODS:
            if method in item:
                rule = join(at, method)
                yield Callback(name, method.upper(), address, tuple(self._media(rule, item[method])), rule)

    def _media(self, rule: str, said: Mapping[str, Any]) -> Iterator[Media]:
        if "requestBody" not in said:
            return
        rule, body = self.references.follow(join(rule, "requestBody"))
        for media_type in body.get("content", {}):
            at, media = self.references.follow(join(rule, "content", media_type))
            name = media_type.partition(";")[0].strip().lower()
            examples = {"": media["example"]} if "example" in media else {}
            for key, one in (media.get("examples") or {}).items():
                value = self.references.resolve(one).get("value", MISSING)
                if value is not MISSING:
                    examples[key] = value
            if "schema" not in media:
                yield Media(name, None, None, at, media.get("encoding", {}), examples, at=at)
                continue
            schema_rule, schema = self.references.follow(join(at, "schema"))
            schema = self.references.resolve(schema)
            checker = self.schemas.checker(schema_rule)
            yield Media(name, schema, checker, schema_rule, media.get("encoding", {}), examples, at=at)

    def _remark(self, rule: str, message: str, hint: str) -> None:
        self.remarks.append(Remark(self.place(rule), message, hint))
