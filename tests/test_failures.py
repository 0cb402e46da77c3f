"""The texts that a failing test shows, held word for word (lines of the specs are masked: they move)."""

import re

import pytest
from msgspec.structs import replace

from mockserver.contract.manners import Breach
from mockserver.engine.delivery import Delivery, DeliveryScript
from mockserver.engine.inputs import PutInputScript, PutStub
from mockserver.engine.messages import TooLarge
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.failures import Findings, LeftOver, brief, broken, curl, did_not_happen, miscount, report
from mockserver.scenario.model import Plan, Respond
from mockserver.seen import Background, journal

OPERATION = "bulkTriggerWorkflow"
TARGETS = frozenset({("eachlabs", OPERATION)})


@pytest.fixture
def background(eachlabs):
    """What the plugin would know of this world."""
    world = eachlabs.world
    setting = "world t-1, seed 0, clock auto"
    return Background(world.services, world.secrets, {"eachlabs": "eachlabs_mock"}, "mockserver", setting)


def stub(number, *steps, **more):
    return Stub(number, OPERATION, TARGETS, steps, at=f"test_x.py:{number}", **more)


def left(script, clause, *entries):
    return Findings(left=(LeftOver(script, clause, "eachlabs_mock", entries),))


def without_lines(text):
    """The text with `engine.yaml:N` for every line of the spec, and no padding around it."""
    return re.sub(r"\.yaml:\d+", ".yaml:N", text)


def test_findings_of_one_code_are_one_block(eachlabs, background):
    """Request, place, what came and what was wanted, the line of the spec, a repeat, and the way to allow it."""
    entry = eachlabs.bulk_trigger(*[{"p": 1}] * 11, webhook_url=5)

    assert (
        without_lines(report(Findings(broken([entry])), background))
        == """\
E101 the client sent a body the spec does not allow: 2 findings in 1 request (eachlabs, strict)
  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    /inputs       11 items, at most 10 allowed    specs/eachlabs/engine.yaml:N
    /webhook_url  5 is not a string (format uri)  specs/eachlabs/engine.yaml:N
  answered 400, which the client did not raise
  repeat:   curl -X POST http://127.0.0.1:4010/eachlabs/api/v1/wf_1/bulk-trigger -H 'Content-Type: application/json' \
-H 'X-API-Key: ***4f1a8297' -d '{"inputs": [{"p": 1}, {"p": 1}, {"p": 1}, {"p": 1}, {"p": 1}, {"p": 1}, {"p": 1}, \
{"p": 1}, {"p": 1}, {"p": 1}, {"p": 1}], "webhook_url": 5}'
  allow it: with eachlabs_mock.allow_violations("bulkTriggerWorkflow"): ...     explain: mockserver explain E101"""
    )


def test_a_key_that_is_not_known_names_one_that_is(eachlabs, background):
    """And how a 401 is tested."""
    entry = eachlabs.send("POST", "/wf_1/bulk-trigger", b"{}", {"X-API-Key": "sk-live-123"}, key=False)

    text = report(Findings(broken([entry])), background)

    assert "sk-live-123" not in text
    assert text.splitlines()[-4:] == [
        "  repeat:   curl -X POST http://127.0.0.1:4010/eachlabs/api/v1/wf_1/bulk-trigger"
        " -H 'X-API-Key: ***9418b811' -d '{}'",
        "  a key that works: eachlabs_mock.api_key",
        '  to test a 401: eachlabs_mock.on("bulkTriggerWorkflow").respond(401, json=...)',
        '  allow it: with eachlabs_mock.allow_violations("bulkTriggerWorkflow"): ...'
        "     explain: mockserver explain E105",
    ]


def test_a_path_that_no_operation_has_is_told_without_its_mount(eachlabs, background):
    """As every other finding, and with what is near it."""
    entry = eachlabs.send("POST", "/wf_1/bulk")

    lines = report(Findings(broken([entry])), background).splitlines()

    assert lines[1] == "  request #1  POST /wf_1/bulk"
    assert lines[2].startswith("    path  no operation POST /wf_1/bulk; nearest: POST /{workflowID}/bulk-trigger, ")


def test_a_path_of_no_document_belongs_to_the_world(eachlabs, background):
    """Nobody's mock can allow it, so `mockserver` does."""
    entry = replace(eachlabs.send("GET", "/x"), service="")

    text = report(Findings(broken([entry])), background)

    assert text.splitlines()[0].endswith("1 finding in 1 request (no service, strict)")
    assert text.splitlines()[-1].startswith("  allow it: with mockserver.allow_violations(): ...")


