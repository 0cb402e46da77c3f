"""The server of this process: started by the first test that asks for it, stopped when pytest ends."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import pytest

from mockserver.plugin import journal, options

if TYPE_CHECKING:
    from mockserver.engine.service import Service
    from mockserver.sentfrom import SentFrom
    from mockserver.server import Server

_KEPT = 1024 * 1024  # bytes of a body that the journal keeps
_ATTEMPT = 5.0  # seconds of wall time that an attempt at a webhook may take
STABLE = "running-test"  # the name that leads to the world of the test that is running
RUNNING = pytest.StashKey[pytest.Item]()  # of the config: the test that is running


class Host:
    """The one server of this process, and what was loaded for single tests of it."""

    # No dataclass, like `Watch`: every run of pytest would pay for making it.
    def __init__(self, config: pytest.Config, server: Server, sent_from: SentFrom) -> None:
        self.config, self.server, self.sent_from = config, server, sent_from
        self.loaded: dict[tuple[object, ...], tuple[Service, ...]] = {}

    @property
    def item(self) -> pytest.Item:
        """The test that is running."""
        return self.config.stash[RUNNING]

    def services(self, at: str, **wanted: Any) -> tuple[Service, ...]:
        """The services for such a `Wanted`, loaded once; `at` is the line of the test that wants them."""
        from mockserver.errors import MockserverError, UsageError
        from mockserver.vendors.assembly import Wanted, assemble

        key = tuple(sorted(wanted.items()))
        if key not in self.loaded:
            try:
                self.loaded[key] = assemble(Wanted(shipped_scenarios=False, **wanted))
            except MockserverError as error:
                told = f"{at}  {error}" if isinstance(error, UsageError) else str(error)  # others have their own place
                raise pytest.fail.Exception(told, pytrace=False) from None
        return self.loaded[key]

    @property
    def env(self) -> dict[str, str]:
        """The environment of clients that live all session: base URLs that lead to the running test, and keys."""
        here, stable = self.server.url, f"{self.server.url}/w/{STABLE}"
        return {name: value.replace(here, stable, 1) for name, value in self.server.env.items()}

    def export(self, patches: pytest.MonkeyPatch) -> dict[str, str]:
        """Set `env` in this process, and in known SDKs that are imported already."""
        from mockserver.mock import patch_sdk

        env = self.env
        for name, value in env.items():
            patches.setenv(name, value)
        for service in reversed(self.server.services):
            # Reversed: the vendor's first contract has the last word.
            patch_sdk(service.vendor.face, self.server.base_url(service.name, STABLE), service.test_key, patches)
        return env

    @classmethod
    def start(cls, config: pytest.Config) -> Self:
        """Start it. It stops when pytest has written its last report."""
        with loading():
            import mockserver.mock  # noqa: F401 - what each test needs is loaded here too
            from mockserver.engine.settings import Limits
            from mockserver.errors import MockserverError
            from mockserver.plugin import late
            from mockserver.sentfrom import SentFrom
            from mockserver.server import Server

            sent_from = SentFrom()
            try:
                server = Server(
                    sent_from=sent_from,
                    shipped_scenarios=False,
                    limits=Limits(keep_body=_KEPT),
                    webhook_reach=options.reach(config),
                    webhook_limit=_ATTEMPT,
                    journal=journal.path(config),
                )
            except MockserverError as error:  # its journal cannot be written
                raise pytest.fail.Exception(str(error), pytrace=False) from None
        server.worlds.reserve(STABLE, late.running, unnamed=True)
        server.start()
        late.watch(config, lambda: server.run(lambda: server.worlds.late))
        # Not at the end of the session's fixtures: the report of the last test is written after that.
        config.add_cleanup(server.stop)
        return cls(config, server, sent_from)


def hosting(config: pytest.Config) -> ModuleType:
    """A plugin of this run of pytest: the fixture that starts its server.

    A fixture of the module `pytest_plugin` would have to ask for `pytestconfig`. Where that or `request` is asked for,
    pytest makes a fixture anew in each test and inspects its signature: a quarter of what a mock took there.
    """

    def start() -> Host:
        host = Host.start(config)
        for name in ("mockserver-coverage", "mockserver-reports"):
            if watching := config.pluginmanager.get_plugin(name):
                watching.watch(host.server)
        return host

    start.__module__ = "mockserver.pytest_plugin"  # where `--fixtures` lists it, beside the others
    plugin = ModuleType("mockserver.plugin.host.hosting")
    vars(plugin).update(_mockserver_host=pytest.fixture(scope="session", name="_mockserver_host")(start))
    return plugin


@contextmanager
def loading() -> Iterator[None]:
    """Without the garbage collector: what is loaded stays, and to walk through it again and again takes its time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # else somebody froze what they have, and it stays so
            # Together these move what is there to the oldest generation without a walk through it.
            gc.freeze()
            gc.unfreeze()
        gc.enable()
