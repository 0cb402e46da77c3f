"""The shell around the worlds: a request from the wire becomes an engine request, its answer goes back on the wire."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp.http_exceptions import HttpProcessingError
from msgspec.structs import replace

from mockserver.engine.inputs import Arrive, Unreadable, Wrote
from mockserver.engine.messages import Answer, Call, Entry, Request, Sent, SharedHeaders, TooLarge
from mockserver.engine.spine import read_ahead
from mockserver.engine.vendor import json_answer
from mockserver.engine.world import World
from mockserver.engine.worlds import Located, Worlds
from mockserver.errors import Refused
from mockserver.http import web
from mockserver.http.addresses import front_page, no_such_world, origin
from mockserver.http.ask import Ask
from mockserver.http.driver import Driver
from mockserver.http.stream import Streamer, Tally
from mockserver.http.unreadable import Server
from mockserver.http.wire import Done, Writer, read_body

if TYPE_CHECKING:
    from mockserver.http.admin import Admin

_LOG = logging.getLogger("mockserver")
_LONGEST_HOLD = 60.0  # seconds that a scripted `hold`, or a gate, may keep a client waiting
_HEADERS = 256  # sets of headers that are kept
_LARGE = 256 * 1024  # bytes; smaller bodies are read faster than a thread is asked
_LONGEST_TIMEOUT = 600.0  # seconds after which a `timeout` fault gives up waiting for the client to leave

_INBOX = "/__inbox/"

Observer = Callable[[World, Entry, Sent], None]


class App:
    """Answers requests. All its methods run on the loop that it serves."""

    def __init__(
        self,
        worlds: Worlds,
        admin: Callable[[], Admin],
        driver: Driver,
        observe: Observer = lambda world, entry, sent: None,
        sent_from: Callable[[], str] = lambda: "",
    ) -> None:
        """`admin` is asked once, by the first request that could be for it."""
        self._worlds = worlds
        self._make_admin = admin
        self._driver = driver
        self._observe = observe
        self._sent_from = sent_from
        self._writer = Writer()
        self._headers: dict[tuple[tuple[bytes, bytes], ...], SharedHeaders] = {}
        self._stopping = asyncio.Event()
        self._streamer = Streamer(driver, self._writer, self._wait)

    @cached_property
    def _admin(self) -> Admin:
        return self._make_admin()

    def server(self) -> web.Server:
        """What `loop.create_server` takes. No router, no middlewares, and bodies stay encoded as they came."""
        return Server(
            self.handle,
            self._unreadable,
            access_log=None,
            logger=_quiet_logger(),
            auto_decompress=False,
            lingering_time=2.0,
        )

    def stop(self) -> None:
        """Let go of every client that is being held."""
        self._stopping.set()

    async def handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. Whatever goes wrong in our own code is logged and answered with E901."""
        try:
            return await self._answer(raw)
        except ConnectionError:
            return self._writer.hang_up()
        except (web.RequestPayloadError, HttpProcessingError) as error:
            said = f"{raw.method} {self._worlds.secrets.target(raw.raw_path)}"
            wanted = f"the body breaks off or is not encoded as its headers say: {_first_line(error)}"
            answer = self._worlds.default.apply(Unreadable(wanted, said)).answer
            return await self._writer.write(raw, answer, keep_alive=False)
        except Exception:  # noqa: BLE001 - the last resort: no request may kill a connection without a word
            _LOG.exception(
                "E901 unexpected error while answering %s %s", raw.method, self._worlds.secrets.target(raw.raw_path)
            )
            problem = {"error": "E901 mockserver itself failed; its log says why. Explain: mockserver explain E901"}
            return await self._writer.write(raw, json_answer(500, problem), keep_alive=False)

    def _unreadable(self, why: str) -> bytes:
        """Bytes that are no HTTP request belong to no world that we could know: the default one records them."""
        return self._worlds.default.apply(Unreadable(f"the request cannot be read as HTTP: {why}")).answer.body

    def _shared(self, raw: web.BaseRequest) -> SharedHeaders:
        """The headers of a request, as one value for all requests that have them; bounded."""
        known = self._headers.get(raw.raw_headers)
        if known is None:
            if len(self._headers) >= _HEADERS:
                self._headers.clear()
            known = self._headers[raw.raw_headers] = SharedHeaders.of(tuple(raw.headers.items()))
        return known

    async def _answer(self, raw: web.BaseRequest) -> Done:
        began = time.perf_counter()
        target = raw.raw_path
        if not target.startswith("/"):
            target = _origin_form(target)
        path, _, query = target.partition("?")
        # A reserved name means the world that it leads to when the request begins, not when its body has come in.
        headers = self._shared(raw)
        name, path = self._worlds.aim(path, headers.named.get("x-mockserver-world"))
        body = await read_body(raw, self._worlds.settings.limits.max_body)
        keep_alive = not isinstance(body, TooLarge)
        # Found only now: while the body came in, the world may have been reset or closed.
        located = self._worlds.at(name, path)
        request = Request(raw.method, target, located.path, query, headers, body, self._sent_from())
        world = located.world
        if world is not None:
            self._driver.tick(world)
        if world is None or not _is_plain(located.path):
            answer = await self._beside_the_worlds(request, located)
            if answer is not None:
                return await self._writer.write(raw, answer, keep_alive=keep_alive)
        assert world is not None
        if located.path.startswith(_INBOX):
            return await self._play(raw, world, self._receive(world, request), Tally(), keep_alive=keep_alive)
        large = not isinstance(body, TooLarge) and len(body) >= _LARGE
        entry = self._driver.take(world, request, await _ahead(world, request) if large else None)
        if world.outbox.is_open:
            await self._driver.deliver_early(world)
        answer, tally = entry.answer, Tally()
        try:
            if answer.chunks is None:
                return await self._play(raw, world, answer, tally, keep_alive=keep_alive)
            await self._hold_back(world, answer)
            return await self._streamer.play(raw, world, entry.number, answer, tally, keep_alive=keep_alive)
        finally:
            # A client that leaves cancels us: that is reported too.
            ms = (time.perf_counter() - began) * 1000
            self._report(world, entry, Sent(tally.bytes, ms, tally.chunks, tally.cut_off))

    async def _hold_back(self, world: World, answer: Answer) -> None:
        """Wait as the answer says."""
        if answer.gate:
            await self._pass(world, answer.gate)
        if answer.hold:
            await self._wait(min(answer.hold, _LONGEST_HOLD))
        if answer.delay and world.mode == "real":
            await self._wait(answer.delay / world.settings.speed)

    async def _beside_the_worlds(self, request: Request, located: Located) -> Answer | None:
        """The answer of the admin API, of the front page, or for a world that is not there; None = the world's own."""
        route = self._admin.route(located.path)
        if route is not None:
            return await self._admin.answer(Ask(request, located, route))
        if located.world is None:
            self._worlds.turn_away(located, request)
            return no_such_world(located)
        is_read = request.method in ("GET", "HEAD")
        if is_read and located.path == "/" and located.world.mounts.find("/") is None:
            return front_page(located.world, origin(request))
        return None

    def _receive(self, world: World, request: Request) -> Answer:
        """What an inbox answers to what came to it."""
        name, slash, rest = request.path[len(_INBOX) :].partition("/")
        if not name:
            return json_answer(404, {"error": f"which inbox? Webhooks go to {_INBOX}NAME"})
        answer = world.apply(Arrive(unquote(name), time.time(), replace(request, path=slash + rest)))
        self._driver.stir(world)
        return answer

    async def _play(
        self, raw: web.BaseRequest, world: World, answer: Answer, tally: Tally, *, keep_alive: bool
    ) -> Done:
        """Wait as the answer says and write it; `tally` is kept up to date for whoever reports what was sent."""
        if answer.gate or answer.hold or answer.delay:
            await self._hold_back(world, answer)
        match answer.fault:
            case None | "garbage":
                tally.bytes = 0 if raw.method == "HEAD" else len(answer.body)
                done = self._writer.send(raw, answer, keep_alive=keep_alive)
                if self._writer.is_behind(raw):
                    await raw.writer.drain()
                tally.cut_off = False
                return done
            case "truncate":
                tally.bytes = self._writer.truncate(raw, answer)
            case "reset":
                self._writer.reset(raw)
            case "timeout":
                await self._wait(_LONGEST_TIMEOUT)
                self._writer.reset(raw)
        return self._writer.hang_up()

    async def _pass(self, world: World, gate: int) -> None:
        """Hold an answer until its gate is released; nobody is held for longer than a scripted `hold` may."""
        self._driver.stir(world)  # somebody may wait for a request to come here
        await self._driver.wait_until(world, lambda: world.is_released(gate), _LONGEST_HOLD)

    def _report(self, world: World, entry: Entry, sent: Sent) -> None:
        self._driver.wrote(world, Wrote(entry.number, sent))
        if entry.crash:
            _LOG.error(
                "E901 unexpected error while answering %s\n%s", world.secrets.target(entry.request.target), entry.crash
            )
        try:
            self._observe(world, entry, sent)
        except Exception:  # noqa: BLE001 - the answer is out: a second one would only garble the connection
            _LOG.exception("E901 unexpected error while logging entry %s", entry.number)

    async def _wait(self, seconds: float) -> None:
        """Wait in wall time, at most until the server stops."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise ConnectionAbortedError("the server stops")


def _is_plain(path: str) -> bool:
    """Whether a path can be for nothing but what a world serves: neither `/` nor, however encoded, `/__...`."""
    return len(path) > 1 and path[1] not in "_%"


async def _ahead(world: World, request: Request) -> Call | Refused | None:
    """A large body is decoded and validated in a thread, so that others are answered meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(None, read_ahead, world, request)


def _origin_form(target: str) -> str:
    """`/path?query` of `http://host/path?query` (RFC 9112, section 3.2.2); anything else as it is."""
    scheme, mark, rest = target.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return target
    path = rest.partition("/")[2]
    host, question, query = rest.partition("?")
    # There may be no path at all, and a slash in the query.
    return f"/{path}" if "/" in host or not question else f"/?{query}"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]


def _quiet_logger() -> logging.Logger:
    """aiohttp's log without the tracebacks about clients that do not speak HTTP: they get a 400, and that is all."""
    logger = logging.Logger("mockserver.http")
    logger.parent = _LOG
    logger.addFilter(lambda record: not _is_about_bad_http(record))
    return logger


def _is_about_bad_http(record: logging.LogRecord) -> bool:
    return bool(record.exc_info) and isinstance(record.exc_info[1], HttpProcessingError)  # type: ignore[index]
