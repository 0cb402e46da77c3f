"""The body is JSON."""

import json

from tests.pytest.gallery.client import send


def start(api):
    body = json.dumps({"inputs": [{"prompt": "sun", "upscale": True}]})
    send("POST", f"{api.url}/wf_1/bulk-trigger", data=body.encode(), headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
