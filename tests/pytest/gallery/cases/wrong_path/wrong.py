"""The client posts to a path that the document does not have."""

from tests.pytest.gallery.client import send


def start(api):
    url = f"{api.url}/wf_1/bulk_trigger"
    send("POST", url, {"inputs": [{}]}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
