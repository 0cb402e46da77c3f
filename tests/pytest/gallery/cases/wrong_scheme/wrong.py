"""The client sends the right key under the wrong scheme."""

from tests.pytest.gallery.client import send


def run(api, text):
    body = {"runs": [{"inputs": {"text": text}}]}
    send("POST", f"{api.url}/pipeline/p_1/bulk_run", body, headers={"Authorization": f"Token {api.api_key}"})


def test_it(vectorshift_mock):
    run(vectorshift_mock, "hello")
