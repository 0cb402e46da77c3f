"""Lines on a terminal: aligned, masked, and free of control characters."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from mockserver import console
from mockserver.contract.findings import sentence
from mockserver.engine.delivery import Attempt, Delivery, DeliveryScript
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


def test_a_key_and_a_path_are_said_as_the_refusal_says_them() -> None:
    """Where the key travels, and what is near the path, without the mount."""
    key = Violation("security", "/Authorization", "", "is missing", code="E105")
    path = Violation("path", "", "GET /acme/v1/x", "nearest: GET /y", code="E108")
    told = [Problem("unauthorized", "header Authorization is missing"), Problem("unknown_path", "no operation GET /x")]

    assert str(key) == "Authorization is missing"
    assert [sentence(one, problem) for one, problem in zip((key, path), told, strict=True)] == [
        "header Authorization is missing",
        "no operation GET /x",
    ]


def test_a_line_has_an_end() -> None:
    """Of a target of 8 kB a line shows the beginning; what came of it is still there, as text and as JSON."""
    target = "/a/" + "b" * 8000
    message = f"no operation GET {target}"
    violation = Violation("path", "", f"GET {target}", "nearest: GET /a", code="E108")
    problem = Problem("unknown_path", message, (violation,))
    request = Request("GET", target, target)
    entry = Entry(1, 0.0, "", request, Answer(404), problem=problem, violations=problem.violations)

    first, second = console.event(entry, Sent(1, 1), SECRETS, AT).splitlines()

    assert max(len(first), len(second)) <= 300
    assert first.endswith("  404   1ms")
    assert second.lstrip().startswith("E108  no operation GET /a/bbb")
    assert len(console.event_json(entry, Sent(1, 1), SECRETS, AT)) < 1500


def test_verbose_says_who_answered() -> None:
    """Operation, scenario and notes."""
    decision = Decision("scenario busy", "f.yaml:3:1")
    entry = Entry(1, 0.0, "", REQUEST, Answer(200), operation="runIt", decision=decision, notes=("a note",))

    below = console.event(entry, Sent(1, 1), SECRETS, AT, verbose=True).splitlines()[1:]

    assert [line.strip() for line in below] == ["runIt", "answered by scenario busy f.yaml:3:1", "a note"]


def test_what_nobody_may_have_meant_is_told_to_all() -> None:
    """Such a note is shown without `-v` too; of other notes nothing is said."""
    slip = "/webhookUrl is not in the document; did you mean webhook_url?"
    entry = Entry(1, 0.0, "", REQUEST, Answer(202), notes=("a note", slip))

    below = console.event(entry, Sent(1, 1), SECRETS, AT).splitlines()[1:]

    assert [line.strip() for line in below] == [slip]


DELIVERY = Delivery(
    id="7f3a91c0-0000-4000-8000-000000000000",
    event="msg_1",
    service="s",
    execution_id="e1",
    batch=None,
    status="failed",
    url="http://127.0.0.1:8000/hooks?token=s3cret",
    body=b"",
    script=DeliveryScript(),
)


def test_a_webhook_is_one_line() -> None:
    """Which one, of what, what it was answered, which attempt, and where it went."""
    line = console.webhook(DELIVERY, Attempt(1, 0.0, 200, ms=3.0), SECRETS, AT)

    assert line == (
        "12:04:01  <--  webhook 7f3a91c0 failed                       200  attempt 1  "
        "http://127.0.0.1:8000/hooks?token=***1ec1c26b"
    )


def test_a_webhook_that_did_not_arrive_says_why() -> None:
    """Below the line: what kept it from arriving, once, and what became of it."""
    blocked = replace(DELIVERY, state="blocked", reason="beyond the reach")
    failed = replace(DELIVERY, state="failed", reason="3 attempts used up without a 2xx; the last: no answer")

    said = console.webhook(blocked, Attempt(1, 0.0, None, "beyond the reach"), SECRETS, AT)
    first, last = (
        console.webhook(one, Attempt(3, 0.0, None, "no answer"), SECRETS, AT).splitlines()[1:]
        for one in (DELIVERY, failed)
    )

    assert "  ---  attempt 1  " in said
    assert said.splitlines()[1:] == ["               beyond the reach"]
    assert first == ["               no answer"]
    assert last == ["               3 attempts used up without a 2xx; the last: no answer"]


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
