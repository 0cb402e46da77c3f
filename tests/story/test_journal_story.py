"""A journal through the lives of its server: killed at any moment, it loads, and its worlds go on."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.exchanges import exchanges
from mockserver.engine.delivery import DEFAULT_SECRET, DeliveryScript
from mockserver.engine.inputs import PutDeliveryScript
from mockserver.engine.signing import Signing
from mockserver.journalfile import records_of
from mockserver.server import Server

LIVES = 50
KEYS = {"X-API-Key": "el-test-key", "Authorization": "Bearer vs-test-key", "Content-Type": "application/json"}
ROOT = Path(__file__).parent.parent.parent


def send(port, method, path, body=None):
    """Status and bytes of one request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), KEYS)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def bulk(port, chance):
    """A bulk call of one vendor: path and body."""
    inputs = [{"n": chance.randrange(5)} for _ in range(chance.randrange(1, 4))]
    if chance.random() < 0.5:
        return "/vectorshift/v1/pipeline/p1/bulk_run", {"runs": [{"inputs": one} for one in inputs]}
    hook = {"webhook_url": f"http://127.0.0.1:{port}/__inbox/app"} if chance.random() < 0.7 else {}
    return "/eachlabs/api/v1/wf_1/bulk-trigger", {"inputs": inputs, **hook}


def act(port, chance, answers):
    """Whatever clients and tests do. `answers` are those of bulk calls."""
    match chance.randrange(10):
        case 0:
            send(port, "POST", "/__admin/clock/advance", {"by": f"{chance.randrange(1, 30)}s"})
        case 1:
            send(port, "POST", "/__admin/worlds", {"name": f"w{chance.randrange(3)}"})
        case 2:
            send(port, "POST", f"/w/w{chance.randrange(3)}/__admin/reset", {})
        case 3:
            send(port, "DELETE", f"/__admin/worlds/w{chance.randrange(3)}", {})
        case _:
            world = chance.choice(["", "", "/w/w1"])
            path, body = bulk(port, chance)
            status, answer = send(port, "POST", world + path, body)
            if status in (200, 202):
                answers.append(answer.decode())


@contextmanager
def lives(journal):
    """A function that begins a life and tells of it."""
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.story.lives", str(journal)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(150, host.kill)
    watchdog.start()
    born: list[dict[str, Any]] = []

    def begin():
        assert host.stdin is not None
        assert host.stdout is not None
        host.stdin.write("\n")
        host.stdin.flush()
        born.append(json.loads(host.stdout.readline()))
        return born[-1]

    try:
        yield begin
    finally:
        watchdog.cancel()
        if born:
            with suppress(ProcessLookupError):
                os.kill(born[-1]["pid"], signal.SIGKILL)
        host.communicate()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forked")
def test_killed_at_fifty_moments_a_journal_always_loads(tmp_path):
    """kill -9 loses no request that was answered; each life goes on where the last one ended, in the same words."""
    journal, chance = tmp_path / "worlds.jsonl", random.Random(7)
    answers: list[str] = []

    def live(port, seed, count, is_time):
        with suppress(OSError, HTTPException):  # it is killed meanwhile
            mine = random.Random(seed)
            for left in range(count, -count, -1):
                if not left:
                    is_time.set()
                act(port, mine, answers)

    with lives(journal) as begin:
        for number in range(LIVES):
            life = begin()
            assert life["inexact"] == []
            is_time = threading.Event()
            clients = [
                threading.Thread(target=live, args=(life["port"], f"{number} {one}", chance.randrange(1, 9), is_time))
                for one in range(2)
            ]
            for client in clients:
                client.start()
            is_time.wait(30)
            os.kill(life["pid"], signal.SIGKILL)
            for client in clients:
                client.join()
            recorded = [(one.answer_body or b"").decode() for one in exchanges(records_of(journal))]
            assert not set(answers) - set(recorded)
            assert len(recorded) >= len(answers)
        last = begin()
        told = list(exchanges(records_of(journal)))  # what was taken and not answered is told by the next life

        assert last["requests"] == len(told)
        assert last["inexact"] == []
        assert len(answers) > LIVES
    assert "test-key" not in journal.read_text()


