"""It looks at the status of each entry."""

from tests.pytest.gallery.client import send


def start(api, prompts):
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    answer = send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json
    refused = [prompt for prompt, one in zip(prompts, answer["executions"], strict=True) if one["status"] == "failed"]
    return len(prompts) if not refused else start(api, refused)


def test_a_refused_input_is_sent_once_more(eachlabs_mock):
    eachlabs_mock.input(1).reject("out of credits")
    start(eachlabs_mock, ["sun", "sea"])
    eachlabs_mock.assert_called("bulkTriggerWorkflow", body={"inputs": [{"prompt": "sea"}]})
