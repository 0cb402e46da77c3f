"""Webhooks in a test of a user: what fails it in its call phase, what is a note, and receivers of its own."""


def test_a_webhook_that_is_given_up_fails_the_test_itself(suite):
    """One clean FAILED with its attempts; `allow_undelivered` and `strict=False` lift it."""
    result = suite("""
def play(eachlabs_mock, webhook_inbox):
    webhook_inbox.respond(500).respond(500).respond(500)
    assert trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)[0] == 202
    eachlabs_mock.clock.run_until_idle()

def test_strict(eachlabs_mock, webhook_inbox):
    play(eachlabs_mock, webhook_inbox)

def test_allowed(eachlabs_mock, webhook_inbox):
    eachlabs_mock.webhooks.allow_undelivered()
    play(eachlabs_mock, webhook_inbox)

@pytest.mark.mockserver(strict=False)
def test_lax(eachlabs_mock, webhook_inbox):
    play(eachlabs_mock, webhook_inbox)

def test_own_failure(eachlabs_mock, webhook_inbox):
    play(eachlabs_mock, webhook_inbox)
    raise ValueError("mine")
""")

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "E302 webhook attempts were used up without a 2xx: 1 webhook (eachlabs_mock, strict)",
            "  completed  execution *  to http://127.0.0.1:*/__inbox/default",
            "    attempt 3  +20s  500",
            "  allow it: eachlabs_mock.webhooks.allow_undelivered() *explain: mockserver explain E302",
            "*mockserver journal*",
            "webhooks: 1 failed",
            "E * ValueError: mine",
            "E * E302 webhook attempts were used up without a 2xx: 1 webhook",
            "*mockserver findings*",
        ]
    )


def test_an_answer_of_the_inbox_that_nothing_came_for_is_left_over(suite):
    """With the line of the first of them; `optional` lifts it."""
    result = suite("""
def test_none_came(webhook_inbox):
    webhook_inbox.respond(500)

def test_one_came(eachlabs_mock, webhook_inbox):
    webhook_inbox.respond(500).respond(200)
    webhook_inbox.hang()
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    webhook_inbox.wait_for(1)

def test_optional(webhook_inbox):
    webhook_inbox.respond(500).optional().respond(500)

def test_reset(webhook_inbox, mockserver):
    webhook_inbox.optional()
    mockserver.reset()
    webhook_inbox.respond(503)
""")

    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "E201 a scripted answer was left over: answer of webhook_inbox at test_suite.py:7 (webhook_inbox, strict)",
            "  nothing came for it",
            "  allow it: .optional()     explain: mockserver explain E201",
            "E201 a scripted answer was left over: answer of webhook_inbox at test_suite.py:10 (webhook_inbox, strict)",
            "  2 of 3 scripted answers left over",
            "E201 a scripted answer was left over: answer of webhook_inbox at test_suite.py:21 (webhook_inbox, strict)",
        ]
    )


def test_what_is_still_under_way_is_waited_for(suite):
    """A webhook that is on its way when the body ends arrives before the verdict."""
    result = suite("""
import urllib.request

def test_it(eachlabs_mock, webhook_inbox):
    eachlabs_mock.webhooks.drip("300ms").retry("none")
    webhook_inbox.respond(500)
    _, answer = trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    url = f"{eachlabs_mock.url}/executions/{answer['executions'][0]['execution_id']}"
    for _ in range(2):  # each read moves the clock to the execution's next event
        urllib.request.urlopen(urllib.request.Request(url, headers={"X-API-Key": eachlabs_mock.api_key})).close()
    assert webhook_inbox.received == ()
""")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E302 *: 1 webhook (eachlabs_mock, strict)", "    attempt 1  +0s  500"])


