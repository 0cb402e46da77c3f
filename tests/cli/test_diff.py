"""`mockserver diff`: exit codes, what is listed, and the reports."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mockserver.cli.main import main

OLD = """\
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /a: {get: {operationId: a, responses: {'200': {description: fine}, '404': {description: none}}}}
  /b: {get: {operationId: b, responses: {'200': {description: fine}}}}
"""
WITHOUT_B = OLD.replace("  /b", "  x-b")
WITHOUT_404 = OLD.replace(", '404': {description: none}", "")
WITH_C = OLD + "  /c: {get: {operationId: c, responses: {'200': {description: fine}}}}\n"


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents in the current folder."""
    monkeypatch.chdir(tmp_path)
    texts = {"old": OLD, "without-b": WITHOUT_B, "without-404": WITHOUT_404, "with-c": WITH_C, "broken": "openapi: 1"}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")


def diff(*words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(["diff", *words], {}, out), out.getvalue()


@pytest.mark.parametrize(
    ("new", "code", "verdict"),
    [
        ("old.yaml", 0, "no findings"),
        ("without-b.yaml", 1, "1 error"),
        ("without-404.yaml", 0, "1 warning"),
        ("with-c.yaml", 0, "no findings"),
    ],
)
def test_only_what_breaks_clients_fails(new: str, code: int, verdict: str) -> None:
    """Exit 1 when a change breaks clients; what may break them, or breaks none, exits 0."""
    got, text = diff("old.yaml", new)

    assert (got, text.splitlines()[-1]) == (code, f"mockserver diff: {verdict}")


def test_what_breaks_nobody_is_listed_when_asked_for() -> None:
    """A new operation is counted, and told with --all."""
    _, short = diff("old.yaml", "with-c.yaml")
    _, long = diff("old.yaml", "with-c.yaml", "--all")

    assert "1 change breaks no client; --all lists them" in short
    assert "GET /c is new" not in short
    assert "GET /c is new   c   with-c.yaml:6:8\n    see also old.yaml:3:1" in long


def test_reports_locate_a_change_in_both_files(tmp_path: Path) -> None:
    """The JSON report has both places; the annotation stands on the line of the new document."""
    code, text = diff("old.yaml", "without-b.yaml", "--report", "json=report.json", "--report", "github")
    (found,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["findings"]

    assert code == 1
    assert (found["code"], found["operation"]) == ("E601", "b")
    assert [(found[one]["file"], found[one]["line"]) for one in ("place", "also")] == [
        ("without-b.yaml", 3),
        ("old.yaml", 5),
    ]
    assert "::error file=without-b.yaml,line=3" in text


def test_a_change_of_no_part_is_told_as_it_is(tmp_path: Path) -> None:
    """A removed operation is no part of a message, and nothing stands before what is said of it."""
    diff("old.yaml", "without-b.yaml", "--report", "json=report.json", "--report", "junit=report.xml")
    (found,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["findings"]

    assert found["wanted"] == found["sentence"] == "GET /b was removed"
    assert "\nwanted: GET /b was removed\n" in (tmp_path / "report.xml").read_text("utf-8")


def test_a_change_that_was_agreed_on_fails_nothing() -> None:
    """A baseline takes what is known apart."""
    diff("old.yaml", "without-b.yaml", "--baseline", "known.json", "--update-baseline")
    code, text = diff("old.yaml", "without-b.yaml", "--baseline", "known.json")

    assert code == 0
    assert "known, in the baseline: E601 (1)" in text


def test_shipped_documents_have_names() -> None:
    """A document that is shipped does not differ from itself."""
    assert diff("eachlabs", "eachlabs") == (0, "mockserver diff: no findings\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [(("old.yaml", "none.yaml"), "there is no spec none.yaml"), (("broken.yaml", "old.yaml"), "broken.yaml:1:")],
)
def test_what_cannot_be_read_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    """A document that is not there or is none is exit 2."""
    code, _ = diff(*words)
    (line,) = capsys.readouterr().err.splitlines()

    assert (code, said in line) == (2, True), line
