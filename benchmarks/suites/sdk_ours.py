"""The vendor's SDK on a mock of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.suites.client import TESTS
from benchmarks.suites.sdk import run

if TYPE_CHECKING:
    from mockserver.pytest_plugin import VectorshiftMock


@pytest.mark.parametrize("number", range(TESTS))
def test_bulk_run(vectorshift_mock: VectorshiftMock, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A bulk run succeeds."""
    vectorshift_mock.patch_env(monkeypatch)

    answer = run()

    assert answer["status"] == "success"
