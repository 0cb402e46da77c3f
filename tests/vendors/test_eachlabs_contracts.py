"""Both contracts of each::labs as wholes: every operation answers as its document says, and routes do not collide."""

from typing import Any

import pytest

from mockserver.engine.messages import Entry
from mockserver.vendors.assembly import Wanted, assemble
from tests.callers import Caller
from tests.vendors.eachlabs_contracts import NOBODY, Both, both

JSON = {"Content-Type": "application/json"}
KEYS = [{"X-API-Key": "el-test-key"}, {"Authorization": "Bearer el-test-key"}]
BODIES = {
    "triggerWorkflow": b"{}",
    "triggerWorkflowExecution": b"{}",
    "triggerPublicWorkflowVersion": b'{"api_key": "el-test-key"}',
    "bulkTriggerWorkflow": b'{"inputs": [{}]}',
    "bulkTriggerWorkflowExecutions": b'{"inputs": [{}]}',
    "createWorkflow": b'{"name": "n", "description": "d", "definition": {"steps": [{"id": "a"}]}}',
    "updateWorkflow": b'{"name": "n2"}',
    "upsertWorkflowVersion": b'{"version_id": "v1", "definition": {"steps": []}}',
}
NONSENSE = b'{"inputs": 5, "name": 5, "definition": 5}'
OPEN = {"getPublicWorkflowVersion"}


@pytest.fixture
def labs() -> Both:
    return both()


def operations(contract: str) -> list[Any]:
    """Every operation of a contract."""
    services = assemble(Wanted(vendors=("eachlabs",), shipped_scenarios=False))
    return list(services[("engine", "api").index(contract)].document.operations)


EVERY = [pytest.param(name, one, id=f"{name} {one.id}") for name in ("engine", "api") for one in operations(name)]


def send(labs: Both, contract: str, operation, id: str = "wf_1", **more) -> Entry:
    """A request for an operation: for a run or workflow `id`, with a body that will do."""
    names = {"nickname": "acme", "slug": id, "versionID": "v1", "workflowID": id, "executionID": id}
    path = operation.path.format(**names)
    more = {"headers": JSON if operation.body else {}, "body": BODIES.get(operation.id, b""), **more}
    caller: Caller = getattr(labs, contract).caller
    return caller.send(operation.method, path, **more)


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_every_operation_succeeds_as_its_document_says(labs: Both, contract, operation):
    """Its first declared status, and a body that fits."""
    _, run = labs.engine.post("/wf_1/trigger", {"webhook_url": "http://127.0.0.1:9/"})
    labs.pass_by(5)

    id = run["execution_id"] if "{executionID}" in operation.path else "wf_1"
    status, _ = getattr(labs, contract).told(send(labs, contract, operation, id))
    assert str(status) == operation.replies[0].status


@pytest.mark.parametrize(("contract", "operation"), EVERY)
def test_every_operation_refuses_as_its_document_says(labs: Both, contract, operation):
    """No key, an id that never exists, a body that cannot be read: each declared, each `{"error": text}`."""
    found = [send(labs, contract, operation, NOBODY)]
    if operation.id not in OPEN:
        found.append(send(labs, contract, operation, key=False, body=b"{}"))
    if operation.body:
        found += [send(labs, contract, operation, body=body) for body in (b"{", b"5", NONSENSE)]
        found.append(send(labs, contract, operation, body=b"a=b", headers={"Content-Type": "text/plain"}))

    told = [getattr(labs, contract).told(entry) for entry in found]
    assert [body for status, body in told if status >= 400 and body.keys() != {"error"}] == []
    assert all(status >= 400 for status, _ in told[1:])


@pytest.mark.parametrize(("contract", "operation"), EVERY)
@pytest.mark.parametrize("key", KEYS, ids=["X-API-Key", "Bearer"])
def test_either_key_opens_either_mount(labs: Both, contract, operation, key):
    """Which one a client sends depends on its age, not on the mount. (Public versions have rules of their own.)"""
    if "/public/" in operation.path:
        return
    entry = send(labs, contract, operation, key=False, headers=JSON | key)

    assert entry.answer.status not in (401, 403)


