"""The client calls the list of inputs by another name."""

from tests.pytest.gallery.client import send


def start(api, prompt):
    body = {"runs": [{"prompt": prompt}]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock, "sun")
