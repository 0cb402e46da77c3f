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
