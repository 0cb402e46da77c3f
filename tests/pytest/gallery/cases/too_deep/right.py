"""The history is a list."""

from tests.pytest.gallery.client import send


def start(api, steps):
    history = list(steps)
    body = {"inputs": [{"history": history}]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_a_long_history(eachlabs_mock):
    start(eachlabs_mock, range(300))
