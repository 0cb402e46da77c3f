"""What the marker `webhook_faults` may say; what cannot be is told when tests are collected."""

import pytest


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('"tamperd"', "there is no fault 'tamperd'; did you mean 'tampered'?"),
        ("5", "there is no fault 5; there are valid, tampered, *"),
        ('exclude="nothing"', "there is no fault 'nothing'; there are valid, tampered, *"),
        ("exclude=5", "exclude is 5; it is a name, or a list of names"),
        ("only=()", "it takes names and exclude=, and no only="),
        ('"valid", exclude=("valid",)', "no fault is left; name fewer in exclude=, or leave the test out with skip"),
    ],
)
def test_a_marker_that_cannot_be_names_its_test(suite, marker, told):
    """File, line and test, what is wrong and what would be right; no test is run."""
    result = suite(f"""
def test_other():
    pass

@pytest.mark.webhook_faults({marker})
def test_it(webhook_faults):
    pass
""")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*test_suite.py:9  test_it  @pytest.mark.webhook_faults: {told}"])


def test_two_markers_may_leave_nothing(suite):
    """That of the class and that of the test leave what both of them name."""
    result = suite("""
@pytest.mark.webhook_faults("valid")
class TestReceiver:
    @pytest.mark.webhook_faults("tampered")
    def test_it(self, webhook_faults):
        pass
""")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*test_suite.py:8  TestReceiver.test_it  @pytest.mark.webhook_faults: no fault is left*"]
    )
