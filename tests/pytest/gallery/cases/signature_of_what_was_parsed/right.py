"""It verifies the raw bytes."""

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.webhook_faults("non-ascii")
def test_it(eachlabs_mock, webhook_faults):
    eachlabs_mock.webhooks.sign("standard")

    def take(headers, body):
        try:
            Webhook(eachlabs_mock.webhook_secret).verify(body, headers)
        except WebhookVerificationError:
            return 401
        return 204

    with Receiver(take) as receiver:
        webhook_faults.script(eachlabs_mock)
        start(eachlabs_mock, receiver.url)
        webhook_faults.check()
