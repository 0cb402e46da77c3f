"""The application acknowledges and forgets a webhook that comes before the answer of its own call."""

import json

import pytest

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.webhook_faults("early")
def test_it(eachlabs_mock, webhook_faults):
    known, processed = set(), []

    def take(headers, body):
        event = json.loads(body)
        if event["execution_id"] in known:
            processed.append(event)
        return 204

    with Receiver(take) as receiver:
        webhook_faults.script(eachlabs_mock)
        known |= {entry["execution_id"] for entry in start(eachlabs_mock, receiver.url)}
        webhook_faults.check(processed)
