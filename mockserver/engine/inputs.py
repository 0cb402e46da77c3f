"""Everything that can enter a world: one ordered stream, and a world is its fold. The commonest is a `Request`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.messages import Request, Sent
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.stubs import InputScript, Stub
from mockserver.scenario.model import MISSING, Scenario

if TYPE_CHECKING:
    from mockserver.engine.service import Service


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something came that is no HTTP request, or whose body broke off; `said` is what is known of it."""

    why: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """The shell wrote the answer of entry `number`."""

    number: int
    sent: Sent


@dataclass(frozen=True, slots=True)
class Pull:
    """The shell takes the next piece of the stream that answers entry `number`, if it is due."""

    number: int


@dataclass(frozen=True, slots=True)
class Advance:
    """Somebody moves the clock by `seconds`; the first explicit move makes an `auto` world manual."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Jump:
    """The shell moves a virtual clock to `to`, so that what falls due there can be posted before time goes on.

    `cause` is noted in the journal unless it is empty. Somebody's own move (`explicit`) makes an `auto` world manual.
    """

    to: float
    cause: str = ""
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Freeze:
    """Somebody stops the clock: the world is manual from here on."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Real time went by: the shell tells the world what time it is. Only worlds under `real` take it."""

    now: float


@dataclass(frozen=True, slots=True)
class PutStub:
    """A stub is added, or replaced by one with the same number (chains grow link by link)."""

    stub: Stub


@dataclass(frozen=True, slots=True)
class PutInputScript:
    """A script for one input of a bulk call is added or replaced."""

    script: InputScript


@dataclass(frozen=True, slots=True)
class PutOutcomes:
    """How the executions of a vendor go that no script speaks for, and what they come to, from here on."""

    service: str  # the name of the vendor, or of one of its services
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Release:
    """The answers that wait at a gate may go, and so may those that come to it later."""

    gate: int


@dataclass(frozen=True, slots=True)
class Declare:
    """A resource exists from here on: `kind` "workflows", `name` "wf_1". For all documents of the vendor."""

    service: str  # the name of a vendor, or of one of its services
    kind: str
    name: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Serve:
    """One more document is served from here on."""

    service: Service


@dataclass(frozen=True, slots=True)
class AddScenarios:
    """From here on these scenarios are asked before those that a service has."""

    service: str
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, slots=True)
class DropScenarios:
    """The scenarios that were added are forgotten; those of the fixtures stay."""


@dataclass(frozen=True, slots=True)
class ClearJournal:
    """The journal forgets its entries."""


@dataclass(frozen=True, slots=True)
class PutDeliveryScript:
    """What is done to the deliveries of a vendor's executions that are started, or not yet delivered, from here on."""

    service: str  # the name of the vendor, or of one of its services
    script: DeliveryScript


@dataclass(frozen=True, slots=True)
class SendWebhook:
    """Somebody wants a webhook or callback of a document to be sent now; `body` MISSING: as its schema has it."""

    service: str
    name: str
    url: str
    body: Any = MISSING


@dataclass(frozen=True, slots=True)
class Dial:
    """The shell takes what has to be posted now; `wall` is real time in seconds since the epoch, for signatures."""

    wall: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """The shell reports what came of an attempt. `status` None: no answer came, `error` says why."""

    delivery: str
    status: int | None
    error: str = ""
    ms: float = 0.0
    answer: bytes = b""
    retry_after: float | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Resend:
    """Somebody wants a delivery to be sent once more."""

    delivery: str


@dataclass(frozen=True, slots=True)
class Arrive:
    """A request came to the inbox of this name. `wall` is real time, against which a signature's stamp is held."""

    inbox: str
    wall: float
    request: Request


@dataclass(frozen=True, slots=True)
class AddReplies:
    """What the inbox of this name answers next: each reply once, after those it was told before, then 200 as always."""

    inbox: str
    replies: tuple[Reply, ...]


Input = (
    Request | Unreadable | Wrote | Pull | Advance | Jump | Freeze | Tick | PutStub | PutInputScript | Declare | Serve
    | ClearJournal | PutDeliveryScript | Dial | Attempted | Resend | Arrive | AddReplies | AddScenarios | DropScenarios
    | PutOutcomes | Release | SendWebhook
)  # fmt: skip
