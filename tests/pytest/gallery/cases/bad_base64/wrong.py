"""The client sends a file as it is, where the document wants base64."""

from tests.pytest.gallery.client import send


def encoded(data):
    return data.decode()


def summarise(api, *files):
    runs = [{"inputs": {"report": {"type": "file", "raw_bytes": encoded(data)}}} for data in files]
    headers = {"Authorization": f"Bearer {api.api_key}"}
    send("POST", f"{api.url}/pipeline/p_1/bulk_run", {"runs": runs}, headers=headers)


def test_it(vectorshift_mock):
    summarise(vectorshift_mock, b"plain", b"two words!")
