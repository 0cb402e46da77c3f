"""`mockserver explain`: every code has a text, and a wrong code gets a hint."""

from __future__ import annotations

import io
import re

import pytest

from mockserver.cli.codes import CODES
from mockserver.cli.main import main
from mockserver.contract.codes import TITLES

ALL = [f"E1{n:02}" for n in range(1, 11)]
ALL += ["E201", "E202", "E203", *(f"E30{n}" for n in range(1, 8)), *(f"E40{n}" for n in range(1, 9)), "E501"]
ALL += [*(f"E60{n}" for n in range(1, 10)), *(f"E70{n}" for n in range(1, 10)), "E9xx"]


def explain(*words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    return main(["explain", *words], {}, out), out.getvalue()


def test_every_code_that_users_meet_is_explained() -> None:
    """The codes of the interface and no others have a title and a text."""
    assert list(CODES) == list(TITLES) == ALL


@pytest.mark.parametrize("code", ALL)
def test_an_explanation_says_what_to_do(code: str) -> None:
    """Every text has a title, what happened and what mends it, in lines that fit a terminal."""
    exit_code, text = explain(code)

    assert exit_code == 0
    assert text.startswith(f"{code}  ")
    assert "To mend it: " in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(("code", "title"), [("e101", "E101"), ("E901", "E901"), ("e902", "E902")])
def test_codes_are_found_in_any_case_and_by_family(code: str, title: str) -> None:
    """Lower case is fine, and a family answers for its members."""
    assert explain(code)[1].startswith(f"{title}  ")


def test_without_a_code_all_are_listed() -> None:
    """`explain` alone prints one line for each code."""
    exit_code, text = explain()

    assert exit_code == 0
    assert re.findall(r"^E\w+", text, re.MULTILINE) == ALL


@pytest.mark.parametrize(("code", "hint"), [("E1O1", "did you mean E1"), ("quota", "they look like E101")])
def test_an_unknown_code_is_one_line_and_exit_2(code: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A code that does not exist is called wrongly, and the message helps."""
    exit_code, _ = explain(code)

    assert exit_code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert hint in line
