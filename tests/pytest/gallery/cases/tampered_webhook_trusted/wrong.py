"""The receiver reads the body and does not look at the signature."""

import json

import pytest
from standardwebhooks import WebhookVerificationError

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.webhook_faults("tampered")
def test_it(eachlabs_mock, webhook_faults):
    processed = []

    def verified(headers, body):
        return json.loads(body)

    def take(headers, body):
        try:
            processed.append(verified(headers, body))
        except WebhookVerificationError:
            return 401
        return 204

    with Receiver(take) as receiver:
        webhook_faults.script(eachlabs_mock)
        start(eachlabs_mock, receiver.url)
        webhook_faults.check(processed)
