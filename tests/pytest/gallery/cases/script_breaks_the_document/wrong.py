"""The script answers with a body that the vendor would never send."""

from tests.pytest.gallery.client import send

ENTRIES = [{"status": "failed", "message": "out of credits"}]


def start(api):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    eachlabs_mock.on("bulkTriggerWorkflow").respond(202, json={"executions": ENTRIES})
    start(eachlabs_mock)
