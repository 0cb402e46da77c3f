"""The seam: all that the engine asks of a vendor, as one frozen value of data and plain functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from mockserver.engine.delivery import WebhookPolicy
from mockserver.engine.lifecycle import Lifecycle
from mockserver.engine.messages import Answer, Call, Decision, Match, NamedHeaders
from mockserver.errors import Problem
from mockserver.openapi.forms import Forms
from mockserver.openapi.operation import Operation

if TYPE_CHECKING:
    from mockserver.engine.world import World

HAPPY = Lifecycle()


def as_declared(kind: str, name: str, value: Mapping[str, Any]) -> Any:
    """A resource of a vendor that compiles none. Those that do raise ValueError for what cannot be."""
    return value


def no_inputs(call: Call) -> tuple[Any, ...]:
    """The inputs of a vendor that starts no executions."""
    return ()


def no_rule(operation: Operation) -> str | None:
    """The rule of outputs where no document says what they are."""
    return None


Handler = Callable[[Call, Decision, "World"], Answer]


class Sending(Protocol):
    """What a service sends by itself, beside what its executions tell."""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be sent."""

    def after(self, call: Call, answer: Answer, world: World) -> None:
        """Send what the answer to a call brings with it."""

    def begin(self, world: World) -> None:
        """Send what needs no call, in a world that begins."""

    def send(self, name: str, url: str, body: Any, world: World) -> None:
        """Send the one of this name now. Raises UsageError where that cannot be."""


class Source(Struct, frozen=True):
    """Where one of the vendor's documents is, below `specs/`, and what it is called."""

    name: str  # "acme": the name in `spec NAME`, reports and `/__admin/specs/{name}.yaml`
    spec: str  # "acme/api.yaml"
    mount: str  # "/acme": the document's server path is appended
    overlays: tuple[str, ...] = ()
    path: str | None = None  # the document's server path, where it is known before the document is read


class Noun(Struct, frozen=True):
    """How tests declare what exists: `m.thing("t_1", size=3)` adds an entry of these fields to a kind of resource."""

    kind: str  # "things", as fixtures call them
    fields: tuple[str, ...] = ()


class Face(Struct, frozen=True):
    """What users see of a vendor outside HTTP: environment names, and where its SDK keeps what it read at import."""

    test_key: str
    base_url_names: tuple[str, ...] = ()
    api_key_names: tuple[str, ...] = ()
    # (module, attribute path, "url" | "key"), patched if imported already
    patches: tuple[tuple[str, str, str], ...] = ()
    nouns: Mapping[str, Noun] = field(default_factory=dict)  # method of the mock -> what it declares
    batch: str = ""  # the vendor's word for the id of a bulk call, as assertions about webhooks take it


class Vendor(Struct, frozen=True):
    """How a vendor behaves. Others join with a spec, fixtures and one of these (entry point `mockserver.vendors`)."""

    name: str
    sources: tuple[Source, ...]
    face: Face
    refuse: Callable[[Problem, Match | None], Answer]  # each vendor words a 401 differently
    handlers: Mapping[str, Handler] = field(default_factory=dict)  # "METHOD /template" -> the emulator's own behaviour
    default: Handler | None = None  # for operations without one
    exists: Callable[[Call, World], Problem | None] = lambda call, world: None  # unknown resources, after the scenarios
    resource: Callable[[str, str, Mapping[str, Any]], Any] = as_declared  # (kind, name, value), compiled at start
    scope: frozenset[str] = frozenset()  # the vendor's own placeholder names, beside the engine's
    lifecycle: Lifecycle = HAPPY
    webhooks: WebhookPolicy | None = None
    sending: Sending | None = None
    inputs: Callable[[Call], tuple[Any, ...]] = no_inputs  # the inputs of a bulk call, () for any other
    drawn: Callable[[Call], tuple[Any, ...]] | None = None  # the inputs as draws see them, if they hold addresses
    rejection: str = ""  # what an input is told that is refused without a reason; "" = none can be refused by itself
    output_rule: Callable[[Operation], str | None] = no_rule  # where the document says what an execution's output is
    forms: Forms = Forms()
    fixtures: str = ""  # folder below `fixtures/`, "" = none shipped
    generic: bool = False  # no module speaks for its document: a fixture may say how executions live

    def handler(self, operation: Operation) -> Handler:
        """What the emulator does for an operation. Every operation of a vendor's documents has one: a test holds it."""
        handler = self.handlers.get(operation.label, self.default)
        assert handler is not None, f"{self.name} has no handler for {operation.label}"
        return handler


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _COMPACT(value).encode("utf-8", "replace")


class Encoded(Struct, frozen=True):
    """A JSON value and its bytes."""

    value: Any
    json: bytes
    sound: bool = False  # it was held against its schema

    @classmethod
    def of(cls, value: Any, *, sound: bool = False) -> Encoded:
        """`value` with its bytes."""
        return cls(value, encode(value), sound)


_JSON = NamedHeaders([("Content-Type", "application/json")])


def json_answer(status: int, value: Any, **more: Any) -> Answer:
    """An answer with a JSON body, as compact UTF-8; `body` where the caller has it already."""
    body = more.pop("body", None) or encode(value)
    headers = (*_JSON, *more.pop("headers")) if "headers" in more else _JSON
    return Answer(status, headers, body, value, **more)
