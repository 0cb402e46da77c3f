"""The admin API, /__admin/...: who may use it, and where each route leads.

Guarded on the decoded route: our own Host, no foreign Origin, a token beyond loopback, JSON for every change, and
nothing for our own webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from mockserver.contract.coverage import of_world
from mockserver.engine.messages import Answer, Request
from mockserver.engine.service import Service
from mockserver.engine.vendor import json_answer
from mockserver.engine.worlds import Worlds
from mockserver.errors import MockserverError, UsageError
from mockserver.http.addresses import base_urls, no_such_world, origin, world_url
from mockserver.http.admin_describe import describe
from mockserver.http.admin_journal import clear_journal, journal, violations
from mockserver.http.admin_scenarios import add_scenarios, drop_scenarios, list_scenarios
from mockserver.http.admin_time import Time
from mockserver.http.admin_webhooks import Webhooks, execution, executions, inbox
from mockserver.http.ask import Ask as Ask
from mockserver.http.ask import Denied, change, denied
from mockserver.http.driver import Driver
from mockserver.http.sender import MARK
from mockserver.openapi.document import Document

_PREFIX = "/__admin"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Handler = Callable[[Ask], Answer | Awaitable[Answer]]


class Guard(Struct, frozen=True):
    """Who may use the admin API: `hosts` are names of ours beside the loopback's; `token` "": none is needed."""

    hosts: frozenset[str] = frozenset()
    token: str = ""


class Admin:
    """Answers admin requests about `worlds`. `services` loads what a new world's own fixtures make."""

    def __init__(
        self,
        worlds: Worlds,
        version: str,
        services: Callable[[tuple[str, ...]], tuple[Service, ...]],
        guard: Guard,
        driver: Driver,
    ) -> None:
        self._worlds, self._version, self._services, self._guard = worlds, version, services, guard
        time, webhooks = Time(driver), Webhooks(driver)
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "health": {"GET": self._health},
            "openapi.yaml": {"GET": describe},
            "journal": {"GET": journal, "DELETE": clear_journal},
            "violations": {"GET": violations},
            "coverage": {"GET": _coverage},
            "specs": {"GET": _specs},
            "specs/{name}.yaml": {"GET": _spec},
            "worlds": {"GET": self._list_worlds, "POST": self._open_world},
            "worlds/{name}": {"DELETE": self._close_world},
            "reset": {"POST": self._reset},
            "executions": {"GET": executions},
            "executions/{id}": {"GET": execution},
            "deliveries": {"GET": webhooks.deliveries},
            "deliveries/{id}": {"GET": webhooks.delivery},
            "deliveries/{id}/resend": {"POST": webhooks.resend},
            "webhooks": {"POST": webhooks.send},
            "inbox/{name}": {"GET": inbox},
            "clock": {"GET": time.show},
            "clock/advance": {"POST": time.advance},
            "clock/run-until-idle": {"POST": time.run_until_idle},
            "clock/freeze": {"POST": time.freeze},
            "scenarios": {"GET": list_scenarios, "POST": add_scenarios, "DELETE": drop_scenarios},
        }
        self._patterns = [(_pattern(route), methods) for route, methods in self._routes.items()]

    @property
    def routes(self) -> Mapping[str, frozenset[str]]:
        """The methods of each route below /__admin, as the document at openapi.yaml has them."""
        return {route: frozenset(methods) for route, methods in self._routes.items()}

    @staticmethod
    def route(path: str) -> str | None:
        """What stands below /__admin in a path, however that is encoded; None when it is no admin path."""
        if "%" in path:
            path = unquote(path)
        if not path.startswith(_PREFIX):
            return None
        rest = path[len(_PREFIX) :]
        return rest.strip("/") if rest[:1] in ("", "/") else None

    async def answer(self, ask: Ask) -> Answer:
        """Answer one request; every error is JSON with one sentence."""
        try:
            self._check(ask.request)
            return await self._find(ask)
        except Denied as refusal:
            return refusal.answer
        except MockserverError as error:
            return json_answer(400, {"error": str(error)})

    def _check(self, request: Request) -> None:
        hosts = [value for name, value in request.headers if name.lower() == "host"]
        if len(hosts) != 1 or _host_name(hosts[0]) not in _LOOPBACK | self._guard.hosts:
            said = hosts[0] if hosts else "none"
            raise denied(403, f"the admin API does not answer to the Host {said}; serve --allow-host NAME adds one")
        came_from = request.header("origin")
        if came_from is not None and came_from.lower() not in (
            f"http://{hosts[0]}".lower(),
            f"https://{hosts[0]}".lower(),
        ):
            raise denied(403, f"the admin API takes no request from the origin {came_from}")
        if request.header(MARK.lower()) is not None:
            raise denied(403, "the admin API takes no webhooks")
        if self._guard.token:
            said = request.header("authorization") or ""
            if not compare_digest(said.encode("utf-8", "replace"), f"Bearer {self._guard.token}".encode()):
                raise denied(401, "the admin API needs `Authorization: Bearer TOKEN` here", WWW_Authenticate="Bearer")

    async def _find(self, ask: Ask) -> Answer:
        name, methods = self._match(ask.route)
        method = "GET" if ask.request.method == "HEAD" else ask.request.method
        if method not in methods:
            allowed = ", ".join(sorted(methods))
            raise denied(405, f"{method} is not allowed at {_PREFIX}/{ask.route}; allowed: {allowed}", Allow=allowed)
        query = {key: values[-1] for key, values in parse_qs(ask.request.query, keep_blank_values=True).items()}
        value = {} if method == "GET" else change(ask.request)
        answer = methods[method](Ask(ask.request, ask.located, ask.route, name, query, value))
        return answer if isinstance(answer, Answer) else await answer

    def _match(self, route: str) -> tuple[str, Mapping[str, Handler]]:
        """What stands for the `{...}` of the route that fits, and its methods."""
        for pattern, methods in self._patterns:
            if found := pattern.fullmatch(route):
                return "".join(found.groups()), methods
        known = ", ".join(f"{_PREFIX}/{known}" for known in self._routes)
        raise denied(404, f"the admin API has no /{route}; it has {known}")

    def _health(self, ask: Ask) -> Answer:
        services = [service.name for service in self._worlds.services]
        return json_answer(200, {"status": "ok", "version": self._version, "services": services})

    def _list_worlds(self, ask: Ask) -> Answer:
        here = origin(ask.request)
        return json_answer(
            200, {"worlds": [{"name": name, "url": world_url(here, name)} for name in self._worlds.names]}
        )

    def _open_world(self, ask: Ask) -> Answer:
        ask.only("a world", "name", "seed", "clock", "fixtures")
        clock, fixtures = ask.take("clock", str), ask.take("fixtures", list)
        if clock not in (None, "auto", "manual", "real"):
            raise UsageError(f"clock is {clock!r}; it is one of auto, manual and real")
        services = None if fixtures is None else self._services(tuple(map(str, fixtures)))
        world = self._worlds.open(ask.take("name", str), seed=ask.take("seed", int), clock=clock, services=services)
        here = origin(ask.request)
        found = {"name": world.name, "url": world_url(here, world.name), "base_urls": base_urls(world, here)}
        return json_answer(201, found)

    def _close_world(self, ask: Ask) -> Answer:
        if self._worlds.find(ask.name) is None:
            raise Denied(no_such_world(self._worlds.locate("/", ask.name)))
        self._worlds.close(ask.name)
        return json_answer(200, {"name": ask.name})

    def _reset(self, ask: Ask) -> Answer:
        world = self._worlds.reset(ask.world.name)
        return json_answer(200, {"name": world.name, "url": world_url(origin(ask.request), world.name)})


