"""`m.webhooks` of a document that no vendor module speaks for."""

from pathlib import Path

SPECS = Path(__file__).parents[1] / "specs"

START = f"""
import asyncio, json
from urllib.request import Request, urlopen

@pytest.fixture
def jobs(openapi_mock):
    return openapi_mock({str(SPECS / "jobs.yaml")!r})

def start(mock, url):
    body = json.dumps({{"task": "sum", "callback": url}}).encode()
    with urlopen(Request(mock.url + "/jobs", body, {{"Content-Type": "application/json"}})) as answer:
        return json.load(answer)
"""


def test_callbacks_are_asserted_like_those_of_vendors(suite):
    """They arrive when somebody waits for them, can be chosen by name, delayed and sent again."""
    source = """
def test_it(jobs, webhook_inbox):
    jobs.webhooks.delay("1h")
    start(jobs, webhook_inbox.url)
    jobs.webhooks.assert_none(within="59m")
    jobs.clock.advance("2m")
    jobs.webhooks.assert_delivered(count=1, name="finished")
    (delivery,) = jobs.webhooks.deliveries
    jobs.webhooks.resend(delivery)
    first, second = webhook_inbox.wait_for(2)
    assert first.json == second.json
"""

    suite(START + source).assert_outcomes(passed=1)


def test_names_and_statuses_are_those_of_the_document(suite):
    """What tells of no execution has its name for a status; without a lifecycle there is no other."""
    source = """
def test_right(jobs):
    jobs.webhooks.assert_none(name="finished", status="finished")

def test_name(jobs):
    jobs.webhooks.assert_delivered(count=0, name="finish")

def test_status(jobs):
    jobs.webhooks.assert_delivered(count=0, status="completed")
"""

    result = suite(START + source)

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(['*webhooks have no name "finish"; did you mean "finished"?'])
    result.stdout.fnmatch_lines(['*webhooks have no status "completed"; known: *finished*'])


def test_a_callback_that_nobody_takes_fails_a_strict_test(suite):
    """E302 names the callback and what was answered; `recover` sends it again."""
    source = """
def test_it(jobs, webhook_inbox):
    jobs.webhooks.retry("none")
    webhook_inbox.respond(500)
    start(jobs, webhook_inbox.url)
    jobs.clock.advance("1s")

def test_again(jobs, webhook_inbox):
    jobs.webhooks.retry("none").allow_undelivered()
    webhook_inbox.respond(500)
    start(jobs, webhook_inbox.url)
    jobs.clock.advance("1s")
    assert [one.state for one in jobs.webhooks.recover()] == ["delivered"]
"""

    result = suite(START + source)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*E302*", '*finished  "finished"  to http://*', "*attempt 1*500*"])


def test_send_says_what_became_of_it(suite):
    """With a twin for a running loop; an unknown name says what there is."""
    source = """
def test_sent(jobs, webhook_inbox):
    assert jobs.webhooks.send("maintenance", webhook_inbox.url).state == "delivered"
    assert list(webhook_inbox.received[0].json) == ["at"]

def test_awaited(jobs, webhook_inbox):
    async def go():
        with pytest.raises(Exception, match="asend"):
            jobs.webhooks.send("maintenance", webhook_inbox.url)
        return await jobs.webhooks.asend("maintenance", webhook_inbox.url, {"at": "now"})

    assert asyncio.run(go()).state == "delivered"
    assert webhook_inbox.received[0].json == {"at": "now"}

def test_unknown(jobs, eachlabs_mock):
    with pytest.raises(Exception, match='did you mean "maintenance"'):
        jobs.webhooks.send("maintenence", "http://127.0.0.1:9")
    with pytest.raises(Exception, match="is no http or https address"):
        jobs.webhooks.send("maintenance", "nowhere")
    with pytest.raises(Exception, match="eachlabs_mock sends no"):
        eachlabs_mock.webhooks.send("maintenance", "http://127.0.0.1:9")
"""

    suite(START + source).assert_outcomes(passed=3)


def test_a_fixture_that_cannot_be_is_said_in_its_line(suite, pytester):
    """One line with file, line and remedy."""
    life = "format: 1\nvendor: jobs\nlifecycle:\n  starts: startJob\n  reads: readJbo\n  id: /id\n  state: /state\n"
    (pytester.path / "life.yaml").write_text(life + "  states: {waiting: 1s}\n  ends: {completed: done}\n", "utf-8")
    source = f"""
def test_it(openapi_mock):
    openapi_mock({str(SPECS / "jobs.yaml")!r}, fixtures=["life.yaml"])
"""

    result = suite(source)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*life.yaml:5:3*/lifecycle/reads*"readJbo"; did you mean "readJob"?*'])
