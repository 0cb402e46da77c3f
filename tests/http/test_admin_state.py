"""The admin API about executions, deliveries, inboxes, the clock and scenarios: over HTTP, against a tiny vendor."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies
from mockserver.http.sender import MARK
from mockserver.server import Server
from tests.http.jobs import Jobs, jobs_client, receiver
from tests.http.test_admin import ask


@pytest.fixture
def jobs(server: Server) -> Jobs:
    """A world of the tiny vendor."""
    return jobs_client(server)


def test_executions_are_listed_and_shown(jobs: Jobs) -> None:
    """All of the world, oldest first; one with its life and its deliveries."""
    first, second = jobs.start("a", "b", hook=jobs.inbox())
    jobs.admin("POST", "clock/advance", {"by": "5s"})

    listed = jobs.admin("GET", "executions").json["executions"]
    shown = jobs.admin("GET", f"executions/{second}").json
    batch = listed[0]["batch"]
    assert listed == [
        {"id": id, "operation": "startJobs", "state": "completed", "batch": batch} for id in (first, second)
    ]
    assert [one["state"] for one in shown["states"]] == ["queued", "running", "completed"]
    assert shown["states"][-1]["at"] == "2026-01-01T00:00:05Z"
    assert (shown["service"], shown["input"], shown["index"]) == ("jobs", "b", 1)
    assert shown["deliveries"] == [jobs.deliveries[1].id]


def test_deliveries_are_listed_shown_and_sent_again(jobs: Jobs) -> None:
    """With their attempts; one with what was sent and answered."""
    jobs.server.give(jobs.world.name, AddReplies("it", (Reply(500, body=b"no"),)))
    (execution,) = jobs.start("a", hook=jobs.inbox())
    jobs.admin("POST", "clock/advance", {"by": "5s"})

    (listed,) = jobs.admin("GET", "deliveries").json["deliveries"]
    assert (listed["execution_id"], listed["url"], listed["state"]) == (execution, jobs.inbox(), "pending")
    (attempt,) = listed["attempts"]
    assert attempt.pop("ms") > 0
    assert attempt == {"number": 1, "status": 500, "error": "", "at": "2026-01-01T00:00:05Z"}

    again = jobs.admin("POST", f"deliveries/{listed['id']}/resend")
    shown = jobs.admin("GET", f"deliveries/{listed['id']}").json
    assert (again.status, again.json) == (202, shown)
    assert (shown["state"], [one["answer"] for one in shown["attempts"]]) == ("delivered", ["no", '{"received":2}'])
    assert '"inputs":["a"]' in shown["body"]


def test_an_inbox_shows_what_it_received(jobs: Jobs) -> None:
    """Headers and body, secrets masked; bytes that are no text come as base64; an unused inbox is empty."""
    jobs.send("POST", "/__inbox/my%20box/x?token=abcd", {"a": 1}, {"X-Webhook-Secret": "geheim"})
    jobs.send("POST", "/__inbox/my%20box", b"\xff")

    answer = jobs.admin("GET", "inbox/my%20box")

    first, second = answer.json["received"]
    assert (first["number"], first["method"], first["path"], first["body"]) == (1, "POST", "/x", '{"a": 1}')
    assert second["body_base64"] == "/w=="
    assert b"geheim" not in answer.body
    assert b"abcd" not in answer.body
    assert jobs.admin("GET", "inbox/none").json["received"] == []


def test_an_inbox_needs_a_name(jobs: Jobs) -> None:
    """`/__inbox/` alone is a 404 that says what to write."""
    answer = jobs.send("POST", "/__inbox/", {})

    assert (answer.status, answer.json["error"]) == (404, "which inbox? Webhooks go to /__inbox/NAME")


def test_the_clock_is_moved(jobs: Jobs) -> None:
    """`advance`, also by nothing, `run-until-idle` and `freeze` answer with the clock as it is then."""
    jobs.start("a", hook=jobs.inbox())

    assert jobs.admin("GET", "clock").json == {
        "mode": "auto",
        "now": "2026-01-01T00:00:00Z",
        "next_due": "2026-01-01T00:00:01Z",
    }
    assert jobs.admin("POST", "clock/freeze").json["mode"] == "manual"
    assert jobs.admin("POST", "clock/advance", {"by": "0s"}).json["now"] == "2026-01-01T00:00:00Z"
    assert jobs.admin("POST", "clock/advance", {"by": 1}).json["now"] == "2026-01-01T00:00:01Z"
    idle = jobs.admin("POST", "clock/run-until-idle").json
    assert (idle["now"], idle["next_due"]) == ("2026-01-01T00:00:05Z", None)
    assert jobs.admin("GET", "inbox/it").json["count"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("clock/advance", {}, 400, '{"by": "30s"}'),
        ("clock/advance", {"by": "soon"}, 400, "'soon' is no duration"),
        ("clock/advance", {"by": -1}, 400, "time goes forward"),
        ("clock/advance", {"by": [1]}, 400, "[1] is no duration"),
        ("clock/advance", {"by": True}, 400, "True is no duration"),
        ("clock/advance", {"by": "99999999d"}, 400, "year 9999"),
        ("clock/advance", {"for": "1s"}, 400, "'for'"),
        ("clock/run-until-idle", {"events": "x"}, 400, "events is"),
        ("clock/freeze", {"x": 1}, 400, "it takes nothing"),
        ("deliveries/none/resend", {}, 404, 'no delivery "none"'),
        ("scenarios", {}, 400, '"scenarios": [...]'),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    path: str, body: dict[str, Any], status: int, said: str, jobs: Jobs
) -> None:
    """One sentence that says what would be right."""
    answer = jobs.admin("POST", path, body)

    assert answer.status == status
    assert said in answer.json["error"]


@pytest.mark.parametrize("path", ["executions/none", "deliveries/none"])
def test_what_is_not_there_is_404(path: str, jobs: Jobs) -> None:
    """And names what was looked for."""
    answer = jobs.admin("GET", path)

    assert answer.status == 404
    assert '"none"' in answer.json["error"]


@pytest.mark.parametrize("path", ["clock/advance", "clock/run-until-idle", "clock/freeze"])
def test_real_time_cannot_be_moved(path: str, server: Server) -> None:
    """A move under real time is a conflict."""
    jobs = jobs_client(server, clock="real")

    answer = jobs.admin("POST", path, {"by": "1s"} if path.endswith("advance") else {})

    assert answer.status == 409
    assert "moves by itself" in answer.json["error"]


def test_what_never_ends_is_a_conflict(server: Server) -> None:
    """`run-until-idle` gives up at its limit and names what goes on."""
    jobs = jobs_client(server, retries=(0.0, *[86400.0] * 9))
    with receiver(*[500] * 99) as broken:
        jobs.start("a", hook=broken.url)
        answer = jobs.admin("POST", "clock/run-until-idle", {"limit": "1h"})

    assert answer.status == 409
    assert answer.json["error"].startswith(f"not idle within 3600s: delivery {jobs.deliveries[0].id[:8]} has made 1 of")


def test_violations_are_listed_with_their_entries(jobs: Jobs) -> None:
    """All that broke the contract, and where."""
    jobs.send("POST", "/jobs-api/jobs", {})
    jobs.send("GET", "/jobs-api/nowhere")

    found = jobs.admin("GET", "violations").json["violations"]

    assert [(one["entry"], one["code"]) for one in found] == [(1, "E101"), (2, "E108")]


SCENARIO = {
    "name": "busy",
    "operation": "startJobs",
    "then": {"respond": {"status": 503, "off_contract": "a test"}},
}


def test_scenarios_can_be_added_and_dropped(jobs: Jobs) -> None:
    """Written as in a fixture file; they are asked before all others, in this world only, until they are dropped."""
    added = jobs.admin("POST", "scenarios", {"vendor": "jobs", "scenarios": [SCENARIO]})
    busy = jobs.send("POST", "/jobs-api/jobs", {"inputs": []})

    assert added.status == 201
    (listed,) = jobs.admin("GET", "scenarios").json["scenarios"]
    assert (listed["name"], listed["service"], listed["added"], listed["used"]) == ("busy", "jobs", True, 1)
    assert busy.status == 503
    assert jobs.admin("DELETE", "scenarios", {}).json["scenarios"] == []
    assert jobs.send("POST", "/jobs-api/jobs", {"inputs": []}).status == 202


def test_a_reset_forgets_added_scenarios(jobs: Jobs) -> None:
    """A reset world is a new one."""
    jobs.admin("POST", "scenarios", {"vendor": "jobs", "scenarios": [SCENARIO]})
    jobs.admin("POST", "reset")

    assert jobs.admin("GET", "scenarios").json == {"scenarios": [], "stubs": []}


def test_a_broken_scenario_is_located(jobs: Jobs) -> None:
    """The place in what was posted, what is wrong, and what would be right."""
    broken = {**SCENARIO, "operation": "startJob"}

    answer = jobs.admin("POST", "scenarios", {"vendor": "jobs", "scenarios": [broken]})

    assert answer.status == 400
    assert "POST scenarios:" in answer.json["error"]
    assert 'did you mean "startJobs"?' in answer.json["error"]


def test_our_own_webhooks_are_refused() -> None:
    """Whatever bears the mark of our sender gets no further, be it a question or a change."""
    status, value = ask("GET", "/__admin/health", (MARK, "1"))

    assert (status, value) == (403, {"error": "the admin API takes no webhooks"})


def test_coverage_tells_what_was_seen(jobs: Jobs) -> None:
    """Of the documents that requests reached: answers, ends and webhooks, seen and missing; a reset forgets them."""
    untouched = jobs.admin("GET", "coverage").json
    jobs.start("a", "b", hook=jobs.inbox())
    jobs.admin("POST", "clock/advance", {"by": "5s"})
    jobs.admin("DELETE", "journal")

    told = jobs.admin("GET", "coverage").json
    jobs.admin("POST", "reset")

    assert untouched == {"percent": 0.0, "declared": 0, "met": 0, "services": [], "executions": []}
    assert (told["percent"], told["met"], told["declared"]) == (40.0, 2, 5)
    (service,), (lifecycle,) = told["services"], told["executions"]
    assert (service["name"], service["document"], service["requests"]) == ("jobs", "jobs.yaml", 1)
    assert service["operations"][0] == {
        "operation": "startJobs",
        "label": "POST /jobs",
        "calls": 1,
        "answers": {"declared": ["202"], "seen": {"202": 1}, "missing": []},
    }
    assert service["operations"][1]["answers"]["missing"] == ["200"]
    assert (lifecycle["vendor"], lifecycle["started"]) == ("jobs", 2)
    assert lifecycle["ends"]["seen"] == lifecycle["webhooks"]["seen"] == {"completed": 2}
    assert jobs.admin("GET", "coverage").json == untouched
