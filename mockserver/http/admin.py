"""The admin API, /__admin/...: a translation of requests into questions and inputs to the worlds.

Guarded on the decoded route: our own Host, no foreign Origin, a token beyond loopback, JSON for every change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, unquote

from mockserver.clock import stamp
from mockserver.engine.inputs import ClearJournal
from mockserver.engine.messages import Answer, Request, TooLarge
from mockserver.engine.record import entry_record
from mockserver.engine.service import Service
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.engine.worlds import Located, Worlds
from mockserver.errors import MockserverError, UsageError
from mockserver.http.addresses import base_urls, no_such_world, origin, world_url
from mockserver.openapi.document import Document

_PREFIX = "/__admin"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may use the admin API: `hosts` are names of ours beside the loopback's; `token` "": none is needed."""

    hosts: frozenset[str] = frozenset()
    token: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to the admin API: `located` says in which world, `route` is decoded and below /__admin."""

    request: Request
    located: Located
    route: str
    name: str = ""  # what stands for {name} in the route
    query: Mapping[str, str] = field(default_factory=dict)
    value: Mapping[str, Any] = field(default_factory=dict)  # the JSON body of a change

    @property
    def world(self) -> World:
        """The world that is meant."""
        if self.located.world is None:
            raise Denied(no_such_world(self.located))
        return self.located.world


class Denied(Exception):
    """An admin request ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.status)


def denied(status: int, error: str, **headers: str) -> Denied:
    """A refusal as JSON."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Denied(json_answer(status, {"error": error}, headers=named))


class Admin:
    """Answers admin requests about `worlds`. `services` loads what a new world's own fixtures make."""

    def __init__(
        self,
        worlds: Worlds,
        version: str,
        services: Callable[[tuple[str, ...]], tuple[Service, ...]],
        guard: Guard,
    ) -> None:
        self._worlds, self._version, self._services, self._guard = worlds, version, services, guard
        self._routes: Mapping[str, Mapping[str, Callable[[Ask], Answer]]] = {
            "health": {"GET": self._health},
            "journal": {"GET": _journal, "DELETE": _clear_journal},
            "specs": {"GET": _specs},
            "specs/{name}.yaml": {"GET": _spec},
            "worlds": {"GET": self._list_worlds, "POST": self._open_world},
            "worlds/{name}": {"DELETE": self._close_world},
            "reset": {"POST": self._reset},
            "clock": {"GET": _clock},
        }

    def route(self, path: str) -> str | None:
        """What stands below /__admin in a path, however that is encoded; None when it is no admin path."""
        if "%" in path:
            path = unquote(path)
        if not path.startswith(_PREFIX):
            return None
        rest = path[len(_PREFIX) :]
        return rest.strip("/") if rest[:1] in ("", "/") else None

    def answer(self, ask: Ask) -> Answer:
        """Answer one request; every error is JSON with one sentence."""
        try:
            self._check(ask.request)
            return self._find(ask)
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
        if self._guard.token:
            said = request.header("authorization") or ""
            if not compare_digest(said.encode("utf-8", "replace"), f"Bearer {self._guard.token}".encode()):
                raise denied(401, "the admin API needs `Authorization: Bearer TOKEN` here", WWW_Authenticate="Bearer")

    def _find(self, ask: Ask) -> Answer:
        name = ""
        methods = self._routes.get(ask.route)
        if methods is None:
            pattern, name = _pattern(ask.route)
            methods = self._routes.get(pattern)
        if methods is None or (not name and "{" in ask.route):
            known = ", ".join(f"{_PREFIX}/{route}" for route in self._routes)
            raise denied(404, f"the admin API has no /{ask.route}; it has {known}")
        method = "GET" if ask.request.method == "HEAD" else ask.request.method
        if method not in methods:
            allowed = ", ".join(sorted(methods))
            raise denied(405, f"{method} is not allowed at {_PREFIX}/{ask.route}; allowed: {allowed}", Allow=allowed)
        query = {key: values[-1] for key, values in parse_qs(ask.request.query, keep_blank_values=True).items()}
        value = {} if method == "GET" else _change(ask.request)
        return methods[method](Ask(ask.request, ask.located, ask.route, name, query, value))

    def _health(self, ask: Ask) -> Answer:
        services = [service.name for service in self._worlds.services]
        return json_answer(200, {"status": "ok", "version": self._version, "services": services})

    def _list_worlds(self, ask: Ask) -> Answer:
        here = origin(ask.request)
        return json_answer(
            200, {"worlds": [{"name": name, "url": world_url(here, name)} for name in self._worlds.names]}
        )

    def _open_world(self, ask: Ask) -> Answer:
        name, seed, clock = _take(ask.value, "name", str), _take(ask.value, "seed", int), _take(ask.value, "clock", str)
        if clock not in (None, "auto", "manual", "real"):
            raise UsageError(f"clock is {clock!r}; it is one of auto, manual and real")
        fixtures = _take(ask.value, "fixtures", list)
        unknown = sorted(set(ask.value) - {"name", "seed", "clock", "fixtures"})
        if unknown:
            raise UsageError(f"a world has no {unknown[0]!r}; it takes name, seed, clock and fixtures")
        services = None if fixtures is None else self._services(tuple(map(str, fixtures)))
        world = self._worlds.open(name, seed=seed, clock=clock, services=services)
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


