"""The webhooks of one mock: what is done to them on request, what became of them, and assertions about that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn, Self, overload

from msgspec.structs import replace

from mockserver import outlook
from mockserver.arguments import (
    ScriptError,
    Span,
    Times,
    bounds,
    duration,
    here,
    refuse_unless,
    unknown,
    whole,
)
from mockserver.clock import stamp
from mockserver.engine.delivery import (
    DEFAULT_SECRET,
    Attempt,
    Delivery,
    DeliveryScript,
    WebhookPolicy,
    script_from,
    signing_from,
)
from mockserver.engine.inputs import PutDeliveryScript, Resend, SendWebhook
from mockserver.engine.service import Service
from mockserver.engine.signing import SCHEMES, Signing, header_names
from mockserver.engine.vendor import no_inputs
from mockserver.errors import UsageError
from mockserver.http.moves import refuse_in_loop
from mockserver.openapi.operation import MISSING
from mockserver.openworld import OpenWorld

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it
_IN_FLIGHT = 5.0  # seconds of wall time that an assertion waits for webhooks at their receivers
_Scheme = Literal["secret", "hmac", "standard"]
_FILTERS = {name: name for name in ("execution_id", "status", "url", "event", "name")}  # each a field of a delivery


class Webhooks:
    """The webhooks of a mock.

    What is asked for here (`duplicate`, `delay`, ...) adds up, and holds for all that is not yet delivered.
    """

    def __init__(self, world: OpenWorld, services: tuple[Service, ...], name: str) -> None:
        """`name` is how the test calls the mock."""
        self._open, self._services, self._name = world, services, name

    def duplicate(self, times: int = 2) -> Self:
        """Each event is delivered this many times."""
        if whole(times, "duplicate() takes a whole number such as 2") < 1:
            raise ScriptError(here(), f"an event cannot be delivered {times} times", "drop() delivers none")
        return self._put(copies=times)

    def drop(self) -> Self:
        """No event is delivered."""
        return self._put(copies=0)

    def order(self, *indexes: int) -> Self:
        """The webhooks of a bulk call leave in this order of its inputs (counted from 0)."""
        for index in indexes:
            whole(index, "order() takes indexes of inputs, such as order(2, 0, 1)")
        if not indexes or len(set(indexes)) != len(indexes):
            raise ScriptError(here(), f"{indexes} is no order of inputs", "name each input once: order(2, 0, 1)")
        return self._put(order=indexes)

    def delay(self, by: Span) -> Self:
        """Each is delivered this much later."""
        return self._put(after=duration(by, what="delay"))

    def early(self) -> Self:
        """Executions end at once, and their webhooks arrive before the answer of the call that started them."""
        return self._put(early=True)

    def tamper(self, what: Literal["body", "signature"] = "body") -> Self:
        """The body or the signature is changed after signing. A receiver that refuses it does not fail the test."""
        if what not in ("body", "signature"):
            unknown(here(), "tamper() takes no", what, ("body", "signature"))
        return self._put(tamper=what)

    def timestamp(self, by: str) -> Self:
        """The stamp of the signature is off: `"-10m"` is stale, `"+10m"` from the future.

        A receiver that refuses it does not fail the test.
        """
        refuse_unless(isinstance(by, str), 'timestamp() takes how far it is off, such as "-10m"', by)
        return self._words(timestamp=by)

    def wrong_secret(self) -> Self:
        """Signed with a secret that is not the receiver's. A receiver that refuses it does not fail the test."""
        return self._put(wrong_secret=True)

    def rotate(self) -> Self:
        """Signed twice, as in a rotation: first by a secret that the receiver does not have yet, then by its own.

        For the scheme "standard" alone: other headers hold one signature. `sign(secrets=...)` says which secrets.
        """
        if self.signing is not None and self.signing.scheme != "standard":
            told = f'the scheme "{self.signing.scheme}" has one signature, so nothing can be signed twice'
            raise ScriptError(here(), told, 'sign("standard")')
        return self._put(rotated=True)

    def missing_header(self, name: str = "") -> Self:
        """This header is left out; without a name, those that carry signature or secret.

        A receiver that refuses it does not fail the test. Raises ScriptError for a header that is not sent.
        """
        refuse_unless(isinstance(name, str), "missing_header() takes the name of a header", name)
        signed = [self.signing.scheme] if self.signing is not None else SCHEMES  # it may yet be told how to sign
        known = list(dict.fromkeys(["Content-Type", *(one for scheme in signed for one in header_names(scheme))]))
        if name and name.lower() not in map(str.lower, known):
            unknown(here(), "webhooks have no header", name, known)
        return self._put(missing_header=name)

    def replay(self, after: Span = "1m") -> Self:
        """Each is sent once more, this long after it was acknowledged: byte for byte, its stamp and signature too."""
        return self._put(resend=duration(after, what="replay"), replay=True)

    def redeliver(self, after: Span = "1m") -> Self:
        """Each is sent once more, as if its acknowledgement had been lost: the same event with a stamp of its own."""
        return self._put(resend=duration(after, what="redeliver"), replay=False)

    def non_ascii(self) -> Self:
        """Executions that start from here on make and report text beyond ASCII, sent as UTF-8."""
        return self._put(non_ascii=True)

    def drip(self, over: Span) -> Self:
        """The body trickles out over this time, which is wall time."""
        return self._put(drip=duration(over, what="drip"))

    def retry(self, schedule: str | Sequence[Span]) -> Self:
        """Try again as the schedule of this name does, or after these waits, one for each attempt: `["0s", "1m"]`."""
        if isinstance(schedule, str):
            return self._words(retry=schedule)
        takes = 'retry() takes the name of a schedule, or waits such as ["0s", "1m"]'
        refuse_unless(isinstance(schedule, list | tuple), takes, schedule)
        if not schedule:
            raise ScriptError(here(), "a schedule without an attempt", 'drop() delivers none; one attempt is ["0s"]')
        return self._put(wait=tuple(duration(wait, what="retry") for wait in schedule))

    @overload
    def sign(self, scheme: None) -> Self: ...

    @overload
    def sign(self, scheme: _Scheme, *, secret: str | None = None) -> Self: ...

    @overload
    def sign(self, scheme: _Scheme, *, secrets: Sequence[str]) -> Self: ...

    def sign(
        self,
        scheme: _Scheme | None,
        *,
        secret: str | None = None,
        secrets: Sequence[str] = (),
    ) -> Self:
        """Sign with this secret, or with all of `secrets`, the newest first; None does not sign."""
        if secret is not None and secrets:
            raise ScriptError(here(), "secret and secrets cannot stand together", "secrets=[new, old] is a rotation")
        refuse_unless(isinstance(secrets, list | tuple), "secrets= takes a list such as [new, old]", secrets)
        given = (secret,) if secret is not None else tuple(secrets)
        for one in given:
            name = "secrets=" if secrets else "secret="
            refuse_unless(isinstance(one, str) and one != "", f"{name} takes a str that is not empty", one)
        try:
            return self._put(**signing_from(scheme, given or (self.secret,)))
        except ValueError as error:
            raise ScriptError(here(), str(error)) from None

    def as_usual(self) -> Self:
        """From here on as the vendor does: all that was asked for is forgotten."""
        return self._give(DeliveryScript())

    def allow_undelivered(self) -> Self:
        """A webhook whose attempts are used up does not fail the test."""
        self._open.allow_undelivered(service.name for service in self._services)
        return self

    @property
    def secret(self) -> str:
        """What webhooks are signed with, when they are signed; the newest one in a rotation."""
        signing = self._script().signing or self._policy().signing
        return signing.secrets[0] if signing else DEFAULT_SECRET

    @property
    def signing(self) -> Signing | None:
        """How webhooks are signed now; None when they are not."""
        script = self._script()
        return None if script.unsigned else script.signing or self._policy().signing

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All webhooks, delivered or not, oldest first: a snapshot."""
        return self._outlook().deliveries

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts of all webhooks, by the world's time: a snapshot."""
        return tuple(sorted((one for each in self.deliveries for one in each.attempts), key=lambda one: one.at))

    def send(self, name: str, url: str, body: Any = MISSING) -> Delivery:
        """Send a webhook or callback of the document now; `body` is as its schema has it, if it is not given.

        Returns what became of it when its receiver has answered.
        Raises ScriptError for a name that the document does not have.
        """
        refuse_in_loop(f"await {self._name}.webhooks.asend(...)")
        sent = self._send(name, url, body)
        self._settle()
        return self._again([sent])[0]

    async def asend(self, name: str, url: str, body: Any = MISSING) -> Delivery:
        """`send`, awaited."""
        sent = self._send(name, url, body)
        await self._open.asettle()
        return self._again([sent])[0]

    def resend(self, delivery: Delivery | str) -> None:
        """Send one once more, whatever became of it; returns when its receiver has answered."""
        refuse_in_loop(f"await {self._name}.webhooks.aresend(...)")
        self._resend([self._known(delivery)])
        self._settle()

    async def aresend(self, delivery: Delivery | str) -> None:
        """`resend`, awaited."""
        self._resend([self._known(delivery)])
        await self._open.asettle()

    def recover(self, since: datetime | str | None = None) -> tuple[Delivery, ...]:
        """Send all once more that failed and whose executions ended at or after `since`, a time of the world.

        Returns what has become of them when their receivers have answered.
        """
        refuse_in_loop(f"await {self._name}.webhooks.arecover(...)")
        failed = self._failed(since)
        self._resend(failed)
        self._settle()
        return self._again(failed)

    async def arecover(self, since: datetime | str | None = None) -> tuple[Delivery, ...]:
        """`recover`, awaited."""
        failed = self._failed(since)
        self._resend(failed)
        await self._open.asettle()
        return self._again(failed)

    def assert_delivered(self, count: Times = None, **like: Any) -> None:
        """Raise AssertionError unless so many webhooks were delivered: at least one, exactly n, or from m to n.

        `like`: `status=`, `execution_id=`, `url=`, `event=`, `name=` (of a callback or webhook of a document), and the
        vendor's own word for a batch.
        """
        filters = self._filters("assert_delivered", like)
        least, most = bounds(count, "count")
        self._settle()
        now = self._outlook()
        found = [one for one in now.deliveries if one.state == "delivered" and _fits(one, filters)]
        if len(found) < least or (most is not None and len(found) > most):
            raise AssertionError(outlook.miscount(found, count, filters, now, self._open.background, self._name))

    def assert_none(self, within: Span | None = None, **like: Any) -> None:
        """Raise AssertionError if a webhook was sent by now, or is within a time: the clock is moved on by that."""
        filters = self._filters("assert_none", like)
        until = ""
        if within is not None:
            span = outlook.span(duration(within, what="within"))
            refuse_in_loop(f'await {self._name}.clock.aadvance("{span}"), then assert_none()')
            self._open.clock.advance(within)
            until = f" within {span}"
        self._settle()
        sent = [one for one in self.deliveries if one.attempts and _fits(one, filters)]
        if sent:
            raise AssertionError(outlook.unwanted(sent, until, self._open.background))

    def _words(self, **words: str) -> Self:
        """Ask for something in the words of fixtures."""
        try:
            return self._give(script_from(words, self._script(), self._policy().schedules))
        except ValueError as error:
            raise ScriptError(here(), str(error)) from None

    def _put(self, **changes: Any) -> Self:
        return self._give(replace(self._script(), **changes))

    def _give(self, script: DeliveryScript) -> Self:
        self._policy()
        self._open.give(PutDeliveryScript(self._services[0].name, script))
        return self

    def _script(self) -> DeliveryScript:
        return self._open.ask(lambda world: world.delivery_script(self._services[0].name))

    def _policy(self) -> WebhookPolicy:
        policy = self._services[0].vendor.webhooks
        if policy is None:
            raise ScriptError(here(), f"{self._services[0].vendor.name} sends no webhooks", f"{self._name} has none")
        return policy

    def _outlook(self) -> outlook.Outlook:
        return self._open.outlook.within({service.name for service in self._services})

    def _settle(self) -> None:
        self._open.settle(_IN_FLIGHT)

    def _filters(self, method: str, like: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
        """What is asked for, by the user's name: the value, and the field of a delivery that holds it."""
        batch = self._services[0].vendor.face.batch
        fields = {**_FILTERS, **({batch: "batch"} if batch else {})}
        for name in like:
            if name not in fields:
                first = "count" if method == "assert_delivered" else "within"
                unknown(here(), f"{method}() takes no", name, (first, *fields))
        for name, known in (("status", self._statuses), ("name", self._names)):
            if like.get(name) not in (None, *known):
                unknown(here(), f"{self._name}: webhooks have no {name}", like[name], known)
        return {name: (value, fields[name]) for name, value in like.items() if value is not None}

    @property
    def _names(self) -> tuple[str, ...]:
        """Those of the document's webhooks and callbacks."""
        vendor = self._services[0].vendor
        sent = vendor.sending.names if vendor.sending is not None else ()
        told = (vendor.webhooks.name,) if vendor.webhooks is not None and vendor.webhooks.name else ()
        return tuple(dict.fromkeys((*sent, *told)))

    @property
    def _statuses(self) -> tuple[str, ...]:
        """The states of the vendor's executions; what tells of none has its name for a status."""
        vendor = self._services[0].vendor
        if vendor.generic and vendor.inputs is no_inputs:
            return self._names
        told = vendor.webhooks.notify if vendor.webhooks is not None else frozenset[str]()
        states = (state for state, _ in vendor.lifecycle.timeline)
        return (*states, *sorted(vendor.lifecycle.final | told), *self._names)

    def _known(self, delivery: Delivery | str) -> Delivery:
        fits = isinstance(delivery, str | Delivery)
        refuse_unless(fits, "resend() takes a delivery of this mock, or its id", delivery)
        id = delivery if isinstance(delivery, str) else delivery.id
        found = next((one for one in self.deliveries if one.id == id), None)
        return found or self._unknown(id)

    def _unknown(self, id: str) -> NoReturn:
        unknown(here(), f"{self._name} has no delivery", id, [one.id for one in self.deliveries])

    def _failed(self, since: datetime | str | None) -> list[Delivery]:
        first, now = _moment(since), self._outlook()
        ended = {one.id: one.ended or 0.0 for one in now.executions}
        ended[""] = now.now  # what tells of no execution
        return [one for one in now.deliveries if one.state == "failed" and ended[one.execution_id] >= first]

    def _send(self, name: str, url: str, body: Any) -> Delivery:
        refuse_unless(isinstance(url, str), 'send() takes an address such as "http://127.0.0.1:8000/hooks"', url)
        service = self._services[0]
        if name not in self._names:
            unknown(here(), f"{self._name} sends no", name, self._names)
        before = {one.id for one in self.deliveries}
        try:
            self._open.give(SendWebhook(service.name, name, url, body))
        except UsageError as error:
            raise ScriptError(here(), str(error)) from None
        return next(one for one in self.deliveries if one.id not in before)

    def _resend(self, deliveries: Sequence[Delivery]) -> None:
        for one in deliveries:
            self._open.give(Resend(one.id))

    def _again(self, deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
        ids = {one.id for one in deliveries}
        return tuple(one for one in self.deliveries if one.id in ids)


def _fits(delivery: Delivery, filters: Mapping[str, tuple[Any, str]]) -> bool:
    return all(value == getattr(delivery, field) for value, field in filters.values())


def _moment(since: datetime | str | None) -> float:
    """Seconds since the epoch; what names no zone is in UTC."""
    if since is None:
        return 0.0
    try:
        moment = since if isinstance(since, datetime) else datetime.fromisoformat(since)
    except (TypeError, ValueError):
        raise ScriptError(here(), f"since is {since!r}, which is no time", f'write it like "{stamp(0)}"') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