def test_many_requests_and_findings_are_cut(eachlabs, background):
    """Five requests and ten findings are shown; the rest is counted."""
    entries = [eachlabs.bulk_trigger(*["x"] * 12) for _ in range(7)]

    lines = report(Findings(broken(entries)), background).splitlines()

    assert lines[0].startswith("E101 the client sent a body the spec does not allow: 91 findings in 7 requests")
    assert sum(line.startswith("  request #") for line in lines) == 5
    assert lines.count("    ... and 3 more") == 5
    assert "  ... and 2 requests more" in lines


def test_what_is_allowed_is_no_finding(eachlabs):
    """Each violation is allowed by itself."""
    entry = eachlabs.bulk_trigger(webhook_url=5)
    first, second = entry.violations

    assert [one.violations for one in broken([entry], {(entry.number, first)})] == [(second,)]
    assert broken([entry], {(entry.number, first), (entry.number, second)}) == ()
    assert len(broken([entry], {(entry.number + 1, first)})[0].violations) == 2


def test_a_note_is_brief(eachlabs, background):
    """Code, request and findings; the rest is in the section."""
    entry = eachlabs.bulk_trigger()

    assert (
        without_lines(brief(Findings(broken([entry])), background))
        == """\
E101 the client sent a body the spec does not allow
  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    /inputs  0 items, at least 1 needed  specs/eachlabs/engine.yaml:N"""
    )


def test_a_note_about_many_requests_says_how_many(eachlabs, background):
    """The first ones are shown, and none is passed over in silence."""
    text = brief(Findings(broken([eachlabs.bulk_trigger() for _ in range(7)])), background)

    assert text.count("request #") == 5
    assert text.splitlines()[-1] == "... and 2 requests more"


def test_a_test_that_failed_may_have_raised_the_answer(eachlabs, background):
    """Then nothing is said about the client not raising it."""
    text = report(Findings(broken([eachlabs.bulk_trigger()])), background, raised=True)

    assert "  answered 400" in text.splitlines()


def test_a_stub_that_was_left_over_shows_the_nearest_calls(eachlabs, background):
    """Each with only the fields that differ, nearest first."""
    script = stub(
        9, Step(Respond(500), None), body={"inputs": [{"prompt": "b", "style": "c"}]}, path={"workflowID": "wf_1"}
    )
    far, near = eachlabs.bulk_trigger({"prompt": "a"}), eachlabs.bulk_trigger({"prompt": "b", "style": "d"})

    assert (
        report(left(script, script.left_over(0), far, near), background)
        == """\
E201 a scripted answer was left over: stub at test_x.py:9 on bulkTriggerWorkflow (eachlabs_mock, strict)
  scripted and never called
  request #2  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    body/inputs/0/style  wanted "c", got "d"
  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    body/inputs/0/prompt  wanted "b", got "a"
    body/inputs/0/style  wanted "c", got nothing
  allow it: .optional()     explain: mockserver explain E201"""
    )


def test_a_stub_hidden_by_a_newer_one_says_so(eachlabs, background):
    """It matched, and somebody else answered."""
    old, new = stub(1, Step(Respond(500), None)), stub(2, Step(Respond(503), None))
    for each in (old, new):
        eachlabs.world.apply(PutStub(each))
    entry = eachlabs.bulk_trigger({})

    assert "    matched, but stub at test_x.py:2 answered it" in report(left(old, "x", entry), background).splitlines()


def test_a_refused_call_was_never_asked_about(eachlabs, background):
    """A stub that would have fitted is not to blame."""
    entry = eachlabs.bulk_trigger()

    text = report(left(stub(1, Step(Respond(500))), "x", entry), background)

    assert "    refused with 400 before any script was asked" in text.splitlines()


def test_nothing_came_and_why(background):
    """The commonest reason is a client that was built too early."""
    text = report(left(stub(1, Step(Respond(500))), "scripted and never called"), background)

    assert "  0 calls reached eachlabs_mock; was the client built before patch_env()?" in text.splitlines()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"index": 4}, ["    has 2 inputs, counted from 0"]),
        ({"where": {"n": 2}}, ["    input 0/n  wanted 2, got 0", "    input 1/n  wanted 2, got 1"]),
    ],
)
def test_an_input_that_never_came_shows_those_that_did(eachlabs, background, more, told):
    """By number, or by what differs."""
    script = InputScript(1, frozenset({"eachlabs"}), Plan(reject="no"), at="test_x.py:3", **more)
    entry = eachlabs.bulk_trigger({"n": 0}, {"n": 1})

    lines = report(left(script, script.left_over(0), entry), background).splitlines()

    assert lines[0].startswith("E201 a scripted answer was left over: input(")
    assert lines[1] == "  it spoke for no input"
    assert lines[3:-1] == told


