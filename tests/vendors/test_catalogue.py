"""The shipped vendors as a whole."""

import pytest

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
