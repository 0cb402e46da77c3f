"""Whoever ends a run ends it: what a test had broken by then is not held against it."""

import pytest

SUITE = """
@pytest.fixture
def app(eachlabs_mock):
    {setup}
    yield
    {teardown}

def test_it(app, eachlabs_mock):
    {body}

def test_never():
    pass
"""


def source(place, end):
    """A test that breaks the contract and then ends the run, in one of its phases."""
    phases = dict.fromkeys(("setup", "body", "teardown"), "pass")
    return SUITE.format(**{**phases, place: f"trigger(eachlabs_mock)\n    {end}"})


@pytest.mark.parametrize("place", ["setup", "body"])
def test_an_exit_keeps_its_word(suite, place):
    """Its exit code and reason, and no traceback of ours."""
    result = suite(source(place, "pytest.exit('enough', returncode=7)"))

    assert result.ret == 7
    result.stdout.fnmatch_lines(["*Exit: enough*"])
    assert "E101" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("place", ["body", "teardown"])
def test_control_c_ends_a_run_as_ever(suite, place):
    """With the exit code of an interrupted run, and the line that was interrupted."""
    result = suite(source(place, "raise KeyboardInterrupt"), subprocess=True)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*test_suite.py:*: KeyboardInterrupt"])
    result.stderr.no_fnmatch_line("*Traceback*")
