"""Gates, outcomes and outputs in the suites of users."""

import pytest


@pytest.mark.parametrize(
    ("end", "came"), [("pass", {"passed": 1}), ("raise KeyError('mine')", {"failed": 1})], ids=["passes", "fails"]
)
def test_what_is_held_is_let_go_when_the_body_ends(suite, end, came):
    """A fixture that waits for its client at teardown does not hang, whatever became of the test."""
    result = suite(f"""
from concurrent.futures import ThreadPoolExecutor

@pytest.fixture
def client(eachlabs_mock):
    with ThreadPoolExecutor() as pool:
        held = pool.submit(trigger, eachlabs_mock, {{}})
        yield held
        assert held.result(10)[0] == 202

@pytest.fixture
def gate(eachlabs_mock):
    return eachlabs_mock.on(OPERATION).hold()

def test_it(gate, client):
    gate.wait()
    {end}
""")

    result.assert_outcomes(**came)


def test_a_gate_that_nobody_came_to_fails_the_test(suite):
    """Like any script that is left over."""
    result = suite("def test_it(eachlabs_mock):\n    eachlabs_mock.on(OPERATION).respond(503).hold()")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E201 *stub at test_suite.py:6*", "*scripted and never called", "*.optional()*"])


def test_an_assertion_about_a_gate_is_shown_in_its_line(suite):
    """With what came instead."""
    result = suite("""
def test_it(eachlabs_mock):
    gate = eachlabs_mock.on(OPERATION).optional().hold()
    gate.wait(timeout=0)
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">   *gate.wait(timeout=0)",
            "E   *no request came to the gate at test_suite.py:7 within 0s",
            "E   *0 calls reached eachlabs_mock; was the client built before patch_env()?",
            "test_suite.py:8: AssertionError",
        ]
    )


def test_a_function_for_outputs_that_breaks_fails_the_test(suite):
    """With its place; the client got a good answer."""
    result = suite("""
def test_it(eachlabs_mock):
    eachlabs_mock.outputs.use(lambda given: given["x"])
    assert trigger(eachlabs_mock, {})[0] == 202
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E501 *1 finding in 1 request*",
            "*<lambda> at test_suite.py:7 raised KeyError: 'x'; input 0 got a random output*",
            "*answered 202",
            "  mend it: correct the function, it made nothing that can be sent     explain: mockserver explain E501",
        ]
    )


OWN = '.on("bulkRunPipeline").respond(..., off_contract="why")'


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "outputs.use(lambda given: 5)",
            f"  mend it: let the output fit *; what does not is sent by vectorshift_mock{OWN}",
        ),
        (
            "input(0).complete(output=5)",
            f"  mend it: let the output fit *; what does not is sent by vectorshift_mock{OWN}",
        ),
        ("on('bulkRunPipeline').respond(json=lambda call: 5)", '  allow it: .respond(..., off_contract="why")'),
    ],
)
def test_an_answer_that_breaks_the_document_says_what_helps_there(suite, script, told):
    """Of outputs it is not `off_contract`, which is a word of `respond`."""
    result = suite(f"""
import urllib.request

def test_it(vectorshift_mock):
    vectorshift_mock.pipeline("p_1")
    vectorshift_mock.{script}
    headers = {{"Authorization": f"Bearer {{vectorshift_mock.api_key}}", "Content-Type": "application/json"}}
    url = f"{{vectorshift_mock.url}}/pipeline/p_1/bulk_run"
    urllib.request.urlopen(urllib.request.Request(url, b'{{"runs": [{{"inputs": {{}}}}]}}', headers)).close()
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E501 *", "  answered 200", f"{told}     explain: mockserver explain E501"])


def test_an_input_of_which_nothing_is_said_is_left_over(suite):
    """As a stub without an answer is; it speaks for no input, and beside a failure of the test's own it is not told."""
    result = suite("""
def test_forgotten(eachlabs_mock):
    eachlabs_mock.input(where={}).complete()
    eachlabs_mock.input(0)
    assert trigger(eachlabs_mock, {})[0] == 202

def test_optional(eachlabs_mock):
    eachlabs_mock.input(0).optional()

def test_own_failure(eachlabs_mock):
    eachlabs_mock.input(0).failed()
""")

    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "E201 a scripted answer was left over: input(0) at test_suite.py:8 (eachlabs_mock, strict)",
            "  it says no outcome: add .complete(...), .fail(...) or .reject(...)",
            "  allow it: .optional()*",
            "*test_own_failure*",
        ]
    )
    assert sum(line.startswith("E201") for line in result.outlines) == 1
