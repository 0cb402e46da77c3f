"""`python -m tests.schemathesis`: Schemathesis against `mockserver serve`, as a table; exits 1 on a failure."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.schemathesis.documents import DOCUMENTS
from tests.schemathesis.run import Outcome, play


def main() -> int:
    """Play each document with each seed; 0 if nothing was found."""
    words = _parser().parse_args()
    chosen = [one for one in DOCUMENTS if not words.documents or one.name in words.documents]
    begun = time.monotonic()
    with ThreadPoolExecutor(words.workers) as pool:
        runs = [pool.submit(play, one, seed, words.examples) for one in chosen for seed in words.seeds]
        outcomes = []
        for run in runs:
            outcomes.append(run.result())
            _tell(outcomes[-1])
    failed = [one for one in outcomes if one.code != 0]
    for one in failed:
        print(f"\n##### {one.name}, seed {one.seed}\n{one.said}")
    cases = sum(one.cases for one in outcomes)
    print(f"\n{len(outcomes)} runs, {cases} requests, {len(failed)} failed, {time.monotonic() - begun:.0f} s")
    return int(bool(failed))


def _tell(one: Outcome) -> None:
    verdict = "no failure" if one.code == 0 else f"FAILED ({one.code})"
    print(f"{one.name:<14}seed {one.seed:<4}{one.cases:>6} cases {one.seconds:>6.1f} s   {verdict}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.schemathesis", description=__doc__)
    parser.add_argument("documents", nargs="*", metavar="NAME", help=", ".join(one.name for one in DOCUMENTS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5], metavar="N")
    parser.add_argument("--examples", type=int, default=15, metavar="N", help="the most cases of an operation")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    return parser


if __name__ == "__main__":
    sys.exit(main())
