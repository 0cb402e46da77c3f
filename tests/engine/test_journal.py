"""The bounded journal."""

from msgspec.structs import replace

from mockserver.engine.journal import Cut, Journal
from mockserver.engine.messages import Answer, Entry, Request, Sent
from mockserver.engine.settings import Limits


def entry(journal, body=b"", answer=b""):
    return Entry(
        journal.next_number, 0.0, "", Request("POST", "/x", "/x", body=body), Answer(200, body=answer), operation="op"
    )


def test_numbers_count_from_one_and_entries_are_a_snapshot():
    """Reading gives a tuple that later entries do not change."""
    journal = Journal(Limits())
    journal.record(entry(journal))
    before = journal.entries

    journal.record(entry(journal))

    assert [one.number for one in journal.entries] == [1, 2]
    assert len(before) == 1


def test_the_oldest_entries_drop_out_and_are_counted():
    """Bounded by number, with the drops said."""
    journal = Journal(Limits(journal_entries=3))
    for _ in range(5):
        journal.record(entry(journal))

    assert [one.number for one in journal.entries] == [3, 4, 5]
    assert journal.dropped == 2


def test_the_journal_is_bounded_in_bytes():
    """Many large bodies cannot eat the memory."""
    journal = Journal(Limits(journal_bytes=10_000, keep_body=4096))
    for _ in range(10):
        journal.record(entry(journal, body=b"x" * 3000))

    assert len(journal.entries) == 2
    assert journal.dropped == 8


def test_a_large_body_is_cut_with_its_length_and_hash():
    """What was not kept can still be told apart."""
    journal = Journal(Limits(keep_body=10))

    whole = journal.record(entry(journal, body=b"x" * 1000, answer=b"y" * 50))

    (kept,) = journal.entries
    assert whole.answer.body == b"y" * 50
    assert isinstance(kept.request.body, Cut)
    assert (bytes(kept.request.body), kept.request.body.length) == (b"x" * 10, 1000)
    assert len(kept.request.body.sha256) == 64
    assert isinstance(kept.answer.body, Cut)


def test_what_was_sent_is_added_to_its_entry():
    """Also after older entries dropped out; a dropped one is passed over."""
    journal = Journal(Limits(journal_entries=2))
    for _ in range(3):
        journal.record(entry(journal))

    journal.sent(3, Sent(bytes=7, ms=1.5))
    journal.sent(1, Sent(bytes=9, ms=1.5))

    assert [one.sent.bytes if one.sent else None for one in journal.entries] == [None, 7]


def test_clearing_is_not_dropping_and_numbers_go_on():
    """`DELETE journal` forgets on purpose."""
    journal = Journal(Limits())
    journal.record(entry(journal))
    journal.clear()

    journal.record(entry(journal))

    assert journal.dropped == 0
    assert [one.number for one in journal.entries] == [2]


def test_calls_are_those_of_one_operation():
    """By operation id."""
    journal = Journal(Limits())
    journal.record(entry(journal))

    assert len(journal.calls("op")) == len(journal.calls()) == 1
    assert journal.calls("other") == ()


def test_answers_are_counted_for_good():
    """By service, operation and status, also after entries fell out or were cleared; a fault is no answer."""
    journal = Journal(Limits(journal_entries=2))
    for status, fault in [(200, None), (404, None), (200, "garbage"), (200, None)]:
        one = entry(journal)
        journal.record(replace(one, service="shop", answer=replace(one.answer, status=status, fault=fault)))
    before = journal.answered

    journal.clear()

    assert before == {("shop", "op", 200): 2, ("shop", "op", 404): 1, ("shop", "op", 0): 1}
    assert journal.answered == before
