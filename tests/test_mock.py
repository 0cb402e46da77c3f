"""A vendor in a world of a running server, without pytest's fixtures."""

import http.client
import os
import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace

import pytest

from mockserver.arguments import ScriptError
from mockserver.errors import UsageError
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from mockserver.stubbing import matching
from tests.posting import OPERATION, trigger


def test_addresses_and_keys_are_exported_by_name(world, mock, monkeypatch):
    """Under all names that known clients read."""
    mock.patch_env(monkeypatch)

    assert mock.env["EACHLABS_BASE_URL"] == mock.env["EACH_API_BASE_URL"] == mock.url == f"{world.url}/eachlabs/api/v1"
    assert mock.env["MOCKSERVER_URL"] == world.url
    assert mock.env.items() <= os.environ.items()


def test_an_sdk_that_is_imported_already_is_patched(world, monkeypatch):
    """Where the vendor's face says that it keeps what it read at import; pytest restores it."""
    clients = [SimpleNamespace(base_url="https://api.example.test") for _ in range(2)]
    request = SimpleNamespace(request_client=clients[0], async_request_client=clients[1])
    package = SimpleNamespace(api_key=None)
    monkeypatch.setitem(sys.modules, "vectorshift", package)
    monkeypatch.setitem(sys.modules, "vectorshift.request", request)
    mock = Mock(world, "vectorshift")

    with monkeypatch.context() as patches:
        mock.patch_env(patches)
        assert [client.base_url for client in clients] == [mock.url, mock.url]
        assert package.api_key == mock.api_key
    assert [client.base_url for client in clients] == ["https://api.example.test"] * 2


def test_an_sdk_that_keeps_its_settings_elsewhere_is_not_let_through(world, monkeypatch):
    """Its requests would go to the real service."""
    monkeypatch.setitem(sys.modules, "vectorshift", ModuleType("vectorshift"))
    monkeypatch.setitem(sys.modules, "vectorshift.request", ModuleType("vectorshift.request"))

    with pytest.raises(UsageError, match=r"vectorshift\.request has no request_client\.base_url: .* by hand"):
        Mock(world, "vectorshift").patch_env(monkeypatch)


def test_stubs_answer_before_the_emulator(mock):
    """The newest first; a stub that does not fit is passed over."""
    mock.on(OPERATION).respond(503)
    mock.on("POST /{workflowID}/bulk-trigger", body={"inputs": [{"n": 1}]}).respond(500).emulate()
    mock.on(OPERATION, body={"inputs": [{"n": matching({"type": "string"})}]}).respond(429, retry_after=2)

    assert [trigger(mock, {"n": n})[0] for n in (1, 1, 2, "x")] == [500, 202, 503, 429]


def test_a_stub_knows_its_calls(mock):
    """Only those that it answered."""
    stub = mock.on(OPERATION, path={"workflowID": "wf_2"}).respond(500)
    trigger(mock, {}, workflow="wf_1")
    trigger(mock, {}, workflow="wf_2")

    stub.assert_called(times=1)
    assert [entry.number for entry in stub.calls] == [2]
    with pytest.raises(AssertionError, match="expected 2"):
        stub.assert_called(times=2)


def test_a_function_sees_the_call(mock):
    """Its body is decoded and checked."""
    mock.on(OPERATION).respond(418, json=lambda call: {"n": len(call.body["inputs"]), "id": call.path["workflowID"]})

    assert trigger(mock, {}, {}, workflow="wf_7") == (418, {"n": 2, "id": "wf_7"})


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", ConnectionError), ("truncate", http.client.IncompleteRead), ("garbage", ValueError)],
)
def test_connections_can_misbehave(mock, fault, error):
    """The client meets what a network does."""
    getattr(mock.on(OPERATION), fault)().emulate()

    with pytest.raises(error):
        trigger(mock, {})
    assert trigger(mock, {})[0] == 202


