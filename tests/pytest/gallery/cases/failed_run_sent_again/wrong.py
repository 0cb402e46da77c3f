"""The client takes the answer 500 with `status: failed` for a broken server, and tries again."""

from tests.pytest.gallery.client import send


def run(api, text):
    body = {"runs": [{"inputs": {"text": text}}]}
    headers = {"Authorization": f"Bearer {api.api_key}"}
    for _ in range(3):
        answer = send("POST", f"{api.url}/pipeline/p_1/bulk_run", body, headers=headers)
        if answer.status != 500:
            break
    return answer


def test_it(vectorshift_mock):
    vectorshift_mock.pipeline("p_1", failed_status=500)
    vectorshift_mock.input(0).fail("Node 'llm' failed")
    run(vectorshift_mock, "hello")
    vectorshift_mock.assert_called("bulkRunPipeline", times=1)
