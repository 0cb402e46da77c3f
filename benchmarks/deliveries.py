"""How long a read takes while 300 webhooks fall due at once, under the real clock, against idle. Run with `make bench`.

The reads come one after another on one connection of their own process, the webhooks go to a receiver in a third.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from benchmarks.load import Target
from benchmarks.results import publish, table
from benchmarks.servers import product, running

DUE = 300
BULK = 10  # inputs of one call
MARGIN = 0.05  # seconds before the first webhook was acknowledged
WORKFLOW = "wf_bench"


def main() -> None:
    """Measure rounds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, each with a server of its own")
    options = parser.parse_args()

    rounds = [measure() for _ in range(options.rounds)]
    idle, busy, spread = (median(column) * 1000 for column in zip(*rounds, strict=True))
    rows = [
        ["idle", f"{idle:.1f}", ""],
        [f"while {DUE} webhooks are posted", f"{busy:.1f}", f"**+{busy - idle:.1f}** (wanted: at most +50)"],
        [f"all {DUE} have arrived after", f"{spread:.0f}", ""],
    ]
    publish("Reads while webhooks fall due", table(["p99 of a GET", "ms", ""], rows))


def measure() -> tuple[float, float, float]:
    """Seconds: p99 of a read when idle, p99 while webhooks leave, and from the first to the last of them."""
    with product("EACHLABS") as target, receiver() as hook:
        reader = Reader(target)
        reader.until(time.time() + 2)
        idle = reader.p99()
        execution = start(target, hook)
        reader.clear()
        reader.until(time.time() + 7, execution)  # queued for 1 s and running for 4
        answered = delivered(target)
        first, last = min(answered), max(answered)
        reader.keep(first - MARGIN, last)
        reader.close()
        return idle, reader.p99(), last - first


class Reader:
    """Reads one thing after another, and notes how long each read took."""

    def __init__(self, target: Target) -> None:
        self.base, self.key = urlsplit(target.url), target.key
        self.connection = HTTPConnection(self.base.netloc, timeout=10)
        self.reads: list[tuple[float, float]] = []  # (when it began, how long it took)

    def until(self, moment: float, execution: str = "none") -> None:
        """Read without a pause."""
        while (began := time.time()) < moment:
            self.connection.request("GET", f"{self.base.path}/executions/{execution}", headers={"X-API-Key": self.key})
            self.connection.getresponse().read()
            self.reads.append((began, time.time() - began))

    def p99(self) -> float:
        """Of the reads that are kept."""
        return quantiles([took for _, took in self.reads], n=100, method="inclusive")[98]

    def keep(self, first: float, last: float) -> None:
        """Forget the reads that did not overlap with this stretch."""
        self.reads = [(began, took) for began, took in self.reads if began < last and began + took > first]

    def clear(self) -> None:
        """Forget the reads until now."""
        self.reads.clear()

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


def start(target: Target, hook: str) -> str:
    """Start all executions, as near to one moment as bulk calls allow; returns the id of the first."""
    first = ""
    for number in range(DUE // BULK):
        inputs = [{"prompt": f"{number}/{index}"} for index in range(BULK)]
        answer = call(target, "POST", f"/{WORKFLOW}/bulk-trigger", {"inputs": inputs, "webhook_url": hook})
        first = first or answer["executions"][0]["execution_id"]
    return first


def delivered(target: Target) -> list[float]:
    """When each webhook was acknowledged, once all are: under the real clock the world's time is ours."""
    while True:
        listed = call(target, "GET", "/__admin/deliveries", root=True)["deliveries"]
        if len(listed) == DUE and all(one["state"] == "delivered" for one in listed):
            return [datetime.fromisoformat(one["attempts"][-1]["at"]).timestamp() for one in listed]
        time.sleep(0.05)


def call(target: Target, method: str, path: str, value: Any = None, *, root: bool = False) -> Any:
    """The JSON that comes of one request."""
    base = urlsplit(target.url)
    connection = HTTPConnection(base.netloc, timeout=10)
    headers = {"X-API-Key": target.key, "Content-Type": "application/json"}
    body = None if value is None else json.dumps(value)
    connection.request(method, path if root else base.path + path, body, headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver in a process of its own; gives its URL."""
    with running([sys.executable, "-m", "benchmarks.receiver"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"


if __name__ == "__main__":
    main()
