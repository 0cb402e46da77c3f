"""The client sends what Python prints of a dict."""

from tests.pytest.gallery.client import send


def start(api):
    body = str({"inputs": [{"prompt": "sun", "upscale": True}]})
    send("POST", f"{api.url}/wf_1/bulk-trigger", data=body.encode(), headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
