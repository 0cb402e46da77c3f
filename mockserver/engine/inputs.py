"""Everything that can enter a world: one ordered stream, and a world is its fold. The commonest is a `Request`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.messages import Request, Sent
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.stubs import InputScript, Stub
from mockserver.scenario.model import MISSING, Scenario

if TYPE_CHECKING:
    from mockserver.engine.service import Service


class Unreadable(Struct, frozen=True):
    """Something came that is no HTTP request, or whose body broke off; `said` is what is known of it."""

    why: str
    said: str = ""


class Wrote(Struct, frozen=True):
    """The shell wrote the answer of entry `number`."""

    number: int
    sent: Sent


class Pull(Struct, frozen=True):
    """The shell takes the next piece of the stream that answers entry `number`, if it is due."""

    number: int


class Advance(Struct, frozen=True):
    """Somebody moves the clock by `seconds`; the first explicit move makes an `auto` world manual."""

    seconds: float


class Jump(Struct, frozen=True):
    """The shell moves a virtual clock to `to`, so that what falls due there can be posted before time goes on.

    `cause` is noted in the journal unless it is empty. Somebody's own move (`explicit`) makes an `auto` world manual.
    """

    to: float
    cause: str = ""
    explicit: bool = False


class Freeze(Struct, frozen=True):
    """Somebody stops the clock: the world is manual from here on."""


class Tick(Struct, frozen=True):
    """Real time went by: the shell tells the world what time it is. Only worlds under `real` take it."""

    now: float


class PutStub(Struct, frozen=True):
    """A stub is added, or replaced by one with the same number (chains grow link by link)."""

    stub: Stub


class PutInputScript(Struct, frozen=True):
    """A script for one input of a bulk call is added or replaced."""

    script: InputScript


class PutOutcomes(Struct, frozen=True):
    """How the executions of a vendor go that no script speaks for, and what they come to, from here on."""

    service: str  # the name of the vendor, or of one of its services
    outcomes: Outcomes


class Release(Struct, frozen=True):
    """The answers that wait at a gate may go, and so may those that come to it later."""

    gate: int


class Declare(Struct, frozen=True):
    """A resource exists from here on: `kind` "workflows", `name` "wf_1". For all documents of the vendor."""

    service: str  # the name of a vendor, or of one of its services
    kind: str
    name: str
    value: Mapping[str, Any]


class Serve(Struct, frozen=True):
    """One more document is served from here on."""

    service: Service


class AddScenarios(Struct, frozen=True):
    """From here on these scenarios are asked before those that a service has."""

    service: str
    scenarios: tuple[Scenario, ...]


class DropScenarios(Struct, frozen=True):
    """The scenarios that were added are forgotten; those of the fixtures stay."""


class ClearJournal(Struct, frozen=True):
    """The journal forgets its entries."""


class PutDeliveryScript(Struct, frozen=True):
    """What is done to the deliveries of a vendor's executions that are started, or not yet delivered, from here on."""

    service: str  # the name of the vendor, or of one of its services
    script: DeliveryScript


class SendWebhook(Struct, frozen=True):
    """Somebody wants a webhook or callback of a document to be sent now; `body` MISSING: as its schema has it."""

    service: str
    name: str
    url: str
    body: Any = MISSING


class Dial(Struct, frozen=True):
    """The shell takes what has to be posted now; `wall` is real time in seconds since the epoch, for signatures."""

    wall: float


class Attempted(Struct, frozen=True):
    """The shell reports what came of an attempt. `status` None: no answer came, `error` says why."""

    delivery: str
    status: int | None
    error: str = ""
    ms: float = 0.0
    answer: bytes = b""
    retry_after: float | None = None
    blocked: bool = False


class Resend(Struct, frozen=True):
    """Somebody wants a delivery to be sent once more."""

    delivery: str


class Arrive(Struct, frozen=True):
    """A request came to the inbox of this name. `wall` is real time, against which a signature's stamp is held."""

    inbox: str
    wall: float
    request: Request


class AddReplies(Struct, frozen=True):
    """What the inbox of this name answers next: each reply once, after those it was told before, then 200 as always.

    `optional`: nothing is amiss when answers of this inbox are left over.
    """

    inbox: str
    replies: tuple[Reply, ...]
    optional: bool = False


Input = (
    Request | Unreadable | Wrote | Pull | Advance | Jump | Freeze | Tick | PutStub | PutInputScript | Declare | Serve
    | ClearJournal | PutDeliveryScript | Dial | Attempted | Resend | Arrive | AddReplies | AddScenarios | DropScenarios
    | PutOutcomes | Release | SendWebhook
)  # fmt: skip