def test_an_assertion_names_who_used_the_script_up(eachlabs, background):
    """The third call fitted and came too late."""
    script = stub(12, Step(Respond(500), times=2))
    eachlabs.world.apply(PutStub(script))
    entries = [eachlabs.bulk_trigger({}) for _ in range(3)]

    assert (
        miscount(entries[:2], 3, script, entries, background)
        == """\
stub at test_x.py:12 was called 2 times (#1, #2), expected 3
  request #3  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    matched stub at test_x.py:12, but its 2 scripted responses were already used by #1, #2"""
    )


@pytest.mark.parametrize(
    ("times", "told"),
    [(None, "expected at least one call"), (2, "expected 2"), ((2, 3), "expected 2 to 3")],
)
def test_an_assertion_shows_what_came_instead(eachlabs, background, times, told):
    """Calls that fit are counted, the others are held against what was asked for."""
    entries = [eachlabs.bulk_trigger({"p": "a"})]
    wanted = Stub(0, OPERATION, TARGETS, body={"inputs": [{"p": "b"}]})

    assert (
        miscount([], times, wanted, entries, background)
        == f"""\
bulkTriggerWorkflow was called 0 times, {told}
  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow
    body/inputs/0/p  wanted "b", got "a\""""
    )


def test_too_many_calls_are_named(eachlabs, background):
    """There is nothing to search for: the first ones are shown."""
    entries = [eachlabs.bulk_trigger({}) for _ in range(9)]

    text = miscount(entries, 1, Stub(0, OPERATION, TARGETS), entries, background)

    first, *lines = text.splitlines()
    assert first == "bulkTriggerWorkflow was called 9 times (#1, #2, #3, ..., #9), expected 1"
    assert lines[0] == "  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow   answered 202"
    assert lines[5:] == ["  ... and 4 calls more"]


def test_refused_calls_can_be_compared_too(eachlabs, background):
    """Path and body are read again where the request was not."""
    entry = eachlabs.bulk_trigger(workflow="wf_9")
    wanted = Stub(0, OPERATION, TARGETS, path={"workflowID": "wf_9"}, body={"inputs": []})

    assert wanted.differences(background.facts(entry)) == []


def test_a_violation_that_did_not_happen_shows_what_came(eachlabs, background):
    """E203, with the violations that are elsewhere."""
    entries = [eachlabs.bulk_trigger({}), eachlabs.bulk_trigger({}, webhook_url=5)]

    assert (
        did_not_happen(OPERATION, "/inputs", entries, background)
        == """\
E203 an expected violation did not happen: 2 requests came, none broke the contract of bulkTriggerWorkflow at /inputs
  request #1  POST /wf_1/bulk-trigger   bulkTriggerWorkflow   answered 202
  request #2  POST /wf_1/bulk-trigger   bulkTriggerWorkflow   answered 400
    E101 /webhook_url
  explain: mockserver explain E203"""
    )


def test_the_journal_says_who_answered(eachlabs, background):
    """One line a request; notes below it."""
    script = stub(12, Step(Respond(503, off_contract="outage")))
    eachlabs.world.apply(PutStub(script))
    eachlabs.world.apply(PutInputScript(InputScript(2, frozenset({"eachlabs"}), Plan(reject="no credits"), index=0)))
    entries = [eachlabs.bulk_trigger({}), eachlabs.bulk_trigger({}), eachlabs.bulk_trigger()]

    assert (
        re.sub(r"bulk [0-9a-f]{8}", "bulk ID", journal(entries, 2, background))
        == """\
world t-1, seed 0, clock auto: 5 requests
  2 fell out: the journal is bounded
#1  POST /eachlabs/api/v1/wf_1/bulk-trigger  503  stub at test_x.py:12
#2  POST /eachlabs/api/v1/wf_1/bulk-trigger  202  emulator: bulk ID: 0 queued, 1 failed
      matched stub at test_x.py:12, but its 1 scripted response was already used by #1
#3  POST /eachlabs/api/v1/wf_1/bulk-trigger  400  refused: /inputs: 0 items, at least 1 needed"""
    )


