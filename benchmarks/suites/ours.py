"""The suite with a mock of ours: validated, recorded, answered by the emulator and checked at the end of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.suites.client import TESTS, trigger

if TYPE_CHECKING:
    from mockserver.pytest_plugin import EachlabsMock


@pytest.mark.parametrize("number", range(TESTS))
def test_trigger(eachlabs_mock: EachlabsMock, number: int) -> None:
    """A bulk call is accepted."""
    status, answer = trigger(eachlabs_mock.url, eachlabs_mock.api_key)

    assert status == 202
    assert answer["executions"][0]["status"] == "queued"
