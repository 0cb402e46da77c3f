"""pytest: fixtures, a marker and options, and tests that fail by themselves when their client breaks the contract.

Nothing of the engine is imported before a test asks for one of the fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.engine.service import Service
    from mockserver.http.reach import Reach
    from mockserver.inbox import WebhookInbox
    from mockserver.mock import Mock
    from mockserver.openworld import OpenWorld
    from mockserver.sentfrom import SentFrom
    from mockserver.server import Server

    class EachlabsMock(Mock):
        """each::labs in a test's world."""

        def workflow(
            self, name: str, *, versions: Sequence[str] | None = None, input_schema: Mapping[str, Any] | None = None
        ) -> None:
            """A workflow exists. Without `versions` it takes any; an input that breaks `input_schema` is refused."""

    class VectorshiftMock(Mock):
        """VectorShift in a test's world."""

        def pipeline(self, name: str) -> None:
            """A pipeline exists."""

else:

    def __getattr__(name: str) -> Any:
        # For annotations in tests: to a type checker these are the classes above, at run time they are all Mock,
        # whose vendor's face gives it the methods.
        if name in ("EachlabsMock", "VectorshiftMock"):
            from mockserver.mock import Mock

            return Mock
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_MARKER = ("seed", "clock", "start", "strict", "fixtures")
_KEPT = 1024 * 1024  # bytes of a body that the journal keeps
_ATTEMPT = 5.0  # seconds of wall time that an attempt at a webhook may take
_IN_FLIGHT = 5.0  # seconds of wall time that the end of a test waits for webhooks at their receivers


def pytest_addoption(parser: pytest.Parser) -> None:
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


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    told = "mockserver(seed=, clock=, start=, strict=, fixtures=): how the world of this test is set up"
    config.addinivalue_line("markers", told)


@dataclass(slots=True)
class _Watch:
    """What is known of the world of the test that is running."""

    world: OpenWorld
    strict: bool
    judged: bool = False  # the call phase is over: what comes now is late
    verdict: BaseException | None = None  # the failure that is ours
    beside: str = ""  # what we found in a test that failed by itself
    notes: str = ""  # what a test that passed may want to know

    def judge(self) -> None:
        """Fail the test for what it broke."""
        self.judged = True
        self.world.settle(_IN_FLIGHT)
        findings = self.world.findings()
        if findings and self.strict:
            self.verdict = pytest.fail.Exception(self.world.report(findings), pytrace=False)
            raise self.verdict
        self.notes = self.world.notes()

    def stand_beside(self, failure: BaseException) -> None:
        """Leave a failure of the test's own as it is, and tell what we found."""
        self.judged = True
        findings = self.world.findings()
        if findings and self.strict and isinstance(failure, Exception | pytest.fail.Exception):
            self.beside = self.world.report(findings, raised=True)
            if brief := self.world.brief(findings):
                failure.add_note(brief)


_WATCH = pytest.StashKey[_Watch]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold what came against the contract when the body of the test is done."""
    watch = item.stash.get(_WATCH, None)
    if watch is None:
        return (yield)
    try:
        result = yield
    except BaseException as failure:
        watch.stand_beside(failure)
        raise
    watch.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journal, and what we found, to every failing test that used a mock."""
    watch = item.stash.get(_WATCH, None)
    if watch is not None and call.excinfo is not None and call.when == "setup":
        watch.stand_beside(call.excinfo.value)
    report = yield
    if watch is not None and watch.notes and report.passed and report.when == "call":
        report.sections.append(("mockserver notes", watch.notes))
    if watch is None or not report.failed or call.excinfo is None:
        return report
    ours = call.excinfo.value is watch.verdict
    # unittest keeps the failure of a body to itself until now, and puts it in the place of our verdict.
    beside = watch.beside or ("" if ours or watch.verdict is None else str(watch.verdict))
    if beside:
        report.sections.append(("mockserver findings", beside))
    report.sections.append(("mockserver journal", watch.world.journal()))
    return report


@dataclass(slots=True)
class _Host:
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


