"""It asks for as many rows as there are at most."""

from tests.pytest.gallery.client import send


def runs(api):
    return send("GET", f"{api.url}/workflows/wf_1/executions?limit=100", headers={"X-API-Key": api.api_key}).json


def test_it(eachlabs_mock):
    runs(eachlabs_mock)
