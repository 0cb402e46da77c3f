"""Answers that wait at a gate until the test lets them go. No test here waits for longer than a thread needs."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from mockserver.engine.inputs import PutStub, Release
from mockserver.engine.stubs import Step, Stub
from mockserver.errors import UsageError
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server
from tests.posting import OPERATION, trigger


@pytest.fixture
def world(server):
    """A fresh world; it may be closed already."""
    opened = OpenWorld(server)
    yield opened
    with suppress(LookupError, UsageError):
        opened.close()


@pytest.fixture
def clients():
    """Threads for clients that are held."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_the_core_marks_an_answer_and_goes_on(eachlabs):
    """Whoever writes it holds it; the executions have begun."""
    targets = frozenset({("eachlabs", OPERATION)})
    eachlabs.world.apply(PutStub(Stub(1, OPERATION, targets, (Step(None, None, gate=3),))))
    assert not eachlabs.world.came_to(3)
    held, refused = eachlabs.bulk_trigger({}), eachlabs.bulk_trigger({}, workflow="000000000000000000000000")

    assert (held.answer.status, held.answer.gate) == (202, 3)
    assert (refused.answer.status, refused.answer.gate) == (404, 3)
    assert len(eachlabs.world.executions.all) == 1
    assert eachlabs.world.came_to(3)
    assert not eachlabs.world.is_released(3)
    eachlabs.world.apply(Release(3))
    assert eachlabs.world.is_released(3)


def test_an_answer_waits_until_it_is_released(mock, clients):
    """The request is in the journal, its answer is not yet written."""
    gate = mock.on(OPERATION).hold()
    client = clients.submit(trigger, mock, {})

    gate.wait()
    assert [entry.sent for entry in mock.journal.entries] == [None]
    assert not client.done()
    gate.release()
    assert client.result(10)[0] == 202


def test_what_is_held_is_the_answer_before(mock, clients):
    """The others of the chain go by."""
    stub = mock.on(OPERATION).respond(500)
    stub.respond(503)
    gate = stub.hold()
    stub.emulate()

    assert trigger(mock, {})[0] == 500
    held = clients.submit(trigger, mock, {})
    gate.wait()
    assert trigger(mock, {})[0] == 202
    gate.release()
    assert held.result(10)[0] == 503


def test_a_gate_holds_all_who_come_and_later_nobody(mock, clients):
    """As long as it is not released; then it stands open."""
    gate = mock.on(OPERATION).respond(503).hold()
    held = [clients.submit(trigger, mock, {}) for _ in range(3)]
    gate.wait()
    gate.release()

    assert [client.result(10)[0] for client in held] == [503] * 3
    assert trigger(mock, {})[0] == 503
    gate.release()
    gate.wait()


def test_others_are_answered_meanwhile(mock, clients):
    """A gate holds the calls of its stub."""
    gate = mock.on(OPERATION, path={"workflowID": "wf_1"}).hold()
    held = clients.submit(trigger, mock, {})
    gate.wait()

    assert trigger(mock, {}, workflow="wf_2")[0] == 202
    mock.clock.advance("1h")
    assert not held.done()
    gate.release()
    assert held.result(10)[0] == 202


def test_a_fault_can_wait_too(mock, clients):
    """The connection breaks when the gate opens."""
    gate = mock.on(OPERATION).reset().hold()
    client = clients.submit(trigger, mock, {})
    gate.wait()
    gate.release()

    with pytest.raises(ConnectionError):
        client.result(10)


def test_nobody_comes(mock):
    """What came instead is told, with what differs."""
    gate = mock.on(OPERATION, path={"workflowID": "wf_2"}).hold()
    trigger(mock, {})

    with pytest.raises(AssertionError) as error:
        gate.wait(timeout=0)

    head, *rest = str(error.value).splitlines()
    assert head.startswith("no request came to the gate at ")
    assert head.endswith(" within 0s")
    assert "test_gate.py:" in head
    assert rest[-1].endswith('path/workflowID  wanted "wf_2", got "wf_1"')


def test_in_a_running_loop_the_twin_is_awaited(mock):
    """The client may be in the same loop."""
    gate = mock.on(OPERATION).respond(503).hold()

    async def play():
        with pytest.raises(UsageError, match=r"write: await gate\.await_held\(\)"):
            gate.wait()
        client = asyncio.create_task(asyncio.to_thread(trigger, mock, {}))
        await gate.await_held()
        gate.release()
        return await client

    assert asyncio.run(play())[0] == 503


def test_a_gate_that_nobody_came_to_is_left_over(mock, world):
    """Held for the emulator's own answer as for a scripted one; `optional` lifts it."""
    mock.on(OPERATION).hold()
    mock.on(OPERATION).respond(503).hold()
    mock.on(OPERATION).optional().hold()

    assert [left.clause for left in world.findings().left] == ["scripted and never called"] * 2


def test_a_gate_that_somebody_came_to_is_not(mock, world, clients):
    """Released or not."""
    gate = mock.on(OPERATION).hold()
    held = clients.submit(trigger, mock, {})
    gate.wait()

    assert not world.findings()
    gate.release()
    held.result(10)


@pytest.mark.parametrize("end", ["reset", "close"])
def test_the_end_of_a_world_lets_go(mock, world, clients, end):
    """Who is held then gets the answer that was made."""
    gate = mock.on(OPERATION).hold()
    held = clients.submit(trigger, mock, {})
    gate.wait()
    getattr(world, end)()

    assert held.result(10)[0] == 202


def test_a_server_that_stops_lets_go():
    """Whoever still stands at a gate."""
    with Server(shipped_scenarios=False) as server:
        mock = Mock(OpenWorld(server), "eachlabs")
        gate = mock.on(OPERATION).hold()
        got = []
        client = threading.Thread(target=lambda: got.append(trigger(mock, {})[0]))
        client.start()
        gate.wait()
    client.join(10)

    assert got == [202]


def test_nobody_is_held_for_longer_than_a_minute(mock, monkeypatch):
    """Here a minute is over at once."""
    monkeypatch.setattr("mockserver.http.app._LONGEST_HOLD", 0.0)
    mock.on(OPERATION).respond(503).hold()

    assert trigger(mock, {})[0] == 503


def test_a_client_that_leaves_is_no_trouble(mock, clients):
    """The journal says that its answer was cut off, or not written; the next one is answered."""
    gate = mock.on(OPERATION).respond(503).hold()

    async def leave():
        _, writer = await asyncio.open_connection("127.0.0.1", int(mock.url.split(":")[2].split("/")[0]))
        body = b'{"inputs":[{}]}'
        path = mock.url.split("/", 3)[3]
        head = f"POST /{path}/wf_1/bulk-trigger HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {mock.api_key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await gate.await_held()
        writer.close()
        await writer.wait_closed()

    asyncio.run(leave())
    gate.release()
    assert trigger(mock, {})[0] == 503
