"""One run of Schemathesis against one `mockserver serve`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from tests.schemathesis.documents import KEY, Served

ROOT = Path(__file__).parents[2]
_START_WITHIN = 60.0
_CASES = re.compile(r"^\s*(\d+) generated", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run; `said` is all that Schemathesis printed."""

    name: str
    seed: int
    code: int
    cases: int
    seconds: float
    said: str


def play(served: Served, seed: int, examples: int) -> Outcome:
    """Serve the document, and let Schemathesis play its effective form with all checks."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with _server(served, seed, folder) as url:
            document = f"{url}/__admin/specs/{served.name}.yaml"
            (folder / "schemathesis.toml").write_text(_config(document), "utf-8")
            bounds = ["--seed", str(seed), "--max-examples", str(examples), "--generation-database", "none"]
            hooks = {"SCHEMATHESIS_HOOKS": "tests.schemathesis.hooks", "PYTHONPATH": str(ROOT), "CONTRACT_KEY": KEY}
            ran = subprocess.run(
                [*_SCHEMATHESIS, "--config-file", "schemathesis.toml", "run", document, *_ALL, *_HARD, *bounds],
                cwd=folder,
                env=os.environ | hooks,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
    cases = _CASES.search(ran.stdout)
    return Outcome(
        served.name, seed, ran.returncode, int(cases[1]) if cases else 0, time.monotonic() - begun, ran.stdout
    )


_SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli")
_ALL = ("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--no-color")
# No check of answers: it says that data is hard to make, as what is no text is for a path parameter that is any text.
_HARD = ("--suppress-health-check", "filter_too_much")


@contextmanager
def _server(served: Served, seed: int, folder: Path) -> Iterator[str]:
    """The URL of a server that serves the document, until the block ends."""
    ready, log = folder / "ready.json", folder / "server.log"
    words = ["serve", *served.words(folder), "--port", "0", "--seed", str(seed), "--ready-file", str(ready), "--quiet"]
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-m", "mockserver", *words], cwd=ROOT, stdout=out, stderr=out)
        try:
            begun = time.monotonic()
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > begun + _START_WITHIN:
                    raise SystemExit(f"mockserver {' '.join(words)} did not start:\n{log.read_text()}")
                time.sleep(0.05)
            yield json.loads(ready.read_text())["url"]
        finally:
            process.terminate()
            process.wait()


def _config(document: str) -> str:
    """Schemathesis's own configuration: the key, for each security scheme of the document."""
    with urlopen(document) as answer:
        schemes: Mapping[str, Any] = yaml.safe_load(answer).get("components", {}).get("securitySchemes", {})
    tables = [f"[auth.openapi.{name}]\n{said}\n" for name, one in schemes.items() if (said := _key(one))]
    return "\n".join(tables)


def _key(scheme: Mapping[str, Any]) -> str:
    match (scheme["type"], scheme.get("scheme", "").lower()):
        case ("apiKey", _):
            return f'api_key = "{KEY}"'
        case ("http", "basic"):
            return f'username = "somebody"\npassword = "{KEY}"'
        case ("http", "bearer"):
            return f'bearer = "{KEY}"'
    return ""
