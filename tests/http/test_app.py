"""The shell: bytes in, bytes out, within bounds, and never a traceback for what a client sends."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
import threading
from http.client import HTTPConnection
from typing import Any

import pytest

from mockserver.engine.inputs import PutStub
from mockserver.engine.stubs import Step, Stub
from mockserver.engine.worlds import Worlds
from mockserver.scenario.model import Fault, Respond
from mockserver.server import Server
from tests.http.client import KEY, MAX_BODY, Client, post, read_all


def script(client: Client, then: Fault | Respond) -> None:
    """From now on every bulk run of the client's world is answered so."""
    stub = Stub(1, "bulkRunPipeline", frozenset({("vectorshift", "bulkRunPipeline")}), (Step(then, None),))
    client.server.run(lambda: client.world.apply(PutStub(stub)))


def test_a_request_is_answered_and_recorded(client: Client) -> None:
    """The journal holds the request as it was sent and what was written."""
    answer = client.bulk_run()

    (entry,) = client.entries
    assert answer.status == 200
    assert entry.request.target == client.run_path
    assert entry.request.path == "/vectorshift/v1/pipeline/p1/bulk_run"
    assert entry.answer.body == answer.body
    assert entry.sent is not None
    assert (entry.sent.bytes, entry.sent.cut_off) == (len(answer.body), False)


def test_a_large_answer_arrives_whole(client: Client) -> None:
    """What the journal keeps is bounded; what the client gets is not."""
    runs: dict[str, Any] = {"runs": [{"inputs": {}} for _ in range(2000)]}

    answer = client.bulk_run(runs=runs)

    assert len(answer.body) > 64 * 1024
    assert len(answer.json["run_outputs"]) == 2000


def test_the_path_is_read_as_it_was_sent(client: Client) -> None:
    """Percent-encoding reaches the engine untouched, so an encoded slash stays inside its segment."""
    answer = client.bulk_run("a%2Fb%20c")

    (entry,) = client.entries
    assert answer.status == 200
    assert entry.request.path.endswith("/pipeline/a%2Fb%20c/bulk_run")
    assert entry.call is not None
    assert entry.call.path["id"] == "a/b c"


def test_head_is_answered_without_a_body(client: Client) -> None:
    """HEAD gets the headers of GET, Content-Length among them, and no body."""
    asked = f"GET {client.prefix}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    got = client.raw(asked)

    head = client.raw(asked.replace(b"GET", b"HEAD", 1))

    body = got.partition(b"\r\n\r\n")[2]
    assert head.endswith(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}\r\n".encode() in head


def test_options_are_told_without_a_body(client: Client) -> None:
    """OPTIONS on a known path is answered 204 with Allow."""
    answer = client.send("OPTIONS", "/vectorshift/v1/pipeline/p1/bulk_run")

    assert (answer.status, answer.headers["Allow"], answer.body) == (204, "OPTIONS, POST", b"")


def test_the_front_page_lists_base_urls(client: Client) -> None:
    """`/` says where clients find the services, as seen from where they came."""
    answer = client.send("GET", "/", headers={"Host": "localhost:4010"})

    urls = answer.json["base_urls"]
    assert urls["vectorshift"] == f"http://localhost:4010{client.prefix}/vectorshift/v1"
    assert urls["eachlabs"] == f"http://localhost:4010{client.prefix}/eachlabs/api/v1"


def test_a_body_above_the_limit_is_refused_unread(client: Client) -> None:
    """A Content-Length beyond the limit is answered 413 before a byte of the body came, and the connection ends."""
    connection = HTTPConnection("127.0.0.1", client.server.port, timeout=10)
    connection.putrequest("POST", client.run_path)
    for name, value in {**KEY, "Content-Type": "application/json", "Content-Length": str(MAX_BODY + 1)}.items():
        connection.putheader(name, value)
    connection.endheaders()

    response = connection.getresponse()
    response.read()
    connection.close()

    assert (response.status, response.headers["Connection"]) == (413, "close")
    assert [violation.code for violation in client.entries[0].violations] == ["E110"]


def test_a_client_that_sends_too_much_still_gets_its_answer(client: Client) -> None:
    """A client that writes the whole body before it reads is told 413, not cut off."""
    answer = client.send("POST", "/vectorshift/v1/pipeline/p1/bulk_run", b" " * 8 * MAX_BODY, KEY)

    assert answer.status == 413


