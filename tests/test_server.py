"""The facade: started and stopped from any code, and nothing stays behind."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from mockserver import Server
from mockserver.errors import CouldNotRun, MockserverError, UsageError
from tests.http.jobs import jobs_client

SPEC = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: "https://pets.example/v2"}]
paths:
  /pets:
    get:
      operationId: listPets
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, maxItems: 2}}}}}
"""


def get(server: Server, path: str) -> int:
    """The status of a GET."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def test_a_server_serves_while_it_is_entered() -> None:
    """`with Server(...)` has a URL, and afterwards nobody listens there."""
    with Server(vendors=["vectorshift"]) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.base_url("vectorshift") == f"{server.url}/vectorshift/v1"
        assert server.base_url("vectorshift", "a b") == f"{server.url}/w/a%20b/vectorshift/v1"
        assert get(server, "/__admin/health") == 200
        port = server.port

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_stopping_leaves_no_thread() -> None:
    """Connections are closed, those that never sent a byte too, and the thread is gone."""
    before = set(threading.enumerate())
    with Server(vendors=["vectorshift"]) as server:
        used = HTTPConnection("127.0.0.1", server.port, timeout=5)
        used.request("GET", "/__admin/health")
        used.getresponse().read()
        idle = socket.create_connection(("127.0.0.1", server.port), timeout=5)

    assert used.sock.recv(1) == b""
    with suppress(ConnectionResetError):
        assert idle.recv(1) == b""
    used.close()
    idle.close()
    assert set(threading.enumerate()) == before


def test_two_hundred_starts_and_stops_leave_nothing_behind() -> None:
    """No thread, socket or task stays, although each time a webhook was posted and another execution is under way."""

    def handles() -> tuple[int, int, int]:
        gc.collect()
        tasks = sum(isinstance(each, asyncio.Task) and not each.done() for each in gc.get_objects())
        sockets = sum(isinstance(each, socket.socket) and each.fileno() >= 0 for each in gc.get_objects())
        return threading.active_count(), tasks, sockets

    server = Server(vendors=["eachlabs"])
    before = handles()
    for _ in range(100):
        with server:
            jobs = jobs_client(server)
            jobs.start("a", hook=jobs.inbox())
            server.advance(jobs.world.name, 5)
            jobs.start("b")
            assert [one.state for one in jobs.deliveries] == ["delivered"]
        with server:
            jobs_client(server, clock="real").start("a")

    # Another test's server may let go of something meanwhile.
    assert all(now <= then for now, then in zip(handles(), before, strict=True))


def test_a_server_can_be_started_again() -> None:
    """stop() and start() may follow each other; stop() twice is harmless."""
    server = Server(vendors=["vectorshift"])
    server.start()
    server.stop()
    server.stop()

    with server:
        assert get(server, "/__admin/health") == 200


def test_state_is_touched_by_one_thread_at_a_time() -> None:
    """run() hands back what a function returns or raises; the function may call it again."""
    with Server(vendors=["vectorshift"]) as server:
        assert server.run(lambda: server.run(lambda: server.worlds.names)) == ("",)
        with pytest.raises(KeyError):
            server.run(lambda: server.env["x"])


def test_run_works_inside_a_running_loop() -> None:
    """Async tests use the same synchronous face."""

    async def inside() -> tuple[str, ...]:
        with Server(vendors=["vectorshift"]) as server:
            return server.run(lambda: server.worlds.names)

    assert asyncio.run(inside()) == ("",)


def test_a_server_that_does_not_run_says_so() -> None:
    """Its port and its worlds are out of reach."""
    server = Server(vendors=["vectorshift"])

    with pytest.raises(UsageError, match=r"call start\(\)"):
        _ = server.url
    with pytest.raises(UsageError, match=r"call start\(\)"):
        server.run(lambda: None)


def test_a_port_that_is_taken_is_one_line() -> None:
    """The message names the port and a way out."""
    with Server(vendors=["vectorshift"]) as first:
        port = first.port
        with pytest.raises(CouldNotRun) as caught:
            Server(vendors=["vectorshift"], port=port).start()

    assert str(caught.value).startswith(f"port {port} on 127.0.0.1 is taken")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prot": 1}, 'did you mean "port"'),
        ({"port": 70000}, "70000 is no port"),
        ({"vendors": ["vectorshit"]}, 'did you mean "vectorshift"'),
        ({"fixtures": ["nowhere.yaml"]}, "nowhere.yaml"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    """Each message says what would be right, before anything is started."""
    with pytest.raises(MockserverError, match=said):
        Server(**changes)  # type: ignore[arg-type]


def test_a_host_that_is_not_ours_cannot_be_listened_on() -> None:
    """An address of another machine is a CouldNotRun, in one line."""
    with pytest.raises(CouldNotRun, match=r"cannot listen on 192\.0\.2\.1:0: "):
        Server(vendors=["vectorshift"], host="192.0.2.1").start()


def test_the_environment_names_addresses_and_keys() -> None:
    """`env` has what known clients read, each vendor's first contract under its base URL."""
    with Server() as server:
        env = server.env

    assert env["MOCKSERVER_URL"].startswith("http://127.0.0.1:")
    assert env["VECTORSHIFT_BASE_URL"] == env["MOCKSERVER_URL"] + "/vectorshift/v1"
    assert env["VECTORSHIFT_API_KEY"] == "vs-test-key"
    assert env["EACHLABS_BASE_URL"] == env["MOCKSERVER_URL"] + "/eachlabs/api/v1"
    assert env["EACH_WORKFLOWS_BASE_URL"] == env["EACHLABS_BASE_URL"]
    assert env["EACHLABS_API_KEY"] == env["EACH_API_KEY"] == "el-test-key"


def test_one_document_alone_is_served_everywhere(tmp_path: Path) -> None:
    """A single document claims `/`, with and without its server path, beside its own mount."""
    spec = tmp_path / "Pet Shop.yaml"
    spec.write_text(SPEC)

    with Server(specs=[(None, spec)]) as server:
        assert server.base_url("pet-shop") == f"{server.url}/pet-shop/v2"
        assert [get(server, path) for path in ("/pet-shop/v2/pets", "/v2/pets", "/pets", "/")] == [200, 200, 200, 404]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two servers with one seed answer one request alike; another seed answers otherwise."""

    def answer(seed: int) -> bytes:
        with Server(vendors=["vectorshift"], seed=seed) as server:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
            headers = {"Authorization": "Bearer vs-test-key", "Content-Type": "application/json"}
            body = json.dumps({"runs": [{"inputs": {"q": "a"}}]})
            connection.request("POST", "/vectorshift/v1/pipeline/p/bulk_run", body, headers)
            data = connection.getresponse().read()
            connection.close()
            return data

    assert answer(1) == answer(1)
    assert answer(1) != answer(2)


def test_what_went_out_is_told_to_the_observer() -> None:
    """Whoever starts a server may watch its entries."""
    seen = []
    with Server(vendors=["vectorshift"], observe=lambda world, entry, sent: seen.append((entry, sent))) as server:
        get(server, "/vectorshift/v1/x")

    ((entry, sent),) = seen
    assert (entry.answer.status, sent.cut_off) == (404, False)
