"""A baseline: what is known fails nothing, what is new does."""

import pytest

from mockserver.contract import baseline
from mockserver.contract.baseline import BaselineError
from tests.contract.some_findings import BODY, HINT, LOST, ODD, report


def test_what_is_known_is_counted_and_what_is_new_fails():
    """The exit code is that of the new findings."""
    known = baseline.read(baseline.render([BODY]), "known.json")

    old, new = report(BODY, BODY).against(known), report(BODY, LOST).against(known)

    assert (old.exit_code, old.findings, len(old.known)) == (0, (), 2)
    assert (new.exit_code, new.findings) == (1, (LOST,))
    assert new.verdict == "1 error, 1 known in 5 requests"


def test_what_is_gone_is_counted():
    """So that the file can be made shorter."""
    known = baseline.read(baseline.render([BODY, LOST]), "known.json")

    assert report(LOST).against(known).gone == 1


def test_a_baseline_reads_well_in_a_diff():
    """A line a finding, always in the same order, with what it is about. Notes are not worth one."""
    text = baseline.render([LOST, BODY, BODY, ODD, HINT])

    assert text == baseline.render([ODD, BODY, LOST])
    lines = text.splitlines()
    assert len(lines) == 5
    assert lines[0] == '{"format": "mockserver baseline", "version": 1, "findings": ['
    assert any('"E101"' in line and "/inputs/0/prompt: 5 is not a string" in line for line in lines)
    assert baseline.read(baseline.render([]), "x") == frozenset()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "is no baseline of mockserver"),
        ('{"format": "mockserver baseline", "version": 9}', "version 9"),
        ('{"format": "mockserver baseline", "version": 1}', "is not whole"),
        ('{"format": "mockserver baseline", "version": 1, "findings": [1]}', "is not whole"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_in_one_sentence(text, said):
    """With its name and what writes one."""
    with pytest.raises(BaselineError) as caught:
        baseline.read(text, "known.json")

    assert str(caught.value).startswith("known.json  ")
    assert said in str(caught.value)
    assert "--update-baseline" in str(caught.value)