def test_single_inputs_can_be_scripted(mock):
    """By index or by what they look like."""
    mock.input(1).reject("no credits")
    mock.input(where={"style": "x"}).reject("bad style")

    _, body = trigger(mock, {"n": 0}, {"n": 1}, {"style": "x"})

    assert [one.get("message") for one in body["executions"]] == [None, "no credits", "bad style"]


def test_nouns_of_the_vendor_declare_what_exists(mock):
    """An input that breaks the declared schema is refused."""
    mock.workflow("wf_5", versions=["v1"], input_schema={"type": "object", "required": ["prompt"]})

    assert trigger(mock, {}, workflow="wf_5")[1]["executions"][0]["message"] == (
        "invalid input: missing required field 'prompt'"
    )
    assert trigger(mock, {}, workflow="wf_5", version_id="v9")[0] == 404


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda m: m.on("bulkTrigger"), 'E202 unknown operation "bulkTrigger"; did you mean "bulkTriggerWorkflow"?'),
        (lambda m: m.assert_called("POST /x"), "E202 unknown operation"),
        (lambda m: m.journal.calls("x"), 'E202 unknown operation "x"; known: bulkTriggerWorkflow'),
        (lambda m: m.allow_violations("x"), "E202 unknown operation"),
        (lambda m: m.input(), "input() takes an index or where="),
        (
            lambda m: m.workflow("wf_1", input_shema={}),
            'workflow() takes no "input_shema"; did you mean "input_schema"?',
        ),
        (lambda m: m.workflow("wf_1", input_schema={"properties": {"a": {"type": "strin"}}}), "/properties/a/type"),
        (lambda m: m.clock.advance("soon"), "'soon' is no duration"),
        (lambda m: m.clock.advance(-1), "time goes forward"),
        (lambda m: Mock(m.world, "eachlab"), 'nothing here is called "eachlab"; did you mean "eachlabs"?'),
    ],
)
def test_what_cannot_be_raises_in_its_line(mock, write, told):
    """One sentence with the line of the test."""
    with pytest.raises(ScriptError) as error:
        write(mock)

    assert told in str(error.value)
    assert "test_mock.py:" in str(error.value)


def test_a_mock_has_no_other_methods(mock):
    """A noun of another vendor is an attribute that is not there."""
    with pytest.raises(AttributeError, match=r"'pipeline'; it has workflow\(\), and vectorshift_mock has pipeline\("):
        mock.pipeline("p_1")
    with pytest.raises(AttributeError, match=r"has no 'workflow'; it has pipeline\(\), and eachlabs_mock has workflow"):
        getattr(Mock(mock.world, "vectorshift"), "workflow")  # noqa: B009
    with pytest.raises(AttributeError, match=r"has no 'worlflow'; did you mean 'workflow'\?"):
        mock.worlflow("wf_1")
    with pytest.raises(AttributeError, match=r"has no 'wolf'; it has workflow\(\)$"):
        mock.wolf("wf_1")
    with pytest.raises(AttributeError, match="eachlabs_mock has no 'webhoks'; did you mean 'webhooks'"):
        _ = mock.webhoks


def test_the_clock_is_moved_by_the_test(mock):
    """By text, number or timedelta; the first move makes it manual."""
    assert mock.clock.mode == "auto"
    mock.clock.advance("30s")
    mock.clock.advance(1.5)
    mock.clock.advance(timedelta(hours=1))

    assert mock.clock.now == datetime(2026, 1, 1, 1, 0, 31, 500_000, tzinfo=UTC)
    assert mock.clock.mode == "manual"


