"""Makes records of what happens in the worlds of a server, no secret in any of them. Who keeps them is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from mockserver.engine.definition import Definitions, digest_of
from mockserver.engine.inputform import Unrepeatable, to_json
from mockserver.engine.inputs import Input
from mockserver.engine.journal import Cut
from mockserver.engine.log import Header, header_record
from mockserver.engine.messages import Entry
from mockserver.engine.record import entry_record
from mockserver.engine.seal import Seal
from mockserver.engine.service import Service
from mockserver.engine.settings import Settings
from mockserver.engine.world import World


class Recorder:
    """Hands each record on as it is made: `write` takes one JSON object."""

    def __init__(self, write: Callable[[Mapping[str, Any]], None], definitions: Definitions) -> None:
        self._write, self._definitions = write, definitions
        self._seals: WeakKeyDictionary[World, tuple[tuple[Service, ...], Seal]] = WeakKeyDictionary()

    def header(self, services: tuple[Service, ...], settings: Settings, version: str) -> None:
        """The first record of all."""
        said = self._definitions.all(services)
        self._write(
            header_record(Header(version, settings.seed, settings.clock, settings.start, settings.limits, said))
        )

    def opened(self, world: World, *, own: bool) -> None:
        """A world was opened; `own`: it serves something else than its server does."""
        settings = world.settings
        services = list(self._definitions.all(world.services)) if own else None
        self._write(
            {
                "record": "opened",
                "world": world.name,
                "seed": settings.seed,
                "clock": settings.clock,
                "start": settings.start,
                "services": services,
            }
        )

    def reset(self, world: World) -> None:
        """This is a new world in the place of another."""
        self._write({"record": "reset", "world": world.name})

    def closed(self, world: World, owner: str) -> None:
        """A world was closed."""
        self._write({"record": "closed", "world": world.name, "owner": owner})

    def took(self, world: World, given: Input) -> None:
        """A world is about to take an input."""
        record: dict[str, Any] = {"record": "input", "world": world.name}
        try:
            value = to_json(given, self._definitions.of)
        except Unrepeatable as why:
            self._write({**record, "input": {"is": type(given).__name__}, "unrepeatable": str(why)})
            return
        seal = self._seal(world)
        sealed = seal.seal(value)
        masked = sealed != value and seal.open(sealed) != value
        self._write({**record, "input": sealed, **({"masked": True} if masked else {})})

    def told(self, world: World, entry: Entry) -> None:
        """A request was answered, or a stream has ended."""
        digest = digest_of(entry.answer)
        request = entry.request
        if isinstance(request.body, bytes):
            # The record of the request as an input has the whole of it.
            request = replace(request, body=Cut.of(request.body, world.settings.limits.keep_body))
        shown = entry_record(replace(entry, request=request), world.secrets)
        record = {"record": "entry", "world": world.name, "entry": shown}
        self._write({**record, "digest": digest} if digest else record)

    def _seal(self, world: World) -> Seal:
        services, seal = self._seals.get(world, ((), None))
        if seal is None or services is not world.services:
            seal = Seal(world.services)
            self._seals[world] = world.services, seal
        return seal
