"""The client sends no key."""

from tests.pytest.gallery.client import send


def start(api):
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": [{}]})


def test_it(eachlabs_mock):
    start(eachlabs_mock)
