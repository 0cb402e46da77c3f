"""`webhook_faults`: one test of a receiver is run for each kind of delivery, and says what the receiver did wrong."""

import re
from inspect import getsource
from pathlib import Path

import pytest

import tests.receivers
from mockserver.webhook_faults import FAULTS
from tests.receivers import Correct

DOCS = Path(__file__).parents[2] / "docs"
PAGE = "".join((DOCS / name).read_text("utf-8") for name in ("pytest.md", "pytest-webhooks.md"))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SIGNED = re.compile(r"signed at 20[\dT:-]+Z,")
NAMES = [fault.name for fault in FAULTS]
REFUSED = [fault.name for fault in FAULTS if fault.accepted is False]
REPEATS = ["exact-replay", "retry-new-stamp", "duplicate-at-once"]
TAKEN = [name for name in NAMES if name not in REFUSED]
CORRECT = ["Correct", "AsksForLater", "RefusesReplays"]
BROKEN = {
    "TrustsAnybody": ["tampered", "wrong-secret", "missing-header"],
    "ChecksSignaturesThatAreThere": ["missing-header"],
    "SignsWhatItParsed": ["tampered"],
    "SignsInAscii": ["tampered", "non-ascii"],
    "IgnoresAge": ["stale", "future"],
    "TakesTheFuture": ["future"],
    "KnowsOneSignature": ["rotated"],
    "LooksAtTheFirstSignature": ["rotated"],
    "ProcessesEachDelivery": REPEATS,
    "RemembersSignatures": ["retry-new-stamp"],
    "RefusesRepeats": ["retry-new-stamp", "duplicate-at-once"],
    "BreaksOnRepeats": REPEATS,
    "ReadsLatin1": ["non-ascii"],
    "WaitsForAscii": ["non-ascii"],
    "DropsUnknownRuns": ["early"],
    "GoesByArrival": ["early", "out-of-order"],
    "GivesUp": ["very-late"],
    "BreaksOnForgeries": ["tampered", "wrong-secret", "missing-header"],
    "AcknowledgesFirst": REFUSED,
    "NeverProcesses": TAKEN,
}

RECEIVER_TEST = """
from receivers import {receiver} as Receiver

@pytest.fixture
def my_app(eachlabs_mock):
    with Receiver(eachlabs_mock.webhook_secret) as running:
        yield running

def test_receiver(eachlabs_mock, webhook_faults, my_app):
    eachlabs_mock.webhooks.sign("standard")
    webhook_faults.script(eachlabs_mock)
    _, answer = trigger(eachlabs_mock, {{"n": 0}}, {{"n": 1}}, webhook_url=my_app.url)
    my_app.known += [one["execution_id"] for one in answer["executions"]]
    began = eachlabs_mock.clock.now
    my_app.hours = lambda: (eachlabs_mock.clock.now - began).total_seconds() / 3600
    webhook_faults.check(my_app.processed)
    webhook_faults.check(my_app.kept)
"""

FIXTURES = """
from receivers import Correct, TrustsAnybody

@pytest.fixture
def my_app(eachlabs_mock):
    with Correct(eachlabs_mock.webhook_secret) as running:
        yield running

@pytest.fixture
def gullible(eachlabs_mock):
    with TrustsAnybody(eachlabs_mock.webhook_secret) as running:
        yield running
"""


@pytest.fixture
def receivers(suite, pytester):
    """`suite`, with the receivers at hand."""
    pytester.makepyfile(receivers=getsource(tests.receivers))
    return suite


