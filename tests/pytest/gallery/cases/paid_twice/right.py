"""It starts only those again that failed."""

import pytest

from tests.pytest.gallery.client import send


def run(api, prompts):
    headers = {"X-API-Key": api.api_key}
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    answer = send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers=headers).json
    api.clock.run_until_idle()
    found = [
        send("GET", f"{api.url}/executions/{one['execution_id']}", headers=headers).json for one in answer["executions"]
    ]
    return [one["inputs"]["prompt"] for one in found if one["status"] == "failed"]


def run_all(api, prompts):
    if failed := run(api, prompts):
        run(api, failed)


@pytest.mark.mockserver(manners="fail")
def test_it(eachlabs_mock):
    eachlabs_mock.input(where={"prompt": "sea"}).fail("ExecutionFailed")
    run_all(eachlabs_mock, ["sun", "sea", "sky"])
