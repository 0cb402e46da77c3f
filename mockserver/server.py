"""The facade: a server on a thread and loop of its own, with a synchronous face.

`with Server(vendors=["acme"]) as server: Client(server.base_url("acme"))`
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from mockserver import __version__
from mockserver.clock import START
from mockserver.engine.inbox import Arrival
from mockserver.engine.inputs import Input
from mockserver.engine.service import Service
from mockserver.engine.settings import ClockMode, Limits, Settings
from mockserver.engine.world import World
from mockserver.engine.worlds import Worlds
from mockserver.errors import CouldNotRun, MockserverError, UsageError
from mockserver.hints import nearest
from mockserver.http.addresses import not_listening, world_url
from mockserver.http.app import App, Observer
from mockserver.http.driver import EVENTS, MONTH, Driver, Watch
from mockserver.http.moves import Moves
from mockserver.http.reach import Reach
from mockserver.http.realclock import RealClocks
from mockserver.http.sender import Sender
from mockserver.http.turn import Turn
from mockserver.vendors.assembly import Wanted, assemble

if TYPE_CHECKING:
    from mockserver.http.admin import Admin
    from mockserver.journalfile import JournalFile

__tracebackhide__ = True  # pytest: an error is shown in the line that makes it
_T = TypeVar("_T")
_NOT_RUNNING = "the server is not running; call start() or use it in a with statement"
_LEAVING = 1.0  # seconds that requests under way may take when the server stops
_ANYWHERE = frozenset({"", "0.0.0.0", "::"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ServerSettings(Struct, frozen=True):
    """What a server serves and where. Without `vendors` and `specs` it serves every vendor."""

    host: str = "127.0.0.1"
    port: int = 0  # 0 = any free one
    seed: int = 0
    clock: ClockMode = "auto"
    start: float | None = None  # seconds since the epoch; None: 2026-01-01 on a virtual clock, now under `real`
    speed: float = 1.0
    vendors: Sequence[str] = ()
    specs: Sequence[tuple[str | None, Path]] = ()
    fixtures: Sequence[str] = ()
    overlays: Sequence[Path] = ()
    shipped_scenarios: bool = True
    strict_spec: bool = False
    documented_only: bool = False
    any_key: bool = False
    allow_hosts: Sequence[str] = ()
    admin_token: str = ""  # "" = none needed
    webhook_reach: Reach = "loopback"
    webhook_limit: float = 30.0  # seconds of wall time that an attempt may take
    journal: Path | None = None  # a file that all inputs and entries are written to
    restore: bool = False  # go on with the worlds that it holds, instead of beginning it anew
    limits: Limits = field(default_factory=Limits)

    @property
    def wanted(self) -> Wanted:
        """What `assemble` is asked for."""
        return Wanted(
            vendors=tuple(self.vendors),
            specs=tuple(self.specs),
            fixtures=tuple(self.fixtures),
            overlays=tuple(self.overlays),
            shipped_scenarios=self.shipped_scenarios,
            strict_spec=self.strict_spec,
            documented_only=self.documented_only,
            any_key=self.any_key,
        )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in _LOOPBACK


class Server:
    """Serves until `stop()`. State is touched by one thread at a time: see `run`.

    Takes settings, or single ones by name: `Server(port=4010, seed=7)`. Raises UsageError, SpecError or FixtureError,
    located, when what is asked for cannot be served.
    """

    def __init__(
        self,
        settings: ServerSettings | None = None,
        *,
        observe: Observer = lambda world, entry, sent: None,
        watch: Watch = lambda world, delivery, attempt: None,
        sent_from: Callable[[], str] = lambda: "",
        **changes: Any,
    ) -> None:
        """`observe` hears of each answered request, `watch` of each attempt at a webhook, both on the loop's thread.

        `sent_from` is asked there which line of a test a request that came in is from, "" where that is not known.
        """
        self.settings = settings = replace(settings or ServerSettings(), **_checked(changes))
        self._observe, self._watch, self._sent_from = observe, watch, sent_from
        self.services: tuple[Service, ...] = assemble(settings.wanted)
        start = settings.start
        if start is None:
            start = time.time() if settings.clock == "real" else START
        self._journal: JournalFile | None = None
        if settings.journal is not None:
            # Imported when needed, like the admin API: most runs of pytest keep no file, and loading takes its time.
            from mockserver.journalfile import JournalFile, keep

            self._journal = JournalFile(settings.journal, anew=not settings.restore)
            start = self._journal.header.start if self._journal.header else start
        self.worlds = Worlds(
            self.services, Settings(settings.seed, settings.clock, start, settings.speed, settings.limits)
        )
        # What became of the records that the journal held; None without one, or when it is new.
        self.restored = keep(self._journal, self.worlds, settings.wanted, __version__) if self._journal else None
        self._port: int | None = None
        self._turn: Turn | None = None
        self._leave: asyncio.Event | None = None
        self._driver: Driver | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Begin to accept connections. Raises CouldNotRun when the port is taken."""
        if self._thread is not None:
            raise UsageError("the server is running already")
        if self._journal is not None:
            self._journal.open()
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._main, args=(ready,), name="mockserver", daemon=True)
        self._thread.start()
        try:
            self._port = ready.result()
        except BaseException:
            ready.add_done_callback(lambda _: self._leave_soon())  # interrupted here, it may yet begin
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop accepting, let requests under way finish for a second, and be gone: no thread, socket or task stays."""
        thread = self._thread
        if thread is not None:
            self._leave_soon()
            thread.join()
            self._thread = self._turn = self._leave = self._port = self._driver = None
        if self._journal is not None:
            self._journal.close()

    def _leave_soon(self) -> None:
        turn, leave = self._turn, self._leave
        if turn is not None and leave is not None:
            with suppress(RuntimeError):  # it has left: somebody else stopped it, or this was interrupted before
                turn.loop.call_soon_threadsafe(leave.set)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        if self._port is None:
            raise UsageError(_NOT_RUNNING)
        return self._port

    @property
    def url(self) -> str:
        """Where clients of this machine reach it: `http://127.0.0.1:4010`."""
        host = "127.0.0.1" if self.settings.host in _ANYWHERE else self.settings.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def base_url(self, name: str, world: str = "") -> str:
        """The base URL of a service or, by its name, of a vendor's first one."""
        return world_url(self.url, world) + self.service(name).mounts[0]

    def service(self, name: str) -> Service:
        """The service of this name, else the first one of the vendor of this name."""
        for service in self.services:
            if service.name == name:
                return service
        for service in self.services:
            if service.vendor.name == name:
                return service
        known = ", ".join(service.name for service in self.services)
        raise UsageError(f'"{name}" is not served; served: {known}')

    @property
    def env(self) -> dict[str, str]:
        """Base URLs and keys by the names that clients read from the environment."""
        found = {"MOCKSERVER_URL": self.url}
        for service in reversed(self.services):
            # Reversed: the vendor's first contract has the last word.
            found |= dict.fromkeys(service.vendor.face.base_url_names, self.base_url(service.name))
            found |= dict.fromkeys(service.vendor.face.api_key_names, service.test_key)
        return found

    def run(self, function: Callable[[], _T]) -> _T:
        """Call `function` while nothing else touches a world, and return what it returns. It must not wait.

        It is called in this thread when the loop waits for the network, else on the loop's.
        """
        return self._turned(Turn.run, function)

    def give(self, world: str, given: Input) -> None:
        """Let an input into a world and have the webhooks posted that it makes due; returns before they are."""
        driver = self._driver
        if driver is None:
            raise UsageError(_NOT_RUNNING)
        self._turned(Turn.in_loop, lambda: driver.give(self._world(world), given))

    def _turned(self, way: Callable[[Turn, Callable[[], _T]], _T], function: Callable[[], _T]) -> _T:
        if self._turn is None or self._thread is None:
            raise UsageError(_NOT_RUNNING)
        try:
            return way(self._turn, function)
        except MockserverError as error:
            raise error.with_traceback(None) from error.__cause__

    def settle(self, world: str = "") -> None:
        """Return when no webhook of a world is ready to leave or at its receiver.

        This and every method below blocks, so each raises UsageError inside a running event loop: a receiver
        there could never answer. There its twin is awaited, whose name it says.
        """
        self._moves.wait("asettle", lambda driver: driver.settle(self._world(world)))

    async def asettle(self, world: str = "") -> None:
        """`settle`, awaited."""
        await self._moves.awaited(lambda driver: driver.settle(self._world(world)))

    def advance(self, world: str, seconds: float) -> None:
        """Move a world's clock; returns when what fell due was posted and answered. UsageError under real time."""
        self._moves.wait("aadvance", lambda driver: driver.advance(self._world(world), seconds))

    async def aadvance(self, world: str, seconds: float) -> None:
        """`advance`, awaited."""
        await self._moves.awaited(lambda driver: driver.advance(self._world(world), seconds))

    def advance_to_next(self, world: str = "") -> bool:
        """Move a world's clock to the next thing that is due; False when nothing is."""
        return self._moves.wait("aadvance_to_next", lambda driver: driver.advance_to_next(self._world(world)))

    async def aadvance_to_next(self, world: str = "") -> bool:
        """`advance_to_next`, awaited."""
        return await self._moves.awaited(lambda driver: driver.advance_to_next(self._world(world)))

    def run_until_idle(self, world: str = "", limit: float = MONTH, events: int = EVENTS) -> None:
        """Move a world's clock until nothing is due. Raises UsageError, naming what never ends, at the limits."""
        self._moves.wait("arun_until_idle", lambda driver: driver.run_until_idle(self._world(world), limit, events))

    async def arun_until_idle(self, world: str = "", limit: float = MONTH, events: int = EVENTS) -> None:
        """`run_until_idle`, awaited."""
        await self._moves.awaited(lambda driver: driver.run_until_idle(self._world(world), limit, events))

    def run_until(self, world: str, predicate: Callable[[], object], limit: float = MONTH) -> None:
        """Go from event to event until `predicate()`, asked in this thread, is true; an `auto` world stays auto.

        Raises UsageError that says what is still going when nothing more is due within `limit` seconds of its time.
        """
        self._moves.run_until(partial(self._world, world), predicate, limit)

    async def arun_until(self, world: str, predicate: Callable[[], object], limit: float = MONTH) -> None:
        """`run_until`, awaited; `predicate` is asked in the caller's loop."""
        await self._moves.arun_until(partial(self._world, world), predicate, limit)

    def wait_for_inbox(self, world: str, name: str, count: int, timeout: float = 5.0) -> tuple[Arrival, ...]:
        """What an inbox received, as soon as that is `count`; what there is after `timeout` seconds of wall time.

        An `auto` clock goes from event to event meanwhile, and stays auto.
        """
        return self._moves.wait(
            "await_for_inbox", lambda driver: driver.wait_for_inbox(self._world(world), name, count, timeout)
        )

    async def await_for_inbox(self, world: str, name: str, count: int, timeout: float = 5.0) -> tuple[Arrival, ...]:
        """`wait_for_inbox`, awaited."""
        return await self._moves.awaited(lambda driver: driver.wait_for_inbox(self._world(world), name, count, timeout))

    def wait_for_gate(self, world: str, gate: int, timeout: float = 5.0) -> bool:
        """Whether a request is held at a gate, as soon as one is; False after `timeout` seconds of wall time."""
        return self._moves.wait("await_held", lambda driver: self._at_gate(driver, world, gate, timeout))

    async def await_for_gate(self, world: str, gate: int, timeout: float = 5.0) -> bool:
        """`wait_for_gate`, awaited."""
        return await self._moves.awaited(lambda driver: self._at_gate(driver, world, gate, timeout))

    async def _at_gate(self, driver: Driver, name: str, gate: int, timeout: float) -> bool:
        world = self._world(name)
        return await driver.wait_until(world, lambda: world.came_to(gate), timeout)

    @property
    def _moves(self) -> Moves:
        turn, driver = self._turn, self._driver
        if turn is None or driver is None:
            raise UsageError(_NOT_RUNNING)
        return Moves(driver, turn)

    def _world(self, name: str) -> World:
        world = self.worlds.find(name)
        if world is None:
            raise UsageError(f'there is no world "{name}"')
        return world

    def _main(self, ready: Future[int]) -> None:
        try:
            turn = Turn()
            with asyncio.Runner(loop_factory=lambda: turn.loop) as runner:
                runner.run(self._serve(ready, turn))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: Future[int], turn: Turn) -> None:
        driver = self._new_driver()
        app = App(self.worlds, partial(self._admin, driver), driver, self._observe, self._sent_from)
        web_server = app.server()
        host, port = self.settings.host, self.settings.port
        try:
            listener = await turn.loop.create_server(web_server, host or None, port, backlog=1024)
        except OSError as error:
            await driver.stop(0)
            raise CouldNotRun(not_listening(error, host, port)) from error
        if self.restored is not None:
            driver.rouse()
        self._turn, self._leave, self._driver = turn, asyncio.Event(), driver
        ready.set_result(listener.sockets[0].getsockname()[1])
        await self._leave.wait()
        turn.leave()
        app.stop()
        await _close(listener)
        await driver.stop(_LEAVING)
        web_server.pre_shutdown()
        await web_server.shutdown(_LEAVING)

    def _new_driver(self) -> Driver:
        settings = self.settings
        sender = Sender(settings.webhook_reach, __version__, limit=settings.webhook_limit)
        clocks = RealClocks(self.worlds.settings.start if settings.start is None else None)
        return Driver(self.worlds, sender, clocks, self._watch)

    def _admin(self, driver: Driver) -> Admin:
        from mockserver.http.admin import Admin, Guard

        settings = self.settings
        hosts = frozenset(host.strip("[]").lower() for host in (settings.host, *settings.allow_hosts)) - _ANYWHERE
        return Admin(self.worlds, __version__, self._services_with, Guard(hosts, settings.admin_token), driver)

    def _services_with(self, fixtures: tuple[str, ...]) -> tuple[Service, ...]:
        return assemble(replace(self.settings.wanted, fixtures=fixtures))


async def _close(listener: asyncio.Server) -> None:
    """Stop accepting. A connection accepted just now takes three rounds of the loop until aiohttp knows it.

    Until then asyncio must not be told to close: it would drop that connection without closing it (CPython 3.11).
    """
    for accepting in listener.sockets:
        with suppress(NotImplementedError):
            asyncio.get_running_loop().remove_reader(accepting.fileno())
    for _ in range(3):
        await asyncio.sleep(0)
    listener.close()


def _checked(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    known = ServerSettings.__struct_fields__
    for name in changes:
        if name not in known:
            raise UsageError(f"a server has no setting {name!r}; {nearest(name, known)}")
    port = changes.get("port", 0)
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port; ports go from 0 (any free one) to 65535")
    return changes