def test_a_clock_can_stand_still(mock):
    """Without being moved."""
    mock.clock.freeze()

    assert mock.clock.mode == "manual"
    assert mock.clock.now == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_delay_is_on_the_clock(mock):
    """The client does not wait for it."""
    mock.on(OPERATION).respond(503, delay="1h")
    trigger(mock, {})

    assert mock.clock.now == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_the_journal_of_a_mock_is_its_own(world, mock):
    """The other vendors of the world have theirs; refused requests are in it."""
    trigger(mock, {})
    trigger(mock)

    assert [entry.answer.status for entry in mock.journal.calls(OPERATION)] == [202, 400]
    assert Mock(world, "vectorshift").journal.entries == ()
    assert len(world.entries) == 2
    assert mock.journal.dropped == 0


def test_calls_can_be_counted(mock):
    """At least one, exactly n, from m to n, or none; by body, headers and path."""
    for n in (1, 2, 2):
        trigger(mock, {"n": n})

    mock.assert_called(OPERATION)
    mock.assert_called(OPERATION, times=3)
    mock.assert_called(OPERATION, times=(1, 3))
    mock.assert_called(OPERATION, times=2, body={"inputs": [{"n": 2}]})
    mock.assert_called(OPERATION, body=lambda body: body["inputs"][0]["n"] == 1, times=1)
    mock.assert_called(OPERATION, headers={"content-type": "application/json"}, path={"workflowID": "wf_1"})
    mock.assert_not_called(OPERATION, body={"inputs": [{"n": 3}]})
    with pytest.raises(AssertionError, match=r"called 3 times \(#1, #2, #3\), expected 0"):
        mock.assert_not_called(OPERATION)


def test_allowed_violations_are_no_findings(mock, world):
    """Only those that were asked for, while the body ran."""
    with mock.allow_violations(OPERATION, at="/inputs") as allowed:
        trigger(mock, *["x"] * 2)
    trigger(mock, webhook_url=5)

    assert [violation.where for violation in allowed.violations] == ["/inputs/0", "/inputs/1"]
    assert [entry.number for entry in allowed.entries] == [1]
    assert [each.entry.number for each in world.findings().broken] == [2]


def test_an_allowance_that_nobody_needs_fails(mock, world):
    """Like pytest.raises; an exception of its body comes first."""
    with pytest.raises(AssertionError, match="E203"), mock.allow_violations(OPERATION):
        trigger(mock, {})
    with pytest.raises(ZeroDivisionError), world.allow_violations():
        raise ZeroDivisionError


def test_the_world_allows_what_no_vendor_can(mock, world):
    """A path beside every mount."""
    with world.allow_violations() as allowed:
        trigger(SimpleNamespace(url=world.url, api_key="k"), path="/nowhere")

    assert [violation.code for violation in allowed.violations] == ["E108"]
    assert not world.findings()


def test_a_reset_forgets_scripts_and_remembers_findings(mock, world):
    """A fresh journal and clock; what was broken before still counts."""
    mock.on(OPERATION).respond(500)
    trigger(mock, {})
    trigger(mock)
    mock.clock.advance("1h")
    mock.reset()

    assert mock.journal.entries == ()
    assert mock.clock.now == datetime(2026, 1, 1, tzinfo=UTC)
    assert trigger(mock, {})[0] == 202
    assert [each.code for each in world.findings().broken] == ["E101"]


def test_closing_reports_what_came_late(server):
    """Only what was not seen before."""
    world = OpenWorld(server)
    mock = Mock(world, "eachlabs")
    trigger(mock)
    world.findings()
    trigger(mock)

    assert [each.entry.number for each in world.close("a test").broken] == [2]
    assert trigger(mock, {}) == (410, {"error": f'the world "{world.name}" is closed; it belonged to a test'})


def test_seed_and_start_are_the_worlds_own(server):
    """Same seed, same bytes; the clock starts where it is told to."""
    worlds = [OpenWorld(server, seed=seed, start=86400.0) for seed in (1, 1, 2)]
    ids = [trigger(Mock(world, "eachlabs"), {})[1]["bulk_id"] for world in worlds]

    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)
    assert worlds[0].clock.now == datetime(1970, 1, 2, tzinfo=UTC)
    for world in worlds:
        world.close()