@pytest.mark.parametrize(
    ("contract", "request_line", "operation"),
    [
        ("engine", "POST /workflows/trigger", "triggerWorkflow"),
        ("engine", "POST /workflows/bulk-trigger", "bulkTriggerWorkflow"),
        ("engine", "POST /workflows", "createWorkflow"),
        ("engine", "GET /workflows/executions", "getWorkflow"),
        ("engine", "GET /workflows/executions/executions", "listWorkflowExecutions"),
        ("engine", "GET /executions/workflows", "getExecution"),
        ("api", "GET /workflows/executions/x", "getWorkflowExecution"),
        ("api", "GET /workflows/executions/executions", "getWorkflowExecution"),
        ("api", "GET /workflows/x/executions", "listWorkflowExecutions"),
        ("api", "GET /workflows/trigger", "getWorkflow"),
        ("api", "POST /workflows/trigger/trigger/v1", "triggerWorkflowExecution"),
        ("api", "POST /workflows/bulk-trigger/x/v1", "bulkTriggerWorkflowExecutions"),
        ("api", "PUT /workflows/trigger/versions/v1", "upsertWorkflowVersion"),
        ("api", "GET /webhooks/workflows", "getWebhook"),
    ],
)
def test_literal_segments_come_first(labs: Both, contract, request_line, operation):
    """Where two templates fit, the one with the literal is meant; where none but the other has the method, that one."""
    method, path = request_line.split(" ")

    assert getattr(labs, contract).caller.send(method, path, b"{}", JSON).operation == operation


@pytest.mark.parametrize(
    "path", ["/workflows/wf-123/bulk-trigger", "/wf/trigger/bulk", "/wf/bulk", "/wf/executions/x"], ids=str
)
def test_paths_of_older_pages_are_unknown(labs: Both, path):
    """One page's usage text and the flows generation spell them so; they are told what is near."""
    entry = labs.engine.caller.post(path, {"inputs": [{}]})

    assert entry.answer.status in (404, 405)
    assert entry.violations[0].code in ("E108", "E109")


def test_the_engine_comes_first_and_both_are_mounted():
    """`m.url` leads to the engine."""
    services = assemble(Wanted(vendors=("eachlabs",)))

    assert [(one.name, one.mounts) for one in services] == [
        ("eachlabs", ("/eachlabs/api/v1",)),
        ("eachlabs-api", ("/eachlabs/v1",)),
    ]


def test_an_operation_of_both_documents_is_scripted_in_both(tmp_path):
    """A scenario for an operationId that both have answers both; for one that one has, that one."""
    fixture = tmp_path / "own.yaml"
    fixture.write_text(
        """
format: 1
vendor: eachlabs
resources: {workflows: {"*": {}}}
scenarios:
  - {name: a, operation: getWorkflow, then: {respond: {status: 404, body: {error: gone}}}}
  - {name: b, operation: "GET /workflows/{workflowID}/executions", then: {respond: {status: 404, body: {error: gone}}}}
  - {name: c, operation: listWorkflows, then: {respond: {status: 401, body: {error: no}}}}
  - {name: d, operation: listCategories, then: {respond: {status: 401, body: {error: no}}}}
"""
    )
    labs = both(fixtures=(str(fixture),))

    for contract in (labs.engine, labs.api):
        assert contract.get("/workflows/x") == (404, {"error": "gone"})
        assert contract.get("/workflows/x/executions") == (404, {"error": "gone"})
    assert labs.api.get("/workflows")[0] == labs.engine.get("/categories")[0] == 401
    assert [[one.name for one in service.scenarios] for service in labs.world.services] == [
        ["a", "b", "d"],
        ["a", "b", "c"],
    ]


def test_a_literal_id_of_one_contract_exists_in_the_other(tmp_path):
    """What a scenario names in `when.path` is a workflow of the vendor, not of one document."""
    fixture = tmp_path / "own.yaml"
    fixture.write_text(
        """
format: 1
vendor: eachlabs
scenarios:
  - {name: a, operation: bulkTriggerWorkflow, when: {path: {workflowID: wf_x}}, then: {executions: [{}]}}
"""
    )
    labs = both(fixtures=(str(fixture),))

    assert labs.api.get("/workflows/wf_x/executions")[0] == 200
    assert labs.api.get("/workflows/wf_y/executions")[0] == 404


def shipped() -> list[Any]:
    """The shipped scenarios that are picked by a path, each with its contract and operation."""
    services = assemble(Wanted(vendors=("eachlabs",)))
    return [
        pytest.param(
            contract, service.document.operation(one.operation), one.when.path["workflowID"], one.name, id=one.name
        )
        for contract, service in zip(("engine", "api"), services, strict=True)
        for one in service.scenarios
        if "workflowID" in one.when.path
    ]


@pytest.mark.parametrize(("contract", "operation", "id", "name"), shipped())
def test_a_shipped_scenario_is_played(contract, operation, id, name):
    """By the id that it names, and with an answer that it stands by."""
    labs = both(shipped_scenarios=True)

    entry = send(labs, contract, operation, id)
    assert entry.decision is not None
    assert entry.decision.source == f"scenario {name}"
    assert [one for one in entry.violations if one.code >= "E5"] == []
