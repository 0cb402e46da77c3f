"""The test waits in its event loop for a webhook that a receiver in the same loop should get."""

import asyncio

from tests.pytest.gallery.client import send


def start(api, webhook_url):
    body = {"inputs": [{}], "webhook_url": webhook_url}
    send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key})


def test_it(eachlabs_mock, webhook_inbox):
    async def main():
        await asyncio.to_thread(start, eachlabs_mock, webhook_inbox.url)
        webhook_inbox.wait_for(1)

    asyncio.run(main())
