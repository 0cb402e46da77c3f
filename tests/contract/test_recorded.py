"""Recorded traffic against a document: requests and answers, of a HAR file and of a journal."""

from pathlib import Path

import pytest

from mockserver.contract import har
from mockserver.contract.exchanges import exchanges
from mockserver.contract.recorded import Addresses, Recording, learning
from mockserver.contract.remedies import remedy
from mockserver.engine.inputs import AddScenarios
from mockserver.engine.messages import Request
from mockserver.journalfile import records_of
from mockserver.scenario.load import load
from mockserver.server import Server
from mockserver.vendors.assembly import Wanted, assemble
from tests.contract.orders import GOOD, JSON, ORDERS, entry
from tests.contract.orders import har as file_of


@pytest.fixture
def services(tmp_path):
    """The document, as `check --spec` loads it."""
    path = tmp_path / "orders.yaml"
    path.write_text(ORDERS, "utf-8")
    return assemble(Wanted(specs=((None, path),), any_key=True))


@pytest.fixture
def held(services):
    """What holds the entries of a HAR against it."""

    def hold(*entries, base_url=""):
        recording = Recording(services, "x.har", is_har=True)
        addresses = Addresses(services, base_url=base_url)
        for one in har.read(file_of(*entries), "x.har").exchanges:
            recording.hold(one, addresses)
        return recording

    return hold


def codes(recording):
    return [(one.code, one.severity, one.part, one.pointer) for one in recording.findings]


def test_traffic_that_keeps_the_spec_has_no_findings(held):
    """And is counted, operation by operation and answer by answer."""
    recording = held(GOOD, entry("GET", "/orders/o123", status=200, came={"id": "o123"}))

    assert recording.findings == []
    assert (recording.requests, recording.coverage.met) == (2, 2)
    assert [(row.operation, row.status, row.found) for row in recording.rows] == [
        ("order", 201, ()),
        ("readOrder", 200, ()),
    ]


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (entry(sent={"item": 5}, status=400, came={}), [("E101", "error", "body", "/item")]),
        (entry("GET", "/orders/x", status=200, came={}), [("E103", "error", "path", "/id")]),
        (entry("DELETE", "/orders", status=404), [("E109", "error", "path", "")]),
        (entry("GET", "/elsewhere", status=404), [("E108", "error", "path", "")]),
        (entry(sent={"item": "x"}, came={"id": "1"}, key=False), [("E105", "note", "security", "/X-Key")]),
        (entry(sent={"item": "x"}, came={"id": 1}), [("E402", "error", "body", "/id")]),
        (entry(sent={"item": "x"}, came={}), [("E402", "error", "body", "")]),
        (entry(sent={"item": "x"}, status=418, came={}), [("E401", "error", "", "")]),
        (entry(sent={"item": 5}, status=422, came={}), [("E101", "error", "body", "/item")]),
        (
            entry(sent={"item": 5}, came={"id": 1}),
            [("E101", "error", "body", "/item"), ("E402", "error", "body", "/id")],
        ),
    ],
    ids=[
        "request", "path", "method", "unknown", "no key", "answer", "missing", "undeclared", "refused", "both",
    ],
)  # fmt: skip
def test_both_directions_are_held(held, one, found):
    """Each finding has its code, its place in the message, and the file that it was recorded in."""
    recording = held(one)

    assert codes(recording) == found
    assert {str(each.also) for each in recording.findings} == {"x.har"}


def test_a_body_that_is_not_in_the_file_is_not_held(held):
    """Its status and type are; a file with holes makes no findings of them."""
    one = entry(sent={"item": "x"})
    one["response"]["content"] = {"size": 40, "mimeType": "text/html"}
    one["response"]["headers"] = []

    assert [(each.code, each.part, each.pointer) for each in held(one).findings] == [
        ("E403", "header", "/Content-Type")
    ]
    assert held(entry(sent={"item": "x"})).findings == []


