"""The shipped vendors as a whole."""

import pytest

from mockserver.engine.inputs import Declare
from mockserver.vendors.catalogue import vendors
from tests.callers import caller


@pytest.mark.parametrize("documented_only", [False, True])
@pytest.mark.parametrize("vendor", list(vendors()))
def test_every_operation_of_a_vendor_has_a_handler(vendor, documented_only):
    """Whatever a shipped document declares, the emulator plays, with and without the undocumented overlays."""
    one = caller(vendor, shipped_scenarios=True, documented_only=documented_only)

    for service in one.world.services:
        assert service.document.operations
        assert all(callable(service.vendor.handler(operation)) for operation in service.document.operations)


def test_without_undocumented_overlays_the_sdks_path_is_unknown():
    """`--documented-only`: a strict user learns where the SDK would fail."""
    one = caller("vectorshift", documented_only=True)

    alias = one.post("/pipeline/p1/bulk-run", {"runs": []})

    assert alias.answer.status == 404
    assert one.bulk_run({"q": "a"}).answer.status == 200


@pytest.mark.parametrize(("name", "exists"), [("0000", False), ("00-00", False), ("---", True), ("p0", True)])
def test_ids_of_zeros_never_exist(vectorshift, name, exists):
    """Also when a test declares one; a name without any zero is a name like others."""
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "0000", {}))

    assert (vectorshift.bulk_run({}, pipeline=name).answer.status == 200) is exists


def test_an_id_in_a_scenario_exists_for_its_own_parameter_only(tmp_path):
    """A literal execution id in `when.path` makes no workflow of that name."""
    fixture = tmp_path / "one.yaml"
    fixture.write_text(
        "format: 1\nvendor: eachlabs\nabout: One.\napi_keys: [el-test-key]\nresources: {workflows: {wf_1: {}}}\n"
        "scenarios:\n  - name: one\n    operation: getExecution\n    when: {path: {executionID: sneaky}}\n"
        "    then: {respond: {status: 404, body: {error: execution not found}}}\n"
        "  - name: two\n    operation: bulkTriggerWorkflow\n    when: {path: {workflowID: wf_2}}\n"
        "    then: {executions: [{}]}\n"
    )
    one = caller("eachlabs", fixtures=(str(fixture),))

    statuses = [one.bulk_trigger({}, workflow=name).answer.status for name in ("wf_1", "wf_2", "sneaky")]

    assert statuses == [202, 202, 404]
