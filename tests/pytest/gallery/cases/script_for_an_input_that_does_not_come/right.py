"""Inputs are counted from 0."""

from tests.pytest.gallery.client import send


def start(api, prompts):
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    eachlabs_mock.input(1).reject("out of credits")
    start(eachlabs_mock, ["sun", "sea"])
