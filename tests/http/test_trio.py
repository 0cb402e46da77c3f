"""Moves that are awaited in the loop of trio, and what is no such loop."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType
from typing import Any

import pytest

from mockserver.http.moves import in_loop
from mockserver.server import Server


def test_each_of_two_loops_in_one_thread_awaits_in_its_own_way() -> None:
    """As a guest trio runs in the thread, and by the turns, of a loop of asyncio."""
    trio = pytest.importorskip("trio")

    async def advance(server: Server) -> str:
        await server.aadvance("", 1)
        return "advanced"

    async def both(server: Server) -> tuple[str, str]:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Any] = loop.create_future()
        trio.lowlevel.start_guest_run(
            advance, server, run_sync_soon_threadsafe=loop.call_soon_threadsafe, done_callback=ended.set_result
        )
        return await advance(server), (await ended).unwrap()

    with Server(vendors=["vectorshift"]) as server:
        assert asyncio.run(both(server)) == ("advanced", "advanced")


def test_a_thread_of_trio_that_runs_no_task_may_block() -> None:
    """Only the thread of the loop may not."""
    trio = pytest.importorskip("trio")

    async def ask() -> tuple[bool, bool]:
        return in_loop(), await trio.to_thread.run_sync(in_loop)

    assert trio.run(ask) == (True, False)


def test_another_module_may_be_called_trio(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the tests', or none where it was said that there is none."""
    for module in (ModuleType("trio"), None):
        monkeypatch.setitem(sys.modules, "trio", module)

        assert not in_loop()
