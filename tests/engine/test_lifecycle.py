"""The states that an execution passes through, and how long it stays in each."""

import pytest

from mockserver.chance import Chance
from mockserver.engine.inputs import Advance
from mockserver.engine.lifecycle import Lifecycle
from mockserver.scenario.model import Plan
from tests.callers import caller

HAPPY = Lifecycle()


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (Plan(), [("queued", 1.0), ("running", 4.0), ("completed", 0.0)]),
        (Plan(ends="failed"), [("queued", 1.0), ("running", 4.0), ("failed", 0.0)]),
        (Plan(timeline=(("running", 9.0),)), [("running", 9.0), ("completed", 0.0)]),
        (Plan(after=30.0), [("queued", 1.0), ("running", 29.0), ("completed", 0.0)]),
        (Plan(after=0.5), [("queued", 0.5), ("running", 0.0), ("completed", 0.0)]),
        (Plan(after=0.0), [("queued", 0.0), ("running", 0.0), ("completed", 0.0)]),
    ],
    ids=["happy", "fails", "timeline", "after", "soon", "at once"],
)
def test_a_plan_says_how_long_and_how_it_ends(plan, path):
    """`after` counts from the trigger to the end."""
    assert list(HAPPY.path(plan, Chance("x"))) == path


def test_a_length_can_be_drawn():
    """Between two lengths, by the execution's own chance: the same one draws the same."""
    plan = Plan(timeline=(("queued", 1.0), ("running", (2.0, 9.0))))

    drawn = [HAPPY.path(plan, Chance(number))[1][1] for number in range(50)]

    assert all(2.0 <= length <= 9.0 for length in drawn)
    assert max(drawn) - min(drawn) > 4.0
    assert HAPPY.path(plan, Chance(7)) == HAPPY.path(plan, Chance(7))


def test_a_fixture_may_draw_a_length(tmp_path):
    """`running: [2s, 9s]`; the same seed draws the same."""
    fixture = tmp_path / "slow.yaml"
    fixture.write_text(
        "format: 1\nvendor: eachlabs\nabout: Slow.\napi_keys: [el-test-key]\nresources: {workflows: {'*': {}}}\n"
        "scenarios:\n  - name: slow\n    operation: bulkTriggerWorkflow\n    then:\n"
        "      executions: [{timeline: {queued: 1s, running: [100s, 900s]}}]\n"
    )
    ends = []
    for _ in range(2):
        one = caller("eachlabs", fixtures=(str(fixture),))
        one.bulk_trigger({"prompt": "a"}, {"prompt": "b"})
        one.world.apply(Advance(1000.0))
        ends.append([execution.ended for execution in one.world.executions.all])

    assert ends[0] == ends[1]
    assert ends[0][0] != ends[0][1]
