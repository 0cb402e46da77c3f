"""It says so before the client starts anything."""

import pytest

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}], "webhook_url": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


@pytest.mark.webhook_faults("duplicate-at-once")
def test_it(eachlabs_mock, webhook_faults, webhook_inbox):
    webhook_faults.script(eachlabs_mock)
    start(eachlabs_mock, webhook_inbox.url)
