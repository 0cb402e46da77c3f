"""The server of this process: started by the first test that asks for it, stopped when pytest ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

from mockserver.plugin import options

if TYPE_CHECKING:
    from mockserver.engine.service import Service
    from mockserver.sentfrom import SentFrom
    from mockserver.server import Server

_KEPT = 1024 * 1024  # bytes of a body that the journal keeps
_ATTEMPT = 5.0  # seconds of wall time that an attempt at a webhook may take


@dataclass(slots=True)
class Host:
    """The one server of this process, and what was loaded for single tests of it."""

    server: Server
    sent_from: SentFrom
    loaded: dict[tuple[object, ...], tuple[Service, ...]] = field(default_factory=dict)

    def services(self, **wanted: Any) -> tuple[Service, ...]:
        """The services for such a `Wanted`, loaded once."""
        from mockserver.errors import MockserverError
        from mockserver.vendors.assembly import Wanted, assemble

        key = tuple(sorted(wanted.items()))
        if key not in self.loaded:
            try:
                self.loaded[key] = assemble(Wanted(shipped_scenarios=False, **wanted))
            except MockserverError as error:
                raise pytest.fail.Exception(str(error), pytrace=False) from None
        return self.loaded[key]

    @classmethod
    def start(cls, config: pytest.Config) -> Self:
        """Start it. It stops when pytest has written its last report."""
        from mockserver.engine.settings import Limits
        from mockserver.sentfrom import SentFrom
        from mockserver.server import Server

        sent_from = SentFrom()
        server = Server(
            sent_from=sent_from,
            shipped_scenarios=False,
            limits=Limits(keep_body=_KEPT),
            webhook_reach=options.reach(config),
            webhook_limit=_ATTEMPT,
        ).start()
        # Not at the end of the session's fixtures: the report of the last test is written after that.
        config.add_cleanup(server.stop)
        return cls(server, sent_from)
