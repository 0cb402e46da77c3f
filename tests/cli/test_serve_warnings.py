"""`mockserver serve` says that there is something odd about documents, and how to see it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

ODD = "openapi: 3.1.0\ncolour: red\npaths: {}\n"


def test_serve_says_how_many_warnings_there_are(tmp_path: Path) -> None:
    """In one line, with the command that lists them, as a shell takes it."""
    (tmp_path / "odd one.yaml").write_text(ODD)
    words = ["serve", "--port", "0", f"odd={tmp_path / 'odd one.yaml'}"]

    with subprocess.Popen([sys.executable, "-m", "mockserver", *words], stdout=subprocess.PIPE, text=True) as process:
        # A line that never comes must fail the test, not hold the suite.
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        assert process.stdout is not None
        *_, line = (process.stdout.readline() for _ in range(4))
        watchdog.cancel()
        process.kill()

    assert line == f"3 warnings about the documents; `mockserver check '{tmp_path / 'odd one.yaml'}'` lists them\n"
