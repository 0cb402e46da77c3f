"""The application gives the first webhook to the first input."""

import json

import pytest

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


@pytest.mark.webhook_faults("out-of-order")
def test_it(eachlabs_mock, webhook_faults):
    arrived = []

    def take(headers, body):
        arrived.append(json.loads(body))
        return 204

    with Receiver(take) as receiver:
        webhook_faults.script(eachlabs_mock)
        ids = [entry["execution_id"] for entry in start(eachlabs_mock, receiver.url)]
        webhook_faults.check(lambda: {id: one["output"] for id, one in zip(ids, arrived, strict=True)})
