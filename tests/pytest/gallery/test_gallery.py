"""The gallery: clients that are wrong in one thing each fail, told where and what to do; put right, they pass."""

import os

import pytest

import tests.pytest.gallery.client  # noqa: F401 - once: pytester forgets what a run imported
from tests.pytest.gallery.case import CASES, told

WRITE = "MOCKSERVER_WRITE_GALLERY"  # set by `make gallery`: goldens are written, and nothing is compared
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    ignore::pytest.PytestAssertRewriteWarning
"""


@pytest.fixture
def play(pytester, plugin_options, monkeypatch):
    """Runs one twin of a case; the reports of its phases."""
    monkeypatch.delenv("EACHLABS_BASE_URL", raising=False)  # no case may reach what somebody has set

    def play(case, twin):
        pytester.makeini(INI)
        file = case.lay_out(twin, pytester.path)
        result = pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *plugin_options, file.name
        )
        return result, result.reprec.getreports("pytest_runtest_logreport")

    return play


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_wrong_client_fails_and_is_told_why(play, case):
    """One clean FAILED in the call phase; the text names the place and the remedy, word for word."""
    result, reports = play(case, "wrong")

    result.assert_outcomes(failed=1)
    assert [report.when for report in reports if report.failed] == ["call"]
    if os.environ.get(WRITE):
        case.golden.write_text(told(reports), "utf-8")
    assert told(reports) == case.golden.read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_corrected_twin_passes(play, case):
    """The same test, the same script, a client that is right."""
    result, _ = play(case, "right")

    result.assert_outcomes(passed=1)


def test_the_gallery_is_as_large_as_promised():
    """Each case says its mistake in a sentence, and no two say the same message."""
    assert len(CASES) >= 25
    assert all(case.mistake.endswith(".") for case in CASES)
    assert len({case.message for case in CASES}) == len(CASES)
