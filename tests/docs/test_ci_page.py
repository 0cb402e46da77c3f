"""The clients of docs/ci.md are run as the page runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.contract.report import FORMAT, VERSION
from tests.contract.some_findings import BODY, report

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")


def block(language: str) -> str:
    """The first block of the page in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """`mockserver run -- ...` in that folder."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "mockserver", "run", "--", *command],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def said(start: str) -> str:
    """What the page shows after a command."""
    return PAGE.partition(f"$ {start}\n")[2].partition("```")[0].partition("\n$ ")[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
def test_the_client_in_shell_is_told_what_the_page_shows(tmp_path: Path) -> None:
    """Word for word and line for line, as a terminal has it, and exit code 1."""
    (tmp_path / "client.sh").write_text(block("sh"))

    done = run(tmp_path, "sh", "client.sh")

    assert done.returncode == 1
    assert f"{done.stdout}{done.stderr}" == said("mockserver run -- sh client.sh") + "\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is missing")
def test_the_client_in_javascript_is_fine(tmp_path: Path) -> None:
    """Exit code 0, and it prints what the page shows."""
    (tmp_path / "client.mjs").write_text(block("js"))

    done = run(tmp_path, "node", "client.mjs")

    assert (done.returncode, done.stdout) == (0, said("mockserver run -- node client.mjs"))


def test_the_tests_with_pytest_are_fine(tmp_path: Path) -> None:
    """A suite is a command like any other."""
    (tmp_path / "test_client.py").write_text(block("python"))

    done = run(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_client.py")

    assert done.returncode == 0
    assert said("mockserver run -- pytest -q test_client.py").strip() in done.stdout


def test_every_field_of_a_report_is_on_the_page() -> None:
    """Whoever reads JSON reports with a program finds each name."""
    record = report(BODY).record()
    text = PAGE.partition("## Reports")[2].partition("## ")[0]
    names = set(re.findall(r"[`\"](\w+)[`\"]", text))

    assert f'{{"format": "{FORMAT}", "version": {VERSION}, ' in text
    assert set(record) - {"mockserver", "at"} <= names
    assert set(record["findings"][0]) <= names
