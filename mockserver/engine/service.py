"""One mounted document with the vendor that speaks for it, and what fixtures say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mockserver.engine.messages import Match
from mockserver.engine.vendor import Vendor
from mockserver.openapi.document import Document
from mockserver.scenario.model import Scenario
from mockserver.scenario.shortlist import Shortlist

_NONE = Shortlist(())
_REMEMBERED = 1024  # matches; clients ask for the same few paths again and again
_SHORT = 256  # characters; a longer path is not worth its memory
_LOADED = ("document", "scenarios", "resources", "api_keys", "any_key", "fixtures", "_by_operation")  # if late, later


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
    fixtures: tuple[tuple[str, str], ...] = ()  # the files that speak of it, each with a digest of what was taken of it

    _by_operation: Mapping[str, Shortlist] = field(init=False, repr=False)
    _load: Callable[[], Service] = field(init=False, repr=False)  # of a late one only

    def __post_init__(self) -> None:
        names = {scenario.operation for scenario in self.scenarios}
        grouped = {name: Shortlist(one for one in self.scenarios if one.operation == name) for name in names}
        object.__setattr__(self, "_by_operation", grouped)

    @classmethod
    def late(cls, name: str, mounts: tuple[str, ...], vendor: Vendor, load: Callable[[], Service]) -> Service:
        """A service of which the rest is loaded when something first asks for it.

        `load` gives the whole service, the same each time: two threads that ask at one moment may both call it.
        """
        made = cls.__new__(cls)
        for known, value in (("name", name), ("mounts", mounts), ("vendor", vendor), ("_load", load)):
            object.__setattr__(made, known, value)
        return made

    @property
    def is_late(self) -> bool:
        """Whether the rest is still to be loaded."""
        try:
            object.__getattribute__(self, _LOADED[-1])
        except AttributeError:
            return True
        return False

    def load(self) -> None:
        """Load the rest of a late one now."""
        loaded = self._load()
        for each in _LOADED:
            object.__setattr__(self, each, getattr(loaded, each))

    if not TYPE_CHECKING:  # else a type checker would let any misspelt name pass

        def __getattr__(self, name: str) -> Any:
            # Python asks here for what is not set: of a late one, that is all it was not made with.
            if name not in _LOADED:
                raise AttributeError(f"a service has no {name!r}")
            self.load()
            return getattr(self, name)

    def at(self, *mounts: str) -> Service:
        """The same at other base URLs."""
        return replace(self, mounts=mounts)

    def taking_any_key(self) -> Service:
        """The same, and every key that is not empty is a good one."""
        return replace(self, any_key=True)

    def scenarios_of(self, operation: str) -> Shortlist:
        """The scenarios of one operation (by id)."""
        return self._by_operation.get(operation, _NONE)

    def takes(self, key: str) -> bool:
        """Whether `key`, which is not empty, is a good one."""
        return self.any_key or "*" in self.api_keys or key in self.api_keys

    @property
    def test_key(self) -> str:
        """A key that works here, for users to try."""
        if self.is_late:
            return self.vendor.face.test_key  # of what is shipped; not worth loading it
        keys = self.api_keys - {"*"}
        return self.vendor.face.test_key if self.vendor.face.test_key in keys or not keys else min(keys)


class Mounts:
    """Finds the service for a path; the longest prefix wins."""

    def __init__(self, services: Iterable[Service]) -> None:
        pairs = [(mount, service) for service in services for mount in service.mounts]
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._matches: dict[tuple[str, str], Match] = {}

    def known(self, method: str, path: str) -> Match | None:
        """What was kept for such a request."""
        return self._matches.get((method, path))

    def keep(self, method: str, path: str, match: Match) -> Match:
        """Remember and return a match, for the next request of that method and path; bounded."""
        if len(path) <= _SHORT:
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            self._matches[method, path] = match
        return match

    def find(self, path: str) -> tuple[Service, str] | None:
        """The service and the rest of the path below its mount, or None."""
        for mount, service in self._pairs:
            if path.startswith(mount) and (len(path) == len(mount) or path[len(mount)] == "/"):
                return service, path[len(mount) :] or "/"
        return None
