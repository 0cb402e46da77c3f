"""Files are encoded."""

import base64

from tests.pytest.gallery.client import send


def encoded(data):
    return base64.b64encode(data).decode()


def summarise(api, *files):
    runs = [{"inputs": {"report": {"type": "file", "raw_bytes": encoded(data)}}} for data in files]
    headers = {"Authorization": f"Bearer {api.api_key}"}
    send("POST", f"{api.url}/pipeline/p_1/bulk_run", {"runs": runs}, headers=headers)


def test_it(vectorshift_mock):
    summarise(vectorshift_mock, b"plain", b"two words!")
