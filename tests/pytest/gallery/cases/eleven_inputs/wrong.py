"""The client sends all inputs in one call, however many there are."""

from tests.pytest.gallery.client import send


def start(api, prompts):
    for some in [prompts]:
        inputs = [{"prompt": prompt} for prompt in some]
        send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": inputs}, headers={"X-API-Key": api.api_key})


def test_a_long_list(eachlabs_mock):
    start(eachlabs_mock, range(11))
