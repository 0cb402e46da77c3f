"""The key goes along."""

from tests.pytest.gallery.client import send


def start(api):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
