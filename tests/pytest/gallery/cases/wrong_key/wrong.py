"""The client brings a key of its own instead of the one that it was given."""

from tests.pytest.gallery.client import send


def start(api):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": "my-real-key"})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
