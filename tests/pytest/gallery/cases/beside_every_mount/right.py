"""The path is appended to the base URL."""

from urllib.parse import urljoin

from tests.pytest.gallery.client import send


def start(api):
    url = urljoin(f"{api.url}/", "wf_1/bulk-trigger")
    send("POST", url, {"inputs": [{}]}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
