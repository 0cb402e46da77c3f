"""Values of webhook delivery: one event for one URL, its attempts, what a script wants done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver.clock import seconds, stamp
from mockserver.engine.schedules import SCHEDULES
from mockserver.engine.signing import Signing
from mockserver.hints import nearest

if TYPE_CHECKING:
    from mockserver.engine.executions import Execution
    from mockserver.engine.world import World

State = Literal["pending", "delivered", "failed", "blocked"]
_DISTRUST = frozenset({400, 401, 403})  # what receivers answer to a signature, or a stamp, that they do not accept


class DeliveryScript(Struct, frozen=True):
    """What is done to deliveries on request. The defaults do nothing; None means "as the vendor does"."""

    copies: int = 1  # 2 = every event is delivered twice, 0 = never ("drop")
    after: float = 0.0  # seconds later than due
    early: bool = False  # delivered before the answer of the triggering call is written
    tamper: Literal["", "body", "signature"] = ""  # changed after it was signed
    timestamp: float = 0.0  # seconds added to the signature's stamp
    wrong_secret: bool = False  # signed with a secret that the receiver does not have
    rotated: bool = False  # signed with a new secret too, and that first
    missing_header: str | None = None  # this header is left out; "" = those that prove where it comes from
    non_ascii: bool = False  # outputs and errors hold text beyond ASCII
    drip: float = 0.0  # wall seconds over which the body trickles out, at most 60
    order: tuple[int, ...] = ()  # input indexes, in the order in which their deliveries leave
    wait: tuple[float, ...] | None = None  # retry schedule: seconds before each attempt
    signing: Signing | None = None
    unsigned: bool = False  # no signing although the vendor signs
    per_batch: bool = False  # one delivery when the whole batch has ended
    resend: float | None = None  # once more, this many seconds after it was acknowledged
    replay: bool = False  # what comes once more is byte for byte what came before, its stamp and signature too

    @property
    def is_hostile(self) -> bool:
        """Whether a receiver does well to refuse what it does."""
        return bool(self.tamper or self.timestamp or self.wrong_secret or self.missing_header is not None)

    @property
    def faults(self) -> tuple[str, ...]:
        """The misbehaviour asked for, as words for the record."""
        return (
            *(("drop",) if self.copies == 0 else ("duplicate",) if self.copies > 1 else ()),
            *(("delay",) if self.after else ()),
            *(("early",) if self.early else ()),
            *((f"tamper {self.tamper}",) if self.tamper else ()),
            *((f"timestamp {self.timestamp:+g}s",) if self.timestamp else ()),
            *(("rotated",) if self.rotated else ()),
            *(("wrong secret",) if self.wrong_secret else ()),
            *((f"missing header {self.missing_header}".rstrip(),) if self.missing_header is not None else ()),
            *(("non-ASCII",) if self.non_ascii else ()),
            *(("drip",) if self.drip else ()),
            *(("order",) if self.order else ()),
            *(() if self.resend is None else ("replay",) if self.replay else ("resend",)),
        )


REVERSED = tuple(reversed(range(1000)))  # an order of whatever inputs there are, the last first

_COPIES = {"once": 1, "twice": 2, "never": 0}


def script_from(words: Mapping[str, Any], base: DeliveryScript, own: Mapping[str, tuple[float, ...]]) -> DeliveryScript:
    """`base` with a fixture's `webhook:` mapping over it; `own` are the vendor's retry schedules by name.

    Raises ValueError with a sentence for an unknown schedule, signing or duration. `order` is read by `notify`.
    """
    if not words:
        return base
    changes: dict[str, Any] = {}
    for name, value in words.items():
        match name:
            case "deliver":
                changes["copies"] = _COPIES.get(value, value)
            case "after" | "drip" | "resend":
                changes[name] = seconds(value)
            case "timestamp":
                changes[name] = (-1.0 if value.startswith("-") else 1.0) * seconds(value.lstrip("+-"))
            case "retry":
                changes["wait"] = schedule(value, own)
            case "sign":
                changes |= signing_from(value)
            case "per":
                changes["per_batch"] = value == "batch"
            case "early" | "tamper":
                changes[name] = value
    return replace(base, **changes)


def schedule(name: str, own: Mapping[str, tuple[float, ...]]) -> tuple[float, ...]:
    """The retry schedule of this name, `own` ones first. Raises ValueError naming those that there are."""
    known = {**SCHEDULES, **own}
    if name not in known:
        raise ValueError(f'there is no retry schedule "{name}"; {nearest(name, sorted(known))}')
    return known[name]


DEFAULT_SECRET = "whsec_bW9ja3NlcnZlci10ZXN0LXNlY3JldA=="


def signing_from(scheme: Any, secrets: tuple[str, ...] = (DEFAULT_SECRET,)) -> dict[str, Any]:
    """The changes of a DeliveryScript that sign by `scheme`; None takes signing away."""
    if scheme is None or scheme == "none":
        return {"signing": None, "unsigned": True}
    if scheme not in ("secret", "hmac", "standard"):
        raise ValueError(f'there is no signing "{scheme}"; {nearest(scheme, ("secret", "hmac", "standard", "none"))}')
    return {"signing": Signing(scheme, secrets), "unsigned": False}


class WebhookPolicy(Struct, frozen=True):
    """When a vendor tells of ended executions, how often it tries, and what it sends."""

    notify: frozenset[str]
    wait: tuple[float, ...]  # seconds before each attempt
    body: Callable[[Execution, World], Any]
    batch_body: Callable[[tuple[Execution, ...], World], Any] | None = None
    signing: Signing | None = None
    schedules: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # the vendor's own, by name, for `retry`
    # What a fixture says of each callback and webhook of a document, by name.
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    name: str = ""  # of the callback that tells of an end, where the document names it
    method: str = "POST"
    media_type: str = "application/json"
    encode: Callable[[Any], bytes] | None = None  # from what `body` gives; None = JSON


class Attempt(Struct, frozen=True):
    """One HTTP try. `at` is the world's time; `status` None means that no answer came, and `error` says why."""

    number: int
    at: float
    status: int | None
    error: str = ""
    ms: float = 0.0
    answer: bytes = b""  # its first 64 KiB


