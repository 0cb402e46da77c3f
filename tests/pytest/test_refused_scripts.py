"""What a user sees of a script that cannot be: one sentence, the line of the test, and nothing of ours."""

import pytest

LOOP = "this would block the running event loop, and a receiver in it could never answer; write: await "
REFUSED = {
    'eachlabs_mock.on(OPERATION).respond("503")': "respond() takes a status such as 503, not '503'",
    'eachlabs_mock.on(OPERATION).respond(503).times("2")': "times() takes a whole number such as 2, not '2'",
    "eachlabs_mock.input(0).complete().reject(5)": 'reject() takes a message such as "no credits", not 5',
    'eachlabs_mock.input(0).reject("")': "reject() takes a message such as \"no credits\", not ''",
    'eachlabs_mock.webhooks.delay("soon")': "'soon' is no duration; write it like",
    'eachlabs_mock.webhooks.timestamp("soon")': "'soon' is no duration; write it like",
    'eachlabs_mock.webhooks.retry("soon")': 'there is no retry schedule "soon"; known:',
    'eachlabs_mock.webhooks.retry("stripes")': 'there is no retry schedule "stripes"; did you mean "stripe"?',
    'eachlabs_mock.on(OPERATION).respond(418, json="${path.workflowid}")': 'did you mean "workflowID"?',
    'eachlabs_mock.clock.advance("-1s")': 'time goes forward, by a duration such as "30s", and not by -1s; a test',
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

MISSED = {
    "eachlabs_mock.on(OPERATION).respond(body={})": "did you mean json=?",
    "eachlabs_mock.on(OPERATION, header={})": "did you mean headers=?",
    "eachlabs_mock.assert_called(OPERATION, count=2)": "did you mean times=?",
    "webhook_inbox.wait_for(count=2)": "did you mean n=?",
    "eachlabs_mock.input(0).complete(wibble=2)": "it takes output=, after=",
    "openapi_mock('shop.yaml', fixture='a.yaml')": "did you mean fixtures=?",
    "eachlabs_mock.input(0).failed()": "did you mean fail?",
    "webhook_inbox.recieved": "did you mean received?",
    "eachlabs_mock.outcomes.wibble": "it has random, succeed",
}


@pytest.mark.parametrize(("line", "told"), MISSED.items())
def test_a_name_that_ours_do_not_have_gets_a_note(suite, line, told):
    """Beside Python's own words, which say what was missed."""
    result = suite(f"def test_it(eachlabs_mock, webhook_inbox, openapi_mock):\n    {line}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * *Error: *", f"E * {told}"])
    result.stdout.no_fnmatch_line("*E201*")


@pytest.mark.parametrize(
    "line", ["'x'.wibble", "(lambda a: 0)(body=1)", "raise TypeError('it has an unexpected argument')"]
)
def test_names_of_others_get_none(suite, line):
    """We do not know what they have."""
    result = suite(f"def test_it(eachlabs_mock):\n    {line}")

    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*did you mean*")
    result.stdout.no_fnmatch_line("*it takes*")


HOSTILE = """
def test_shut(eachlabs_mock):
    class Shut(AttributeError):
        @property
        def obj(self):
            raise ValueError
    raise Shut

def test_dumb(eachlabs_mock):
    class Dumb(TypeError):
        def __str__(self):
            raise ValueError
    raise Dumb

def test_long(eachlabs_mock):
    raise TypeError("x" * 200_000 + "() got")
"""


def test_errors_that_break_when_they_are_asked_fail_their_test_alone(suite):
    """Nor does a long one take its time: the run goes on."""
    result = suite(HOSTILE, "--tb=no")

    result.assert_outcomes(failed=3)
    result.stdout.no_fnmatch_line("INTERNALERROR*")


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