def spec_yaml(document: Document, url: str | None = None) -> str:
    """The effective document as YAML: overlays applied, relaxed numbers written out; `url` is where it is served."""
    import yaml

    value = dict(document.effective())
    if url is not None:
        value["servers"] = [{"url": url}]
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=120))


def _coverage(ask: Ask) -> Answer:
    """What was seen of the documents that requests of this world reached."""
    return json_answer(200, of_world(ask.world).record())


def _specs(ask: Ask) -> Answer:
    here = origin(ask.request)
    urls = base_urls(ask.world, here)
    found = [
        {
            "name": service.name,
            "title": service.document.title,
            "url": urls[service.name],
            "document": f"{world_url(here, ask.world.name)}{_PREFIX}/specs/{service.name}.yaml",
            "operations": [operation.id for operation in service.document.operations],
        }
        for service in ask.world.services
    ]
    return json_answer(200, {"specs": found})


def _spec(ask: Ask) -> Answer:
    for service in ask.world.services:
        if service.name == ask.name:
            text = spec_yaml(service.document, base_urls(ask.world, origin(ask.request))[service.name])
            return Answer(200, (("Content-Type", "application/yaml"),), text.encode("utf-8", "replace"))
    known = ", ".join(service.name for service in ask.world.services)
    raise denied(404, f'there is no document "{ask.name}"; there is {known}')


def _host_name(host: str) -> str:
    """`localhost` of `LocalHost:4010`, `::1` of `[::1]:4010`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _pattern(route: str) -> re.Pattern[str]:
    """What fits `deliveries/{id}/resend`: the `{...}` is one segment."""
    return re.compile("([^/{}]+)".join(map(re.escape, re.split(r"\{\w+\}", route))))
