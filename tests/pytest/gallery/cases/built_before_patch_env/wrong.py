"""The client reads its address when it is imported, before the test has set one, and hides that nobody answers."""

import os

from tests.pytest.gallery.client import send


class Client:
    url = os.environ.get("EACHLABS_BASE_URL", "http://127.0.0.1:9")  # the real service, in real life

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
