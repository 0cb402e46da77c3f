"""What a user sees of a script that cannot be: one sentence, the line of the test, and nothing of ours."""

import pytest

LOOP = "this would block the running event loop, and a receiver in it could never answer; write: await "
REFUSED = {
    'eachlabs_mock.on(OPERATION).respond("503")': "respond() takes a status such as 503, not '503'",
    'eachlabs_mock.on(OPERATION).respond(503).times("2")': "times() takes a whole number such as 2, not '2'",
    "eachlabs_mock.input(0).complete().reject(5)": 'reject() takes a message such as "no credits", not 5',
    'eachlabs_mock.webhooks.delay("soon")': "'soon' is no duration; write it like",
    'eachlabs_mock.webhooks.timestamp("soon")': "'soon' is no duration; write it like",
    'eachlabs_mock.webhooks.retry("soon")': 'there is no retry schedule "soon"; known:',
    'eachlabs_mock.clock.advance("-1s")': "a clock does not go back, and ends some day (-1s)",
    'eachlabs_mock.clock.run_until(lambda: False, limit="1s")': "it did not become true within 1s",
    'eachlabs_mock.workflow("wf_1", input_schema=5)': "the input_schema of workflow wf_1 is 5",
    'mockserver.matching({"type": "sting"})': "/type",
    'with eachlabs_mock.allow_violations(at="inputs"): pass': 'at= is a JSON Pointer: did you mean "/inputs"?',
}
BLOCKING = {
    'eachlabs_mock.clock.advance("1s")': "eachlabs_mock.clock.aadvance(...)",
    "eachlabs_mock.on(OPERATION).optional().hold().wait()": "gate.await_held()",
    'eachlabs_mock.webhooks.assert_none(within="2h")': "eachlabs_mock.clock.aadvance('2h'), then assert_none()",
    "webhook_inbox.wait_for(1)": "webhook_inbox.await_for(...)",
}


def _alone(result, told):
    """The one failure is the sentence, and its traceback is the test's."""
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *{told.replace('[', '[[]')}*"])
    result.stdout.no_fnmatch_line("*E201*")
    result.stdout.no_fnmatch_line("*mockserver/*.py:*")
    result.stdout.no_fnmatch_line("*concurrent/futures*")
    result.stdout.no_fnmatch_line("*another exception occurred*")


@pytest.mark.parametrize(("line", "told"), REFUSED.items())
def test_a_refused_script_is_one_sentence(suite, line, told):
    """No frame of ours, and no script left over beside it."""
    _alone(suite(f"import mockserver\n\ndef test_it(eachlabs_mock):\n    {line}"), told)


@pytest.mark.parametrize(("line", "told"), BLOCKING.items())
def test_a_blocked_loop_is_one_sentence(suite, line, told):
    """It says what to write instead."""
    result = suite(f"""
import asyncio

def test_it(eachlabs_mock, webhook_inbox):
    async def story():
        {line}

    asyncio.run(story())
""")

    _alone(result, LOOP + told)


def test_a_fault_comes_before_what_it_is_done_to(suite):
    """What was started without it would be judged by what was not done."""
    result = suite("""
@pytest.mark.webhook_faults("tampered", "duplicate-at-once")
def test_it(eachlabs_mock, webhook_faults, webhook_inbox):
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    webhook_faults.script(eachlabs_mock)
""")

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "E *eachlabs_mock has started 1 execution without the fault tampered; call webhook_faults.script(mock) bef*",
            "E *eachlabs_mock has started 1 execution without the fault duplicate-at-once; call webhook_faults.script*",
        ]
    )


def test_post_starts_something_of_each_vendor(suite):
    """Once or several times: with the document's example, or with what its schema has."""
    suite("""
@pytest.mark.webhook_faults("valid", "exact-replay", "very-late")
@pytest.mark.parametrize("vendor", ["eachlabs_mock", "vectorshift_mock"])
def test_it(request, vendor, webhook_faults, webhook_inbox):
    mock = request.getfixturevalue(vendor)
    webhook_faults.post(mock, webhook_inbox.url)
    webhook_faults.post(mock, webhook_inbox.url)
    webhook_faults.check()
    assert len(webhook_faults.execution_ids) >= 2
""").assert_outcomes(passed=6)


def test_a_real_clock_is_waited_for(suite):
    """A fault that is judged too soon says how to wait."""
    result = suite("""
@pytest.mark.webhook_faults("valid")
@pytest.mark.mockserver(clock="real")
def test_it(eachlabs_mock, webhook_faults, webhook_inbox):
    webhook_faults.post(eachlabs_mock, webhook_inbox.url)
    webhook_faults.check()
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['*the clock is real: wait as long, as webhook_inbox.wait_for() does, or set clock="auto"']
    )