def test_a_long_journal_shows_its_end(eachlabs, background):
    """Fifty requests, and how many came before."""
    entries = [eachlabs.bulk_trigger({}) for _ in range(60)]

    lines = journal(entries, 0, background).splitlines()

    assert lines[1] == "  ... 10 before these"
    assert (lines[2].split()[0], lines[-1].split()[0]) == ("#11", "#60")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "", id="none"),
        pytest.param(b'{"a": "it\'s"}', """ -d '{"a": "it'"'"'s"}'""", id="quoted"),
        pytest.param(b'{\n  "a": 1\n}', """ -d '{"a": 1}'""", id="lines"),
        pytest.param(b"a\nb", " --data-binary @body", id="not-json"),
        pytest.param(b"\xff\x00", " --data-binary @body", id="binary"),
        pytest.param(b'"' + b"x" * 5000 + b'"', " --data-binary @body", id="long"),
        pytest.param(b'{"api_key": "k-1234"}', """ -d '{"api_key": "***NNNNNNNN"}'""", id="secret"),
        pytest.param(TooLarge(10, 20), " --data-binary @body", id="too-large"),
    ],
)
def test_curl_repeats_what_a_shell_can_hold(eachlabs, body, words):
    """On one line, quoted; what cannot stand there comes from a file."""
    entry = eachlabs.send("POST", "/wf_1/bulk-trigger?x=1", b"", {"Host": "h", "User-Agent": "u"})
    entry = replace(entry, request=replace(entry.request, body=body))

    line = re.sub(r"\*\*\*[0-9a-f]{8}", "***NNNNNNNN", curl(entry, eachlabs.world.secrets))

    assert line == (
        "curl -X POST 'http://127.0.0.1:4010/eachlabs/api/v1/wf_1/bulk-trigger?x=1' -H 'X-API-Key: ***NNNNNNNN'" + words
    )


def test_control_characters_do_not_reach_the_terminal(eachlabs, background):
    """A client may send what it likes."""
    entry = eachlabs.send("POST", "/wf_1\x1b[31m/bulk", b"", {"X-A": "\x1b]0;owned\x07"})

    assert report(Findings(broken([entry])), background).replace("\n", "").isprintable()


BREACHES = (
    Breach("E301", "eachlabs", OPERATION, 2, "sent again after 0s, Retry-After asked for 2s", after=1),
    Breach("E305", "eachlabs", OPERATION, 1, "input 1 was refused, and nothing was sent since", is_certain=False),
    Breach(
        "E306", "eachlabs", "", 0, "its body was tampered with, and http://x.test/a answered 200", delivery="d" * 36
    ),
)
GIVEN_UP = Delivery("d", "e", "eachlabs", "x", None, "completed", "http://x.test/a", b"{}", DeliveryScript())


def test_manners_are_a_line_each_with_its_place(background):
    """A block for each code, and how to let it pass."""
    again = replace(BREACHES[0], number=13, after=2)

    assert (
        report(Findings(manners=(BREACHES[0], *BREACHES[1:], again)), background)
        == """\
E301 the client retried sooner than it was asked to: 2 findings (eachlabs_mock, strict)
  #2 after #1   bulkTriggerWorkflow  sent again after 0s, Retry-After asked for 2s
  #13 after #2  bulkTriggerWorkflow  sent again after 0s, Retry-After asked for 2s
  allow it: eachlabs_mock.allow_manners("E301")     explain: mockserver explain E301

E305 failed entries of a batch were never looked at: 1 finding (eachlabs_mock, manners)
  #1  bulkTriggerWorkflow  input 1 was refused, and nothing was sent since
  allow it: eachlabs_mock.allow_manners("E305")     explain: mockserver explain E305

E306 a forged webhook was acknowledged: 1 finding (eachlabs_mock, manners)
  webhook dddddddd    its body was tampered with, and http://x.test/a answered 200
  allow it: eachlabs_mock.allow_manners("E306")     explain: mockserver explain E306"""
    )


def test_many_of_one_code_are_cut_short(background):
    """Ten lines, and how many more there are; each mock has its own remedy."""
    other = replace(BREACHES[0], service="acme")

    lines = report(Findings(manners=(BREACHES[0],) * 11 + (other,)), background).splitlines()

    assert lines[0].endswith("12 findings (eachlabs_mock, mockserver, strict)")
    assert lines[11:] == [
        "  ... and 2 more",
        '  allow it: eachlabs_mock.allow_manners("E301")',
        '  allow it: mockserver.allow_manners("E301")     explain: mockserver explain E301',
    ]


@pytest.mark.parametrize(
    ("strict", "manners", "codes"),
    [(True, False, ["E301"]), (True, True, ["E301", "E306"]), (False, True, ["E301", "E306"]), (False, False, [])],
)
def test_what_fails_a_test(strict, manners, codes):
    """E301 belongs to the contract and to manners; what is uncertain fails nothing."""
    found = Findings(undelivered=(GIVEN_UP,), manners=BREACHES).failing(strict=strict, manners=manners)

    assert [each.code for each in found.manners] == codes
    assert bool(found.undelivered) == strict
