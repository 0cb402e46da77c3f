"""Lines on a terminal: aligned, masked, and free of control characters."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver import console
from mockserver.engine.messages import Answer, Decision, Entry, Request, Sent
from mockserver.engine.secrets import Secrets
from mockserver.errors import Place, Problem, Violation

AT = datetime(2026, 1, 1, 12, 4, 1, tzinfo=UTC)
SECRETS = Secrets((), ["top-secret-key"])
REQUEST = Request("POST", "/a/b?token=s3cret", "/a/b")


def test_an_answered_request_is_one_line() -> None:
    """Time, request, status, how long it took, and what came of it."""
    entry = Entry(1, 0.0, "", REQUEST, Answer(202, summary="batch 550e: 2 queued"))

    line = console.event(entry, Sent(10, 3.6), SECRETS, AT)

    assert line == "12:04:01  -->  POST /a/b?token=***1ec1c26b  202   4ms  batch 550e: 2 queued"


def test_a_refused_request_says_why() -> None:
    """Below the line: each violation with its code, place and line of the spec; at most five."""
    violation = Violation("body", "/runs", "5", "is not a list", code="E101", at=Place("a.yaml", 7, 1))
    problem = Problem("invalid", "x", (violation,) * 7)
    entry = Entry(1, 0.0, "", REQUEST, Answer(400, summary="x"), problem=problem, violations=problem.violations)

    first, second, *_, last = console.event(entry, Sent(10, 0.2), SECRETS, AT).splitlines()

    assert first.endswith("  400   0ms")
    assert second == "               E101  /runs: 5 is not a list  a.yaml:7:1"
    assert last == "               ... and 2 more"


def test_a_vendors_own_refusal_is_told_in_its_words() -> None:
    """What breaks no contract has no code, only the sentence."""
    entry = Entry(1, 0.0, "", REQUEST, Answer(404), problem=Problem("not_found", "workflow not found"))

    assert console.event(entry, Sent(1, 1), SECRETS, AT).splitlines()[1].strip() == "workflow not found"


def test_verbose_says_who_answered() -> None:
    """Operation, scenario and notes."""
    decision = Decision("scenario busy", "f.yaml:3:1")
    entry = Entry(1, 0.0, "", REQUEST, Answer(200), operation="runIt", decision=decision, notes=("a note",))

    below = console.event(entry, Sent(1, 1), SECRETS, AT, verbose=True).splitlines()[1:]

    assert [line.strip() for line in below] == ["runIt", "answered by scenario busy f.yaml:3:1", "a note"]


def test_a_client_cannot_steer_the_terminal() -> None:
    """Control characters are replaced, and a known key is masked wherever it stands."""
    request = Request("GET", "/\x1b[2J/top-secret-key", "/")

    line = console.event(Entry(1, 0.0, "", request, Answer(404)), Sent(0, 1), SECRETS, AT)

    assert "\x1b" not in line
    assert "top-secret-key" not in line


def test_json_is_broken_where_it_is_too_long() -> None:
    """What fits stays on one line."""
    value = {"a": [1, 2], "b": {"c": "x" * 30}, "d": []}

    assert console.json_text(value, width=200) == '{"a": [1, 2], "b": {"c": "' + "x" * 30 + '"}, "d": []}'
    assert console.json_text(value, width=30).splitlines() == [
        "{",
        '  "a": [1, 2],',
        '  "b": {',
        f'    "c": "{"x" * 30}"',
        "  },",
        '  "d": []',
        "}",
    ]


def test_tables_have_columns() -> None:
    """Cells are padded, and no line ends in spaces."""
    assert console.table([("A", "BB"), ("aaa", "b"), ("c", "")], indent=" ") == " A    BB\n aaa  b\n c"
