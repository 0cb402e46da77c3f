"""What came for tests that had ended: told at the end of the session, since no other test is to blame for it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.engine.worlds import Late

_SHOWN = 20  # lines
_NAME = "mockserver-late"  # of the plugin
_KEY = "mockserver_late"  # in what a worker of xdist hands to its controller

Told = tuple[str, str, str]  # whose it was, what it was, what was going on: as in `Late`


class LateRequests:
    """A plugin of a run in which some test asked for a mock: tells at the end, and hands over what a worker knows."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.here: Callable[[], Iterable[Late]] = tuple  # what came too late in this process
        self.gathered: list[Told] = []  # and in workers

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Under xdist, a worker hands over what only the controller can report."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_KEY] = _told(self.here())

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what came for tests that had ended."""
        if shown := lines([*_told(self.here()), *self.gathered]):
            terminalreporter.section("mockserver: late requests")
            for line in shown:
                terminalreporter.line(line)


def running() -> str:
    """The test that is running in this process, and its phase, as pytest itself tells; "" between tests."""
    return os.environ.get("PYTEST_CURRENT_TEST", "")


def watch(config: pytest.Config, late: Callable[[], tuple[Late, ...]]) -> None:
    """`late` says what came too late in this process."""
    _of(config).here = late


def gather(config: pytest.Config, output: dict[str, Any]) -> None:
    """Take in what a worker of xdist handed over."""
    if _KEY in output:
        _of(config).gathered += [(owner, what, when) for owner, what, when in output[_KEY]]


def beside(config: pytest.Config) -> str:
    """What came in the phase that is being reported and found no world of a running test, and why; "" for nothing."""
    known = config.pluginmanager.get_plugin(_NAME)
    if not isinstance(known, LateRequests):
        return ""
    told = [each for each in _told(known.here()) if each[0] == "" and each[2] == running()]
    if not told:
        return ""
    from mockserver.http.addresses import NOT_NOW

    return "\n".join([*lines(told), f"answered 410, since the test has no world now: {NOT_NOW}"])


def lines(told: Sequence[Told]) -> list[str]:
    """`test_a.py::test_x   POST /things   during test_b.py::test_y (call)`, with how often; the last ones if many."""
    counted = Counter(told)
    shown = [_line(*each, number) for each, number in list(counted.items())[-_SHOWN:]]
    return [f"... {len(counted) - _SHOWN} before these", *shown] if len(counted) > _SHOWN else shown


def _line(owner: str, what: str, occasion: str, number: int) -> str:
    parts = [f"from {owner}" if owner else "from no test with a mock", what]
    parts.append(f"during {occasion}" if occasion else "while no test was running")
    return "   ".join((*parts, f"{number} times") if number > 1 else parts)


def _told(late: Iterable[Late]) -> list[Told]:
    from mockserver.console import printable

    return [(each.owner, printable(each.what), each.occasion) for each in late]


def _of(config: pytest.Config) -> LateRequests:
    known = config.pluginmanager.get_plugin(_NAME)
    if isinstance(known, LateRequests):
        return known
    config.pluginmanager.register(made := LateRequests(config), _NAME)
    return made
