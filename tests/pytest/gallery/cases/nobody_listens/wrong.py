"""The receiver is closed before its webhooks come."""

from tests.pytest.gallery.client import Receiver, send


def start(api, webhook_url):
    body = {"inputs": [{"prompt": "sun"}, {"prompt": "sea"}], "webhook_url": webhook_url}
    return send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json["executions"]


def test_it(eachlabs_mock):
    with Receiver(lambda headers, body: 204) as receiver:
        start(eachlabs_mock, receiver.url)
    eachlabs_mock.clock.run_until_idle()
