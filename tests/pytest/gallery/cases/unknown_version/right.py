"""The version exists."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}], "version_id": "v2", "webhook_url": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    eachlabs_mock.workflow("wf_1", versions=["v1", "v2"])
    start(eachlabs_mock, webhook_inbox.url)
    webhook_inbox.wait_for(1, timeout=1)
