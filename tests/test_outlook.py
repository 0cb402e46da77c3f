"""Where a world stands, as text: pure functions of executions and deliveries."""

import pytest
from msgspec.structs import replace

from mockserver.engine.delivery import Attempt, Delivery, DeliveryScript
from mockserver.engine.executions import Execution
from mockserver.engine.journal import Note
from mockserver.engine.secrets import Secrets
from mockserver.engine.signing import Signing
from mockserver.outlook import Outlook, ahead, block, given_up, miscount, span, summary, to_come, unwanted
from mockserver.seen import Background, journal

BACKGROUND = Background((), Secrets(()), {"acme": "acme_mock"}, "mockserver", "world t-1, seed 0, clock manual")
EXECUTION = Execution("e-1", "acme", "start", "t_1", "v1", {}, 0.0, state="running", webhook_url="http://x.test/a")
ENDED = replace(EXECUTION, state="completed", is_final=True)
DELIVERY = Delivery(
    "abcdefgh-1", "msg_1", "acme", "e-1", "b-1", "completed", "http://x.test/a", b"{}", DeliveryScript()
)
FAILED = replace(
    DELIVERY, state="failed", reason="used up", attempts=(Attempt(1, 0.0, 500), Attempt(2, 10.0, None, "refused"))
)


def outlook(*, executions=(ENDED,), deliveries=(), next_due=None, mode="manual"):
    return Outlook(100.0, mode, next_due, tuple(executions), tuple(deliveries))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "400ms"), (30, "30s"), (7140, "1h59m"), (90061.5, "1d1h1m1s500ms"), (-5, "5s")],
)
def test_durations_are_written_as_one_writes_them(seconds, text):
    """From days to milliseconds, without what is zero."""
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (outlook(), ""),
        (
            outlook(executions=[EXECUTION], next_due=130.0),
            '1 execution still running; next is due at +30s: advance the clock: m.clock.advance("30s")',
        ),
        (
            outlook(executions=[EXECUTION, EXECUTION], deliveries=[DELIVERY], next_due=130.0, mode="auto"),
            "2 executions still running; 1 webhook not yet delivered; next is due at +30s: advance the clock, "
            "or let m.clock.run_until(lambda: ...) drive it",
        ),
        (
            outlook(deliveries=[DELIVERY], next_due=101.0, mode="real"),
            "1 webhook not yet delivered; next is due at +1s: the clock is real: wait as long, as "
            'webhook_inbox.wait_for() does, or set clock="auto"',
        ),
        (
            outlook(deliveries=[DELIVERY]),
            "1 webhook not yet delivered; nothing is due: a receiver has not answered yet",
        ),
        (
            outlook(executions=[replace(EXECUTION, state="paused")]),
            "1 execution still running; nothing is due: what runs is paused",
        ),
    ],
    ids=["nothing", "manual", "auto", "real", "in flight", "paused"],
)
def test_what_is_still_to_come(given, told):
    """How much, when, and how to come to it under each kind of clock."""
    assert ahead(given, "m.clock") == told


def test_given_up_is_what_had_a_fair_chance():
    """Not what was dropped, tampered with or wrongly stamped on request, nor what is blocked or pending."""
    hostile = [DeliveryScript(copies=0), DeliveryScript(tamper="body"), DeliveryScript(timestamp=-600.0)]
    others = [replace(FAILED, script=script) for script in hostile]
    others += [replace(FAILED, state=state) for state in ("blocked", "pending", "delivered")]

    assert given_up([*others, FAILED]) == (FAILED,)


def test_long_lists_are_cut():
    """Five webhooks and ten attempts are shown, twenty stand beside the journal; the rest is counted."""
    stubborn = replace(FAILED, attempts=tuple(Attempt(number, 0.0, 500) for number in range(1, 13)))
    many = [replace(DELIVERY, id=f"{number}-of-many") for number in range(25)]
    text = block([stubborn] * 7, BACKGROUND, "title")

    assert text.count("execution e-1") == 5
    assert text.count("    ... and 2 attempts more") == 5
    assert "  ... and 2 webhooks more" in text
    assert "  ... 5 before these" in summary(outlook(deliveries=many), BACKGROUND)
    assert "  ... and 20 webhooks further off" in miscount([], 1, {}, outlook(deliveries=many), BACKGROUND, "m")
    assert "  ... and 20 more" in unwanted(many, "", BACKGROUND)


