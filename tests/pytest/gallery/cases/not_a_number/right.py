"""What is no number is null."""

from tests.pytest.gallery.client import send


def start(api, *ratios):
    inputs = [{"ratio": ratio if ratio == ratio else None} for ratio in ratios]
    send("POST", f"{api.url}/wf_1/bulk-trigger", {"inputs": inputs}, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock):
    start(eachlabs_mock, 1.5, float("nan"))