def test_a_chunked_body_above_the_limit_is_cut_short(client: Client) -> None:
    """Without a Content-Length reading stops at the limit."""
    piece = b"%x\r\n%s\r\n" % (100_000, b" " * 100_000)

    answer = client.raw(post(client.run_path, piece * 11 + b"0\r\n\r\n", "Transfer-Encoding: chunked"))

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_of_exactly_the_limit_is_taken(client: Client) -> None:
    """The limit itself is allowed."""
    body = b'{"runs":[]}'.ljust(MAX_BODY)

    answer = client.raw(post(client.run_path, body, f"Content-Length: {len(body)}"))

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_client_that_waits_for_100_is_told_to_go_on(client: Client) -> None:
    """`Expect: 100-continue` is answered at once; the body follows."""
    with client.connected() as peer:
        peer.sendall(post(client.run_path, b"", "Content-Length: 11", "Expect: 100-continue"))
        first = peer.recv(100)
        peer.sendall(b'{"runs":[]}')
        rest = read_all(peer)

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert rest.startswith(b"HTTP/1.1 200 ")


def test_a_compressed_body_is_refused(client: Client) -> None:
    """Bodies are never unpacked, so none can be a bomb; the answer is 415."""
    bomb = gzip.compress(b" " * 50_000_000)

    answer = client.raw(post(client.run_path, bomb, f"Content-Length: {len(bomb)}", "Content-Encoding: gzip"))

    assert answer.startswith(b"HTTP/1.1 415 ")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello, I am TLS\r\n\r\n", id="tls"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n", id="long header"),
        pytest.param(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", id="long target"),
        pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", id="header without colon"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(500)) + b"\r\n", id="headers"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", id="smuggling"),
    ],
)
def test_what_is_not_http_gets_a_400_and_no_traceback(
    client: Client, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes that are no HTTP are answered 400 and leave no trace in the log."""
    answer = client.raw(sent)

    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert caplog.records == []


def test_a_body_with_broken_chunks_gets_a_400(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A body that breaks its own transfer encoding is refused in one sentence."""
    answer = client.raw(post(client.run_path, b"zz\r\nnope\r\n", "Transfer-Encoding: chunked"))

    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert caplog.records == []


def test_requests_on_one_connection_are_answered_in_order(client: Client) -> None:
    """Pipelined requests get their answers one after the other."""
    one = post(client.run_path, b'{"runs":[]}', "Content-Length: 11").replace(b"Connection: close\r\n", b"")
    last = post(f"{client.prefix}/nowhere", b"{}", "Content-Length: 2")

    answer = client.raw(one + one + last)

    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"200", b"404"]


def test_http_1_0_is_served(client: Client) -> None:
    """An old client gets its answer, and the connection ends."""
    sent = post(client.run_path, b'{"runs":[]}', "Content-Length: 11").replace(b"HTTP/1.1", b"HTTP/1.0")

    answer = client.raw(sent)

    assert b" 200 OK\r\n" in answer
    assert b"Connection: close" in answer


def test_a_header_names_the_world_too(client: Client) -> None:
    """Clients that cannot take a path send `X-Mockserver-World`."""
    bare = Client(client.server, client.world)
    bare.prefix = ""

    answer = bare.send(
        "POST", "/vectorshift/v1/pipeline/p1/bulk_run", {"runs": []}, {**KEY, "X-Mockserver-World": client.world.name}
    )

    assert answer.status == 200
    assert len(client.entries) == 1


def test_a_world_that_never_was_is_a_404(client: Client) -> None:
    """The answer names the world and says how one is opened."""
    client.prefix = "/w/nobody"

    answer = client.send("GET", "/vectorshift/v1/x")

    assert answer.status == 404
    assert answer.json == {"error": 'there is no world "nobody"; POST /__admin/worlds opens one'}


def test_a_closed_world_is_a_410_that_names_its_owner(client: Client) -> None:
    """A late request is told whose world it meant."""
    client.server.run(lambda: client.server.worlds.close(client.world.name, "test_a.py::test_b"))

    answer = client.send("GET", "/vectorshift/v1/x")

    assert answer.status == 410
    assert "test_a.py::test_b" in answer.json["error"]


def test_a_reset_breaks_the_connection(client: Client) -> None:
    """`reset`: the client sees a connection reset, not an orderly end."""
    script(client, Fault("reset"))

    with pytest.raises(ConnectionResetError):
        client.raw(post(client.run_path, b'{"runs":[]}', "Content-Length: 11"))
    assert [entry.sent.cut_off for entry in client.entries if entry.sent] == [True]