def test_a_receiver_that_distrusts_is_told_which_clock_has_signed():
    """Below the reason: the stamp is wall time, and a receiver that asks the world's clock refuses it."""
    attempts = (Attempt(1, 0.0, 500), Attempt(2, 1_767_225_610.0, 401))
    signed = replace(FAILED, attempts=attempts, signing=Signing("standard", ("s",)), stamp=1_795_338_000)
    clause = "signed at 2026-11-22T09:00:00Z, wall time; the world's clock stood at 2026-01-01T00:00:10Z"

    assert block([signed], BACKGROUND, "title").splitlines()[4:6] == ["    used up", f"    {clause}"]
    assert "signed at" not in block([FAILED], BACKGROUND, "title")


def test_each_mock_is_told_how_to_allow_it():
    """A line for each; the last one names the code."""
    other = replace(FAILED, service="other")

    assert block([FAILED, other, FAILED], BACKGROUND, "title").splitlines()[-2:] == [
        "  allow it: acme_mock.webhooks.allow_undelivered()",
        "  allow it: mockserver.webhooks.allow_undelivered()     explain: mockserver explain E302",
    ]


@pytest.mark.parametrize(
    ("times", "wanted"),
    [(None, "at least one webhook"), (3, "3"), ((2, 4), "2 to 4")],
    ids=["some", "exactly", "range"],
)
def test_what_was_expected_is_said(times, wanted):
    """As it was asked for."""
    text = miscount([], times, {"status": ("failed", "status")}, outlook(), BACKGROUND, "m")

    assert text == f"0 webhooks: 1 completed, nothing more is due\n  expected {wanted} with status failed"


def test_what_became_of_each_is_one_line():
    """State, attempts and faults."""
    late = replace(DELIVERY, next_due=160.0, attempts=(Attempt(1, 0.0, 500),), script=DeliveryScript(after=5.0))
    text = summary(outlook(deliveries=[late, replace(DELIVERY, state="delivered"), FAILED, DELIVERY]), BACKGROUND)

    assert [" ".join(line.split()) for line in text.splitlines()] == [
        "webhooks: 2 pending, 1 delivered, 1 failed",
        "abcdefgh completed due at +1m after 500 delay http://x.test/a",
        "abcdefgh completed delivered http://x.test/a",
        "abcdefgh completed failed: used up http://x.test/a",
        "abcdefgh completed waits for its turn or its receiver http://x.test/a",
    ]


def test_an_answer_that_waits_for_a_receiver_is_told():
    """Why nobody may be there to take an early webhook; once it was tried, that was not it."""
    early = replace(DELIVERY, script=DeliveryScript(early=True))
    tried = replace(early, attempts=(Attempt(1, 0.0, 500),), next_due=160.0)
    text = summary(outlook(deliveries=[early, tried]), BACKGROUND)

    assert "goes before the answer: a receiver in an event loop that the client blocks cannot take it" in text
    assert text.count("the client blocks") == 1


def test_an_inbox_is_told_where_webhooks_went():
    """What is still running, which other address was given, and what was refused there."""
    given = outlook(executions=[EXECUTION, ENDED], deliveries=[FAILED], next_due=130.0)

    assert to_come(given, "http://x.test/b", BACKGROUND) == (
        '1 execution still running; next is due at +30s: advance the clock: acme_mock.clock.advance("30s")',
        "2 executions asked for webhooks at http://x.test/a",
        "webhook abcdefgh of execution e-1: failed: used up",
    )


def test_an_outlook_may_be_of_some_services_only():
    """Of one mock's, say."""
    given = outlook(
        executions=[EXECUTION, replace(ENDED, service="other")], deliveries=[replace(DELIVERY, service="other")]
    )

    assert given.within({"acme"}) == outlook(executions=[EXECUTION])


def test_what_the_world_did_by_itself_stands_in_the_journal():
    """Behind the request after which it happened, with the world's time."""
    text = journal([], 0, BACKGROUND, [Note(0, 5.0, "the clock jumped by 5s: somebody waits")])

    assert text.splitlines() == [
        "world t-1, seed 0, clock manual: 0 requests",
        "      1970-01-01T00:00:05Z  the clock jumped by 5s: somebody waits",
    ]
