"""What `webhook_faults` is done to: nothing that was started before, and what `post` starts."""

from pathlib import Path

SPECS = Path(__file__).parents[1] / "specs"


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
            "E *eachlabs_mock has started 1 execution without the fault tampered; call webhook_faults.script*",
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


def test_post_sends_what_the_schema_of_any_document_has(suite):
    """Where it has no example, and demands more than the address."""
    suite(f"""
@pytest.mark.webhook_faults("valid", "exact-replay")
def test_it(openapi_mock, webhook_faults, webhook_inbox):
    jobs = openapi_mock({str(SPECS / "jobs.yaml")!r})
    webhook_faults.post(jobs, webhook_inbox.url)
    webhook_faults.check()
    assert len(jobs.journal.entries) == 1
""").assert_outcomes(passed=2)


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