@pytest.mark.parametrize("clock", ["auto", "manual", "real"])
def test_a_restored_world_answers_the_same_bytes(tmp_path, clock):
    """The next request to the server that lives, and to one that is made from a copy of its journal: the same bytes."""
    journal, chance = tmp_path / "a.jsonl", random.Random(3)
    copy = tmp_path / "b.jsonl"
    ask = [bulk(1, chance) for _ in range(20)]
    settings = {"clock": clock, "seed": 5, "start": 1_767_225_600.0, "speed": 1e-6 if clock == "real" else 1.0}
    with Server(journal=journal, **settings) as first:
        for path, body in ask[:10]:
            send(first.port, "POST", path, body)
        shutil.copy(journal, copy)
        expected = [send(first.port, "POST", path, body) for path, body in ask]
    with Server(journal=copy, restore=True, **settings) as second:
        answered = [send(second.port, "POST", path, body) for path, body in ask]

    assert answered == expected
    assert {path.split("/")[1] for path, _ in ask} == {"vectorshift", "eachlabs"}
    assert second.restored is not None
    assert second.restored.requests == 10
    assert second.restored.inexact == ()


def test_webhooks_that_were_under_way_are_tried_again(tmp_path):
    """An attempt that was under way when the server was killed has no answer; the next one follows."""
    journal = tmp_path / "a.jsonl"
    path = "/eachlabs/api/v1/wf_1/bulk-trigger"
    with Server(journal=journal, clock="manual", seed=5) as first:
        send(first.port, "POST", path, {"inputs": [{}], "webhook_url": f"{first.url}/__inbox/app"})
        first.advance("", 60)
    lines = journal.read_bytes().splitlines(keepends=True)
    taken = next(number for number, line in enumerate(lines) if b'"is":"Dial"' in line)
    journal.write_bytes(b"".join(lines[: taken + 1]))

    with Server(journal=journal, restore=True, clock="manual", seed=5) as second:
        (delivery,) = second.run(lambda: second.worlds.default.outbox.all)
        assert [attempt.error for attempt in delivery.attempts] == ["cut off: the server stopped"]
        assert delivery.state == "pending"
        assert delivery.next_due is not None


def test_under_real_time_what_fell_due_meanwhile_happens_at_once(tmp_path):
    """A restarted server needs no request to go on: webhooks of executions that have ended by now leave."""
    journal = tmp_path / "a.jsonl"
    with Server() as app:
        with Server(journal=journal, clock="real") as first:
            hook = {"inputs": [{}], "webhook_url": f"{app.url}/__inbox/app"}
            send(first.port, "POST", "/eachlabs/api/v1/wf_1/bulk-trigger", hook)
        with Server(journal=journal, restore=True, clock="real", speed=10_000):
            (arrival,) = app.wait_for_inbox("", "app", 1)

    assert arrival.json["status"] == "completed"


def test_a_signed_webhook_is_signed_alike_after_a_restart(tmp_path):
    """The secret that webhooks are signed with by default is not in the file, and comes back."""
    journal = tmp_path / "a.jsonl"
    signing = Signing("secret", (DEFAULT_SECRET,))
    with Server() as app:
        with Server(journal=journal, clock="manual") as first:
            first.give("", PutDeliveryScript("eachlabs", DeliveryScript(signing=signing)))
            hook = {"inputs": [{}], "webhook_url": f"{app.url}/__inbox/app"}
            send(first.port, "POST", "/eachlabs/api/v1/wf_1/bulk-trigger", hook)
        with Server(journal=journal, restore=True, clock="manual") as second:
            second.run_until_idle()
        (arrival,) = app.wait_for_inbox("", "app", 1)

    assert arrival.verify(signing) == ""
    assert DEFAULT_SECRET not in journal.read_text()
