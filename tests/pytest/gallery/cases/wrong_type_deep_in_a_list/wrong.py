"""The client sends the bytes of a page as a list of numbers, three levels down in the second run."""

import base64

from tests.pytest.gallery.client import send


def page(data):
    raw = base64.b64encode(data)
    return {"type": "file", "raw_bytes": list(raw)}


def summarise(api, *books):
    runs = [{"inputs": {"title": "none"}}] + [{"inputs": {"pages": [page(each) for each in book]}} for book in books]
    headers = {"Authorization": f"Bearer {api.api_key}"}
    send("POST", f"{api.url}/pipeline/p_1/bulk_run", {"runs": runs}, headers=headers)


def test_it(vectorshift_mock):
    summarise(vectorshift_mock, [b"a", b"b"])
