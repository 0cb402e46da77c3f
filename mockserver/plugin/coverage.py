"""`--mockserver-coverage`: what the tests of a run have seen of what is declared, and whether that is enough.

Each world is counted when it ends. A worker of xdist hands its part to the controller, which merges them.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import sep
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.plugin import options

if TYPE_CHECKING:
    from mockserver.contract.coverage import Coverage
    from mockserver.engine.world import World
    from mockserver.server import Server

_KEY = "mockserver_coverage"  # in what a worker of xdist hands to its controller
_OPTION = "--mockserver-coverage-fail-under"


def install(config: pytest.Config) -> CoverageReport:
    """Count from here on. Raises UsageError for a threshold that is none."""
    made = CoverageReport(config)
    config.pluginmanager.register(made, "mockserver-coverage")
    return made


class CoverageReport:
    """Counts, merges, and tells at the end, if that was asked for: other reports need what is counted too."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_told = options.covers(config)
        self.needed = options.fail_under(config) if self._is_told else 0.0  # percent
        self._server: Server | None = None
        self._asked: frozenset[str] = frozenset()  # services whose mocks tests asked for: they count, reached or not
        self._parts: list[Coverage] = []
        self._silent: dict[str, str] = {}  # workers that have not handed over their part, and why not
        self.total: Coverage | None = None  # at the end; None: no test here or in a worker asked for a mock

    def watch(self, server: Server) -> None:
        """Count the worlds of this server."""
        self._server = server
        server.worlds.on_leave = self._count

    def ask_for(self, services: Iterable[str]) -> None:
        """These services count, reached or not. To be told before their world is closed."""
        self._asked = self._asked.union(services)  # a new set: the server's thread may be reading the old one

    def _count(self, world: World) -> None:
        from mockserver.contract.coverage import of_world, together

        self._parts = [together((*self._parts, of_world(world, asked=self._asked)))]

    def _count_open_worlds(self) -> None:
        server = self._server
        if server is None:
            return

        def count() -> None:
            for name in server.worlds.names:
                if (world := server.worlds.find(name)) is not None:
                    self._count(world)

        server.run(count)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Under xdist: a worker begins."""
        self._silent[node.gateway.id] = "did not come to its end"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Under xdist: take in what a worker has seen."""
        output = getattr(node, "workeroutput", {})
        if _KEY not in output:
            self._silent[node.gateway.id] = "crashed"
            return
        self._silent.pop(node.gateway.id, None)
        if output[_KEY] is not None:
            from mockserver.contract.coverage import Coverage

            self._parts.append(Coverage.read(output[_KEY]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over to the controller, or judge."""
        self._count_open_worlds()
        if self._parts:
            from mockserver.contract.coverage import together

            self.total = together(self._parts)
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_KEY] = self.total.record() if self.total else None
        elif self._is_short and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table, and one line on whether it is enough."""
        if self._config.option.collectonly or not self._is_told:
            return
        terminalreporter.section("mockserver coverage")
        if self.total is not None and self.total.requests:
            from mockserver.contract.coverage_table import render

            table = render(self.total)
            terminalreporter.line(table.replace(f"{self._config.rootpath}{sep}", ""))
        elif not self.needed:
            terminalreporter.line(self._seen)
        for worker, why in sorted(self._silent.items()):
            terminalreporter.line(f"worker {worker} {why}: what its tests have seen is not counted", yellow=True)
        if self._is_short:
            terminalreporter.line(f"FAIL {self._seen}, {_OPTION} asks for {self.needed:g}%", red=True, bold=True)
        elif self.needed:
            terminalreporter.line(f"{self._seen}, {_OPTION} asks for {self.needed:g}%", green=True)

    @property
    def _is_short(self) -> bool:
        if self._config.option.collectonly:
            return False
        return self.needed > 0 if self.total is None else self.total.is_below(self.needed)

    @property
    def _seen(self) -> str:
        if self.total is None or not self.total.requests:
            return "nothing reached a mock"
        return f"{self.total.percent:g}% of the declared answers and ends were seen"
