"""The receiver processes each webhook that comes, also when it comes once more."""

import json

import pytest

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.webhook_faults("duplicate-at-once")
def test_it(eachlabs_mock, webhook_faults):
    processed = []

    def take(headers, body):
        event = json.loads(body)
        processed.append(event)
        return 204

    with Receiver(take) as receiver:
        webhook_faults.script(eachlabs_mock)
        start(eachlabs_mock, receiver.url)
        webhook_faults.check(processed)
