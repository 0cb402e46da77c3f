"""Findings: made of what a world knows, known again in another run, and the same as pytest's."""

import json
import re

import pytest
from msgspec.structs import replace

from mockserver import failures, outlook
from mockserver.contract.findings import (
    Asked,
    Finding,
    gathered,
    of_breaches,
    of_deliveries,
    of_entry,
    of_left_over,
    place_of,
)
from mockserver.contract.manners import History, manners
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.signing import Signing
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.errors import Place
from mockserver.scenario.model import Plan, Respond
from mockserver.scenario.render import compile_template
from tests.callers import caller
from tests.contract.client import BULK, Client, asks_to_wait
from tests.contract.some_findings import BODY, HINT, LOST, ODD


@pytest.fixture
def client():
    return Client()


def of_last(spoken):
    """The findings of the last request of a caller."""
    return of_entry(spoken.world.journal.entries[-1], spoken.world.secrets)


def test_a_violation_has_the_line_of_the_spec_and_what_came():
    """Everything that is needed to mend the client is a field."""
    spoken = caller("eachlabs")
    spoken.bulk_trigger({"n": 1}, webhook_url=5)

    (found,) = of_last(spoken)

    assert (found.code, found.severity, found.source, found.service, found.operation) == (
        "E101", "error", "request", "eachlabs", BULK,
    )  # fmt: skip
    assert (found.part, found.pointer, found.said) == ("body", "/webhook_url", "5")
    assert found.sentence == f"/webhook_url: {found.said} is not {found.wanted}"
    assert found.place is not None
    assert str(found.place).startswith("specs/eachlabs/engine.yaml:")
    assert found.request == Asked("POST", "/eachlabs/api/v1/wf_1/bulk-trigger", 1)
    assert found.title == "the client sent a body the spec does not allow"
    assert found.remedy


def test_a_request_for_nothing_is_a_finding_of_no_operation():
    """An unmatched path names the nearest operations."""
    spoken = caller("eachlabs")
    spoken.send("GET", "/nothing/of/that")

    (found,) = of_last(spoken)

    assert (found.code, found.operation, found.place) == ("E108", "", None)
    assert "nearest: " in found.sentence


def test_a_scripted_answer_that_breaks_the_spec_has_the_line_of_its_script(client):
    """The script is what must be mended; the line of the spec stands beside it."""
    client.answers(BULK, Step(Respond(202, body=compile_template({"bulk_id": 5})), times=1))
    client.caller.bulk_trigger({"n": 1})

    found = of_last(client.caller)[0]

    assert (found.code, found.source, found.place) == ("E501", "answer", Place("test_x.py", 1))
    assert found.also is not None
    assert found.also.file == "specs/eachlabs/engine.yaml"


def test_no_key_is_in_a_finding():
    """Neither in the target nor in what was said."""
    spoken = caller("eachlabs")
    spoken.send("POST", "/wf_1/bulk-trigger?api_key=el-test-key&page=1", b'{"inputs": "el-test-key"}',
                {"Content-Type": "application/json"})  # fmt: skip

    assert "el-test-key" not in json.dumps([one.record() for one in of_last(spoken)])


def test_what_is_left_over_has_the_line_of_the_test():
    """Of a stub its operation too."""
    stub = of_left_over(Stub(1, BULK, frozenset(), at="tests/test_x.py:12"), "scripted and never called")
    script = of_left_over(InputScript(1, frozenset(), Plan(), index=2, at="test_x.py:9"), "it spoke for no input")

    assert (stub.code, stub.operation, stub.place) == ("E201", BULK, Place("tests/test_x.py", 12))
    assert stub.sentence == f"stub at tests/test_x.py:12 on {BULK}: scripted and never called"
    assert script.place == Place("test_x.py", 9)


def test_a_webhook_that_was_given_up_says_how_often_it_was_tried(client):
    """And what its receiver answered last."""
    client.hooks(DeliveryScript(wait=(0.0,)), status=500)

    (found,) = of_deliveries(outlook.given_up(client.world.outbox.all), client.world.secrets)

    assert (found.code, found.source, found.said) == ("E302", "webhook", "answered 500")
    assert found.sentence.endswith("to http://127.0.0.1:9/hook: 1 attempt, the last answered 500")


def test_a_webhook_that_was_signed_and_refused_says_which_clock_has_signed(client):
    """It is known again in another run all the same."""
    hooks = DeliveryScript(wait=(0.0,), signing=Signing("standard", ("s",)))
    client.hooks(hooks, status=401)
    client.hooks(hooks, status=401)

    first, second = of_deliveries(outlook.given_up(client.world.outbox.all), client.world.secrets)

    assert re.search(r"answered 401, signed at [\dT:-]+Z, wall time; the world's clock stood at 2026-", first.sentence)
    assert first.fingerprint == second.fingerprint


