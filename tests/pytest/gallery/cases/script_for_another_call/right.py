"""The prompt goes as it is."""

from tests.pytest.gallery.client import send


def start(api, prompt):
    body = {"inputs": [{"prompt": prompt}]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    eachlabs_mock.on("bulkTriggerWorkflow", body={"inputs": [{"prompt": "a red sun"}]}).respond(503)
    start(eachlabs_mock, "a red sun")
