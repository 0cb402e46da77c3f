"""A mock that is asked for in the middle of a test, or after it, is held to the contract like any other."""

import pytest

ASK = 'eachlabs_mock = request.getfixturevalue("eachlabs_mock")'


@pytest.mark.parametrize(
    ("body", "code"),
    [("trigger(eachlabs_mock)", "E101"), ("eachlabs_mock.on(OPERATION).respond(500)", "E201")],
    ids=["broken", "left over"],
)
def test_a_mock_asked_for_in_the_body_is_strict(suite, body, code):
    """The test fails in its call phase, with cause and journal."""
    result = suite(f"def test_it(request):\n    {ASK}\n    {body}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"{code} *", f"*mockserver explain {code}", "*mockserver journal*"])


def test_its_outcomes_are_those_of_any_other(suite):
    """A strict xfail is satisfied, a clean test passes, and an own failure stays, with ours beside it."""
    result = suite(f"""
@pytest.mark.xfail(strict=True)
def test_expected(request):
    {ASK}
    trigger(eachlabs_mock)

def test_clean(request):
    {ASK}
    trigger(eachlabs_mock, {{}})

def test_own(request):
    {ASK}
    trigger(eachlabs_mock)
    1 / 0
""")

    result.assert_outcomes(xfailed=1, passed=1, failed=1)
    result.stdout.fnmatch_lines(["E  *ZeroDivisionError*", "E  *E101 *", "*mockserver findings*", "E101 *"])


def test_a_mock_first_asked_for_after_the_body_is_judged_at_its_end(suite, pytester):
    """By another plugin, say. The test has passed by then: an error of its teardown."""
    pytester.makeconftest(f"""
import pytest
from posting import trigger

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    yield
    request = item._request
    {ASK}
    trigger(eachlabs_mock)
""")

    result = suite("def test_it():\n    pass")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E101 *1 finding in 1 request (eachlabs, strict)", "*mockserver journal*"])


def test_what_is_only_set_up_is_not_judged(suite):
    """`--setup-only` runs no body that could have played a script."""
    result = suite(
        """
@pytest.fixture
def script(eachlabs_mock):
    eachlabs_mock.on(OPERATION).respond(500)

def test_it(script):
    pass
""",
        "--setup-only",
    )

    result.assert_outcomes()
    assert result.ret == 0
