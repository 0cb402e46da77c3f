"""Bulk calls that ask for webhooks, and what the webhooks tell of them."""

import json
import urllib.request

from tests.posting import trigger

NOWHERE = "http://10.1.2.3/hooks"  # beyond the reach of a test


def start(mock, url, number=1):
    """Start a bulk of `number` inputs; its answer."""
    return trigger(mock, *({"n": index} for index in range(number)), webhook_url=url)[1]


def read(mock, execution):
    """What a read of an execution answers."""
    request = urllib.request.Request(f"{mock.url}/executions/{execution}", headers={"X-API-Key": mock.api_key})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def inputs(received):
    """The numbers of the inputs that webhooks tell of."""
    return [one.json["inputs"]["n"] for one in received]


def offsets(mock):
    """When attempts were made, in seconds since the first."""
    times = [one.at for one in mock.webhooks.attempts]
    return [round(time - times[0]) for time in times]
