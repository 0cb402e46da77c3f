"""The seed is told before and after, and the same seed gives the same bytes in whatever order and process."""

from pathlib import Path

import pytest

SUITE = """
import os
from pathlib import Path

@pytest.mark.parametrize("number", range(4))
def test_it(eachlabs_mock, number):
    _, body = trigger(eachlabs_mock, {"n": number})
    Path(os.environ["ANSWERS"], f"{number}.json").write_text(str(body), "utf-8")
"""
REVERSED = "def pytest_collection_modifyitems(items):\n    items.reverse()"


@pytest.fixture
def answers(suite, pytester, monkeypatch):
    """Runs the suite with some options; what each of its tests was answered."""

    def run(*options, subprocess=False):
        folder = pytester.mkdir(f"answers-{len(list(pytester.path.glob('answers-*')))}")
        monkeypatch.setenv("ANSWERS", str(folder))
        suite(SUITE, *options, subprocess=subprocess).assert_outcomes(passed=4)
        return {path.name: path.read_text("utf-8") for path in Path(folder).iterdir()}

    return run


def test_a_seed_gives_the_same_bytes_in_any_order_and_process(answers, pytester):
    """Alone, all together, backwards, and spread over the workers of xdist."""
    seed = "--mockserver-seed=3"
    together = answers(seed)
    spread = answers(seed, "-n2", subprocess=True)
    pytester.makeconftest(REVERSED)
    backwards = answers(seed)

    assert together == spread == backwards
    assert len(set(together.values())) == 4


def test_another_seed_gives_other_bytes(answers):
    """For every test; the default is 0."""
    zero, three, default = answers("--mockserver-seed=0"), answers("--mockserver-seed=3"), answers()

    assert [name for name in zero if zero[name] == three[name]] == []
    assert default == zero


@pytest.mark.parametrize(("options", "seed"), [((), 0), (("--mockserver-seed", "41"), 41)])
def test_the_header_and_every_failure_tell_the_seed(suite, options, seed):
    """And how to have it again: below the journal, whether we or the test itself found the fault."""
    result = suite(
        """
def test_ours(eachlabs_mock):
    trigger(eachlabs_mock)

def test_its_own(eachlabs_mock):
    assert trigger(eachlabs_mock, {})[0] == 500
""",
        *options,
    )

    result.assert_outcomes(failed=2)
    told = f"seed {seed}; reproduce: --mockserver-seed {seed}"
    assert result.stdout.lines.count(f"mockserver: seed {seed}") == 1
    assert result.stdout.lines.count(told) == 2


def test_the_seed_of_a_marker_is_told_as_such(suite):
    """An option would not reproduce it."""
    result = suite("""
@pytest.mark.mockserver(seed=7)
def test_it(eachlabs_mock):
    trigger(eachlabs_mock)
""")

    result.assert_outcomes(failed=1)
    assert "seed 7, from the test's marker" in result.stdout.lines


def test_the_ini_file_sets_the_seed(suite):
    """And what is no number is one sentence."""
    suite("def test_it(): pass", ini="mockserver_seed = 5").stdout.fnmatch_lines(["mockserver: seed 5"])

    refused = suite("def test_it(): pass", ini="mockserver_seed = five")

    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["ERROR: mockserver_seed is 'five'; it is a whole number"])
