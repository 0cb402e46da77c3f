"""The application waits for one webhook a batch; each execution sends its own."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}, {"prompt": "sky"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json


def test_it(eachlabs_mock, webhook_inbox):
    batch = start(eachlabs_mock, webhook_inbox.url)
    eachlabs_mock.clock.run_until_idle()
    eachlabs_mock.webhooks.assert_delivered(count=1, bulk_id=batch["bulk_id"])
