"""The receiver throws a forged webhook away and answers 200 all the same."""

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.mockserver(manners="fail")
def test_it(eachlabs_mock):
    eachlabs_mock.webhooks.sign("standard").wrong_secret()

    def take(headers, body):
        try:
            Webhook(eachlabs_mock.webhook_secret).verify(body, headers)
        except WebhookVerificationError:
            return 200
        return 200

    with Receiver(take) as receiver:
        start(eachlabs_mock, receiver.url)
        eachlabs_mock.clock.run_until_idle()
