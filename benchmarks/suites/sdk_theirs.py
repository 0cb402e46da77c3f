"""The vendor's SDK on pytest-httpserver, whose tests script their answer."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.suites.client import TESTS
from benchmarks.suites.sdk import ANSWER, PATH, request_client, run, vectorshift


@pytest.mark.parametrize("number", range(TESTS))
def test_bulk_run(httpserver: Any, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A bulk run succeeds."""
    monkeypatch.setattr(vectorshift, "api_key", "key")
    monkeypatch.setattr(request_client, "base_url", httpserver.url_for(""))
    httpserver.expect_request(PATH, method="POST").respond_with_json(ANSWER)

    answer = run()

    assert answer["status"] == "success"
