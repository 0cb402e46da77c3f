"""Tests that stop time, or patch the ways to sleep, meet themselves only: we keep a clock of our own."""

import pytest


def test_a_patched_sleep_is_called_by_the_client_alone(suite):
    """Not by a stream, nor by a wait of ours: a test counts how often its client slept, and for how long."""
    result = suite("""
import asyncio, time, urllib.request

@pytest.fixture
def slept(monkeypatch):
    seen = []

    async def asleep(seconds):
        seen.append(seconds)

    monkeypatch.setattr(time, "sleep", seen.append)
    monkeypatch.setattr(asyncio, "sleep", asleep)
    return seen

def test_stream(vectorshift_mock, slept):
    data = {"type": "stream", "run_id": "r1", "output_name": "o", "output_value": "a"}
    vectorshift_mock.on("runPipeline").respond(events=[{"after": "5s", "data": data}] * 3)
    headers = {"Authorization": f"Bearer {vectorshift_mock.api_key}", "Content-Type": "application/json"}
    url, body = f"{vectorshift_mock.url}/pipeline/p_1/run", b'{"inputs": {}, "stream": true}'
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        assert answer.read().count(b"data:") == 3
    assert slept == []

def test_waiting(eachlabs_mock, slept):
    with pytest.raises(Exception, match="did not become true"):
        eachlabs_mock.clock.run_until(lambda: False)
    with pytest.raises(Exception, match="did not become true"):
        asyncio.run(eachlabs_mock.clock.arun_until(lambda: False))
    assert slept == []
""")

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("wait", ["webhook_inbox.wait_for(1, timeout=0.05)", "gate.wait(timeout=0.05)"])
def test_a_wait_in_vain_ends_though_time_stands_still(pytester, plugin_options, wait):
    """A library that freezes the time of a test stops `time.monotonic` too."""
    pytester.makepyfile(f"""
import time, pytest

def test_it(eachlabs_mock, webhook_inbox, monkeypatch):
    gate = eachlabs_mock.on("getExecution").optional().hold()
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    with pytest.raises(AssertionError, match="within 0.05s"):
        {wait}
""")

    pytester.runpytest_subprocess("-p", "no:cacheprovider", *plugin_options, timeout=120).assert_outcomes(passed=1)
