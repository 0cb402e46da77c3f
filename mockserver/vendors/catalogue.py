"""Which vendors there are: ours, and whoever joins by the entry point group `mockserver.vendors`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoints, distributions, entry_points

from mockserver.engine.vendor import Vendor
from mockserver.errors import UsageError
from mockserver.vendors import eachlabs, vectorshift

GROUP = "mockserver.vendors"


def vendors() -> Mapping[str, Vendor]:
    """All vendors by name, ours first. Raises UsageError when an entry point cannot be loaded or is no Vendor."""
    found = {vendor.name: vendor for vendor in (vectorshift.VENDOR, eachlabs.VENDOR)}
    for point in _joining():
        try:
            vendor = point.load()
        except Exception as error:
            raise UsageError(
                f"the vendor {point.name} ({point.value}) cannot be loaded: {error}; reinstall or remove it"
            ) from error
        if not isinstance(vendor, Vendor):
            raise UsageError(f"the vendor {point.name} ({point.value}) is no mockserver.engine.vendor.Vendor")
        found[vendor.name] = vendor
    return found


def _joining() -> EntryPoints:
    """The entry points of the group, as a rule none: to find that out takes a third of the time that parsing takes."""
    if any(f"[{GROUP}]" in (one.read_text("entry_points.txt") or "") for one in distributions()):
        return entry_points(group=GROUP)
    return EntryPoints()
