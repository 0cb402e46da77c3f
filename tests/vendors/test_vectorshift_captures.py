"""What the vendor's SDK really sent (vectorshift 0.1.15, captured on this machine), sent to the emulator."""

import json
import re
from pathlib import Path

import pytest

from tests.callers import Caller, answer, caller

CAPTURES = [
    json.loads(line) for line in (Path(__file__).parent / "vectorshift_captures.jsonl").read_text().splitlines()
]
BAD_KEY = [one for one in CAPTURES if "key" in one]
MISSING = [one for one in CAPTURES if "/missing/" in one["path"]]
GOOD = [one for one in CAPTURES if one not in BAD_KEY and one not in MISSING]


def name(capture):
    form = "form" if capture["content_type"].startswith("multipart") else "json"
    return f"{capture['method']} {capture['path']} {form} {capture['client']}"


def replay(one, capture, task=""):
    """Send a capture as it was, but about the task that is there."""
    body, path = capture["body"], re.sub(r"(?<=/status/)[0-9a-f]{24}", task, capture["path"])
    if path.endswith("/terminate"):
        body = re.sub("[0-9a-f]{24}", task, body)
    return one.send(capture["method"], path, body.encode(), {"Content-Type": capture["content_type"]})


@pytest.mark.parametrize("capture", GOOD, ids=name)
def test_every_captured_request_succeeds(vectorshift, capture):
    """200, what the SDK reads of it, and nothing that breaks the document on either side."""
    start = next(one for one in CAPTURES if '"background": true' in one["body"])
    task = answer(replay(vectorshift, start))["task_id"]

    entry = replay(vectorshift, capture, task)

    assert entry.answer.status == 200, entry.answer.body
    assert entry.violations == ()
    assert entry.undeclared is False
    if "stream" in capture["body"]:
        last = list(entry.answer.chunks)[-1].value
        assert (last["type"], last["status"]) == ("result", "success")
    elif "background" in capture["body"]:
        assert re.fullmatch("[0-9a-f]{24}", answer(entry)["task_id"])
    elif "/status/" in capture["path"]:
        assert answer(entry) == {"task_id": task, "status": "in_progress"}
    else:
        assert answer(entry)["status"] == "success"


def test_nothing_that_was_captured_is_left_out():
    """34 requests: 32 that succeed, one with a key of nobody, one for a pipeline that is not there."""
    assert (len(GOOD), len(BAD_KEY), len(MISSING)) == (32, 1, 1)


def test_the_captured_bad_key_is_refused(vectorshift):
    """401, with `error` alone."""
    (capture,) = BAD_KEY

    entry = replay(Caller(vectorshift.world, vectorshift.base, ("Authorization", capture["key"])), capture)

    assert (entry.answer.status, answer(entry)) == (401, {"error": "Invalid API key"})


def test_the_captured_unknown_pipeline_is_not_found(tmp_path):
    """404, where a fixture lists the pipelines that there are."""
    fixture = tmp_path / "f.yaml"
    fixture.write_text("format: 1\nvendor: vectorshift\napi_keys: [vs-test-key]\nresources: {pipelines: {P1: {}}}\n")
    (capture,) = MISSING

    entry = replay(caller("vectorshift", fixtures=(str(fixture),)), capture)

    assert (entry.answer.status, answer(entry)) == (404, {"status": "failed", "error": "Pipeline not found"})
    assert entry.violations == ()
