"""The client wraps each step of a history into the one before."""

from tests.pytest.gallery.client import send


def start(api, steps):
    history = None
    for step in steps:
        history = {"step": step, "before": history}
    body = {"inputs": [{"history": history}]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_a_long_history(eachlabs_mock):
    start(eachlabs_mock, range(300))
