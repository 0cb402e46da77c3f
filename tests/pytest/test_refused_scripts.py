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
    'eachlabs_mock.webhooks.assert_none(within="2h")': 'eachlabs_mock.clock.aadvance("2h"), then assert_none()',
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
