"""An answer in pieces: its head, each piece as soon as it is due, and its end or what was scripted in its place."""

from __future__ import annotations

import asyncio
import logging
from asyncio import sleep  # by itself: a test may patch that of the module
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct

from mockserver.engine.inputs import Jump, Pull
from mockserver.engine.messages import Answer, Chunk
from mockserver.engine.streams import Stream
from mockserver.engine.world import World
from mockserver.http import web
from mockserver.http.driver import Driver
from mockserver.http.wire import Done, Writer

_LOG = logging.getLogger("mockserver")
_LOOK = 1.0  # seconds of wall time after which a stream that waits looks whether its world is still there
_PATIENCE = 5  # looks after which it says that it waits for a clock that nobody moves
_LONGEST = 600.0  # seconds of wall time after which a stream that has no end is cut off


class Tally(Struct):
    """What has been sent of an answer so far."""

    bytes: int = 0
    chunks: int = 0
    cut_off: bool = True


class Streamer:
    """Plays streams. `wait` waits that many seconds of wall time and raises ConnectionError when the server stops."""

    def __init__(self, driver: Driver, writer: Writer, wait: Callable[[float], Awaitable[None]]) -> None:
        self._driver, self._writer, self._wait = driver, writer, wait

    async def play(
        self, raw: web.BaseRequest, world: World, number: int, answer: Answer, tally: Tally, *, keep_alive: bool
    ) -> Done:
        """Send the stream that answers entry `number`. Raises ConnectionError when the client is gone or we stop.

        `tally` is kept up to date, for whoever reports what was sent of a stream that was cut off.
        """
        done = self._writer.begin(raw, answer, keep_alive=keep_alive)
        if raw.method == "HEAD":
            tally.cut_off = False
            return done
        endless = not isinstance(answer.chunks, tuple)
        try:
            async with asyncio.timeout(_LONGEST if endless else None):
                await self._send(raw, world, number, tally)
        except TimeoutError:
            return self._writer.hang_up()
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:  # noqa: BLE001 - the head is out: a second answer would only garble the stream
            _LOG.exception("E901 unexpected error while streaming the answer of request #%s", number)
            return self._writer.hang_up()
        stream = world.streams.get(number)
        if stream is not None and stream.crash:
            _LOG.error("E901 the stream of request #%s broke\n%s", number, stream.crash)
            return self._writer.hang_up()
        return await self._end(raw, answer, tally, done)

    async def _send(self, raw: web.BaseRequest, world: World, number: int, tally: Tally) -> None:
        while (chunk := await self._next(world, number)) is not None:
            await self._writer.piece(raw, chunk.data)
            tally.bytes += len(chunk.data)
            tally.chunks += 1
            # On a virtual clock nothing else makes us pause, and a stream may have no end.
            await sleep(0)

    async def _next(self, world: World, number: int) -> Chunk | None:
        """The next piece as soon as it is due, None when no more come. An `auto` clock is moved to it.

        Raises ConnectionError when the world is no more, or the server stops.
        """
        looks = 0
        while self._driver.is_live(world):
            self._driver.tick(world)
            stream = world.streams.get(number)
            if stream is None or stream.due is None:
                return None
            if stream.is_ready:
                return world.apply(Pull(number))
            if world.mode == "auto":
                world.apply(Jump(stream.due))
                self._driver.stir(world)
                continue
            looks += 1
            if looks == _PATIENCE and world.mode == "manual":
                left = stream.due - world.clock.now
                _LOG.warning("request #%s is streamed, and the clock stands: advance it by %gs", number, left)
            self._driver.stir(world)  # under real time: to be woken when it is due
            # A world that is closed wakes nobody: hence the limit.
            await self._driver.wait_until(world, partial(_is_ready, stream), _LOOK)
        raise ConnectionAbortedError("the stream's world has ended")

    async def _end(self, raw: web.BaseRequest, answer: Answer, tally: Tally, done: Done) -> Done:
        match answer.fault:
            case "timeout":
                await self._wait(_LONGEST)
                return self._writer.reset(raw)
            case "reset":
                return self._writer.reset(raw)
            case "truncate":
                return self._writer.hang_up()
        self._writer.end(raw)
        tally.cut_off = False
        return done


def _is_ready(stream: Stream) -> bool:
    return stream.is_ready
