"""The test makes the clock manual and the client's sleep a stub, so that nobody moves time."""

import pytest

from tests.pytest.gallery.client import send


def result(api, sleep):
    headers = {"X-API-Key": api.api_key}
    started = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{"prompt": "sun"}]}, headers=headers).json
    execution = started["executions"][0]["execution_id"]
    for _ in range(30):
        found = send("GET", f"{api.url}/executions/{execution}", headers=headers).json
        if found["status"] == "completed":
            return found["output"]
        sleep(2)
    raise TimeoutError(f"execution {execution} has not ended")


@pytest.mark.mockserver(clock="manual")
def test_it(eachlabs_mock):
    assert result(eachlabs_mock, sleep=lambda seconds: None)
