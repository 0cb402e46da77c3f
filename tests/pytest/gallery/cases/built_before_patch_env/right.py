"""The client reads its address when it is made."""

import os

from tests.pytest.gallery.client import send


class Client:
    def __init__(self):
        self.url = os.environ["EACHLABS_BASE_URL"]

    def start(self):
        try:
            send("POST", f"{self.url}/wf_1/bulk-trigger", {"inputs": [{}]}, headers={"X-API-Key": "el-test-key"})
        except OSError:
            return False
        return True


def test_it(eachlabs_mock, monkeypatch):
    eachlabs_mock.patch_env(monkeypatch)
    Client().start()
    eachlabs_mock.assert_called("bulkTriggerWorkflow")
