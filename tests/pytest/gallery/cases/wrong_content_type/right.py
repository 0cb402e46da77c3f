"""JSON is called JSON."""

import json

from tests.pytest.gallery.client import send


def start(api):
    headers = {"X-API-Key": api.api_key, "Content-Type": "application/json"}
    send("POST", f"{api.url}/wf_1/bulk-trigger", data=json.dumps({"inputs": [{}]}).encode(), headers=headers)


def test_it(eachlabs_mock):
    start(eachlabs_mock)