def _journal(ask: Ask) -> Answer:
    query = dict(ask.query)
    operation, status = query.pop("operation", None), query.pop("status", None)
    invalid = _flag(query.pop("invalid", None))
    after, limit = _number("after", query.pop("after", "0")), _number("limit", query.pop("limit", "1000"))
    if query:
        raise UsageError(
            f"the journal has no filter {min(query)!r}; it has operation, status, invalid, after and limit"
        )
    ids = None if operation is None else _operations(ask.world, operation)
    found = (
        entry
        for entry in ask.world.journal.entries
        if entry.number > after
        and (ids is None or entry.operation in ids)
        and (status is None or _has_status(entry.answer.status, status))
        and (invalid is None or invalid == bool(entry.violations))
    )
    entries = [entry_record(entry, ask.world.secrets) for entry, _ in zip(found, range(limit), strict=False)]
    return json_answer(200, {"entries": entries, "dropped": ask.world.journal.dropped})


def _clear_journal(ask: Ask) -> Answer:
    ask.world.apply(ClearJournal())
    return json_answer(200, {"entries": [], "dropped": ask.world.journal.dropped})


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


def _clock(ask: Ask) -> Answer:
    due = ask.world.clock.next_due
    value = {"mode": ask.world.mode, "now": stamp(ask.world.clock.now), "next_due": None if due is None else stamp(due)}
    return json_answer(200, value)


def _host_name(host: str) -> str:
    """`localhost` of `LocalHost:4010`, `::1` of `[::1]:4010`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _pattern(route: str) -> tuple[str, str]:
    """The route with its last segment named: `worlds/one` is `worlds/{name}`, `specs/a.yaml` is `specs/{name}.yaml`."""
    folder, _, name = route.partition("/")
    if folder == "specs" and name.endswith(".yaml"):
        return "specs/{name}.yaml", name.removesuffix(".yaml")
    return f"{folder}/{{name}}", name


def _change(request: Request) -> Mapping[str, Any]:
    """The JSON body of a change. The media type keeps forms of other sites out: they cannot send it unasked."""
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise denied(415, "a change needs `Content-Type: application/json`")
    if isinstance(request.body, TooLarge):
        raise denied(413, f"the body is too large; at most {request.body.limit} bytes are taken")
    try:
        value = json.loads(request.body) if request.body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise denied(400, f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise denied(400, "the body of a change is a JSON object")
    return value


def _take(value: Mapping[str, Any], name: str, kind: type) -> Any:
    found = value.get(name)
    if found is not None and (not isinstance(found, kind) or isinstance(found, bool)):
        words = {str: "a string", int: "a whole number", list: "a list"}
        raise UsageError(f"{name} is {json.dumps(found)[:100]}; it is {words[kind]}")
    return found


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"{name}={text}: write a whole number that is not negative")
    return int(text)


def _flag(text: str | None) -> bool | None:
    known = {None: None, "true": True, "1": True, "": True, "false": False, "0": False}
    if text not in known:
        raise UsageError(f"invalid={text}: write true or false")
    return known[text]


def _has_status(status: int, wanted: str) -> bool:
    return str(status) == wanted or wanted.lower() == f"{status // 100}xx"


def _operations(world: World, name: str) -> frozenset[str]:
    """The ids that an operationId or `METHOD /template` means in any document of the world."""
    found: set[str] = set()
    error: MockserverError | None = None
    for service in world.services:
        try:
            found.add(service.document.operation(name).id)
        except MockserverError as unknown:
            error = unknown
    if not found and error is not None:
        raise error
    return frozenset(found)
