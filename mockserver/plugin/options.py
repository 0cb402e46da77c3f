"""What the command line, the ini file and the markers of a test say; the marker wins, then the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from mockserver.plugin import journal

if TYPE_CHECKING:
    from mockserver.http.reach import Reach

Manners = Literal["off", "warn", "fail"]
MARKER = ("seed", "clock", "start", "strict", "manners", "fixtures")


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
        "--mockserver-manners",
        choices=("off", "warn", "fail"),
        help="tell of bad manners of clients, or fail their tests (default off)",
    )
    group.addoption(
        "--mockserver-webhook-reach",
        "--webhook-reach",  # as serve calls it, and as a blocked webhook's reason names it
        choices=("loopback", "private", "any"),
        help="how far webhooks may go (default loopback)",
    )
    group.addoption(
        "--mockserver-journal",
        metavar="DIR",
        help="write all that reaches the mocks to DIR, one file a process; `mockserver journal FILE` prints it",
    )
    group.addoption(
        "--mockserver-coverage",
        action="store_true",
        default=None,
        help="tell which operations, answers and lifecycle ends the tests have seen",
    )
    group.addoption("--no-mockserver-coverage", action="store_false", dest="mockserver_coverage", help="do not")
    group.addoption(
        "--mockserver-coverage-fail-under",
        metavar="N",
        help="tell it, and fail when less than N percent of what is declared was seen",
    )
    group.addoption(
        "--mockserver-report",
        action="append",
        metavar="KIND=FILE",
        help="write what was found (repeatable): junit=, json=, html= or github=FILE; github alone is printed",
    )
    parser.addini("mockserver_coverage", "tell what the tests saw of what is declared", type="bool", default=False)
    parser.addini("mockserver_coverage_fail_under", "the percentage that a run with coverage needs", default="0")
    parser.addini("mockserver_journal", "a folder that all that reaches the mocks is written to", default="")
    parser.addini("mockserver_report", "reports, one KIND=FILE a line", type="linelist", default=[])
    parser.addini("mockserver_seed", "seed of every test's world", default="0")
    parser.addini("mockserver_webhook_reach", "how far webhooks may go: loopback, private or any", default="loopback")
    parser.addini("mockserver_manners", "bad manners of clients: off, warn or fail", default="off")
    parser.addini("mockserver_strict", "fail tests whose client breaks the contract", type="bool", default=True)


def add_marker(config: pytest.Config) -> None:
    """Make the marker known."""
    told = f"mockserver({', '.join(f'{name}=' for name in MARKER)}): how the world of this test is set up"
    config.addinivalue_line("markers", told)
    config.addinivalue_line("markers", "webhook_faults(*names, exclude=): which faults a test of a receiver meets")


def setting(config: pytest.Config, name: str) -> Any:
    """What the command line says of `mockserver_<name>`, else the ini file."""
    said = config.getoption(f"mockserver_{name}")
    return config.getini(f"mockserver_{name}") if said is None else said


def check(config: pytest.Config) -> None:
    """Raise UsageError, in one line, for an option or ini key that says what cannot be."""
    for name in ("strict", "coverage"):
        try:
            setting(config, name)
        except (ValueError, pytest.UsageError) as error:
            raise pytest.UsageError(f"mockserver_{name}: {error}; it is true or false") from None
    seed(config)
    manners(config, {})
    reach(config)
    fail_under(config)
    journal.folder(config)


def seed(config: pytest.Config) -> int:
    """The seed of every test that says none of its own. Raises UsageError for what is no number."""
    said = setting(config, "seed")
    try:
        return int(said)
    except ValueError:
        raise pytest.UsageError(f"mockserver_seed is {said!r}; it is a whole number") from None


def reproduce(config: pytest.Config, marked: Mapping[str, Any]) -> str:
    """Where the seed of a test comes from, and how to have it again."""
    if "seed" in marked:
        return f"seed {marked['seed']}, from the test's marker"
    return f"seed {seed(config)}; reproduce: --mockserver-seed {seed(config)}"


def covers(config: pytest.Config) -> bool:
    """Whether coverage is asked for: also by a threshold on the command line, not by one in the ini file alone."""
    said = config.getoption("mockserver_coverage")
    if said is None and config.getoption("mockserver_coverage_fail_under") is not None:
        return True
    return bool(setting(config, "coverage"))


def fail_under(config: pytest.Config) -> float:
    """The percentage that coverage must reach. Raises UsageError for what is none."""
    said = setting(config, "coverage_fail_under")
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise pytest.UsageError(f"mockserver_coverage_fail_under is {said!r}; it is a percentage, from 0 to 100")
    return found


def manners(config: pytest.Config, marked: Mapping[str, Any]) -> Manners:
    """What bad manners of clients lead to in a test. Raises UsageError for a word that is none."""
    said: Manners = marked.get("manners") or setting(config, "manners")
    if said not in ("off", "warn", "fail"):
        raise pytest.UsageError(f"mockserver_manners is {said!r}; it is one of off, warn and fail")
    return said


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
            raise _refused(item, f"@pytest.mark.mockserver takes no {strange[0]}; it takes {known}")
        found = {**marker.kwargs, **found}
    found = {name: value for name, value in found.items() if value is not None}
    for name, value in found.items():
        is_right, wanted = _RIGHT[name]
        if not is_right(value):
            raise _refused(item, f"@pytest.mark.mockserver: {name} is {value!r}; {wanted}")
    return found


def place(item: pytest.Item) -> str:
    """`test_bulk.py:41`, where a test begins with its markers."""
    path, line, _ = item.location
    return f"{path}:{(line or 0) + 1}"


def marked_files(item: pytest.Item, marked: Mapping[str, Any]) -> tuple[str, ...]:
    """The fixtures that the markers of a test name."""
    try:
        return files(item, marked.get("fixtures", ()))
    except ValueError as error:
        raise _refused(item, error) from None


def files(item: pytest.Item, said: str | Path | Sequence[str | Path]) -> tuple[str, ...]:
    """The fixtures that a test names, as one file or as several; shipped ones by their names.

    Raises ValueError for what cannot be one, and for one that is not there.
    """
    is_right, wanted = _RIGHT["fixtures"]
    if not is_right(said):
        raise ValueError(f"fixtures is {said!r}; {wanted}")
    each = (said,) if isinstance(said, str | Path) else said
    return tuple(_fixture(item, str(name)) for name in each)


def document(item: pytest.Item, name: str | Path) -> str:
    """The document that a test names. Raises ValueError for one that is not there."""
    return _there(item, str(name), "document", "check the path")


def _refused(item: pytest.Item, told: object) -> BaseException:
    """The failure of a test by what its markers say: one line that begins with its place."""
    return pytest.fail.Exception(f"{place(item)}  {told}", pytrace=False)


def _fixture(item: pytest.Item, name: str) -> str:
    from mockserver.vendors.assembly import WHAT_IS_A_FIXTURE, shipped_fixture

    if shipped_fixture(name) is not None:
        return beside(item, name)
    return _there(item, name, "fixture", WHAT_IS_A_FIXTURE)


def _there(item: pytest.Item, name: str, what: str, hint: str) -> str:
    found = beside(item, name)
    try:
        is_there = Path(found).exists()
    except OSError:  # a name that no file can have
        is_there = False
    if not is_there:
        folders = dict.fromkeys(map(str, (item.path.parent, item.config.rootpath, Path.cwd())))
        looked = "" if Path(name).is_absolute() else f" in {' or '.join(folders)}"
        raise ValueError(f"there is no {what} {name}{looked}; {hint}")
    return found


def beside(item: pytest.Item, name: str) -> str:
    """A file or folder that a test names: beside its own file, else below the rootdir, else as it is said."""
    for folder in (item.path.parent, item.config.rootpath):
        try:
            if (folder / name).exists():
                return str(folder / name)
        except OSError:  # too long, for example: whoever reads it says so
            break
    return name


def moment(said: str | float | datetime | None) -> float | None:
    """Seconds since the epoch, of a stamp such as `2026-03-01T09:00:00Z`; what names no zone is in UTC.

    Raises ValueError for what is no stamp.
    """
    if said is None or isinstance(said, int | float):
        return said
    found = datetime.fromisoformat(said) if isinstance(said, str) else said
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_moment(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float | datetime):
        return False
    try:
        found = moment(value)
    except (ValueError, OverflowError):
        return False
    return found is not None and 0 <= found < _LATEST


def _are_files(value: object) -> bool:
    if isinstance(value, str | Path):
        return True
    return isinstance(value, list | tuple) and all(isinstance(each, str | Path) for each in value)


_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()  # the clock moves on from there, and years end with 9999
_RIGHT: dict[str, tuple[Callable[[object], bool], str]] = {  # of a marker: what may be said, in words too
    "seed": (_is_number, "it is a whole number"),
    "clock": (lambda value: value in ("auto", "manual", "real"), "it is one of auto, manual and real"),
    "start": (
        _is_moment,
        "write it like 2026-03-01T09:00:00Z, or as a datetime or seconds since 1970; it is before the year 9000",
    ),
    "strict": (lambda value: isinstance(value, bool), "it is True or False"),
    "manners": (lambda value: value in ("off", "warn", "fail"), "it is one of off, warn and fail"),
    "fixtures": (_are_files, "it is the path of a file, or a list of paths"),
}
