"""The same suite on pytest-httpserver, whose tests script their answer."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.suites.client import ANSWER, PATH, TESTS, trigger


@pytest.mark.parametrize("number", range(TESTS))
def test_trigger(httpserver: Any, number: int) -> None:
    """A bulk call is accepted."""
    httpserver.expect_request(PATH, method="POST").respond_with_json(ANSWER, status=202)

    status, answer = trigger(httpserver.url_for(""), "key")

    assert status == 202
    assert answer["executions"][0]["status"] == "queued"
