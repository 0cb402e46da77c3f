"""The client takes the 202 for the success of each input, and never sends the refused one again."""

from tests.pytest.gallery.client import send


def start(api, prompts):
    body = {"inputs": [{"prompt": prompt} for prompt in prompts]}
    answer = send("POST", f"{api.url}/wf_1/bulk-trigger", body, headers={"X-API-Key": api.api_key}).json
    return len(answer["executions"])


def test_a_refused_input_is_sent_once_more(eachlabs_mock):
    eachlabs_mock.input(1).reject("out of credits")
    start(eachlabs_mock, ["sun", "sea"])
    eachlabs_mock.assert_called("bulkTriggerWorkflow", body={"inputs": [{"prompt": "sea"}]})
