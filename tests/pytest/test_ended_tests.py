"""A mock that outlived its test says whose it was."""

import pytest

from mockserver.errors import UsageError
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.server import Server

KEEPS = """
kept = {}

def test_1(eachlabs_mock, webhook_inbox):
    kept.update(mock=eachlabs_mock, clock=eachlabs_mock.clock, inbox=webhook_inbox)
    kept["gate"] = eachlabs_mock.on(OPERATION).optional().hold()

def test_2():
    %s
"""
TOLD = "eachlabs_mock belongs to test_suite.py::test_1, which has ended; ask for the fixture in this test"


@pytest.mark.parametrize(
    "use",
    [
        'kept["mock"].on(OPERATION)',
        'kept["mock"].input(0)',
        'kept["mock"].assert_called(OPERATION)',
        'kept["mock"].journal.entries',
        'kept["mock"].clock.now',
        'kept["mock"].clock.advance("1s")',
        'kept["mock"].reset()',
        'kept["mock"].webhooks.deliveries',
        'kept["mock"].webhooks.duplicate(2)',
        'kept["mock"].workflow("w")',
        'kept["clock"].now',
        'kept["clock"].mode',
        'kept["clock"].advance_to_next()',
        'kept["clock"].run_until(lambda: True)',
        'kept["clock"].freeze()',
        'kept["inbox"].received',
        'kept["inbox"].wait_for(1)',
        'kept["gate"].wait()',
        'kept["gate"].release()',
    ],
)
def test_a_mock_of_an_ended_test_names_it(suite, use):
    """In the line that uses it, and in no line of ours."""
    result = suite(KEEPS % use)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["> *" + use.replace("[", "?"), f"E  *: {TOLD}", "test_suite.py:13: UsageError"])
    result.stdout.no_fnmatch_line("*mockserver/*.py:*")


def test_of_several_mocks_all_are_named(suite):
    """They share one world."""
    result = suite("""
kept = []

def test_1(eachlabs_mock, vectorshift_mock):
    kept.append(vectorshift_mock)

def test_2():
    kept[0].journal.entries
""")

    result.stdout.fnmatch_lines(["E  *: eachlabs_mock and vectorshift_mock belong to test_suite.py::test_1, which *"])


def test_a_world_that_was_closed_by_hand_says_so():
    """Outside of pytest no test had it."""
    with Server(vendors=["eachlabs"]) as server:
        mock = Mock(world := OpenWorld(server), "eachlabs")
        world.close()

        with pytest.raises(UsageError, match=r"^eachlabs_mock belongs to a world that is closed; open another one$"):
            mock.on("bulkTriggerWorkflow")
