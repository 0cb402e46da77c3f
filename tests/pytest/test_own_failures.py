"""A test that fails by itself keeps its failure; what we found is a note at it and a section."""

import re

import pytest

UNITTEST = """
import unittest

class Bulk(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def mocks(self, eachlabs_mock):
        self.mock = eachlabs_mock
"""


@pytest.mark.parametrize(
    "end",
    ["raise SystemExit(3)", "raise GeneratorExit", "raise type('Own', (BaseException,), {})", "raise ValueError"],
)
def test_any_exception_has_note_and_section(suite, pytester, end):
    """Also one that `except Exception` lets through, and CI sees the note."""
    result = suite(f"def test_it(eachlabs_mock):\n    trigger(eachlabs_mock)\n    {end}", "--junitxml=out.xml")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E   *E101 *", "*mockserver findings*", "E101 *", "*mockserver journal*"])
    assert "E101 the client sent a body" in (pytester.path / "out.xml").read_text("utf-8")


def test_a_failure_of_a_unittest_has_a_note_too(suite, pytester):
    """Although unittest keeps it to itself until the report is made."""
    result = suite(
        f"{UNITTEST}\n    def test_own(self):\n        trigger(self.mock)\n        self.assertEqual(1, 2)",
        "--junitxml=out.xml",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E   *AssertionError: 1 != 2", "E   *E101 *", "*mockserver findings*", "E101 *", "  answered 400"]
    )
    assert "E101 the client sent a body" in (pytester.path / "out.xml").read_text("utf-8")


def test_our_verdict_is_the_failure_that_unittest_expects(suite):
    """`unittest.expectedFailure` is satisfied by it, as pytest's xfail is; without it nothing has failed."""
    result = suite(f"""{UNITTEST}
    @unittest.expectedFailure
    def test_broken(self):
        trigger(self.mock)

    @unittest.expectedFailure
    def test_clean(self):
        trigger(self.mock, {{}})
""")

    result.assert_outcomes(xfailed=1, failed=1)
    result.stdout.fnmatch_lines(["*_ Bulk.test_clean _*", "Unexpected success"])


@pytest.mark.skipif(not hasattr(pytest, "Subtests"), reason="subtests came with pytest 9")
def test_a_subtest_that_fails_has_note_and_section(suite):
    """Of what came since the subtest before it ended; the test around them tells all."""
    result = suite("""
def test_it(eachlabs_mock, subtests):
    eachlabs_mock.on("getExecution").respond(500)
    with subtests.test("passes"):
        trigger(eachlabs_mock)
    with subtests.test("first"):
        assert trigger(eachlabs_mock, *[{}] * 11)[0] == 202
    with subtests.test("second"):
        assert trigger(eachlabs_mock, {}, key="x")[0] == 202
    with subtests.test("third"):
        1 / 0
""")

    text = result.stdout.str()
    parts = [text.split(f"test_it [{name}] _", 1)[1].split("\n____", 1)[0] for name in ("first", "second", "third")]
    assert [part.count("mockserver findings") for part in parts] == [1, 1, 0]
    assert re.search(r"^E +E101 the client sent a body", parts[0], re.MULTILINE)
    assert "11 items, at most 10 allowed" in parts[0]
    assert "E105" not in parts[0]
    assert re.search(r"^E +E105 ", parts[1], re.MULTILINE)
    assert "E101" not in parts[1]
    assert "E201" not in "".join(parts)
    result.stdout.fnmatch_lines(["E101 *2 findings in 2 requests*", "E105 *1 finding*", "E201 *"])


def test_a_subtest_of_unittest_has_both_too(suite):
    """Also where the test around it fails by itself later."""
    result = suite(f"""{UNITTEST}
    def test_it(self):
        with self.subTest("part"):
            self.assertEqual(trigger(self.mock)[0], 202)
        self.fail("mine")
""")

    result.stdout.fnmatch_lines(
        [
            "*_ Bulk.test_it [[]part[]] _*",
            "E   *AssertionError: 400 != 202",
            "E   *E101 *",
            "*mockserver findings*",
            "E101 *",
            "*_ Bulk.test_it _*",
            "E   *AssertionError: mine",
            "E   *E101 *",
            "*mockserver findings*",
            "E101 *",
        ]
    )


def test_a_gate_that_nobody_came_to_is_told_once(suite):
    """By the wait that was in vain; other scripts that are left over stand beside it."""
    result = suite("""
def test_gate(eachlabs_mock):
    gate = eachlabs_mock.on(OPERATION).hold()
    gate.wait(timeout=0)

def test_other(eachlabs_mock):
    gate = eachlabs_mock.on(OPERATION).hold()
    eachlabs_mock.on("getExecution").respond(500)
    gate.wait(timeout=0)

def test_caught(eachlabs_mock):
    gate = eachlabs_mock.on(OPERATION).hold()
    with pytest.raises(AssertionError):
        gate.wait(timeout=0)
""")

    result.assert_outcomes(failed=3)
    told = [line for line in dict.fromkeys(result.stdout.lines) if line.startswith("E201")]
    assert [line.split("test_suite.py:")[1].split()[0] for line in told] == ["12", "16"]


def test_where_no_request_came_the_journal_names_the_likeliest_reason(suite):
    """A client that went for the real service leaves nothing else behind. A mistake in the test's own script is one."""
    own = suite("def test_it(eachlabs_mock):\n    raise OSError('no such host')", "--no-mockserver-strict")
    ours = suite("def test_it(eachlabs_mock):\n    eachlabs_mock.on('nothing')")

    hint = "  0 calls reached eachlabs_mock; was the client built before patch_env()?"
    own.stdout.fnmatch_lines(["*mockserver journal*", "world *: 0 requests", hint], consecutive=True)
    ours.stdout.fnmatch_lines(["*mockserver journal*", "world *: 0 requests", "seed *"], consecutive=True)


def test_a_misspelt_name_is_told_of_a_test_that_passes(suite):
    """It breaks no contract, so nothing fails; the note is there for whoever looks."""
    result = suite("def test_it(eachlabs_mock):\n    trigger(eachlabs_mock, {}, webhookUrl='http://a.test')", "-rP")

    result.assert_outcomes(passed=1)
    told = "#1  /webhookUrl is not in the document; did you mean webhook_url?"
    result.stdout.fnmatch_lines(["*mockserver notes*", told], consecutive=True)
