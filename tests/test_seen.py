"""Which calls came nearest to a script: what a test is told of them."""

from __future__ import annotations

import pytest

from mockserver.engine.stubs import InputScript, Stub
from mockserver.scenario.model import Plan
from mockserver.seen import Background, nearest

OPERATION = "bulkTriggerWorkflow"
WANTED = {"login": {"password": "a"}, "n": 1}
SCRIPTS = {
    "a stub": Stub(1, OPERATION, frozenset({("eachlabs", OPERATION)}), body={"inputs": [WANTED]}),
    "a script of inputs": InputScript(1, frozenset({"eachlabs"}), Plan(reject="no"), where=WANTED),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_of_a_secret_that_differs_nothing_is_told(eachlabs, script):
    """That it differs is enough; what differs beside it is shown, and so is what is missing."""
    world = eachlabs.world
    background = Background(world.services, world.secrets, {"eachlabs": "eachlabs_mock"}, "mockserver", "world t-1")
    entry = eachlabs.bulk_trigger({"login": {"password": "s3cr3t-value"}, "n": 2})
    empty = eachlabs.bulk_trigger({"login": {}, "n": 1})

    told = "\n".join(nearest(script, [entry], background, "eachlabs"))
    of_empty = "\n".join(nearest(script, [empty], background, "eachlabs"))

    assert 'login/password  wanted "a", got ***' in told
    assert "n  wanted 1, got 2" in told
    assert "s3cr3t" not in told
    assert 'login/password  wanted "a", got nothing' in of_empty
