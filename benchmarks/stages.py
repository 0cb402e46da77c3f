"""Where the time of a request goes: each stage of the engine called by itself, in this process, without sockets."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from benchmarks.load import Target
from mockserver.engine import spine
from mockserver.engine.authenticate import authenticate
from mockserver.engine.check import breaches
from mockserver.engine.decide import decide
from mockserver.engine.messages import Request
from mockserver.engine.read import Reading
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.vendors.assembly import Wanted, assemble

ROUNDS = 9
ROUND_SECONDS = 0.15


def stages(body: bytes) -> dict[str, float]:
    """Microseconds for each stage of answering `body`, and for the whole (`all stages`)."""
    services = assemble(Wanted(vendors=("vectorshift",)))
    world = World(services, Settings())
    mount = services[0].mounts[0]
    key = services[0].vendor.face.test_key
    request = to_request(Target(f"http://127.0.0.1{mount}", key, 0).post(body))

    match = spine.find(world, request, spine.Draft())
    account = authenticate(match, request)
    depth = world.settings.limits.max_depth
    call = Reading(match, account, depth)(request)
    decision = decide(call, world)
    answer = spine.act(world, call, decision)
    entry = world.apply(request)
    assert match.operation.body is not None
    checker = match.operation.body.media[0].checker
    assert checker is not None

    return {
        "match": timed(lambda: spine.find(world, request, spine.Draft())),
        "authenticate": timed(lambda: authenticate(match, request)),
        "decode": timed(lambda: Reading(match, account, depth)(request)),
        "validate": timed(lambda: checker.fits(call.body)),
        "decide": timed(lambda: decide(call, world)),
        "answer": timed(lambda: spine.act(world, call, decision)),
        "check own answer": timed(lambda: breaches(answer, match.operation, decision)),
        "journal": timed(lambda: world.journal.record(entry)),
        "all stages": timed(lambda: world.apply(request)),
    }


def to_request(raw: bytes) -> Request:
    """A request as the HTTP room would hand it over."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    return Request(method, target, target, headers=headers, body=body)


def timed(work: Callable[[], object]) -> float:
    """Microseconds of processor time that `work` takes: the median of some rounds of many calls."""
    rounds = []
    for _ in range(ROUNDS):
        calls, began = 0, time.process_time()
        while (took := time.process_time() - began) < ROUND_SECONDS:
            work()
            calls += 1
        rounds.append(took / calls * 1e6)
    return median(rounds)
