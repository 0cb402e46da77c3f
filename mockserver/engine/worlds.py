"""The worlds of one server, by name; the default world has the empty name. Resetting one makes a new one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from mockserver.engine.messages import Request
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode, Settings
from mockserver.engine.shared import Shared
from mockserver.engine.world import World
from mockserver.errors import UsageError

if TYPE_CHECKING:
    from mockserver.engine.recorder import Recorder

_PREFIX = "/w/"
_REMEMBERED = 10_000  # closed worlds whose late requests are still named
_LATE = 1000  # late requests that are kept


class Located(Struct, frozen=True):
    """Which world a path belongs to: `world`, or why there is none; `path` is what is left below its prefix."""

    path: str
    name: str = ""
    world: World | None = None
    closed: str | None = None  # whose the world was, when it is closed; of a reserved name: whose was the last, or ""
    is_reserved: bool = False  # a reserved name that leads to no world now
    occasion: str = ""  # what is going on meanwhile, where there is no world


class Late(Struct, frozen=True):
    """What came for a world that was closed, or was left undone by it."""

    owner: str  # whose the world was; "" for a reserved name that led to no world
    what: str  # "POST /things/1", secrets masked
    occasion: str  # what was going on when it came, "" when nothing was


class _Closed(Struct, frozen=True):
    owner: str
    secrets: Secrets


class Worlds:
    """Opens, finds and closes worlds that share services and settings and nothing else."""

    def __init__(self, services: tuple[Service, ...], settings: Settings) -> None:
        self.services = services
        self.settings = settings
        self.on_leave: Callable[[World], None] = lambda world: None  # hears of each world that is closed or reset
        self._shared = Shared.of(services, settings.seed)
        self.secrets = self._shared.secrets
        self._worlds: dict[str, World] = {"": World(services, settings, shared=self._shared)}
        self._closed: dict[str, _Closed] = {}
        self._reserved: dict[str, str] = {}  # name -> the world that it leads to, or led to last; "" = none yet
        self._unnamed = ""  # what a path means that names no world
        self._occasion: Callable[[], str] = str
        self._late: deque[Late] = deque(maxlen=_LATE)
        self._count = 0
        self._recorder: Recorder | None = None

    @property
    def default(self) -> World:
        """The world that needs no prefix."""
        return self._worlds[""]

    @property
    def names(self) -> tuple[str, ...]:
        """All open worlds, the default one ("") first."""
        return tuple(self._worlds)

    def record(self, recorder: Recorder) -> None:
        """From here on `recorder` hears of all that happens in these worlds, and in those that are opened."""
        self._recorder = recorder
        for world in self._worlds.values():
            self._listen(world, recorder)

    def find(self, name: str) -> World | None:
        """The open world of this name."""
        return self._worlds.get(name)

    @property
    def late(self) -> tuple[Late, ...]:
        """What came too late, oldest first; the last thousand."""
        return tuple(self._late)

    def reserve(self, name: str, occasion: Callable[[], str], *, unnamed: bool = False) -> None:
        """From here on `name` leads to whichever world is opened with `alias=name`, until that one is closed.

        `occasion` says what is going on when a request comes for a world that is not there. `unnamed`: a path that
        names no world leads there too, and not to the default world.
        """
        self._reserved[name] = ""
        self._occasion = occasion
        if unnamed:
            self._unnamed = name

    def open(
        self,
        name: str | None = None,
        *,
        alias: str | None = None,
        seed: int | None = None,
        clock: ClockMode | None = None,
        start: float | None = None,
        services: tuple[Service, ...] | None = None,
    ) -> World:
        """A fresh world, named if need be. UsageError for a name that is taken or cannot stand in a URL.

        `alias`: a reserved name that leads to it too.
        """
        if name is None:
            name = self._free_name()
        if name in self._reserved:
            raise UsageError(f'the world name "{name}" is reserved; choose another name')
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
        own = services is not None
        shared = None if own else self._shared.seeded(settings.seed)
        world = World(self.services if services is None else services, settings, name, shared=shared)
        self._worlds[name] = world
        self._closed.pop(name, None)
        if alias is not None:
            self._reserved[alias] = name
        if self._recorder is not None:
            self._recorder.opened(world, own=own)
            self._listen(world, self._recorder)
        return world

    def _free_name(self) -> str:
        while True:
            self._count += 1
            name = f"world-{self._count}"
            if name not in self._worlds and name not in self._closed:
                return name

    @staticmethod
    def _listen(world: World, recorder: Recorder) -> None:
        world.log, world.on_entry = partial(recorder.took, world), partial(recorder.told, world)

    @staticmethod
    def _part_with(world: World) -> None:
        # What is still reported to a world that was left must not be taken for its successor's.
        world.log = world.on_entry = None

    def reset(self, name: str = "") -> World:
        """A new world in the place of the one of this name, with its settings."""
        old = self._worlds[name]
        self.on_leave(old)
        self._part_with(old)
        self._worlds[name] = world = World(old.services, old.settings, name, shared=old.shared)
        if self._recorder is not None:
            self._recorder.reset(world)
            self._listen(world, self._recorder)
        return world

    def close(self, name: str, owner: str = "") -> World:
        """Close a world and return it; late requests are told that it was `owner`'s. KeyError when it is not open."""
        if not name:
            raise UsageError("the default world cannot be closed; reset it instead")
        world = self._worlds.pop(name)
        self.on_leave(world)
        self._part_with(world)
        if self._recorder is not None:
            self._recorder.closed(world, owner or name)
        self._closed[name] = _Closed(owner or name, world.secrets)
        while len(self._closed) > _REMEMBERED:
            del self._closed[next(iter(self._closed))]
        for delivery in world.outbox.pending:
            if delivery.next_due is None:  # it was due, or at its receiver: what is due later was never on its way
                what = f"webhook to {delivery.url}, not delivered by then"
                self._late.append(Late(owner or name, world.secrets.text(what), self._occasion()))
        return world

    def aim(self, path: str, header: str | None = None) -> tuple[str, str]:
        """The name of the world that a path asks for, and what is left of the path below it.

        That is `/w/<name>/...`, percent-encoded, else the header, else the default, or what is reserved for unnamed
        paths; a reserved name stands for that of the world that it leads to now.
        """
        name = header or self._unnamed
        if path.startswith(_PREFIX):
            name, slash, rest = path[len(_PREFIX) :].partition("/")
            name, path = unquote(name), slash + rest or "/"
        leads_to = self._reserved.get(name, "")
        return leads_to if leads_to in self._worlds and leads_to else name, path

    def at(self, name: str, path: str) -> Located:
        """The world of this name, for a path below it."""
        world = self._worlds.get(name)
        if world is not None:
            return Located(path, name, world)
        is_reserved = name in self._reserved
        closed = self._closed.get(self._reserved[name] if is_reserved else name)
        owner = closed.owner if closed else "" if is_reserved else None
        return Located(path, name, None, owner, is_reserved, self._occasion())

    def locate(self, path: str, header: str | None = None) -> Located:
        """The world that a path, or a header, leads to."""
        return self.at(*self.aim(path, header))

    def turn_away(self, located: Located, request: Request) -> None:
        """Remember a request for a world that is closed."""
        if located.closed is None:
            return
        closed = self._closed.get(located.name)
        secrets = closed.secrets if closed else self.secrets
        target = secrets.target(f"{request.path}?{request.query}" if request.query else request.path)
        owner = "" if located.is_reserved else located.closed
        self._late.append(Late(owner, f"{request.method} {target}", located.occasion))
