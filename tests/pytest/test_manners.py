"""Manners of clients in a user's suite: told, failing or let pass; and E301, which needs no option."""

import re
from pathlib import Path

import pytest

from tests.posting import OPERATION

DOCS = Path(__file__).parents[2] / "docs"
PAGE = "".join((DOCS / name).read_text("utf-8") for name in ("pytest.md", "pytest-manners.md"))
BLOCKS = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

REPEATS = """
def test_it(eachlabs_mock):
    eachlabs_mock.on(OPERATION).respond(400).emulate()
    trigger(eachlabs_mock, {"n": 1})
    trigger(eachlabs_mock, {"n": 1})
"""
REPEATED = [
    "E303 the client repeated a request that had been refused: 1 finding (eachlabs_mock, manners)",
    "  #2 after #1  bulkTriggerWorkflow  sent again unchanged, although the answer had been 400  from test_suite.py:*",
    '  allow it: eachlabs_mock.allow_manners("E303")     explain: mockserver explain E303',
]
HURRIES = """
{marker}
def test_it(eachlabs_mock):
    eachlabs_mock.on(OPERATION).respond(429, retry_after="1h").emulate()
    trigger(eachlabs_mock, {{"n": 1}})
    trigger(eachlabs_mock, {{"n": 1}})
"""
HURRIED = [
    "E301 the client retried sooner than it was asked to: 1 finding (eachlabs_mock, {asked})",
    "  #2 after #1  bulkTriggerWorkflow  sent again after *s, Retry-After asked for 3600s{why}  from test_suite.py:*",
    '  allow it: eachlabs_mock.allow_manners("E301")     explain: mockserver explain E301',
]
AUTO = "; the clock is auto, where a sleep moves nothing"


def marked(**words):
    return f"@pytest.mark.mockserver({', '.join(f'{name}={value!r}' for name, value in words.items())})"


def test_they_are_off_by_default(suite):
    """Not a word."""
    result = suite(REPEATS, "-rP")

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*manners*")


def test_a_warning_is_a_section_and_a_line(suite):
    """No warning of Python's: those fail a suite under `-W error`."""
    result = suite(REPEATS, "-rP", "-W", "error", ini="mockserver_manners = warn")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*mockserver manners*", *REPEATED], consecutive=True)
    result.stdout.fnmatch_lines(["mockserver manners: E303 in 1 test; -rP shows those of tests that passed"])


def test_a_test_that_failed_tells_of_them_too(suite):
    """Beside its own failure, which stays."""
    result = suite(f"{REPEATS}    assert 1 == 2", "--mockserver-manners", "warn")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E   *assert 1 == 2", "*mockserver manners*", *REPEATED])
    result.stdout.no_fnmatch_line("*mockserver findings*")


def test_they_fail_the_test_where_that_is_asked_for(suite):
    """In its call phase, laid out like every other finding, with the journal."""
    result = suite(REPEATS, "--mockserver-manners", "fail")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(REPEATED, consecutive=True)
    result.stdout.fnmatch_lines(["*mockserver journal*", "#2  POST *"])
    result.stdout.no_fnmatch_line("mockserver manners: *")


def test_they_stand_beside_a_failure_of_the_test(suite):
    """In the section of findings, and in the note at its exception."""
    result = suite(f"{REPEATS}    assert 1 == 2", "--mockserver-manners", "fail")

    result.assert_outcomes(failed=1)
    told = "E303 the client repeated a request that had been refused: #2 after #1"
    result.stdout.fnmatch_lines(["E   *assert 1 == 2", f"E *{told}", "*mockserver findings*", *REPEATED])


@pytest.mark.parametrize(
    ("lifted", "outcome"),
    [
        pytest.param('eachlabs_mock.allow_manners("E303")', {"passed": 1}, id="code"),
        pytest.param("eachlabs_mock.allow_manners()", {"passed": 1}, id="all"),
        pytest.param('mockserver.allow_manners("E303")', {"passed": 1}, id="world"),
        pytest.param('eachlabs_mock.allow_manners("E304")', {"failed": 1}, id="another code"),
        pytest.param('vectorshift_mock.allow_manners("E303")', {"failed": 1}, id="another mock"),
    ],
)
def test_each_can_be_let_pass(suite, lifted, outcome):
    """By its code, on its mock."""
    result = suite(
        REPEATS.replace("(eachlabs_mock):", f"(mockserver, eachlabs_mock, vectorshift_mock):\n    {lifted}"),
        "--mockserver-manners",
        "fail",
    )

    result.assert_outcomes(**outcome)


def test_an_unknown_code_is_said_at_once(suite):
    """With those that there are."""
    result = suite('def test_it(eachlabs_mock):\n    eachlabs_mock.allow_manners("E302")')

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no manners have the code*E302*"])


def test_the_marker_wins(suite):
    """Over the option, which wins over the ini file."""
    source = f"{marked(manners='off')}{REPEATS}\n{marked(manners='fail')}{REPEATS.replace('test_it', 'test_other')}"

    suite(source, "--mockserver-manners", "warn", ini="mockserver_manners = fail").assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize(
    ("source", "ini", "told"),
    [
        (f"{marked(manners='loud')}{REPEATS}", "", "*manners is 'loud'; it is one of off, warn and fail"),
        (REPEATS, "mockserver_manners = loud", "*mockserver_manners is 'loud'; it is one of off, warn and fail"),
    ],
    ids=["marker", "ini"],
)
def test_a_word_that_is_none_is_refused(suite, source, ini, told):
    """Not taken for `off`."""
    result = suite(source, ini=ini)

    assert result.ret != 0
    (result.stdout if source != REPEATS or not result.stderr.lines else result.stderr).fnmatch_lines([told])


