"""The client spells the field for the address in its own way, which the document lets pass."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}], "webhookUrl": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    start(eachlabs_mock, webhook_inbox.url)
    webhook_inbox.wait_for(1, timeout=0.1)