def test_a_clock_that_nobody_moved_is_told_beside_the_failure(suite):
    """By the assertion itself and by the journal: how much is still running, when it goes on, and how to get there."""
    result = suite("""
def test_inbox(eachlabs_mock, webhook_inbox):
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    assert webhook_inbox.received

def test_own_receiver(eachlabs_mock, webhook_inbox):
    trigger(eachlabs_mock, {}, {}, webhook_url=webhook_inbox.url)
    results = []
    assert results
""")

    result.assert_outcomes(failed=2)
    how = "advance the clock, or let eachlabs_mock.clock.run_until(lambda: ...) drive it"
    result.stdout.fnmatch_lines(
        [
            f"E * assert <nothing arrived: 1 execution still running; next is due at +1s: {how}>",
            "*mockserver journal*",
            f"1 execution still running; next is due at +1s: {how}",
            "E * assert []",
            f"2 executions still running; next is due at +1s: {how}",
        ]
    )


def test_a_background_run_under_a_clock_that_stands_is_told_too(suite):
    """Of every vendor, in the journal beside the failure."""
    result = suite("""
import urllib.request

def test_it(vectorshift_mock):
    vectorshift_mock.pipeline("p_1")
    vectorshift_mock.clock.freeze()
    url = f"{vectorshift_mock.url}/pipeline/p_1/run"
    headers = {"Authorization": f"Bearer {vectorshift_mock.api_key}", "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, b'{"inputs": {}, "background": true}', headers)).close()
    assert "done" == "running"
""")

    result.assert_outcomes(failed=1)
    how = 'next is due at +*: advance the clock: vectorshift_mock.clock.advance("*")'
    result.stdout.fnmatch_lines(["*mockserver journal*", f"1 execution still running; {how}"])


def test_webhooks_of_what_still_runs_are_a_note(suite):
    """Of a test that passed, with -rP; executions that send none are not worth one."""
    result = suite(
        """
def test_it(eachlabs_mock, webhook_inbox):
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)

def test_without_address(eachlabs_mock):
    trigger(eachlabs_mock, {})
""",
        "-rP",
    )

    result.assert_outcomes(passed=2)
    assert str(result.stdout).count("mockserver notes") == 1
    result.stdout.fnmatch_lines(["1 execution still running; next is due at +1s: advance the clock, *"])


def test_notes_stand_beside_a_test_that_passed(suite):
    """What was blocked and what is not yet due, with -rP."""
    result = suite(
        """
def test_it(eachlabs_mock, webhook_inbox):
    trigger(eachlabs_mock, {}, webhook_url="http://10.1.2.3/hooks")
    eachlabs_mock.clock.run_until_idle()
    eachlabs_mock.webhooks.delay("1h")
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    eachlabs_mock.clock.advance("10s")
""",
        "-rP",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*mockserver notes*", "webhooks: 1 blocked, 1 pending", "*allow it with --webhook-reach private*"]
    )


def test_the_reach_of_webhooks_is_an_option(suite):
    """By the name that the reason of a blocked webhook gives, and as an ini key."""
    test = """
def test_it(eachlabs_mock):
    assert eachlabs_mock.world._server.settings.webhook_reach == "private"
"""

    suite(test, "--webhook-reach", "private").assert_outcomes(passed=1)
    suite(test, ini="mockserver_webhook_reach = private").assert_outcomes(passed=1)


def test_async_tests_await_the_twins(suite):
    """A receiver in the test's own loop gets its webhooks while the clock is moved from that loop."""
    suite("""
import asyncio

@pytest.mark.asyncio
async def test_it(eachlabs_mock, webhook_inbox):
    got = []

    async def receive(reader, writer):
        got.append(await reader.readuntil(b"\\r\\n\\r\\n"))
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(receive, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await asyncio.to_thread(trigger, eachlabs_mock, {}, {}, webhook_url=url)
        await eachlabs_mock.clock.arun_until(lambda: len(got) == 2)
    with pytest.raises(Exception, match=r"await .*await_for"):
        webhook_inbox.wait_for(1)
    eachlabs_mock.webhooks.assert_delivered(count=2)
""").assert_outcomes(passed=1)
