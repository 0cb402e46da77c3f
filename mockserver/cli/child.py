"""The command that `mockserver run` runs: started, waited for, and told of the signals that we get."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from mockserver.errors import UsageError

_PASSED_ON = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run it to its end; its exit code, 128 + n when signal n killed it. Its output goes where ours does.

    Raises UsageError, one line, when there is no such command or it cannot be run.
    """
    # With a terminal it stays in our process group: it may read from it, and Control-C reaches both of us.
    is_apart = os.name == "posix" and not _has_terminal()
    with _passing_on(is_apart) as passed:
        try:
            child = subprocess.Popen(command, env=dict(env), process_group=0 if is_apart else None)
        except FileNotFoundError:
            raise UsageError(f"there is no command {command[0]}; what comes after -- is run as it stands") from None
        except OSError as error:
            raise UsageError(f"the command {command[0]} cannot be run: {error.strerror or error}") from None
        passed.child = child
        for number in passed.early:
            passed.send(number)
        code = child.wait()
    return code if code >= 0 else 128 - code


class _Passed:
    """Signals on their way to the child, and those that came before it was there."""

    def __init__(self, is_apart: bool) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.early: list[int] = []
        self._is_apart = is_apart

    def take(self, number: int, _: FrameType | None) -> None:
        """A signal came."""
        if self.child is None:
            self.early.append(number)
        elif self._is_apart or number not in (signal.SIGINT, getattr(signal, "SIGQUIT", None)):
            self.send(number)  # else the terminal told the child itself

    def send(self, number: int) -> None:
        """Pass it on: to all that the command has started, where that is a group of its own."""
        if self.child is None:
            return
        with suppress(ProcessLookupError):
            if self._is_apart:
                os.killpg(self.child.pid, number)
            else:
                self.child.send_signal(number)


@contextmanager
def _passing_on(is_apart: bool) -> Iterator[_Passed]:
    """Signals go to the child meanwhile; without one of ours we would be gone before it."""
    passed = _Passed(is_apart)
    before = {number: signal.signal(number, passed.take) for number in _PASSED_ON}
    try:
        yield passed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    return any(stream is not None and not stream.closed and stream.isatty() for stream in (sys.stdin, sys.stderr))
