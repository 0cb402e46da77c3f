"""Where a test stands, seen from the thread that serves it."""

import asyncio
import gc
import socket
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver.sentfrom import SentFrom, line_of


@contextmanager
def server(where):
    """A peer in another thread that answers each byte with what `where` says at that moment."""
    client, peer = socket.socketpair()

    def serve():
        while peer.recv(1):
            peer.sendall(where().encode() or b"-")

    thread = threading.Thread(target=serve)
    thread.start()
    with client, peer:
        yield client
        client.shutdown(socket.SHUT_WR)
        thread.join()


def ask(client):
    """What a client that blocks does, on one line: wherever it is seen, it is seen here."""
    return (client.sendall(b"?") or client.recv(100)).decode()


def test_a_client_that_blocks_is_seen_where_it_was_called():
    """The innermost line of the test's file counts; of another file's test nothing is known."""
    where = SentFrom()
    with server(where) as client:
        outside = ask(client)
        where.watch(Path(__file__))
        inside = ask(client)
        where.watch(Path(__file__).with_name("test_other.py"))
        other = ask(client)
        where.leave()
        after = ask(client)

    assert (outside, other, after) == ("-", "-", "-")
    assert inside == f"{line_of(sys._getframe()).file}:{ask.__code__.co_firstlineno + 2}"


def test_a_test_that_waits_for_another_thread_sent_nothing():
    """Whoever did is not on its stack."""
    where, nothing = SentFrom(), threading.Event()
    where.watch(Path(__file__))

    def send():
        while where():
            pass
        nothing.set()

    thread = threading.Thread(target=send)
    thread.start()

    assert nothing.wait(10)
    thread.join()


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_client_that_is_awaited_is_not_seen(kind):
    """Another task may be running when its request arrives; one that blocks in a coroutine is seen."""
    source = f"{kind} send(client):\n    client.sendall(b'?')\n    return client.recv(100)"
    made: dict[str, Any] = {}
    exec(compile(source, "client.py", "exec"), made)
    where = SentFrom()
    where.watch(Path(__file__))

    async def ask():
        sent = made["send"](client)
        return await sent if kind == "async def" else sent

    with server(where) as client:
        said = asyncio.run(ask()).decode()

    line = f"{line_of(sys._getframe()).file}:{ask.__code__.co_firstlineno + 1}"
    assert said == ("-" if kind == "async def" else line)


def asleep(done):
    while not done.locked():
        time.sleep(0.001)


def asleep_by_another_name(done, sleep=time.sleep):
    while not done.locked():
        sleep(0.001)


def at_a_lock(done):
    while not done.acquire(timeout=0.001):
        pass
    done.release()


@pytest.mark.parametrize("pause", [asleep, asleep_by_another_name, at_a_lock])
def test_a_test_that_pauses_sent_nothing(pause):
    """Though to sleep and to wait for a lock leave no frame on its stack, and seem to be the test's own doing."""
    where, done, said = SentFrom(), threading.Lock(), []
    where.watch(Path(__file__))
    test = threading.get_ident()
    if pause is at_a_lock:
        done.acquire()

    def send():
        while sys._current_frames()[test].f_code is not pause.__code__:
            pass
        said.append(where())
        done.release() if pause is at_a_lock else done.acquire()

    thread = threading.Thread(target=send)
    thread.start()
    pause(done)
    thread.join()

    assert said == [""]


def test_nothing_is_collected_while_a_stack_is_looked_at():
    """A finalizer that ran then could let the thread go on whose frames are being read, and CPython would crash."""
    where, seen = SentFrom(), []
    where.watch(Path(__file__))

    def told(phase, info):
        if any(frame.name == "_line_in" for frame in traceback.extract_stack()):
            seen.append(phase)

    before = gc.get_threshold()
    gc.callbacks.append(told)
    gc.set_threshold(1)  # each new object starts a collection
    try:
        with server(where) as client:
            line = ask(client)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(told)

    assert line.startswith(line_of(sys._getframe()).file)
    assert seen == []
    assert gc.isenabled()
