"""At most ten inputs a call."""

from tests.pytest.gallery.client import send


def start(api, prompts):
    for some in (prompts[:10], prompts[10:]):
        inputs = [{"prompt": prompt} for prompt in some]
        send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": inputs}, headers={"X-API-Key": api.api_key})


def test_a_long_list(eachlabs_mock):
    start(eachlabs_mock, range(11))
