"""The receiver trips over a field that no webhook has, and answers 500 for ever."""

import json

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


def test_it(eachlabs_mock):
    pictures = []

    def take(headers, body):
        event = json.loads(body)
        if "picture" not in event:
            return 500
        pictures.append(event["picture"])
        return 204

    with Receiver(take) as receiver:
        start(eachlabs_mock, receiver.url)
        eachlabs_mock.clock.run_until_idle()
