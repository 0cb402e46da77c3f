"""The test moves the clock."""

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    start(eachlabs_mock, webhook_inbox.url)
    eachlabs_mock.clock.run_until_idle()
    eachlabs_mock.webhooks.assert_delivered(count=2)
