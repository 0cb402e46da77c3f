"""It polls until the end."""

import pytest

from tests.pytest.gallery.client import send


def result(api):
    headers = {"X-API-Key": api.api_key}
    started = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{"prompt": "sun"}]}, headers=headers).json
    execution = started["executions"][0]["execution_id"]
    found = {}
    for _ in range(10):
        found = send("GET", f"{api.url}/executions/{execution}", headers=headers).json
        if found["status"] == "completed":
            break
    return found["output"]


@pytest.mark.mockserver(manners="fail")
def test_it(eachlabs_mock):
    assert result(eachlabs_mock)
