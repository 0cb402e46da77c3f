"""The client: one call starts up to ten runs, and each run tells a webhook of its end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

MOST = 10  # inputs of one call
PATIENCE = 5.0  # seconds before another attempt when the service does not say how many
TRY_AGAIN = (429, 503)


class Refused(Exception):
    """The service did not take a call: none of its inputs was started."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Ordered:
    """One prompt, and the run that was started for it: "" when the prompt was refused; `message` says why."""

    prompt: str
    run: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the each::labs workflows API."""

    base_url: str
    api_key: str
    sleep: Callable[[float], None] = time.sleep
    attempts: int = 3

    @classmethod
    def from_env(cls) -> Self:
        """The client that the environment describes."""
        return cls(os.environ["EACHLABS_BASE_URL"], os.environ["EACHLABS_API_KEY"])

    def order(self, workflow: str, prompts: Sequence[str], webhook_url: str) -> list[Ordered]:
        """Start a run for each prompt, in as many calls as that takes. Raises Refused."""
        ordered: list[Ordered] = []
        for first in range(0, len(prompts), MOST):
            some = prompts[first : first + MOST]
            body = {"inputs": [{"prompt": prompt} for prompt in some], "webhook_url": webhook_url}
            answer = self._post(f"/{workflow}/bulk-trigger", body)
            ordered += map(_ordered, some, answer["executions"])
        return ordered

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"X-API-Key": self.api_key, "Content-Type": "application/json"}
        request = Request(self.base_url + path, json.dumps(body).encode(), headers)
        for left in reversed(range(self.attempts)):
            try:
                with urlopen(request) as answer:
                    return json.load(answer)
            except HTTPError as error:
                with error:
                    if not left or error.code not in TRY_AGAIN:
                        raise Refused(error.code, error.read().decode()) from None
                    self.sleep(float(error.headers.get("Retry-After", PATIENCE)))
        raise ValueError("a client makes at least one attempt")


def _ordered(prompt: str, entry: Mapping[str, str]) -> Ordered:
    return Ordered(prompt, entry.get("execution_id", ""), entry.get("message", ""))
