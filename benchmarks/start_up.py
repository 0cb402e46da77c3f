"""How long until `mockserver serve` takes connections, against importing what it stands on. Run with `make bench`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.results import publish, table
from benchmarks.servers import SERVE, environment, running, wait_for

IMPORTS = [sys.executable, "-c", "import aiohttp.web, jsonschema, yaml"]


def main() -> None:
    """Measure pairs in turns and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="pairs of runs")
    options = parser.parse_args()

    imports_only(), until_ready()  # fills the caches
    pairs = [(imports_only(), until_ready()) for _ in range(options.rounds)]
    imports, ready = (median(column) for column in zip(*pairs, strict=True))
    ratio = median(ours / theirs for theirs, ours in pairs)
    rows = [
        ['`python -c "import aiohttp.web, jsonschema, yaml"`', f"{imports * 1000:,.0f}", ""],
        ["`mockserver serve` is ready", f"{ready * 1000:,.0f}", f"**{ratio:.2f}** (wanted: under 1.5)"],
    ]
    publish("Start-up", table(["", "ms", "ratio"], rows))


def imports_only() -> float:
    """Seconds from the start to the end of a process that only imports."""
    began = time.perf_counter()
    subprocess.run(IMPORTS, check=True, env=environment())
    return time.perf_counter() - began


def until_ready() -> float:
    """Seconds from the start of `mockserver serve` until it takes connections."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ready.json"
        began = time.perf_counter()
        with running([*SERVE, str(file)], stdout=subprocess.DEVNULL) as process:
            wait_for(file, process)
            return time.perf_counter() - began


if __name__ == "__main__":
    main()