class Delivery(Struct, frozen=True):
    """One event for one URL."""

    id: str
    event: str  # the same for all copies of one event; the id that a receiver sees
    service: str
    execution_id: str  # "" = it tells of no execution
    batch: str | None
    status: str  # the state that is told; the name of what tells of no execution
    url: str
    body: bytes
    script: DeliveryScript
    wait: tuple[float, ...] = (0.0,)
    signing: Signing | None = None
    index: int = 0
    state: State = "pending"
    next_due: float | None = None
    attempts: tuple[Attempt, ...] = ()
    reason: str = ""  # why it is blocked or failed
    copy: int = 1
    stamp: int | None = None  # of the signature of its last attempt
    name: str = ""  # of the callback or webhook, where the document names it
    method: str = "POST"
    media_type: str = "application/json"  # "" = it has no body

    def __repr__(self) -> str:
        """Without the body: it is long."""
        return f"<Delivery {self.id} {self.state} {self.url}>"

    @property
    def subject(self) -> str:
        """What it tells of, in words."""
        return f"of execution {self.execution_id}" if self.execution_id else f'"{self.name}"'

    @property
    def faults(self) -> tuple[str, ...]:
        """What a script did to it."""
        return self.script.faults

    @property
    def distrusted(self) -> str:
        """When its last attempt was signed, as a clause, where the receiver may have refused it for that; else ""."""
        if self.stamp is None or self.signing is None or self.signing.scheme == "secret" or not self.attempts:
            return ""
        last = self.attempts[-1]
        if last.status not in _DISTRUST:
            return ""
        return f"signed at {stamp(self.stamp)}, wall time; the world's clock stood at {stamp(last.at)}"


class Posting(Struct, frozen=True):
    """One attempt that the shell has to make now."""

    delivery: str
    number: int
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    drip: float = 0.0
    method: str = "POST"

    def __repr__(self) -> str:
        """Without headers and body: they prove who sends it."""
        return f"<Posting {self.delivery} {self.number} {self.method} {self.url}>"