def test_bad_manners_that_are_uncertain_are_notes(client):
    """What is certain is an error; whoever tells it may make less of it."""
    asks_to_wait(client)
    client.caller.bulk_trigger({"n": 1})
    client.caller.bulk_trigger({"n": 1})
    entries = client.world.journal.entries
    (breach,) = client.breaches()

    sure, unsure = of_breaches([breach, replace(breach, is_certain=False)], entries, client.world.secrets)

    assert (sure.code, sure.severity, unsure.severity) == ("E301", "error", "note")
    assert sure.sentence.startswith("#2 after #1: sent again")
    assert sure.request is not None
    assert sure.request.number == 2


def test_pytest_has_the_same_findings(client):
    """What fails a test and what fails a run are the same objects."""
    client.caller.bulk_trigger({"n": 1}, webhook_url=5)
    client.caller.bulk_trigger({"n": 1}, webhook_url=5)
    entries, secrets = client.world.journal.entries, client.world.secrets
    breaches = manners(History.of(client.world, ""), secrets)
    stub = Stub(9, BULK, frozenset(), at="test_x.py:3")

    found = failures.Findings(
        failures.broken(entries),
        (failures.LeftOver(stub, "scripted and never called", "eachlabs_mock", entries),),
        manners=breaches,
    ).as_contract(secrets, entries)

    assert found == (
        *(one for entry in entries for one in of_entry(entry, secrets)),
        of_left_over(stub, "scripted and never called"),
        *of_breaches(breaches, entries, secrets),
    )
    assert [one.code for one in found] == ["E101", "E101", "E201", "E303"]


@pytest.mark.parametrize("finding", [BODY, LOST, ODD, HINT], ids=lambda one: one.code)
def test_a_finding_survives_its_json(finding):
    """Nothing is lost on the way."""
    assert Finding.read(json.loads(json.dumps(finding.record()))) == finding


@pytest.mark.parametrize(
    "other",
    [
        replace(BODY, said="6", sentence="/inputs/0/prompt: 6 is not a string"),
        replace(BODY, pointer="/inputs/7/prompt"),
        replace(BODY, place=Place("/elsewhere/specs/shop.yaml", 90, 5)),
        replace(BODY, also=None),
        replace(BODY, request=Asked("POST", "/shop/orders?page=2", 44)),
        replace(BODY, remedy="something else"),
    ],
    ids=["value", "index", "line", "sender", "request", "remedy"],
)
def test_a_finding_is_known_again(other):
    """Values, indexes, lines and numbers do not make it another."""
    assert other.fingerprint == BODY.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        replace(BODY, code="E102"),
        replace(BODY, pointer="/inputs/0/style"),
        replace(BODY, operation="listOrders"),
        replace(BODY, service="market"),
        replace(BODY, wanted="is missing"),
        replace(BODY, wanted="status 500, declared: 201"),
        replace(BODY, source="answer"),
    ],
    ids=["code", "pointer", "operation", "service", "rule", "status", "direction"],
)
def test_another_finding_is_told_apart(other):
    """A baseline must not swallow what is new."""
    assert other.fingerprint != BODY.fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "webhook 0b7c2f9e (failed) to http://127.0.0.1:41233/hook: 3 attempts",
            "webhook a1b2c3d4 (failed) to http://127.0.0.1:8000/hook: 1 attempts",
        ),
        (
            "execution 550e8400-e29b-41d4-a716-446655440000 was read 3 more times",
            "execution 6ba7b810-9dad-11d1-80b4-00c04fd430c8 was read 12 more times",
        ),
        ("inputs 1, 2 and 4 failed", "inputs 0 and 9 failed"),
    ],
)
def test_ports_numbers_and_ids_do_not_matter(one, other):
    """They are others in each run."""
    first, second = (Finding("E302", sentence, source="webhook") for sentence in (one, other))

    assert first.fingerprint == second.fingerprint


def test_paths_without_an_operation_are_told_apart_but_for_their_ids():
    """/shop/x/17 and /shop/x/18 are the same mistake, /shop/y/17 is another."""
    marks = [
        replace(LOST, request=Asked("GET", path)).fingerprint for path in ("/shop/x/17", "/shop/x/18?q=1", "/shop/y/17")
    ]

    assert marks[0] == marks[1] != marks[2]


def test_findings_that_are_alike_stand_together():
    """The first stands for all, errors before warnings before notes."""
    found = gathered([HINT, LOST, BODY, ODD, replace(BODY, said="6"), LOST])

    assert [(one.finding, one.times) for one in found] == [(BODY, 2), (LOST, 2), (ODD, 1), (HINT, 1)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("test_x.py:12", Place("test_x.py", 12)),
        ("a/b.yaml:3:7", Place("a/b.yaml", 3, 7)),
        (r"C:\x.py:4", Place(r"C:\x.py", 4)),
        ("somewhere", None),
        ("", None),
    ],
)
def test_a_place_is_read_from_its_text(text, place):
    """`file:line` and `file:line:col`."""
    assert place_of(text) == place