def test_a_cookie_that_a_browser_left_out_is_a_note(tmp_path):
    """Of the request and of the answer: exports without sensitive data have none. One that is there is held."""
    spec = ORDERS.replace(
        "operationId: readOrder\n      parameters: [",
        "operationId: readOrder\n      parameters: [{name: sid, in: cookie, required: true, schema: {type: integer}}, ",
    ).replace(
        '"200": {description: it,',
        '"200": {description: it, headers: {Set-Cookie: {required: true, schema: {type: string}}},',
    )
    (tmp_path / "cookies.yaml").write_text(spec, "utf-8")
    services = assemble(Wanted(specs=((None, tmp_path / "cookies.yaml"),), any_key=True))
    bare = entry("GET", "/orders/o123", status=200, came={})
    wrong = entry("GET", "/orders/o123", status=200, came={})
    wrong["request"]["cookies"] = [{"name": "sid", "value": "x"}]
    recording = Recording(services, "x.har", is_har=True)

    for one in har.read(file_of(bare, wrong), "x.har").exchanges:
        recording.hold(one, Addresses(services))

    assert [(each.code, each.severity) for each in recording.findings] == [
        ("E104", "note"), ("E404", "note"), ("E104", "error"), ("E404", "note"),
    ]  # fmt: skip


def test_a_body_that_is_nested_deeper_than_is_read_is_told_both_ways(services):
    """With the bound; a higher one reads it."""
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    one = entry(sent={"item": "x", "more": deep}, came={"id": "1", "more": deep})
    found = []

    for depth in (256, 400):
        recording = Recording(services, "x.har", is_har=True, max_depth=depth)
        recording.hold(har.read(file_of(one), "x.har").exchanges[0], Addresses(services))
        found.append([each.code for each in recording.findings])

    assert found == [["E110", "E407"], []]


def test_what_a_browser_asks_of_itself_is_not_held(held):
    """Preflights, and whether its copy is still good."""
    preflight = entry("OPTIONS", "/orders", status=204, key=False)
    unchanged = entry("GET", "/orders/o123", status=304)

    recording = held(preflight, unchanged)

    assert (recording.findings, recording.requests) == ([], 1)


def test_an_answer_that_never_came_leaves_the_request_to_be_held(held):
    """A status of 0 is none."""
    recording = held({**entry(sent={"item": 5}), "response": {"status": 0}})

    assert codes(recording) == [("E101", "error", "body", "/item")]
    assert recording.rows[0].status is None


def test_what_was_for_somebody_else_is_passed_over(held):
    """A browser speaks to many; of other hosts only what an operation has is held."""
    recording = held(
        entry("GET", "/logo.png", url="https://cdn.test", status=200),
        entry("GET", "/logo.png", url="https://cdn.test", status=200),
        entry(sent={"item": 5}, url="https://staging.test/v1", status=400, came={}),
    )

    assert recording.elsewhere == {"cdn.test": 2}
    assert codes(recording) == [("E101", "error", "body", "/item")]


def test_the_base_url_can_be_said(held):
    """Where the spec's servers do not say it."""
    base = "http://10.0.0.7:8080/api"

    recording = held(
        entry("GET", "/nothing", url=base, status=404), entry("GET", "/x", url="http://other/api"), base_url=f"{base}/"
    )

    assert [one.code for one in recording.findings] == ["E108"]
    assert recording.elsewhere == {"other": 1}


def test_an_encoded_body_is_shown_decoded_in_a_har(held):
    """Its header speaks of what went over the wire."""
    one = entry(sent={"item": "x"}, came={"id": "1"})
    one["request"]["headers"].append({"name": "Content-Encoding", "value": "gzip"})

    assert held(one).findings == []


def test_no_key_is_in_what_is_reported(services):
    """The file may hold them; reports do not."""
    one = entry("GET", "/orders/o123?api_key=hunter2", status=200, came=[])
    recording = Recording(services, "x.har", is_har=True)
    recording.hold(har.read(file_of(one), "x.har").exchanges[0], Addresses(services))

    (found,) = recording.findings
    assert found.request is not None
    assert "hunter2" not in f"{recording.rows} {recording.findings}"


