"""The script holds for three."""

from tests.pytest.gallery.client import send


def start(api):
    for _ in range(3):
        answer = send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})
        if answer.status != 503:
            return answer.json
    return None


def test_it_gives_up_after_three(eachlabs_mock):
    stub = eachlabs_mock.on("bulkTriggerWorkflow").respond(503).times(3)
    start(eachlabs_mock)
    stub.assert_called(times=3)
