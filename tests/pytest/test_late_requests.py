"""What comes for a test that has ended is answered 410 and named at the end of the session, and fails no other test."""

import pytest

from mockserver.plugin import late

KEEP = """
KEPT = []

class Kept:
    def __init__(self, mock):
        self.url, self.api_key = mock.url, mock.api_key
"""


def test_a_late_request_is_named_and_fails_nobody(suite):
    """Whose it was, what it was, and which test was running when it came; the same ones are counted."""
    result = suite(
        KEEP
        + """
def test_one(eachlabs_mock):
    KEPT.append(Kept(eachlabs_mock))

def test_two(eachlabs_mock):
    for _ in range(3):
        assert trigger(KEPT[0], {}, path="/wf_1/bulk-trigger?token=abcdef")[0] == 410
    assert eachlabs_mock.journal.entries == ()
"""
    )

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*= mockserver: late requests =*",
            "from test_suite.py::test_one   POST /eachlabs/api/v1/wf_1/bulk-trigger[?]token=[*][*][*]*"
            "   during test_suite.py::test_two (call)   3 times",
        ]
    )


def test_a_late_webhook_is_named(suite):
    """One that somebody posts to the inbox of a test that has ended, as any other request."""
    result = suite("""
from urllib.request import Request, urlopen
from urllib.error import HTTPError

URLS = []

def test_one(webhook_inbox):
    URLS.append(webhook_inbox.url)

def test_two(webhook_inbox):
    with pytest.raises(HTTPError, match="410") as raised:
        urlopen(Request(URLS[0], b"{}"))
    raised.value.close()
    assert webhook_inbox.received == ()
""")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["from test_suite.py::test_one   POST /__inbox/default   during *test_two (call)"])


def test_a_webhook_of_ours_that_its_test_did_not_wait_for_is_named(suite, monkeypatch):
    """It was at its receiver, or about to be, when the test ended."""
    monkeypatch.setattr("mockserver.plugin.watch._IN_FLIGHT", 0.0)
    result = suite("""
import socket

from mockserver.engine.inputs import Advance

@pytest.fixture
def receiver():
    # It takes connections and never answers.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"

def test_one(receiver, eachlabs_mock):
    trigger(eachlabs_mock, {}, webhook_url=receiver)
    eachlabs_mock.world.give(Advance(60.0))
""")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "from test_suite.py::test_one   webhook to http://127.0.0.1:*/hook, not delivered by then"
            "   during test_suite.py::test_one (teardown)"
        ]
    )


def test_a_session_without_late_requests_says_nothing(suite):
    """No section."""
    result = suite("def test_one(eachlabs_mock):\n    trigger(eachlabs_mock, {})")

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*late requests*")


def test_late_requests_come_back_from_the_workers_of_xdist(suite):
    """A worker has its own server; it is the controller that reports."""
    result = suite(
        KEEP
        + """
@pytest.mark.parametrize("turn", range(3))
def test_it(eachlabs_mock, turn):
    for kept in KEPT:
        assert trigger(kept, {})[0] == 410
    KEPT[:] = [Kept(eachlabs_mock)]
""",
        "-n1",
        subprocess=True,
    )

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "*= mockserver: late requests =*",
            "from test_suite.py::test_it[[]0]   POST *   during test_suite.py::test_it[[]1] (call)",
            "from test_suite.py::test_it[[]1]   POST *   during test_suite.py::test_it[[]2] (call)",
        ]
    )


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (("a.py::a", "GET /x", "b.py::b (call)"), "from a.py::a   GET /x   during b.py::b (call)"),
        (("a.py::a", "GET /x", ""), "from a.py::a   GET /x   while no test was running"),
        (("", "GET /x", "b.py::b (call)"), "from no test with a mock   GET /x   during b.py::b (call)"),
    ],
)
def test_a_line_says_who_what_and_when(told, line):
    """One line each."""
    assert late.lines([told]) == [line]


def test_many_late_requests_are_cut_short():
    """The last twenty that differ are shown."""
    shown = late.lines([("a.py::a", f"GET /{number}", "") for number in range(50)])

    assert shown[0] == "... 30 before these"
    assert len(shown) == 21
    assert shown[-1].startswith("from a.py::a   GET /49 ")