class Journal:
    """A server that writes one, and what holds it against documents of another day."""

    def __init__(self, folder: Path) -> None:
        self.spec, self.file = folder / "orders.yaml", folder / "j.jsonl"
        self.spec.write_text(ORDERS, "utf-8")

    def record(self, *requests: Request, scenario: str = "") -> None:
        """Apply these requests in a world of a server with a journal."""
        with Server(specs=((None, self.spec),), journal=self.file, any_key=True) as server:
            world = server.worlds.default
            if scenario:
                path = self.spec.with_name("fixture.yaml")
                path.write_text(scenario, "utf-8")
                fixture = load(path, label="fixture.yaml", documents=lambda name: [server.services[0].document])
                server.give("", AddScenarios("orders", fixture.scenarios))
            server.run(lambda: [world.apply(one) for one in requests])

    def held(self, spec: str = ORDERS, name: str | None = None) -> Recording:
        """Held against a document."""
        self.spec.write_text(spec, "utf-8")
        services = assemble(Wanted(specs=((name, self.spec),), any_key=True))
        recording = Recording(services, "j.jsonl", is_har=False)
        known: dict[str, object] = {}
        addresses = Addresses(services, known)  # type: ignore[arg-type]
        for one in exchanges(learning(records_of(self.file), known)):  # type: ignore[arg-type]
            recording.hold(one, addresses)
        return recording


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path)


def order(body=b'{"item": "tea"}', path="/orders/v1/orders", key="secret-key"):
    """A request to place one."""
    return Request("POST", path, path, headers=(("X-Key", key), ("Content-Type", "application/json")), body=body)


def test_a_journal_is_held_like_a_har(journal):
    """Findings lie at the line of the journal; a key that is masked there counts as a key."""
    journal.record(order(), order(b'{"item": 5}'), order(b"{"), Request("GET", "/x", "/x"))

    recording = journal.held()

    assert [one.code for one in recording.findings] == ["E101", "E107", "E108"]
    assert all(one.also is not None and one.also.line > 1 for one in recording.findings)
    assert "secret-key" not in str(recording.findings)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("item: {type: string}", "item: {type: string, maxLength: 2}", ["E101"]),
        ("required: [id]", "required: [id, total]", ["E402"]),
        ('"201":', '"200":', ["E401"]),
        ("  /orders:", "  /purchases:", ["E108"]),
    ],
    ids=["narrower request", "wider answer", "another status", "removed"],
)
def test_a_journal_tells_what_a_new_version_of_a_spec_would_break(journal, before, after, found):
    """Traffic of yesterday against the document of tomorrow, whatever that is called."""
    journal.record(order())

    assert journal.held().findings == []
    assert [one.code for one in journal.held(ORDERS.replace(before, after), name="tomorrow").findings] == found


def test_a_scripted_answer_may_say_why_it_is_off_the_contract(journal):
    """The journal does not keep the reason, so it is a warning, and says whom to ask."""
    journal.record(
        order(),
        scenario=(
            "format: 1\nvendor: orders\nscenarios:\n- name: teapot\n  operation: order\n"
            "  then: {respond: {status: 418, body: {}, off_contract: a joke}}\n"
        ),
    )

    (found,) = journal.held().findings
    assert (found.code, found.severity, found.remedy) == ("E501", "warning", remedy("E501"))
    assert "scenario teapot may say why" in found.sentence


def test_a_scripted_answer_that_broke_the_contract_is_what_it_was_then(journal):
    """E501, as an error, as when it was served."""
    journal.record(
        order(b'{"item": "tea", "count": 5}'),
        scenario=(
            "format: 1\nvendor: orders\nscenarios:\n- name: numbered\n  operation: order\n"
            "  then: {respond: {status: 201, body: {id: '${body.count}'}}}\n"
        ),
    )

    (found,) = journal.held().findings

    assert (found.code, found.severity, found.pointer) == ("E501", "error", "/id")
    assert found.title == "a scripted answer breaks the spec"


def test_what_the_emulator_answered_is_not_laid_to_a_service(journal):
    """Of another document than the recording's it is told what to compare."""
    journal.record(order())

    (found,) = journal.held(ORDERS.replace("required: [id]", "required: [id, total]")).findings

    assert (found.code, found.severity, found.title) == ("E402", "error", "an answer has a body that breaks its schema")
    assert found.remedy.endswith("compare the two with `mockserver diff`")


def test_the_content_type_of_an_exchange_is_json():
    """The entries of these tests are what they claim."""
    assert JSON in GOOD["request"]["headers"]
