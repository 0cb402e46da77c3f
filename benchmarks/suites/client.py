"""The client that both suites test: one bulk call of one input, on a connection of its own.

CLIENT names the library that sends it: urllib (as without it), requests or httpx. Only that one is imported.
"""

from __future__ import annotations

import json
import os
from typing import Any

TESTS = 200
PATH = "/wf_bench/bulk-trigger"
ANSWER = {  # what the emulator answers, give or take ids
    "bulk_id": "95ab8a4c-1b54-4a3a-b9d5-e4b4b7ee9a23",
    "executions": [
        {
            "execution_id": "9c8f5dc3-33a1-4bc2-a3a2-5b9f1dd0b2cf",
            "status": "queued",
            "started_at": "2026-01-01T00:00:00Z",
        }
    ],
}
CLIENT = os.environ.get("CLIENT", "urllib")
_BODY = json.dumps({"inputs": [{"prompt": "Generate image of a sunset", "style": "photorealistic"}]}).encode()

if CLIENT == "urllib":
    from urllib.request import Request, urlopen

    def _send(url: str, headers: dict[str, str]) -> tuple[int, Any]:
        with urlopen(Request(url, _BODY, headers), timeout=10) as answer:
            return answer.status, json.load(answer)

elif CLIENT == "requests":
    import requests

    def _send(url: str, headers: dict[str, str]) -> tuple[int, Any]:
        answer = requests.post(url, _BODY, headers=headers, timeout=10)
        return answer.status_code, answer.json()

else:
    import httpx

    def _send(url: str, headers: dict[str, str]) -> tuple[int, Any]:
        answer = httpx.post(url, content=_BODY, headers=headers, timeout=10)
        return answer.status_code, answer.json()


def trigger(url: str, key: str) -> tuple[int, Any]:
    """The status and the JSON of the answer."""
    return _send(url + PATH, {"X-API-Key": key, "Content-Type": "application/json"})
