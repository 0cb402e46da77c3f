"""The client encodes its body twice, so that a text arrives."""

import json

from tests.pytest.gallery.client import send


def start(api, inputs):
    body = json.dumps({"inputs": inputs})
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock, [{}])
