"""The worlds of one server, by name; the default world has the empty name. Resetting one makes a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote

from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode, Settings
from mockserver.engine.world import World
from mockserver.errors import UsageError

_PREFIX = "/w/"
_REMEMBERED = 10_000  # closed worlds whose late requests are still named


@dataclass(frozen=True, slots=True)
class Located:
    """Which world a path belongs to: `world`, or why there is none; `path` is what is left below its prefix."""

    path: str
    name: str = ""
    world: World | None = None
    closed: str | None = None  # whose the world was, when it is closed


class Worlds:
    """Opens, finds and closes worlds that share services and settings and nothing else."""

    def __init__(self, services: tuple[Service, ...], settings: Settings) -> None:
        self.services = services
        self.settings = settings
        self.secrets = Secrets(services)
        self._worlds: dict[str, World] = {"": World(services, settings, secrets=self.secrets)}
        self._closed: dict[str, str] = {}
        self._count = 0

    @property
    def default(self) -> World:
        """The world that needs no prefix."""
        return self._worlds[""]

    @property
    def names(self) -> tuple[str, ...]:
        """All open worlds, the default one ("") first."""
        return tuple(self._worlds)

    def find(self, name: str) -> World | None:
        """The open world of this name."""
        return self._worlds.get(name)

    def open(
        self,
        name: str | None = None,
        *,
        seed: int | None = None,
        clock: ClockMode | None = None,
        start: float | None = None,
        services: tuple[Service, ...] | None = None,
    ) -> World:
        """A fresh world, named if need be. UsageError for a name that is taken or cannot stand in a URL."""
        if name is None:
            self._count += 1
            name = f"world-{self._count}"
        if name in self._worlds:
            raise UsageError(f'the world "{name}" is open already; choose another name or delete it first')
        if set(name) & set("/?#%") or not name.isprintable() or name != name.strip():
            raise UsageError(f'the world name "{name}" cannot stand in a URL; use letters, digits, "-" and "_"')
        settings = replace(
            self.settings,
            seed=self.settings.seed if seed is None else seed,
            clock=clock or self.settings.clock,
            start=self.settings.start if start is None else start,
        )
        shared = services is None
        world = World(
            self.services if services is None else services, settings, name, secrets=self.secrets if shared else None
        )
        self._worlds[name] = world
        self._closed.pop(name, None)
        return world

    def reset(self, name: str = "") -> World:
        """A new world in the place of the one of this name, with its settings."""
        old = self._worlds[name]
        self._worlds[name] = World(old.services, old.settings, name, secrets=old.secrets)
        return self._worlds[name]

    def close(self, name: str, owner: str = "") -> World:
        """Close a world and return it; late requests are told that it was `owner`'s. KeyError when it is not open."""
        if not name:
            raise UsageError("the default world cannot be closed; reset it instead")
        world = self._worlds.pop(name)
        self._closed[name] = owner or name
        while len(self._closed) > _REMEMBERED:
            del self._closed[next(iter(self._closed))]
        return world

    def locate(self, path: str, header: str | None = None) -> Located:
        """The world of a path (`/w/<name>/...`, percent-encoded), else of the header, else the default."""
        if path.startswith(_PREFIX):
            name, slash, rest = path[len(_PREFIX) :].partition("/")
            return self._located(unquote(name), slash + rest or "/")
        return self._located(header or "", path)

    def _located(self, name: str, path: str) -> Located:
        return Located(path, name, self._worlds.get(name), self._closed.get(name))
