"""The client sleeps a second before each retry, whatever Retry-After says."""

from tests.pytest.gallery.client import send


def start(api, sleep):
    while True:
        answer = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})
        if answer.status != 429:
            return answer.json
        sleep(1)


def test_it(eachlabs_mock):
    eachlabs_mock.on("bulkTriggerWorkflow").respond(429, retry_after="30s").emulate()
    start(eachlabs_mock, sleep=eachlabs_mock.clock.advance)
