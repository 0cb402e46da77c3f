"""The client takes an address for webhooks and does not pass it on."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    start(eachlabs_mock, webhook_inbox.url)
    webhook_inbox.wait_for(1, timeout=1)
