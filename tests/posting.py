"""A client that knows no better: posts JSON to a mock with its key, and never raises for a status."""

import json
import urllib.error
import urllib.request

OPERATION = "bulkTriggerWorkflow"


def trigger(mock, *inputs, workflow="wf_1", key=None, path=None, method="POST", **more):
    """A bulk trigger of each::labs: the status and the JSON of the answer."""
    body = json.dumps({"inputs": list(inputs), **more}).encode()
    headers = {"X-API-Key": key or mock.api_key, "Content-Type": "application/json"}
    url = mock.url + (path or f"/{workflow}/bulk-trigger")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
            return error.code, json.loads(text) if text else None