def block(name):
    """The block of the page that begins with the name of its file."""
    (found,) = re.findall(rf"^```python\n# {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return found


def failed(result):
    """The faults whose runs failed."""
    return [line.split("[")[1].split("]")[0] for line in result.outlines if line.startswith("FAILED ")]


def golden(result, fault):
    """What a failed run says, without its ids and its wall time."""
    lines = [line.removeprefix("E").strip() for line in result.outlines]
    start = next(number for number, line in enumerate(lines) if f"AssertionError: {fault}: " in line)
    end = next(number for number in range(start, len(lines)) if lines[number].startswith("a correct receiver"))
    return [SIGNED.sub("signed at NOW,", line) for line in lines[start : end + 1] if not line.startswith("execution ")]


@pytest.mark.parametrize("receiver", CORRECT)
def test_a_correct_receiver_passes_all(receivers, receiver):
    """One test, run once for each fault, named after it, in the order of the list."""
    result = receivers(RECEIVER_TEST.format(receiver=receiver), "-v")

    result.assert_outcomes(passed=len(NAMES))
    ran = [line.split("[")[1].split("]")[0] for line in result.outlines if "::test_receiver[" in line]
    assert ran == NAMES


def test_every_receiver_is_tried():
    """None is written and then forgotten."""
    written = {
        name for name, one in vars(tests.receivers).items() if isinstance(one, type) and issubclass(one, Correct)
    }

    assert written == {*CORRECT, *BROKEN}


@pytest.mark.parametrize("receiver", BROKEN)
def test_a_wrong_receiver_fails_where_it_is_wrong(receivers, receiver):
    """In exactly these runs, and in no other."""
    assert failed(receivers(RECEIVER_TEST.format(receiver=receiver))) == BROKEN[receiver]


@pytest.mark.parametrize(
    ("receiver", "fault", "text"),
    [
        (
            "TrustsAnybody",
            "tampered",
            [
                "AssertionError: tampered: the body was changed after signing; "
                "the receiver answered 204 and should have refused it (4xx)",
                "and the event was processed once and should not have been",
                "a correct receiver verifies the signature over the raw body before it reads it",
            ],
        ),
        (
            "KnowsOneSignature",
            "rotated",
            [
                "AssertionError: rotated: it has two signatures, the first by a new secret and the second by the "
                "receiver's; the receiver answered 401 and should have accepted it (2xx)",
                "and the event was not processed and should have been, once",
                "signed at NOW, wall time; the world's clock stood at 2026-01-01T00:00:25Z",
                "a correct receiver takes any one signature that fits",
            ],
        ),
        (
            "ProcessesEachDelivery",
            "exact-replay",
            [
                "AssertionError: exact-replay: it came once more a minute later, byte for byte; "
                "the event was processed twice and should have been once",
                "a correct receiver remembers the ids of events and processes each once; "
                "the replay may be acknowledged (2xx) or refused (4xx)",
            ],
        ),
        (
            "BreaksOnRepeats",
            "retry-new-stamp",
            [
                "AssertionError: retry-new-stamp: it was delivered again although it had been acknowledged: the same "
                "event with a new stamp; the receiver answered 500 to the repeat and should have accepted it (2xx)",
                "a correct receiver remembers the ids of events and processes each once, "
                "by the id of the event or the execution and not by signature or stamp",
            ],
        ),
        (
            "GivesUp",
            "very-late",
            [
                "AssertionError: very-late: it came three days late; "
                "the receiver answered 404 and should have accepted it (2xx)",
                "and the event was not processed and should have been, once",
                "a correct receiver takes a webhook however late it comes",
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_failure_says_what_came_and_what_was_wrong(receivers, receiver, fault, text):
    """And what a correct receiver does, in words of the field."""
    assert golden(receivers(RECEIVER_TEST.format(receiver=receiver), "-k", fault), fault) == text


def test_what_was_read_is_held_against_what_was_sent(receivers):
    """Latin-1 for UTF-8 shows, and whose output is whose."""
    latin = receivers(RECEIVER_TEST.format(receiver="ReadsLatin1"), "-k", "non-ascii")
    arrival = receivers(RECEIVER_TEST.format(receiver="GoesByArrival"), "-k", "out-of-order")

    latin.stdout.fnmatch_lines(['*the application read /output as "*Ã«*"; "https://*#Zoë-東京-🌅" was sent'])
    arrival.stdout.fnmatch_lines(['*; the application keeps "https://*" for an event that does not hold it'])


def test_the_receiver_is_judged_though_nobody_checks(receivers):
    """In the call phase: a test without `check` holds the receiver to the right answers."""
    result = receivers(
        FIXTURES
        + """
def test_trusting(eachlabs_mock, webhook_faults, gullible):
    eachlabs_mock.webhooks.sign("standard")
    webhook_faults.script(eachlabs_mock)
    trigger(eachlabs_mock, {}, webhook_url=gullible.url)
""",
        "-k",
        "valid or tampered",
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["tampered: the body was changed after signing; the receiver answered 204 and *"])
    result.stdout.no_fnmatch_line("*E302*")


def test_a_test_that_forgets_to_script_or_to_start_is_told(receivers):
    """It would say nothing about the receiver."""
    result = receivers(
        """
@pytest.mark.webhook_faults("valid")
def test_nothing(webhook_faults):
    pass

@pytest.mark.webhook_faults("valid")
def test_scripted(eachlabs_mock, webhook_faults):
    webhook_faults.script(eachlabs_mock)
"""
    )

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "webhook_faults has not been told whose webhooks get the fault valid; call webhook_faults.script(mock) *",
            "valid: 0 webhooks: no execution was started: no request came; was the client built before patch_env()?",
        ]
    )


def test_a_bare_receiver_gets_the_example_of_the_document(receivers):
    """Without any code that starts something: `post` does, with the ids that the assertions know."""
    receivers(
        FIXTURES
        + """
def test_bare(eachlabs_mock, webhook_faults, my_app):
    eachlabs_mock.webhooks.sign("standard")
    webhook_faults.post(eachlabs_mock, my_app.url)
    webhook_faults.check(lambda: my_app.processed)
    assert len(webhook_faults.execution_ids) == 3
    assert len(my_app.processed) == 3 * webhook_faults.times
    assert {one["execution_id"] for one in my_app.processed} <= set(webhook_faults.execution_ids)
"""
    ).assert_outcomes(passed=len(NAMES))


def test_what_a_scheme_cannot_show_is_skipped(receivers):
    """With the scheme and the reason; a receiver that knows no signatures chooses the others."""
    result = receivers(
        """
def test_secret(eachlabs_mock, webhook_faults, webhook_inbox):
    eachlabs_mock.webhooks.sign("secret")
    webhook_faults.script(eachlabs_mock)
    for _ in range(3 if webhook_faults.accepted is False else 0):
        webhook_inbox.respond(401)
    trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url)
    webhook_faults.check()
    shown = webhook_inbox.received[0].headers.get("x-webhook-secret")
    assert (shown == eachlabs_mock.webhook_secret) == (webhook_faults.accepted is not False)

@pytest.mark.webhook_faults(exclude=("tampered", "wrong-secret", "missing-header", "stale", "future", "rotated"))
def test_unsigned(eachlabs_mock, webhook_faults, webhook_inbox):
    webhook_faults.script(eachlabs_mock)
    trigger(eachlabs_mock, {}, {}, webhook_url=webhook_inbox.url)
    webhook_faults.check(lambda: {one.json["execution_id"] for one in webhook_inbox.received})
    assert not any("signature" in name for name in webhook_inbox.received[0].headers)
""",
        "-rs",
    )

    result.assert_outcomes(passed=len(NAMES) - 5 + len(NAMES) - 6, skipped=5)
    result.stdout.fnmatch_lines(
        [
            '*tampered: the signature scheme "secret" cannot show it*',
            "*out-of-order takes 2 executions, and the test started one*",
        ]
    )


@pytest.mark.parametrize(
    ("marker", "ran"),
    [
        ('"tampered", "stale"', ["tampered", "stale"]),
        ("exclude=" + repr(NAMES[1:]), ["valid"]),
        ('exclude="valid"', NAMES[1:]),
    ],
    ids=["names", "exclude", "exclude one"],
)
def test_the_marker_narrows_the_list(receivers, marker, ran):
    """By names, or by what is left out."""
    result = receivers(
        f"""
@pytest.mark.webhook_faults({marker})
def test_it(webhook_faults):
    pass
""",
        "--collect-only",
        "-q",
        "--strict-markers",
    )

    assert [line.split("[")[1].rstrip("]") for line in result.outlines if "::test_it[" in line] == ran


def test_an_async_test_awaits_the_check(receivers):
    """A receiver in its own loop can answer meanwhile; `check` names the twin."""
    result = receivers(
        """
import asyncio

@pytest.mark.asyncio
@pytest.mark.webhook_faults("valid", "exact-replay")
async def test_it(eachlabs_mock, webhook_faults):
    taken = []

    async def answer(reader, writer):
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        taken.append(head)
        writer.write(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        webhook_faults.post(eachlabs_mock, f"http://127.0.0.1:{port}/")
        with pytest.raises(Exception, match="await webhook_faults.acheck"):
            webhook_faults.check()
        await webhook_faults.acheck()
    assert len(taken) == (3 if webhook_faults.name == "valid" else 6)
"""
    )

    result.assert_outcomes(passed=2)


def test_the_examples_of_the_page_pass(suite, pytester):
    """Each run of both: a receiver with the stock verifier, and the two that meet fewer faults."""
    pytester.makepyfile(client=block("client.py"))
    fewer = 3 + len(NAMES) - 6

    suite(block("test_my_app.py")).assert_outcomes(passed=len(NAMES))
    suite(block("test_fewer_faults.py")).assert_outcomes(passed=fewer)


def test_the_failure_of_the_page_is_what_a_user_sees(receivers):
    """Line for line, but for the ids."""
    (shown,) = re.findall(r"^```\n(tampered: .*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    result = receivers(RECEIVER_TEST.format(receiver="TrustsAnybody"), "-k", "tampered")

    wanted = [f"E  *{UUID.sub('*', line.strip())}" for line in shown.splitlines()]
    result.stdout.fnmatch_lines(wanted, consecutive=True)


def test_the_page_lists_every_fault_and_word():
    """In the order of the list."""
    from mockserver.webhook_faults import WebhookFaults

    section = PAGE.split("## Webhook faults")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE)

    assert rows == NAMES
    assert [name for name in vars(WebhookFaults) if not name.startswith("_") and f".{name}" not in section] == []
