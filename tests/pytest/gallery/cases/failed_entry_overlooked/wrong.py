"""The client looks at the first execution of a batch, and takes it for all of them."""

import pytest

from tests.pytest.gallery.client import send


def outputs(api, prompts):
    headers = {"X-API-Key": api.api_key}
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    entries = send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers=headers).json["executions"]
    api.clock.run_until_idle()
    return [send("GET", f"{api.url}/executions/{entry['execution_id']}", headers=headers).json for entry in entries[:1]]


@pytest.mark.mockserver(manners="fail")
def test_it(eachlabs_mock):
    eachlabs_mock.input(1).fail("ExecutionFailed")
    outputs(eachlabs_mock, ["sun", "sea"])
