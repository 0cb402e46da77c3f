"""How many bulk calls a second, against a bare aiohttp handler; and where the time goes. Run with `make bench`.

Both servers run side by side and are loaded in turns, so that whatever else the machine does hits both alike. A ratio
is the median of the ratios of neighbouring rounds.
"""

from __future__ import annotations

import argparse
from statistics import median

from benchmarks.bodies import Workload, workloads
from benchmarks.load import Round, measure, one_answer
from benchmarks.results import publish, table
from benchmarks.servers import bare, product
from benchmarks.stages import stages

WARM_UP = 0.5  # seconds


def main() -> None:
    """Measure all workloads and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9, help="rounds for each server and workload")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a round")
    options = parser.parse_args()

    rows, spent = [], {}
    for workload in workloads():
        pairs = compare(workload, options.rounds, options.seconds)
        rows.append(row(workload, pairs))
        spent[workload.name] = stages(workload.body) | whole(pairs)
    head = ["bulk_run", "body", "bare, /s", "ours, /s", "ratio", "wanted (aim)", "bare, CPU µs", "ours, CPU µs"]
    publish("Requests a second", table(head, rows))
    publish("Where the time goes", where(spent))


def compare(workload: Workload, rounds: int, seconds: float) -> list[tuple[Round, Round]]:
    """Pairs of neighbouring rounds: bare, mockserver. Both give the same bytes back."""
    with product() as ours, bare(one_answer(ours, workload.body)) as plain:
        for target in (plain, ours):
            measure(target, workload.body, WARM_UP)
        return [(measure(plain, workload.body, seconds), measure(ours, workload.body, seconds)) for _ in range(rounds)]


def row(workload: Workload, pairs: list[tuple[Round, Round]]) -> list[str]:
    """One line of the first table."""
    ratio = median(ours.rate / plain.rate for plain, ours in pairs)
    cells = [f"{median(side.rate for side in sides):,.0f}" for sides in zip(*pairs, strict=True)]
    return [
        workload.name,
        f"{len(workload.body) / 1000:,.1f} kB",
        *cells,
        f"**{ratio:.0%}**",
        f"{workload.at_least:.0%} ({workload.aim:.0%})",
        *(f"{cpu:,.0f}" if (cpu := processor(sides)) is not None else "" for sides in zip(*pairs, strict=True)),
    ]


def processor(rounds: tuple[Round, ...]) -> float | None:
    """Microseconds of processor time for one answer, where the system tells."""
    known = [one.cpu for one in rounds if one.cpu is not None]
    return median(known) if known else None


def whole(pairs: list[tuple[Round, Round]]) -> dict[str, float]:
    """What the server process spent on one request, for the second table."""
    cpu = processor(tuple(ours for _, ours in pairs))
    return {} if cpu is None else {"whole request in the server": cpu}


def where(spent: dict[str, dict[str, float]]) -> str:
    """The second table: microseconds for each stage of each workload."""
    names = list(next(iter(spent.values())))
    rows = [[name, *(f"{column.get(name, 0):,.1f}" for column in spent.values())] for name in names]
    return (
        "Microseconds of processor time. Each stage is called by itself, in one process and without sockets. What the\n"
        "server process spends beyond all stages is reading and writing HTTP, and its line in the log.\n\n"
        + table(["stage", *spent], rows)
    )


if __name__ == "__main__":
    main()