def test_a_truncated_answer_is_shorter_than_announced(client: Client) -> None:
    """`truncate`: the whole length is announced, half of it comes."""
    script(client, Fault("truncate"))

    head, _, body = client.raw(post(client.run_path, b'{"runs":[]}', "Content-Length: 11")).partition(b"\r\n\r\n")

    announced = next(int(line.split()[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert len(body) == announced // 2


def test_garbage_is_no_json_though_it_says_so(client: Client) -> None:
    """`garbage`: 200, application/json, and a body that is not."""
    script(client, Fault("garbage"))

    answer = client.bulk_run()

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


def test_a_client_that_gives_up_is_recorded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """`timeout`: nothing comes; when the client leaves, the journal says that the answer was cut off."""
    script(client, Fault("timeout"))
    reported = watch(client, monkeypatch)

    with client.connected() as peer:
        peer.settimeout(0.05)
        peer.sendall(post(client.run_path, b'{"runs":[]}', "Content-Length: 11"))
        with pytest.raises(TimeoutError):
            peer.recv(1)

    assert reported.wait(5)
    (entry,) = client.entries
    assert entry.sent is not None
    assert (entry.sent.bytes, entry.sent.cut_off) == (0, True)


def watch(client: Client, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the shell next reports what it wrote in the client's world."""
    reported = threading.Event()
    journal, sent = client.world.journal, client.world.journal.sent

    def report(number: int, what: Any) -> None:
        sent(number, what)
        reported.set()

    monkeypatch.setattr(journal, "sent", report)
    return reported


@pytest.mark.parametrize("fault", ["timeout", "hold"])
def test_stopping_lets_go_of_held_clients(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server stops at once although a client is being held."""
    held = threading.Event()
    with Server(vendors=["vectorshift"]) as server:
        client = Client(server, server.run(server.worlds.open))
        script(client, Fault("timeout") if fault == "timeout" else Respond(hold=60))
        hold = client.world.apply

        def apply(*given: Any) -> Any:
            held.set()
            return hold(*given)

        monkeypatch.setattr(client.world, "apply", apply)
        with client.connected() as peer:
            peer.sendall(post(client.run_path, b'{"runs":[]}', "Content-Length: 11"))
            assert held.wait(5)
            server.stop()
            assert read_all(peer) == b""


def test_our_own_failure_is_e901_and_logged(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last resort: a bug of ours is a 500 that says so, with the traceback in the log and no key in it."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Worlds, "at", fail)

    answer = client.send("GET", "/x?api_key=vs-test-key", headers=KEY)

    assert answer.status == 500
    assert "E901" in answer.json["error"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("mockserver", logging.ERROR)
    assert "ZeroDivisionError" in caplog.text
    assert "vs-test-key" not in caplog.text


def test_a_scripted_header_cannot_add_another(client: Client) -> None:
    """A line break in a header's value goes out as a space."""
    script(client, Respond(headers=(("X-Note", "a\r\nX-Evil: 1"),)))

    answer = client.bulk_run()

    assert answer.headers["X-Note"] == "a  X-Evil: 1"
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(client: Client, status: int) -> None:
    """204 and 304 carry neither body nor Content-Length, whatever a script says."""
    script(client, Respond(status=status, text="nothing", off_contract="to see what is written"))

    answer = client.raw(post(client.run_path, b'{"runs":[]}', "Content-Length: 11"))

    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in answer


def test_a_scripted_close_closes(client: Client) -> None:
    """`Connection: close` in a script ends the connection after the answer."""
    script(client, Respond(headers=(("Connection", "close"),)))
    kept = post(client.run_path, b'{"runs":[]}', "Content-Length: 11").replace(b"Connection: close\r\n", b"")

    answer = client.raw(kept + kept)

    assert answer.count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"FROB /vectorshift/v1/pipeline/p/bulk_run HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        b"hello\r\n\r\n",
    ],
    ids=["length", "two lengths", "long line", "zero byte", "no HTTP"],
)
def test_what_is_no_http_is_answered_in_json_and_recorded(server, sent):
    """400, one sentence, nothing of the bytes repeated, and an entry that says E107."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(sent)
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert json.loads(body)["error"].startswith("the request cannot be read as HTTP: ")
    entry = server.run(lambda: server.worlds.default.journal.entries[-1])
    assert [violation.code for violation in entry.violations] == ["E107"]
