"""What has to be delivered, when it is due, and what came of it. It decides; the shell posts and reports back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from mockserver.clock import VirtualClock
from mockserver.engine.delivery import Attempt, Delivery, DeliveryScript, Posting, State
from mockserver.engine.inputs import Attempted
from mockserver.engine.schedules import RETRY_AFTER_CAP
from mockserver.engine.signing import Headers, Signing, without

GONE = 410  # a receiver's "stop" (Standard Webhooks 1.0, "Deliverability and reliability")


class Outbox:
    """Deliveries by id, oldest first; `ready` are those whose attempt is due and not yet under way."""

    def __init__(self, clock: VirtualClock, note: Callable[[str], None]) -> None:
        self._clock = clock
        self._note = note
        self._by_id: dict[str, Delivery] = {}
        self._ready: list[str] = []
        self._open: set[str] = set()
        self._parked: dict[tuple[str, int], list[str]] = {}  # (batch, turn): due, but not their turn
        self._passed: dict[str, set[int]] = {}  # batch: the turns that have left, or never will

    @property
    def all(self) -> tuple[Delivery, ...]:
        """A snapshot, oldest first."""
        return tuple(self._by_id.values())

    @property
    def is_open(self) -> bool:
        """Whether a delivery is ready to leave or at a receiver."""
        return bool(self._open or self._ready)

    @property
    def under_way(self) -> tuple[str, ...]:
        """The deliveries whose attempt was handed to the shell and not yet reported, by id."""
        return tuple(id for id in self._by_id if id in self._open)

    def get(self, id: str) -> Delivery | None:
        """The delivery with this id, or None."""
        return self._by_id.get(id)

    def add(self, delivery: Delivery) -> None:
        """Take a delivery in; its first attempt is due after the schedule's first wait and the script's delay."""
        self._by_id[delivery.id] = delivery
        if delivery.script.copies == 0:
            self._settle(delivery, "failed", "dropped on request: never sent")
            return
        self._later(delivery, delivery.wait[0] + delivery.script.after)

    def _later(self, delivery: Delivery, wait: float) -> None:
        self._by_id[delivery.id] = replace(delivery, next_due=self._clock.now + wait)
        if wait <= 0:
            self._fall_due(delivery.id)
        else:
            self._clock.call_later(wait, partial(self._fall_due, delivery.id))

    def _fall_due(self, id: str) -> None:
        delivery = self._by_id[id]
        self._by_id[id] = replace(delivery, next_due=None)
        order = delivery.script.order
        if delivery.attempts or delivery.batch is None or delivery.index not in order:
            self._ready.append(id)
            return
        self._parked.setdefault((delivery.batch, order.index(delivery.index)), []).append(id)
        self._let_go(delivery.batch)

    def _let_go(self, batch: str) -> None:
        """Whoever's turn it is leaves, and who waited for that follows."""
        passed = self._passed.setdefault(batch, set())
        turn = 0
        while (waiting := self._parked.pop((batch, turn), [])) or turn in passed:
            self._ready.extend(waiting)
            passed.add(turn)
            turn += 1

    def pass_over(self, batch: str, turn: int) -> None:
        """Nothing is delivered at this turn of a batch: whoever waited for it follows."""
        self._passed.setdefault(batch, set()).add(turn)
        self._let_go(batch)

    def revise(self, id: str, script: DeliveryScript, wait: tuple[float, ...], signing: Signing | None) -> None:
        """From the next attempt on, other retries, signatures and faults; when it was due, and how often, stays."""
        old = self._by_id[id]
        changed = replace(
            old.script,
            tamper=script.tamper,
            timestamp=script.timestamp,
            wrong_secret=script.wrong_secret,
            rotated=script.rotated,
            missing_header=script.missing_header,
            drip=script.drip,
        )
        self._by_id[id] = replace(old, script=changed, wait=wait, signing=signing)

    def take(self, wall: float) -> tuple[Posting, ...]:
        """What has to be posted now, in order; `wall` is real time, for signatures."""
        taken, self._ready = self._ready, []
        self._open.update(taken)
        return tuple(self._posting(self._by_id[id], wall) for id in taken)

    def _posting(self, delivery: Delivery, wall: float) -> Posting:
        script = delivery.script
        headers: Headers = (("Content-Type", delivery.media_type),) if delivery.media_type else ()
        if delivery.signing is not None:
            moment = _stamp(delivery, wall)
            self._by_id[delivery.id] = replace(delivery, stamp=moment)
            headers += _signing(delivery.signing, script).headers(delivery.event, moment, delivery.body)
        if script.missing_header is not None:
            headers = without(headers, script.missing_header)
        body = delivery.body
        match script.tamper:
            case "body":
                body = body[:-1] + b" }" if body.endswith(b"}") else body + b" "
            case "signature":
                headers = tuple((name, _spoilt(name, value)) for name, value in headers)
        number = len(delivery.attempts) + 1
        return Posting(delivery.id, number, delivery.url, headers, body, script.drip, delivery.method)

    def report(self, given: Attempted) -> None:
        """What came of an attempt: delivered, tried again later, failed for good, or blocked."""
        id, blocked, retry_after = given.delivery, given.blocked, given.retry_after
        self._open.discard(id)
        delivery = self._by_id.get(id)
        if delivery is None:
            return
        attempt = Attempt(
            len(delivery.attempts) + 1, self._clock.now, given.status, given.error, given.ms, given.answer
        )
        delivery = replace(delivery, attempts=(*delivery.attempts, attempt))
        status = attempt.status
        if blocked:
            self._settle(delivery, "blocked", attempt.error)
        elif status is not None and 200 <= status < 300:
            if delivery.script.resend is not None and delivery.state == "pending":
                self._clock.call_later(delivery.script.resend, partial(self.resend, id))
            self._settle(delivery, "delivered", "")
        elif delivery.state != "pending":
            # An attempt made by hand, after the delivery had settled, changes nothing when it fails.
            self._by_id[id] = delivery
        elif status == GONE:
            self._settle(delivery, "failed", "the receiver answered 410: stopped for good")
        elif len(delivery.attempts) >= len(delivery.wait):
            said = f"status {status}" if status is not None else attempt.error
            self._settle(
                delivery, "failed", f"{len(delivery.attempts)} attempts used up without a 2xx; the last: {said}"
            )
        else:
            wait = delivery.wait[len(delivery.attempts)]
            if retry_after is not None:
                wait = max(wait, min(retry_after, RETRY_AFTER_CAP))
            self._later(delivery, wait)

    def _settle(self, delivery: Delivery, state: State, reason: str) -> None:
        self._by_id[delivery.id] = replace(delivery, state=state, reason=reason, next_due=None)
        if reason:
            self._note(f"delivery {delivery.id[:8]} {delivery.subject}: {reason}")

    def resend(self, id: str) -> None:
        """Send a delivery once more, now, whatever its state; nothing when it is unknown or under way."""
        if id in self._by_id and id not in self._open and id not in self._ready:
            self._ready.append(id)

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """Those that are neither delivered nor given up."""
        return tuple(one for one in self._by_id.values() if one.state == "pending")


def _signing(signing: Signing, script: DeliveryScript) -> Signing:
    if script.wrong_secret:
        return signing.forged()
    return signing.rotated() if script.rotated else signing


def _stamp(delivery: Delivery, wall: float) -> int:
    """The stamp of the next attempt: its own, even where real time stands, unless it replays the one before."""
    moment = int(wall + delivery.script.timestamp)
    if delivery.stamp is None:
        return moment
    if delivery.script.replay and delivery.state == "delivered":
        return delivery.stamp
    return moment + 1 if moment == delivery.stamp else moment


def _spoilt(name: str, value: str) -> str:
    return (
        value[:-4] + ("AAA=" if not value.endswith("AAA=") else "BBB=") if name.lower().endswith("signature") else value
    )
