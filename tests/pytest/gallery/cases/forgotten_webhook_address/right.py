"""The address goes along."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}], "webhook_url": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    start(eachlabs_mock, webhook_inbox.url)
    webhook_inbox.wait_for(1, timeout=1)
