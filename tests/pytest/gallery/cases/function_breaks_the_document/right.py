"""The body is one that the vendor may send."""

from tests.pytest.gallery.client import send


def start(api):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    def refuse_all(call):
        entries = [{"status": "failed", "message": "out of credits"} for _ in call.body["inputs"]]
        return {"bulk_id": "550e8400-e29b-41d4-a716-446655440000", "executions": entries}

    eachlabs_mock.on("bulkTriggerWorkflow").respond(202, json=refuse_all)
    start(eachlabs_mock)