@pytest.fixture(scope="session")
def _mockserver_host(pytestconfig: pytest.Config) -> _Host:
    from mockserver.engine.settings import Limits
    from mockserver.sentfrom import SentFrom
    from mockserver.server import Server

    sent_from = SentFrom()
    server = Server(
        sent_from=sent_from,
        shipped_scenarios=False,
        limits=Limits(keep_body=_KEPT),
        webhook_reach=_reach(pytestconfig),
        webhook_limit=_ATTEMPT,
    ).start()
    # Not at the end of the session's fixtures: the report of the last test is written after that.
    pytestconfig.add_cleanup(server.stop)
    return _Host(server, sent_from)


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, _mockserver_host: _Host) -> Generator[OpenWorld]:
    """The server in this test's world, which all mocks of the test share."""
    from mockserver.openworld import OpenWorld

    item, config = request.node, request.config
    marked = _marked(item)
    fixtures = tuple(_found(item, str(name)) for name in _each(marked.get("fixtures", ())))
    seed = config.getoption("mockserver_seed")
    world = OpenWorld(
        _mockserver_host.server,
        seed=marked.get("seed", int(config.getini("mockserver_seed")) if seed is None else seed),
        clock=marked.get("clock"),
        start=_moment(marked.get("start")),
        services=_mockserver_host.services(fixtures=fixtures) if fixtures else None,
    )
    strict = config.getoption("mockserver_strict")
    watch = _Watch(world, marked.get("strict", config.getini("mockserver_strict") if strict is None else strict))
    item.stash[_WATCH] = watch
    _mockserver_host.sent_from.watch(item.path)
    yield world
    _mockserver_host.sent_from.leave()
    late = world.close(item.nodeid)
    if late and watch.strict and watch.judged:
        pytest.fail(f"after the test had ended:\n{world.report(late)}", pytrace=False)


@pytest.fixture
def eachlabs_mock(mockserver: OpenWorld) -> EachlabsMock:
    """each::labs in this test's world."""
    mock: EachlabsMock = _mock(mockserver, "eachlabs")
    return mock


@pytest.fixture
def vectorshift_mock(mockserver: OpenWorld) -> VectorshiftMock:
    """VectorShift in this test's world."""
    mock: VectorshiftMock = _mock(mockserver, "vectorshift")
    return mock


@pytest.fixture
def webhook_inbox(mockserver: OpenWorld) -> WebhookInbox:
    """A webhook receiver in this test's world."""
    from mockserver.inbox import WebhookInbox

    return WebhookInbox(mockserver)


@pytest.fixture
def openapi_mock(request: pytest.FixtureRequest, mockserver: OpenWorld, _mockserver_host: _Host) -> Callable[..., Mock]:
    """Gives the mock of any OpenAPI document: `openapi_mock("spec.yaml")`, beside the test or below the rootdir."""
    made: dict[tuple[str, str | None], Mock] = {}

    def make(path: str | Path, *, name: str | None = None) -> Mock:
        key = (_found(request.node, str(path)), name)
        if key not in made:
            (service,) = _mockserver_host.services(specs=((name, Path(key[0])),))
            # Only below its own name: the root belongs to a server that serves nothing else.
            mockserver.serve(replace(service, mounts=service.mounts[:1]))
            made[key] = _mock(mockserver, service.name)
        return made[key]

    return make


def _reach(config: pytest.Config) -> Reach:
    said = config.getoption("mockserver_webhook_reach") or config.getini("mockserver_webhook_reach")
    if said not in ("loopback", "private", "any"):
        raise pytest.UsageError(f"mockserver_webhook_reach is {said!r}; it is one of loopback, private and any")
    reach: Reach = said
    return reach


def _mock(world: OpenWorld, vendor: str) -> Any:
    from mockserver.mock import Mock

    return Mock(world, vendor)


def _marked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test say; the closest to it wins."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("mockserver"):
        strange = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in _MARKER)]
        if strange:
            known = ", ".join(f"{name}=" for name in _MARKER)
            pytest.fail(f"@pytest.mark.mockserver takes no {strange[0]}; it takes {known}", pytrace=False)
        found = {**marker.kwargs, **found}
    if found.get("clock") not in (None, "auto", "manual", "real"):
        pytest.fail(
            f"@pytest.mark.mockserver: clock is {found['clock']!r}; it is one of auto, manual and real", pytrace=False
        )
    return found


def _each(said: Any) -> Iterable[Any]:
    return (said,) if isinstance(said, str | Path) else said


def _found(item: pytest.Item, name: str) -> str:
    """A file or folder that a test names: beside its own file, else below the rootdir, else as it is said."""
    for folder in (item.path.parent, item.config.rootpath):
        if (folder / name).exists():
            return str(folder / name)
    return name


def _moment(said: str | float | datetime | None) -> float | None:
    """Seconds since the epoch, of a stamp such as `2026-03-01T09:00:00Z`; what names no zone is in UTC."""
    if said is None or isinstance(said, int | float):
        return said
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else said
    except ValueError:
        told = f"@pytest.mark.mockserver: start is {said!r}; write it like 2026-03-01T09:00:00Z"
        raise pytest.fail.Exception(told, pytrace=False) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
