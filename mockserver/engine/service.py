"""One mounted document with the vendor that speaks for it, and what fixtures say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mockserver.engine.messages import Match
from mockserver.engine.vendor import Vendor
from mockserver.openapi.document import Document
from mockserver.scenario.model import Scenario
from mockserver.scenario.shortlist import Shortlist

_NONE = Shortlist(())
_REMEMBERED = 1024  # matches; clients ask for the same few paths again and again
_SHORT = 256  # characters; a longer path is not worth its memory
_KNOWN = ("name", "mounts", "vendor")
_LATER = ("document", "scenarios", "resources", "api_keys", "any_key", "fixtures")  # of a late one
_LOADED = (*_LATER, "_by_operation")


class Service:
    """A document at its base URLs. `mounts` are path prefixes such as `/acme/v1`, the first is the one shown.

    It never changes; a late one only completes itself.
    """

    __slots__ = (*_KNOWN, *_LOADED, "_load")
    _load: Callable[[], Service]  # of a late one only

    def __init__(
        self,
        name: str,
        mounts: tuple[str, ...],
        document: Document,
        vendor: Vendor,
        *,
        scenarios: tuple[Scenario, ...] = (),
        resources: Mapping[str, Mapping[str, Any]] | None = None,
        api_keys: frozenset[str] = frozenset(),
        any_key: bool = False,
        fixtures: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """`resources` are compiled by `Vendor.resource`; `any_key`: every credential of a scheme is good, if not empty.

        `fixtures` are the files that speak of it, each with a digest of what was taken of it.
        """
        self.name, self.mounts, self.document, self.vendor = name, mounts, document, vendor
        self.scenarios, self.resources = scenarios, resources or {}
        self.api_keys, self.any_key, self.fixtures = api_keys, any_key, fixtures
        names = {scenario.operation for scenario in scenarios}
        self._by_operation = {name: Shortlist(one for one in scenarios if one.operation == name) for name in names}

    @classmethod
    def late(cls, name: str, mounts: tuple[str, ...], vendor: Vendor, load: Callable[[], Service]) -> Service:
        """A service of which the rest is loaded when something first asks for it.

        `load` gives the whole service, the same each time: two threads that ask at one moment may both call it.
        """
        made = cls.__new__(cls)
        made.name, made.mounts, made.vendor, made._load = name, mounts, vendor, load
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
            setattr(self, each, getattr(loaded, each))

    if not TYPE_CHECKING:  # else a type checker would let any misspelt name pass

        def __getattr__(self, name: str) -> Any:
            # Python asks here for what is not set: of a late one, that is all it was not made with.
            if name not in _LOADED:
                raise AttributeError(f"a service has no {name!r}")
            self.load()
            return getattr(self, name)

    def but(self, **changes: Any) -> Service:
        """The same with other values of these names."""
        return Service(**{name: getattr(self, name) for name in (*_KNOWN, *_LATER)} | changes)

    def at(self, *mounts: str) -> Service:
        """The same at other base URLs."""
        return self.but(mounts=mounts)

    def taking_any_key(self) -> Service:
        """The same, and every key that is not empty is a good one."""
        return self.but(any_key=True)

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
