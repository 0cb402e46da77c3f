"""What README and docs promise, tried out."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    *(ROOT / name / "README.md" for name in (".", "benchmarks", "examples")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def first_block(page: Path, language: str) -> str:
    """The first fenced block of a page in this language."""
    found = re.search(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no {language} block"
    return found[1]


def plugin_options() -> list[str]:
    """Nothing where the plugin is installed, as `make test` does it; else what loads it from this checkout."""
    is_installed = any(point.value == "mockserver.pytest_plugin" for point in entry_points(group="pytest11"))
    return [] if is_installed else ["-p", "mockserver.pytest_plugin"]


def test_the_example_works_when_pasted(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's first Python block is a test file that passes as it stands, in a folder without configuration."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(first_block(ROOT / "README.md", "python"))
    result = pytester.runpytest_subprocess(*plugin_options())

    result.assert_outcomes(passed=1)


def test_the_example_is_short() -> None:
    """The example is a test of about ten lines."""
    lines = [line for line in first_block(ROOT / "README.md", "python").splitlines() if line.strip()]

    assert len(lines) <= 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder of this repository, and a heading that is there."""
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", page.read_text("utf-8"))
    here = [(page.parent / link if link else page, heading) for link, heading in links if "://" not in link]

    assert [str(to) for to, _ in here if not to.exists()] == []
    assert [f"{to.name}#{heading}" for to, heading in here if heading and heading not in anchors(to)] == []


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_page_can_be_found() -> None:
    """A reader who begins at the README comes to every page, link by link."""
    start = (ROOT / "README.md").resolve()
    found, ahead = {start}, [start]
    while ahead:
        page = ahead.pop()
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            to = (page.parent / link).resolve()
            pages = sorted(to.glob("*.md")) if to.is_dir() else [to]
            new = [each for each in pages if each.suffix == ".md" and each.is_file() and each not in found]
            found.update(new)
            ahead += new

    assert [page.relative_to(ROOT).as_posix() for page in PAGES if page.resolve() not in found] == []
