"""The client asks for all rows with a word where the document wants a number."""

from tests.pytest.gallery.client import send


def runs(api):
    return send("GET", f"{api.url}/workflows/wf_1/executions?limit=all", headers={"X-API-Key": api.api_key}).json


def test_it(eachlabs_mock):
    runs(eachlabs_mock)
