"""Starts the two servers that are compared, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import Target

SERVE = [sys.executable, "-m", "mockserver", "serve", "-q", "--port", "0", "--seed", "0", "--ready-file"]


def environment() -> dict[str, str]:
    """Ours, except that compiled modules are kept, as they are for whatever pip installs."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def bare(answer: bytes) -> Iterator[Target]:
    """The bare handler, answering with `answer`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.json"
        file.write_bytes(answer)
        with running([sys.executable, "-m", "benchmarks.bare", str(file)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield Target(f"http://127.0.0.1:{port}/v1", "key", process.pid)


@contextmanager
def product(vendor: str = "VECTORSHIFT") -> Iterator[Target]:
    """`mockserver serve` as users start it, for one vendor; without its log lines, as the bare handler has none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ready.json"
        with running([*SERVE, str(file)], stdout=subprocess.DEVNULL) as process:
            wait_for(file, process)
            env = json.loads(file.read_text("utf-8"))["env"]
            yield Target(env[f"{vendor}_BASE_URL"], env[f"{vendor}_API_KEY"], process.pid)


@contextmanager
def running(command: list[str], *, stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is stopped at the end."""
    process = subprocess.Popen(command, stdout=stdout, env=environment())
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as `file` is there."""
    while not file.exists():
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode} before it was ready")
        time.sleep(0.0005)
