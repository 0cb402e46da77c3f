"""It does."""

from tests.pytest.gallery.client import send


def start(api, inputs):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": inputs}, headers={"X-API-Key": api.api_key})


def test_an_empty_list(eachlabs_mock):
    with eachlabs_mock.allow_violations("bulkTriggerWorkflow", at="/inputs"):
        start(eachlabs_mock, [])
