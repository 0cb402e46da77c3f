"""pytest: fixtures, a marker and options, and tests that fail by themselves when their client breaks the contract.

Nothing of the engine is imported before a test asks for one of the fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.plugin import options
from mockserver.plugin.host import Host
from mockserver.plugin.watch import WATCH, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.inbox import WebhookInbox
    from mockserver.mock import Mock
    from mockserver.openworld import OpenWorld

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options and ini keys."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Our marker."""
    options.add_marker(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold what came against the contract when the body of the test is done."""
    watch = item.stash.get(WATCH, None)
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
    watch = item.stash.get(WATCH, None)
    if watch is not None and call.excinfo is not None and call.when == "setup":
        watch.stand_beside(call.excinfo.value)
    report = yield
    if watch is not None:
        watch.attach(report, call.excinfo.value if call.excinfo else None)
    return report


@pytest.fixture(scope="session")
def _mockserver_host(pytestconfig: pytest.Config) -> Host:
    return Host.start(pytestconfig)


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, _mockserver_host: Host) -> Generator[OpenWorld]:
    """The server in this test's world, which all mocks of the test share."""
    from mockserver.openworld import OpenWorld

    item, config = request.node, request.config
    marked = options.marked(item)
    fixtures = options.files(item, marked.get("fixtures", ()))
    world = OpenWorld(
        _mockserver_host.server,
        seed=marked.get("seed", options.seed(config)),
        clock=marked.get("clock"),
        start=options.moment(marked.get("start")),
        services=_mockserver_host.services(fixtures=fixtures) if fixtures else None,
    )
    watch = Watch(world, marked.get("strict", options.setting(config, "strict")))
    item.stash[WATCH] = watch
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
def openapi_mock(request: pytest.FixtureRequest, mockserver: OpenWorld, _mockserver_host: Host) -> Callable[..., Mock]:
    """Gives the mock of any OpenAPI document: `openapi_mock("spec.yaml")`, beside the test or below the rootdir."""
    made: dict[tuple[str, str | None], Mock] = {}

    def make(path: str | Path, *, name: str | None = None) -> Mock:
        key = (options.beside(request.node, str(path)), name)
        if key not in made:
            (service,) = _mockserver_host.services(specs=((name, Path(key[0])),))
            # Only below its own name: the root belongs to a server that serves nothing else.
            mockserver.serve(replace(service, mounts=service.mounts[:1]))
            made[key] = _mock(mockserver, service.name)
        return made[key]

    return make


def _mock(world: OpenWorld, vendor: str) -> Any:
    from mockserver.mock import Mock

    return Mock(world, vendor)