@pytest.mark.parametrize(
    ("marker", "options"),
    [
        ({"clock": "manual"}, []),
        ({"clock": "real"}, []),
        ({"clock": "manual", "manners": "off"}, []),
        ({"clock": "manual", "strict": False, "manners": "fail"}, []),
    ],
    ids=["manual", "real", "manners off", "lenient with manners"],
)
def test_haste_fails_where_the_clock_does_not_run_by_itself(suite, marker, options):
    """Whatever is said of manners; only `strict=False` without them lets it pass."""
    result = suite(HURRIES.format(marker=marked(**marker)), *options)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([line.format(asked="strict", why="") for line in HURRIED], consecutive=True)


def test_haste_passes_a_test_that_is_not_strict(suite):
    """Then it is a note."""
    suite(HURRIES.format(marker=marked(clock="manual", strict=False))).assert_outcomes(passed=1)


@pytest.mark.parametrize(("manners", "title"), [("off", "notes"), ("warn", "manners"), ("fail", "manners")])
def test_haste_under_auto_is_a_note(suite, manners, title):
    """Where a patched sleep moves nothing, no manners make it a failure."""
    result = suite(HURRIES.format(marker=""), "-rP", "--mockserver-manners", manners)

    result.assert_outcomes(passed=1)
    wanted = [line.format(asked="manners", why=AUTO) for line in HURRIED]
    result.stdout.fnmatch_lines([f"*mockserver {title}*", *wanted], consecutive=True)


def test_a_sleep_that_moves_the_clock_is_waited_for(suite):
    """A client that sleeps for as long as it was told passes, under the very same clock."""
    once = '    trigger(eachlabs_mock, {"n": 1})\n'
    source = HURRIES.format(marker="").replace(once, f"{once}    eachlabs_mock.clock.advance(3600)\n", 1)

    suite(source).assert_outcomes(passed=1)
    suite(source.replace("advance(3600)", "advance(60)")).assert_outcomes(failed=1)


def test_what_was_found_before_a_reset_counts(suite):
    """A fresh world forgives nothing."""
    result = suite(f"{REPEATS}    eachlabs_mock.reset()", "--mockserver-manners", "fail")

    result.assert_outcomes(failed=1)


def test_a_forged_webhook_that_an_app_believes(suite):
    """The receiver is the user's; our own inbox is not."""
    source = """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Gullible(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *told):
        pass

def test_an_app(eachlabs_mock):
    with HTTPServer(("127.0.0.1", 0), Gullible) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        eachlabs_mock.webhooks.sign("standard").tamper("body")
        trigger(eachlabs_mock, {"n": 1}, webhook_url=f"http://127.0.0.1:{server.server_port}/")
        eachlabs_mock.clock.run_until_idle()
        server.shutdown()
        thread.join()

def test_our_inbox(eachlabs_mock, webhook_inbox):
    eachlabs_mock.webhooks.sign("standard").tamper("body")
    trigger(eachlabs_mock, {"n": 1}, webhook_url=webhook_inbox.url)
    eachlabs_mock.clock.run_until_idle()
"""
    result = suite(source, "--mockserver-manners", "fail")

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "E306 a forged webhook was acknowledged: 1 finding (eachlabs_mock, manners)",
            f"  webhook * after #1  {OPERATION}  its body was tampered with, and http://127.0.0.1:*/ answered 200",
        ]
    )


def test_reads_under_a_standing_clock_are_told(suite):
    """In the notes of a test that passed, and however long the journal of one that failed."""
    source = """
import urllib.request

@pytest.mark.mockserver(clock="manual")
@pytest.mark.parametrize("passes", [True, False])
def test_it(eachlabs_mock, passes):
    _, answer = trigger(eachlabs_mock, {"n": 1})
    (entry,) = answer["executions"]
    url = f"{eachlabs_mock.url}/executions/{entry['execution_id']}"
    for _ in range(80):
        request = urllib.request.Request(url, headers={"X-API-Key": eachlabs_mock.api_key})
        urllib.request.urlopen(request).close()
    assert passes
"""
    result = suite(source, "-rP")

    result.assert_outcomes(passed=1, failed=1)
    told = "#21  execution * was read 20 times unchanged: the clock stands, next is due in 1s; advance the clock"
    result.stdout.fnmatch_lines(["*mockserver journal*", "  ... 31 before these", f"  {told}"])
    result.stdout.fnmatch_lines(["*mockserver notes*", told], consecutive=True)


def test_the_page_shows_what_a_user_sees(suite, pytester):
    """The failing example of the page, and its output."""
    (client,) = (one for one in BLOCKS if one.startswith("# client.py"))
    pytester.path.joinpath("client.py").write_text(client, "utf-8")
    at = next(number for number, one in enumerate(BLOCKS) if one.startswith("# test_impatient.py"))

    result = suite(BLOCKS[at])

    result.assert_outcomes(failed=1)
    # The file is called otherwise here, and some lines stand above the block.
    wanted = re.sub(r"test_impatient\.py:\d+", "test_suite.py:*", BLOCKS[at + 1])
    result.stdout.fnmatch_lines(wanted.splitlines(), consecutive=True)
