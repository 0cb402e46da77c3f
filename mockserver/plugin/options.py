"""What the command line, the ini file and the markers of a test say; the marker wins, then the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.http.reach import Reach

MARKER = ("seed", "clock", "start", "strict", "fixtures")


def add_options(parser: pytest.Parser) -> None:
    """Our options; each is an ini key too."""
    group = parser.getgroup("mockserver", "mockserver: emulated HTTP APIs")
    group.addoption("--mockserver-seed", type=int, metavar="N", help="seed of every test's world (default 0)")
    group.addoption(
        "--mockserver-strict",
        action="store_true",
        default=None,
        help="fail tests whose client breaks the contract (default)",
    )
    group.addoption("--no-mockserver-strict", action="store_false", dest="mockserver_strict", help="do not")
    group.addoption(
        "--mockserver-webhook-reach",
        "--webhook-reach",  # as serve calls it, and as a blocked webhook's reason names it
        choices=("loopback", "private", "any"),
        help="how far webhooks may go (default loopback)",
    )
    parser.addini("mockserver_seed", "seed of every test's world", default="0")
    parser.addini("mockserver_webhook_reach", "how far webhooks may go: loopback, private or any", default="loopback")
    parser.addini("mockserver_strict", "fail tests whose client breaks the contract", type="bool", default=True)


def add_marker(config: pytest.Config) -> None:
    """Make the marker known."""
    told = f"mockserver({', '.join(f'{name}=' for name in MARKER)}): how the world of this test is set up"
    config.addinivalue_line("markers", told)


def setting(config: pytest.Config, name: str) -> Any:
    """What the command line says of `mockserver_<name>`, else the ini file."""
    said = config.getoption(f"mockserver_{name}")
    return config.getini(f"mockserver_{name}") if said is None else said


def seed(config: pytest.Config) -> int:
    """The seed of every test that says none of its own."""
    return int(setting(config, "seed"))


def reach(config: pytest.Config) -> Reach:
    """How far webhooks may go. Raises UsageError for a word that is none."""
    said: Reach = setting(config, "webhook_reach")
    if said not in ("loopback", "private", "any"):
        raise pytest.UsageError(f"mockserver_webhook_reach is {said!r}; it is one of loopback, private and any")
    return said


def marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test say; the closest to it wins."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("mockserver"):
        strange = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in MARKER)]
        if strange:
            known = ", ".join(f"{name}=" for name in MARKER)
            pytest.fail(f"@pytest.mark.mockserver takes no {strange[0]}; it takes {known}", pytrace=False)
        found = {**marker.kwargs, **found}
    if found.get("clock") not in (None, "auto", "manual", "real"):
        pytest.fail(
            f"@pytest.mark.mockserver: clock is {found['clock']!r}; it is one of auto, manual and real", pytrace=False
        )
    return found


def files(item: pytest.Item, said: Any) -> tuple[str, ...]:
    """The files that a marker names, as one or as several."""
    each: Iterable[Any] = (said,) if isinstance(said, str | Path) else said
    return tuple(beside(item, str(name)) for name in each)


def beside(item: pytest.Item, name: str) -> str:
    """A file or folder that a test names: beside its own file, else below the rootdir, else as it is said."""
    for folder in (item.path.parent, item.config.rootpath):
        if (folder / name).exists():
            return str(folder / name)
    return name


def moment(said: str | float | datetime | None) -> float | None:
    """Seconds since the epoch, of a stamp such as `2026-03-01T09:00:00Z`; what names no zone is in UTC."""
    if said is None or isinstance(said, int | float):
        return said
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else said
    except ValueError:
        told = f"@pytest.mark.mockserver: start is {said!r}; write it like 2026-03-01T09:00:00Z"
        raise pytest.fail.Exception(told, pytrace=False) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
