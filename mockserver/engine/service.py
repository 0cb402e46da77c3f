"""One mounted document with the vendor that speaks for it, and what fixtures say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.engine.vendor import Vendor
from mockserver.openapi.document import Document
from mockserver.scenario.model import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A document at its base URLs. `mounts` are path prefixes such as `/acme/v1`, the first is the one shown."""

    name: str
    mounts: tuple[str, ...]
    document: Document
    vendor: Vendor
    scenarios: tuple[Scenario, ...] = ()
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # values compiled by `Vendor.resource`
    api_keys: frozenset[str] = frozenset()
    any_key: bool = False  # any non-empty credential of a scheme that the operation names

    _by_operation: Mapping[str, tuple[Scenario, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = {scenario.operation for scenario in self.scenarios}
        grouped = {name: tuple(one for one in self.scenarios if one.operation == name) for name in names}
        object.__setattr__(self, "_by_operation", grouped)

    def scenarios_of(self, operation: str) -> tuple[Scenario, ...]:
        """The scenarios of one operation (by id), in order."""
        return self._by_operation.get(operation, ())

    def takes(self, key: str) -> bool:
        """Whether `key`, which is not empty, is a good one."""
        return self.any_key or "*" in self.api_keys or key in self.api_keys

    @property
    def test_key(self) -> str:
        """A key that works here, for users to try."""
        keys = self.api_keys - {"*"}
        return self.vendor.face.test_key if self.vendor.face.test_key in keys or not keys else min(keys)


class Mounts:
    """Finds the service for a path; the longest prefix wins."""

    def __init__(self, services: Iterable[Service]) -> None:
        pairs = [(mount, service) for service in services for mount in service.mounts]
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))

    def find(self, path: str) -> tuple[Service, str] | None:
        """The service and the rest of the path below its mount, or None."""
        for mount, service in self._pairs:
            if path.startswith(mount) and (len(path) == len(mount) or path[len(mount)] == "/"):
                return service, path[len(mount) :] or "/"
        return None
