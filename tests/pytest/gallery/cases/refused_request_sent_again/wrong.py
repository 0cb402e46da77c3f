"""The client repeats a request that was answered 401, with the same key."""

import pytest

from tests.pytest.gallery.client import send


def start(api):
    for _ in range(3):
        answer = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})
        if answer.status == 202:
            return answer.json
    raise PermissionError


@pytest.mark.mockserver(manners="fail")
def test_it(eachlabs_mock):
    eachlabs_mock.on("bulkTriggerWorkflow").respond(401, json={"error": "Invalid or missing API key"}).emulate()
    start(eachlabs_mock)
