"""What the pytest plugin costs: a suite against one on pytest-httpserver, one test, and a run that uses nothing of it.

Run with `make bench`. Both sides of a comparison take turns, and what compares them is the median over the pairs.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.results import publish, table
from benchmarks.servers import environment
from benchmarks.suites.client import TESTS

_T = TypeVar("_T")
ROOT = Path(__file__).parents[1]
OUR_PLUGIN = ("-p", "mockserver.pytest_plugin")
THEIR_PLUGIN = ("-p", "pytest_httpserver.pytest_plugin")
OURS = (*OUR_PLUGIN, "benchmarks/suites/ours.py")
THEIRS = (*THEIR_PLUGIN, "benchmarks/suites/theirs.py")
OURS_WITH_SDK = (*OUR_PLUGIN, "benchmarks/suites/sdk_ours.py")
THEIRS_WITH_SDK = (*THEIR_PLUGIN, "benchmarks/suites/sdk_theirs.py")
FLOOR = ("benchmarks/suites/floor.py",)
NEITHER = "benchmarks/suites/neither.py"
WITHOUT = ("-p", "no:mockserver")
# Only what is compared is loaded: each further plugin would make the two suites look more alike.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
CLIENTS = ("httpx", "requests", "urllib")  # `benchmarks/suites/client.py`


@dataclass(frozen=True, slots=True)
class Run:
    """A process from its start to its end, in seconds."""

    wall: float
    cpu: float


def main() -> None:
    """Measure all three and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=45, help="pairs of suites with the SDK; of others a third")
    parser.add_argument("--starts", type=int, default=40, help="pairs of runs that use nothing")
    options = parser.parse_args()

    rows = [*suites(options.rounds), one_test(options.rounds // 3), *starts(options.starts)]
    publish("The pytest plugin", table(["", "without", "with", "cost", "wanted"], rows))


def suites(rounds: int) -> list[list[str]]:
    """The whole suite with a mock of ours, against pytest-httpserver's function fixture, with each client."""
    against = f"{TESTS} tests with one request each, against pytest-httpserver"
    rows = compared(f"{against}; client: the vendor's SDK", THEIRS_WITH_SDK, OURS_WITH_SDK, rounds, "at most 1.1")
    few = rounds // 3
    for client in CLIENTS:
        rows += compared(f"the same; client: {client}", THEIRS, OURS, few, "at most 1.1", client=client)
    return [*rows, *compared("a bare aiohttp server that checks nothing; client: urllib", THEIRS, FLOOR, few)]


def compared(
    what: str, one: Sequence[str], other: Sequence[str], rounds: int, wanted: str = "", *, client: str = "urllib"
) -> list[list[str]]:
    """Wall time and processor time of two suites; where they choose their client, it is the one named."""
    alone = ALONE | {"CLIENT": client}
    pairs = in_turns(lambda: pytest(*one, more=alone), lambda: pytest(*other, more=alone), rounds)
    wall, cpu = ratio(pairs, "wall"), ratio(pairs, "cpu")
    return [
        [what, *times(pairs, "wall"), f"**{wall:.2f}**" if wanted else f"{wall:.2f}", wanted],
        [f"{what}: processor time", *times(pairs, "cpu"), f"{cpu:.2f}", ""],
    ]


def ratio(pairs: Sequence[tuple[Run, Run]], what: str) -> float:
    """How many times as long the second run of a pair takes, at the median."""
    ratios: list[float] = [getattr(second, what) / getattr(first, what) for first, second in pairs]
    return median(ratios)


def one_test(rounds: int) -> list[str]:
    """Setup, teardown and strict check of one test; what pytest itself does there counts too."""
    pairs = in_turns(lambda: around_a_test(THEIRS), lambda: around_a_test(OURS), rounds)
    theirs, ours = (median(side) for side in zip(*pairs, strict=True))
    what = "setup, teardown and strict check of one of these tests, median"
    return [what, f"{theirs:.2f} ms", f"{ours:.2f} ms", f"**{ours:.2f} ms**", "under 1 ms"]


def starts(rounds: int) -> list[list[str]]:
    """A run that uses nothing of ours, against one without the plugin."""
    pairs = in_turns(lambda: pytest(*WITHOUT, NEITHER), lambda: pytest(NEITHER), rounds)
    more = median(ours.wall - without.wall for without, ours in pairs) * 1000
    cpu_more = median(ours.cpu - without.cpu for without, ours in pairs) * 1000
    what = f"a run that uses nothing of ours, against `{' '.join(WITHOUT)}`"
    return [
        [what, *times(pairs, "wall"), f"**{more:+.1f} ms**", "at most +10 ms"],
        [f"{what}: processor time", *times(pairs, "cpu"), f"{cpu_more:+.1f} ms", ""],
    ]


def in_turns(one: Callable[[], _T], other: Callable[[], _T], rounds: int) -> list[tuple[_T, _T]]:
    """Pairs of neighbouring measurements; which comes first alternates. A first one of each fills the caches."""
    one(), other()
    pairs = []
    for number in range(rounds):
        if number % 2:
            last, first = other(), one()
        else:
            first, last = one(), other()
        pairs.append((first, last))
    return pairs


def pytest(*words: str, more: dict[str, str] | None = None) -> Run:
    """One run of pytest. Raises SystemExit, with what it said, when a test fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-c", "benchmarks/suites/pytest.ini", *words]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env=environment() | (more or {}), capture_output=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return Run(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def around_a_test(suite: Sequence[str]) -> float:
    """Milliseconds of a test without its body: the median of a suite, measured in its process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phases.json"
        pytest("-p", "benchmarks.suites.phases", *suite, more=ALONE | {"PHASES": str(file)})
        spent: list[float] = json.loads(file.read_text("utf-8"))
        return median(spent)


def times(pairs: Sequence[tuple[Run, Run]], what: str) -> list[str]:
    """The medians of both sides."""
    return [f"{median(getattr(run, what) for run in side) * 1000:,.0f} ms" for side in zip(*pairs, strict=True)]


if __name__ == "__main__":
    main()
