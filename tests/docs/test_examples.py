"""The folders of examples/, each as whoever copies it has it: alone, with its own configuration."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))


def copied(folder: Path, to: Path) -> Path:
    """A copy of an example, without what tools left in it."""
    return Path(shutil.copytree(folder, to / folder.name, ignore=shutil.ignore_patterns(".*", "__pycache__")))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_its_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Where it was copied to, with warnings as errors."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(copied(folder, pytester.path))
    is_installed = any(point.value == "mockserver.pytest_plugin" for point in entry_points(group="pytest11"))
    result = pytester.runpytest_subprocess(*(() if is_installed else ("-p", "mockserver.pytest_plugin")))

    tests = sum(len(re.findall(r"def test_\w+", path.read_text("utf-8"))) for path in folder.rglob("test_*.py"))
    outcomes = result.parseoutcomes()
    assert outcomes.keys() <= {"passed", "skipped"}
    assert outcomes["passed"] >= tests > 0


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_its_types_are_strict(folder: Path) -> None:
    """`make check` runs mypy in each folder, which asks for the strict reading there."""
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(r"^\[tool\.mypy\]\nstrict = true$", (folder / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert f"cd examples/{folder.name} && $(abspath $(BIN))/mypy\n" in makefile


def test_each_is_in_the_list() -> None:
    """examples/README.md names every folder."""
    page = (ROOT / "examples" / "README.md").read_text("utf-8")

    assert [folder.name for folder in EXAMPLES if f"({folder.name}/)" not in page] == []
