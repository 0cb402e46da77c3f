"""A test whose client breaks the contract fails by itself, once, in its call phase."""

import pytest

from tests.posting import OPERATION

BREAKS = "trigger(eachlabs_mock)"  # no inputs: at least one is needed


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        pytest.param(
            "trigger(eachlabs_mock, *[{}] * 11)", "E101", "*/inputs  11 items, at most 10 allowed*", id="body"
        ),
        pytest.param(
            "trigger(eachlabs_mock, {}, key='x')", "E105", "*a key that works: eachlabs_mock.api_key", id="key"
        ),
        pytest.param(
            "trigger(eachlabs_mock, {}, path='/wf/bulk')",
            "E108",
            "    path  no operation POST /wf/bulk; nearest: *POST /{workflowID}/bulk-trigger*",
            id="path",
        ),
        pytest.param("trigger(eachlabs_mock, {}, method='PUT')", "E109", "*PUT is not allowed at*", id="method"),
        pytest.param("eachlabs_mock.on(OPERATION).respond(500)", "E201", "*scripted and never called", id="left-over"),
        pytest.param("eachlabs_mock.on(OPERATION)", "E201", "*it says no answer: add .respond(...)", id="no-answer"),
        pytest.param("eachlabs_mock.input(0).reject('no')", "E201", "*it spoke for no input", id="input"),
        pytest.param(
            "eachlabs_mock.on(OPERATION).respond(json=lambda call: call.body['x'])\n    trigger(eachlabs_mock, {})",
            "E501",
            "*<lambda> at test_suite.py:6 raised KeyError: 'x'; 500 was sent",
            id="script",
        ),
    ],
)
def test_what_breaks_the_contract_fails_the_test(suite, body, code, told):
    """One clean FAILED with the code, the cause and the journal; no second error."""
    result = suite(f"def test_it(eachlabs_mock):\n    {body}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"{code} *", told, f"*mockserver explain {code}", "*mockserver journal*"])


def test_a_request_beside_every_mount_fails_the_test(suite):
    """A path that no document has is the world's own, and so is the remedy."""
    result = suite("""
def test_it(mockserver, eachlabs_mock):
    mount = eachlabs_mock.url.removeprefix(mockserver.url)
    class Elsewhere:
        url, api_key = mockserver.url, "k"
    trigger(Elsewhere, {}, path="/nowhere")
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E108 *(no service, strict)", "*with mockserver.allow_violations(): ...*"])


def test_a_finding_names_the_line_that_sent_it(suite):
    """Of a client that blocks, also below a function of the same file; a client in a thread says nothing."""
    result = suite("""
from concurrent.futures import ThreadPoolExecutor

def test_direct(eachlabs_mock):
    trigger(eachlabs_mock)

def test_in_a_thread(eachlabs_mock):
    with ThreadPoolExecutor() as pool:
        pool.submit(trigger, eachlabs_mock).result()
""")

    result.assert_outcomes(failed=2)
    # Under CI pytest repeats whole messages in its summary.
    requests = dict.fromkeys(line for line in result.stdout.lines if line.startswith("  request #1"))
    assert [line.split("   ")[1:] for line in requests] == [[OPERATION, "from test_suite.py:9"], [OPERATION]]


def test_a_verdict_in_one_line_names_the_test(suite):
    """And no line of the plugin, which tells nobody anything."""
    result = suite(
        f"""
@pytest.fixture
def farewell(eachlabs_mock):
    yield
    {BREAKS}

def test_it(eachlabs_mock):
    {BREAKS}

def test_late(farewell):
    pass
""",
        "--tb=line",
    )

    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["test_suite.py:11: Failed: E101 *"])
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_clean_client_passes(suite):
    """Whatever fits the contract passes, and a mock that gets no call does too."""
    suite("""
def test_calls(eachlabs_mock):
    assert trigger(eachlabs_mock, {"prompt": "a"})[0] == 202

def test_no_call(eachlabs_mock, vectorshift_mock):
    pass

def test_an_unknown_workflow_is_an_answer(eachlabs_mock):
    assert trigger(eachlabs_mock, {}, workflow="0" * 24)[0] == 404
""").assert_outcomes(passed=3)


def test_a_failure_of_the_test_stays(suite):
    """Our findings stand beside it: as a note at the exception and as a section."""
    result = suite(f"def test_it(eachlabs_mock):\n    status, _ = {BREAKS}\n    assert status == 202")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E       assert 400 == 202",
            "E       E101 the client sent a body the spec does not allow",
            "*mockserver findings*",
            "E101 * 1 finding in 1 request (eachlabs, strict)",
            "  answered 400",
            "*mockserver journal*",
        ]
    )


def test_the_note_reaches_junit_xml(suite, pytester):
    """CI sees it as well."""
    suite(f"def test_it(eachlabs_mock):\n    {BREAKS}\n    assert 0", "--junitxml=out.xml")

    assert "E101 the client sent a body" in (pytester.path / "out.xml").read_text("utf-8")


def test_a_clock_that_stood_still_is_told_at_a_failure_of_the_test(suite, pytester):
    """A client that gave up polling fails by itself; why is a note at its exception, which CI sees too."""
    result = suite(
        """
from urllib.request import Request, urlopen

@pytest.mark.mockserver(clock="manual")
def test_it(eachlabs_mock):
    entry, = trigger(eachlabs_mock, {})[1]["executions"]
    url = f"{eachlabs_mock.url}/executions/{entry['execution_id']}"
    for _ in range(21):
        urlopen(Request(url, headers={"X-API-Key": eachlabs_mock.api_key})).close()
    raise TimeoutError("gave up")
""",
        "--no-mockserver-strict",
        "--junitxml=out.xml",
    )

    result.assert_outcomes(failed=1)
    told = "was read 20 times unchanged: the clock stands, next is due in 1s; advance the clock"
    result.stdout.fnmatch_lines(["E * TimeoutError: gave up", f"E * #21  execution * {told}"])
    assert told in (pytester.path / "out.xml").read_text("utf-8")


def test_a_script_that_the_test_did_not_finish_is_not_left_over(suite):
    """The error that stopped the test is the cause, and the only one shown."""
    result = suite("def test_it(eachlabs_mock):\n    eachlabs_mock.on(OPERATION).respond(202, json={})")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['E * test_suite.py:6 *missing "bulk_id"*off_contract="..."'])
    result.stdout.no_fnmatch_line("*E201*")


@pytest.mark.parametrize(
    "refused",
    [
        "eachlabs_mock.on(OPERATION).respond(500).times(0)",
        "eachlabs_mock.on(OPERATION).respond(500).respond(202, text='no')",
        "eachlabs_mock.input(0).complete().fail({}, cause='x')",
    ],
)
def test_a_script_that_was_refused_is_gone(suite, refused):
    """The refusal is the one thing to mend; a test that expects it finds the emulator as it was."""
    failing = suite(f"def test_it(eachlabs_mock):\n    {refused}")
    expecting = suite(f"""
from mockserver.stubbing import ScriptError

def test_it(eachlabs_mock):
    with pytest.raises(ScriptError):
        {refused}
    assert trigger(eachlabs_mock, {{}})[0] == 202
""")

    failing.assert_outcomes(failed=1)
    failing.stdout.fnmatch_lines(["E *ScriptError: test_suite.py:6 *"])
    failing.stdout.no_fnmatch_line("*E201*")
    expecting.assert_outcomes(passed=1)


def test_outcomes_of_pytest_keep_their_meaning(suite):
    """A strict xfail is satisfied by our verdict, a skip stays a skip, pytest.raises sees the client's exception."""
    suite(f"""
@pytest.mark.xfail(strict=True)
def test_xfail(eachlabs_mock):
    {BREAKS}

def test_skip(eachlabs_mock):
    {BREAKS}
    pytest.skip("not here")

def test_raises(eachlabs_mock):
    with eachlabs_mock.allow_violations(), pytest.raises(ZeroDivisionError):
        {BREAKS}
        1 / 0
""").assert_outcomes(xfailed=1, skipped=1, passed=1)


def test_an_expected_failure_is_the_one_that_was_named(suite):
    """`raises=` is satisfied by a failure of the test's own, and not by our verdict."""
    result = suite(f"""
@pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
def test_own(eachlabs_mock):
    {BREAKS}
    1 / 0

@pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
def test_ours(eachlabs_mock):
    {BREAKS}

@pytest.mark.xfail(strict=True)
def test_clean(eachlabs_mock):
    trigger(eachlabs_mock, {{}})
""")

    result.assert_outcomes(xfailed=1, failed=2)
    result.stdout.fnmatch_lines(["*test_ours*", "E101 *", "*test_clean*", "*XPASS(strict)*"])


@pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="subtests came with pytest 9")
def test_subtests_keep_their_failures(suite):
    """The test around them fails once more, by our verdict, and in clean subtests by that alone."""
    result = suite("""
import unittest

def test_fixture(eachlabs_mock, subtests):
    with subtests.test("first"):
        assert trigger(eachlabs_mock)[0] == 202
    with subtests.test("second"):
        assert trigger(eachlabs_mock, {})[0] == 202

class TestBulk(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def mocks(self, eachlabs_mock):
        self.mock = eachlabs_mock

    def test_method(self):
        with self.subTest("only"):
            trigger(self.mock)
""")

    result.stdout.fnmatch_lines(
        [
            "*_ test_fixture ?first? _*",
            "E * assert 400 == 202",
            "*_ test_fixture _*",
            "E101 * 1 finding in 1 request (eachlabs, strict)",
            "*_ TestBulk.test_method _*",
            "E101 * 1 finding in 1 request (eachlabs, strict)",
        ]
    )


def test_unittest_classes_fail_likewise(suite):
    """A body that passes fails by our verdict; one that fails keeps its failure, with ours beside it."""
    result = suite("""
import unittest

class TestBulk(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def mocks(self, eachlabs_mock):
        self.mock = eachlabs_mock

    def test_clean(self):
        trigger(self.mock, {})

    def test_broken(self):
        trigger(self.mock)

    def test_own(self):
        trigger(self.mock)
        self.assertEqual(1, 2)

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(1, 2)
""")

    result.assert_outcomes(passed=1, failed=2, xfailed=1)
    result.stdout.fnmatch_lines(["E101 *", "E *AssertionError: 1 != 2", "*mockserver findings*", "E101 *"])


def test_what_comes_after_the_test_is_an_error_at_teardown(suite):
    """The test itself has passed by then."""
    result = suite(f"""
@pytest.fixture
def farewell(eachlabs_mock):
    yield
    {BREAKS}

def test_it(farewell):
    pass
""")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["after the test had ended:", "E101 *"])


