"""The admin API about executions, the webhooks that tell of them, and what arrived at an inbox. Secrets are masked."""

from __future__ import annotations

import base64
from typing import Any

from msgspec.structs import replace

from mockserver.clock import stamp
from mockserver.engine.delivery import Attempt, Delivery
from mockserver.engine.executions import Execution
from mockserver.engine.inbox import Arrival
from mockserver.engine.inputs import Resend, SendWebhook
from mockserver.engine.messages import Answer
from mockserver.engine.secrets import Secrets
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.http.addresses import origin, world_url
from mockserver.http.ask import Ask, denied
from mockserver.http.driver import Driver
from mockserver.openapi.operation import MISSING


def executions(ask: Ask) -> Answer:
    """All executions of the world, oldest first."""
    return json_answer(200, {"executions": [_execution(one) for one in ask.world.executions.all]})


def execution(ask: Ask) -> Answer:
    """One execution: its life, and the deliveries that tell of it."""
    world = ask.world
    one = world.executions.get(ask.name)
    if one is None:
        raise denied(404, f'there is no execution "{ask.name}" in this world; GET executions lists them')
    secrets = world.secrets
    value = {
        **_execution(one),
        "service": one.service,
        "resource": one.resource,
        "version": one.version,
        "index": one.index,
        "input": secrets.value(one.input),
        "states": [{"state": state, "at": stamp(at)} for state, at in one.entered],
        "next_due": _stamp(one.next_due),
        "webhook_url": one.webhook_url and secrets.target(one.webhook_url),
        "deliveries": [each.id for each in world.outbox.all if each.execution_id == one.id],
    }
    return json_answer(200, value)


def inbox(ask: Ask) -> Answer:
    """What arrived at an inbox; one that nothing was sent to is empty."""
    world = ask.world
    value = {
        "name": ask.name,
        "url": f"{world_url(origin(ask.request), world.name)}/__inbox/{ask.name}",
        "received": [_arrival(one, world.secrets) for one in world.inboxes.received(ask.name)],
        "count": world.inboxes.count(ask.name),
    }
    return json_answer(200, value)


class Webhooks:
    """Answers about deliveries, and sends one again."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def deliveries(self, ask: Ask) -> Answer:
        """All deliveries of the world, oldest first."""
        secrets = ask.world.secrets
        return json_answer(200, {"deliveries": [_delivery(one, secrets) for one in ask.world.outbox.all]})

    def delivery(self, ask: Ask) -> Answer:
        """One delivery: with the body that is sent, and what each attempt was answered."""
        return json_answer(200, _whole_delivery(self._find(ask), ask.world.secrets))

    async def resend(self, ask: Ask) -> Answer:
        """Send it once more, now. Answered when it has arrived, under real time at once."""
        ask.only("a resend")
        self._find(ask)
        self._driver.give(ask.world, Resend(ask.name))
        if ask.world.mode != "real":
            await self._driver.settle(ask.world)
        return json_answer(202, _whole_delivery(self._find(ask), ask.world.secrets))

    async def send(self, ask: Ask) -> Answer:
        """`{"name": "newPet", "url": "http://..."}`: send a webhook or callback of a document now.

        Answered when it has arrived, under real time at once.
        """
        ask.only("a webhook", "name", "url", "service", "body")
        name, url, service = ask.take("name", str), ask.take("url", str), ask.take("service", str)
        if name is None or url is None:
            raise UsageError('say which and where to: {"name": "newPet", "url": "http://127.0.0.1:8000/hooks"}')
        before = {one.id for one in ask.world.outbox.all}
        given = SendWebhook(_sender(ask.world, name, service), name, url, ask.value.get("body", MISSING))
        self._driver.give(ask.world, given)
        ask = replace(ask, name=next(one.id for one in ask.world.outbox.all if one.id not in before))
        if ask.world.mode != "real":
            await self._driver.settle(ask.world)
        return json_answer(202, _whole_delivery(self._find(ask), ask.world.secrets))

    def _find(self, ask: Ask) -> Delivery:
        found = ask.world.outbox.get(ask.name)
        if found is None:
            raise denied(404, f'there is no delivery "{ask.name}" in this world; GET deliveries lists them')
        return found


def _sender(world: World, name: str, service: str | None) -> str:
    """The service that sends what is called so."""
    known = {one.name: one.vendor.sending.names for one in world.services if one.vendor.sending is not None}
    found = [one for one, names in known.items() if name in names and service in (None, one)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f'{" and ".join(found)} have "{name}"; say which with "service"')
    every = ", ".join(sorted({each for names in known.values() for each in names})) or "none"
    raise UsageError(f'no document here sends "{name}"; there is {every}')


def _execution(one: Execution) -> dict[str, Any]:
    return {"id": one.id, "operation": one.operation, "state": one.state, "batch": one.batch}


def _delivery(one: Delivery, secrets: Secrets) -> dict[str, Any]:
    return {
        "id": one.id,
        "event": one.event,
        "execution_id": one.execution_id,
        "name": one.name,
        "batch": one.batch,
        "url": secrets.target(one.url),
        "status": one.status,
        "state": one.state,
        "reason": secrets.known(one.reason),
        "faults": list(one.faults),
        "next_due": _stamp(one.next_due),
        "attempts": [_attempt(attempt) for attempt in one.attempts],
    }


def _whole_delivery(one: Delivery, secrets: Secrets) -> dict[str, Any]:
    attempts = [{**_attempt(attempt), "answer": _text(attempt.answer, secrets)} for attempt in one.attempts]
    return {**_delivery(one, secrets), "body": _text(one.body, secrets), "attempts": attempts}


def _attempt(one: Attempt) -> dict[str, Any]:
    return {
        "number": one.number,
        "status": one.status,
        "error": one.error,
        "ms": round(one.ms, 3),
        "at": stamp(one.at),
    }


def _arrival(one: Arrival, secrets: Secrets) -> dict[str, Any]:
    try:
        body = {"body": secrets.text(one.body.decode())}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(one.body).decode()}
    return {
        "number": one.number,
        "at": stamp(one.at),
        "method": one.method,
        "path": secrets.known(one.path),
        "query": secrets.target(f"?{one.query}")[1:],
        "headers": dict(secrets.headers(one.headers)),
        **body,
    }


def _text(body: bytes, secrets: Secrets) -> str:
    return secrets.text(body.decode("utf-8", "replace"))


def _stamp(moment: float | None) -> str | None:
    return None if moment is None else stamp(moment)
