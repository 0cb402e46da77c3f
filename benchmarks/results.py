"""The tables in results.md: each script replaces its own section and leaves the others."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).parent / "results.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def publish(title: str, text: str) -> None:
    """Print a section and write it to results.md in place of the one with the same title."""
    system = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    section = f"## {title}\n\n{text.strip()}\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on {system}.\n\n"
    old = FILE.read_text("utf-8") if FILE.exists() else "# Results\n\nWritten by `make bench`.\n\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    new = pattern.sub(lambda _: section, old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}"
    FILE.write_text(new.rstrip() + "\n", "utf-8")
    sys.stdout.write(section)