def test_what_comes_before_the_test_counts(suite):
    """A fixture's request fails the test; when the fixture fails too, ours stands beside it."""
    result = suite(f"""
@pytest.fixture
def early(eachlabs_mock):
    {BREAKS}

@pytest.fixture
def broken(eachlabs_mock):
    {BREAKS}
    1 / 0

def test_early(early):
    pass

def test_broken(broken):
    pass
""")

    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["E *ZeroDivisionError*", "E * E101 *", "*mockserver findings*"])


@pytest.mark.parametrize(
    ("mark", "options", "ini", "outcome"),
    [
        pytest.param("", [], "", "failed", id="default"),
        pytest.param("strict=False", [], "", "passed", id="marker"),
        pytest.param("", ["--no-mockserver-strict"], "", "passed", id="option"),
        pytest.param("strict=True", ["--no-mockserver-strict"], "", "failed", id="marker-over-option"),
        pytest.param("", [], "mockserver_strict = false", "passed", id="ini"),
        pytest.param("", ["--mockserver-strict"], "mockserver_strict = false", "failed", id="option-over-ini"),
    ],
)
def test_strictness_can_be_lifted(suite, mark, options, ini, outcome):
    """By the marker, which is closest, by an option, or by an ini key."""
    source = f"@pytest.mark.mockserver({mark})\ndef test_it(eachlabs_mock):\n    {BREAKS}"

    suite(source, *options, ini=ini).assert_outcomes(**{outcome: 1})


def test_the_journal_is_attached_to_failing_tests_only(suite):
    """A failing test that used a mock shows what reached it; one that used none shows nothing of ours."""
    result = suite("""
def test_uses(eachlabs_mock):
    trigger(eachlabs_mock, {"prompt": "a"})
    assert 0

def test_uses_none():
    assert 0
""")

    assert result.stdout.str().count("mockserver journal") == 1
    result.stdout.fnmatch_lines(
        [
            "world world-1, seed 0, clock auto: 1 request",
            "#1  POST /eachlabs/*  202  emulator: bulk *: 1 queued, 0 failed",
        ]
    )


def test_a_reset_forgives_nothing(suite):
    """What was broken before still fails the test."""
    suite(f"def test_it(eachlabs_mock):\n    {BREAKS}\n    eachlabs_mock.reset()").assert_outcomes(failed=1)
