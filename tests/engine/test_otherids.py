"""An id of one kind where another one is asked for: the journal says what it is."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace as changed

from mockserver.engine.otherids import other_ids
from tests.callers import answer


def test_the_id_of_a_batch_is_known_where_a_run_is_asked_for(eachlabs):
    """The answer is the vendor's; the note names the request that gave the id."""
    bulk_id = answer(eachlabs.bulk_trigger({}, {}))["bulk_id"]

    entry = eachlabs.send("GET", f"/executions/{bulk_id}")

    assert entry.answer.status == 404
    assert answer(entry) == {"error": "execution not found"}
    assert entry.notes == (f'executionID: "{bulk_id}" is the bulk_id that request #1 was answered with',)


def test_an_answer_of_the_same_vendors_other_document_counts(eachlabs):
    """A client may start its runs at one of a vendor's addresses and read them at another."""
    started = replace(eachlabs, base="/eachlabs/v1").post("/workflows/bulk-trigger/wf_1/v1", {"inputs": [{}]})
    bulk_id = answer(started)["bulk_id"]

    assert "is the bulk_id that request #1" in eachlabs.send("GET", f"/executions/{bulk_id}").notes[0]


def test_an_id_that_nobody_gave_is_just_not_found(eachlabs):
    """There is nothing to be said of it."""
    eachlabs.bulk_trigger({})

    assert eachlabs.send("GET", "/executions/nobodys").notes == ()


def test_an_id_of_the_right_kind_that_is_gone_is_just_not_found(vectorshift):
    """A deleted thing had the right id; it is no slip."""
    id = answer(vectorshift.post("/pipeline", {"name": "a", "config": {}}))["id"]
    vectorshift.send("DELETE", f"/pipeline/{id}")

    entry = vectorshift.send("DELETE", f"/pipeline/{id}")

    assert entry.answer.status == 404
    assert entry.notes == ()


def test_an_id_that_is_no_text_is_just_not_found(eachlabs):
    """A path may hold bytes of no encoding."""
    eachlabs.bulk_trigger({})

    entry = eachlabs.send("GET", "/executions/%ED%A0%80\udcff")

    assert (entry.notes, entry.crash) == ((), "")


def test_what_only_stands_inside_another_text_is_no_id(eachlabs):
    """The whole value is compared, and only under the name of an id."""
    bulk_id = answer(eachlabs.bulk_trigger({}, {}))["bulk_id"]

    assert eachlabs.send("GET", f"/executions/{bulk_id[:8]}").notes == ()
    assert eachlabs.send("GET", "/executions/queued").notes == ()


def test_what_stands_in_megabytes_of_answers_is_let_be(eachlabs):
    """A 404 must not take seconds because all the long answers before it hold such a text."""
    given = eachlabs.bulk_trigger({})
    bulk_id = answer(given)["bulk_id"]
    call = changed(given.call, path={"executionID": bulk_id})
    long = changed(given.answer, body=f'{{"word": "{bulk_id}", "more": "{"x" * 90_000}"}}'.encode())
    entries = [changed(given, answer=long)] * 20

    world: Any = SimpleNamespace(services=eachlabs.world.services, journal=SimpleNamespace(entries=[*entries, given]))

    assert other_ids(call, world) == ()


def test_a_number_or_a_part_of_a_text_is_not_read_for_its_name(eachlabs):
    """Short ids stand in every answer; only one in quotation marks can be the id."""
    given = eachlabs.bulk_trigger({})
    call = changed(given.call, path={"executionID": "7"})
    long = changed(given.answer, body=b'{"size": 7, "word": "x7", "more": "%s"}' % (b"x" * 90_000))
    short = changed(given.answer, body=b'{"bulk_id": "7"}')
    entries = [*[changed(given, answer=long)] * 20, changed(given, answer=short, number=21)]

    world: Any = SimpleNamespace(services=eachlabs.world.services, journal=SimpleNamespace(entries=entries))

    assert other_ids(call, world) == ('executionID: "7" is the bulk_id that request #21 was answered with',)


def test_only_the_first_texts_of_a_call_are_looked_for(eachlabs):
    """A query may hold hundreds, and each costs a look at all answers."""
    given = eachlabs.bulk_trigger({})
    bulk_id = answer(given)["bulk_id"]
    others = {f"field{number}": "word" for number in range(10)}
    call = changed(given.call, path={}, query={**others, "executionID": bulk_id})

    assert other_ids(call, eachlabs.world) == ()
    assert other_ids(changed(call, query={"executionID": bulk_id}), eachlabs.world) != ()
