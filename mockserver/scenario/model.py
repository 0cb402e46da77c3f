"""What a fixture says, as frozen values: resources that exist, and scenarios that fit requests and say what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from msgspec import Struct, field

from mockserver.errors import Place
from mockserver.openapi.operation import MISSING as MISSING
from mockserver.openapi.operation import Missing as Missing

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker
    from mockserver.scenario.lifecycle import LifecycleScript
    from mockserver.scenario.render import Template
    from mockserver.scenario.sending import Sending
    from mockserver.yamlfile import YamlFile

More = Literal["last", "repeat", "pass"]
FaultKind = Literal["reset", "timeout", "truncate", "garbage"]
StreamFault = Literal["reset", "timeout", "truncate"]
MoreEvents = Literal["last", "repeat"]


class When(Struct, frozen=True):
    """What a call must look like. Everything given must fit; an empty `When` fits every call of its operation."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: Checker | None = None  # a JSON Schema that the body must satisfy
    body_has: Any = MISSING  # a partial literal: every key given must be there; lists have equal length


class Body(Protocol):
    """What the body of an answer is made from: a template, or a function that a test gave."""

    @property
    def constant(self) -> bool:
        """True when it is the same value for every call."""

    def render(self, scope: Mapping[str, Any]) -> Any:
        """The JSON value; `scope` is what placeholders can name, and `call`."""

    def missing(self, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """The placeholders for which `scope` has nothing."""


class Event(Struct, frozen=True):
    """A server-sent event, `after` seconds of the world's clock after the one before."""

    data: Body | Missing = MISSING  # JSON
    text: str = ""  # in the place of `data`: sent as it is
    after: float = 0.0
    name: str = ""  # its type, the field `event`
    id: str = ""


class Respond(Struct, frozen=True):
    """A verbatim HTTP answer. `delay` is on the world's clock, `hold` is wall time (both seconds)."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: Body | Missing = MISSING  # JSON
    text: str | None = None  # instead of `body`: sent as it is
    delay: float = 0.0
    hold: float = 0.0
    off_contract: str = ""  # why it may break the spec
    events: tuple[Event, ...] | None = None  # instead of `body` and `text`: a stream
    more: MoreEvents | None = None  # the stream never ends: its last event again, or all of them from the start
    fault: StreamFault | None = None  # what the stream does after its last event, in the place of its end


class Plan(Struct, frozen=True):
    """How one execution goes. None and MISSING mean: the vendor's happy path, values by seeded chance."""

    timeline: tuple[tuple[str, float | tuple[float, float]], ...] | None = (
        None  # (("queued", 1.0), ("running", (2.0, 9.0))):
    )
    # state, seconds in it; a pair is drawn between by seeded chance
    after: float | None = None  # seconds from the trigger to the end, instead of a timeline
    ends: str | None = None  # "completed" | "failed" | "cancelled"
    output: Template | Missing = MISSING  # one value or a map of named ones; what it is called is the vendor's
    error: Template | Missing = MISSING  # a sentence or the vendor's object
    reject: str | None = None  # refused at the door with this message: nothing starts
    webhook: Mapping[str, Any] = field(default_factory=dict)
    stream: tuple[Event, ...] | None = None  # what a caller that asked for a stream is sent before the result


class Executions(Struct, frozen=True):
    """What happens to the accepted inputs of a bulk call: list position = position among them."""

    plans: tuple[Plan, ...]
    more: More = "last"  # beyond the list: the last again, the list from its start, or the vendor's own happy path
    delay: float = 0.0
    hold: float = 0.0


class Fault(Struct, frozen=True):
    """A scripted misbehaviour of the connection."""

    kind: FaultKind
    delay: float = 0.0
    hold: float = 0.0


class Sequence(Struct, frozen=True):
    """One step for each fitting call, in order of arrival; `more` says what follows the last."""

    steps: tuple[Then, ...]
    more: More = "last"


class Random(Struct, frozen=True):
    """One of several, drawn by seeded chance with these weights."""

    options: tuple[tuple[float, Then], ...]


Then = Respond | Executions | Sequence | Random | Fault


class Scenario(Struct, frozen=True):
    """A scripted behaviour of one operation. The first one that fits answers."""

    name: str
    operation: str  # Operation.id of the operation, aliases already followed
    when: When
    then: Then
    at: Place
    about: str = ""


class Fixture(Struct, frozen=True):
    """One fixture file: which keys work, what exists on the vendor's side, what happens."""

    vendor: str
    file: str
    about: str = ""
    api_keys: tuple[str, ...] = ()  # "*" takes any non-empty key
    # {"workflows": {"wf_1": ..., "*": ...}}, each as the vendor compiled it
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()
    lifecycle: LifecycleScript | None = None  # of a document that no vendor module speaks for
    sending: Sending | None = None  # what it says of the document's callbacks and webhooks
    places: Callable[[str], Place] | None = None
    digest: str = ""  # tells its text from any other

    @classmethod
    def of(cls, file: YamlFile, resources: Mapping[str, Mapping[str, Any]]) -> Self:
        """What a sound file says of itself, its keys, and `resources`, which were read of it."""
        value = file.value
        return cls(
            vendor=value["vendor"],
            file=file.name,
            about=value.get("about", ""),
            api_keys=tuple(value.get("api_keys", ())),
            resources=resources,
            places=file.place,
            digest=file.digest,
        )

    def place(self, pointer: str) -> Place:
        """Where `pointer` stands in the file, for errors that only the vendor can find."""
        return self.places(pointer) if self.places else Place(self.file, pointer=pointer)
