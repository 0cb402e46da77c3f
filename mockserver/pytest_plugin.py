"""pytest: fixtures, a marker and options, and tests that fail by themselves when their client breaks the contract.

Nothing of the engine is imported before a test asks for one of the fixtures.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from mockserver.plugin import options
from mockserver.plugin.host import RUNNING, STABLE, Host, hosting, loading
from mockserver.plugin.watch import ENDING, WATCH, Watch, ill_mannered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.inbox import WebhookInbox
    from mockserver.mock import Mock
    from mockserver.openworld import OpenWorld
    from mockserver.webhook_faults import WebhookFaults

    class EachlabsMock(Mock):
        """each::labs in a test's world."""

        def workflow(
            self,
            id: str,
            *,
            name: str | None = None,
            versions: Sequence[str] | None = None,
            input_schema: Mapping[str, Any] | None = None,
            output_schema: Mapping[str, Any] | None = None,
            definition: Mapping[str, Any] | None = None,
            public: str | None = None,
        ) -> None:
            """A workflow exists. Without `versions` it takes any; an input that breaks `input_schema` is refused, and
            outputs fit `output_schema`. `public` is the nickname under which everybody may read and run it.
            """

    class VectorshiftMock(Mock):
        """VectorShift in a test's world."""

        def pipeline(
            self,
            id: str,
            *,
            name: str | None = None,
            description: str | None = None,
            inputs: Mapping[str, Any] | None = None,
            outputs: Mapping[str, Any] | None = None,
            failed_status: int | None = None,
            folder_id: str | None = None,
            shared: bool | None = None,
        ) -> None:
            """A pipeline exists. `outputs` are types by name, or `{"type": ..., "value": ...}`; 500 as `failed_status`
            makes a call with a failed run in it an error."""

else:

    def __getattr__(name: str) -> Any:
        # For annotations in tests: to a type checker these are the classes above, at run time they are all Mock,
        # whose vendor's face gives it the methods.
        if name in ("EachlabsMock", "VectorshiftMock"):
            from mockserver.mock import Mock

            return Mock
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class OpenapiMock(Protocol):
    """What the fixture `openapi_mock` gives: a function from documents to mocks."""

    def __call__(
        self, path: str | Path, *, name: str | None = None, fixtures: str | Path | Sequence[str | Path] = ()
    ) -> Mock:
        """The mock of the document at `path`, beside the test or below the rootdir; `name` stands in its base URL.

        `fixtures` is a file of its own, or several: how its executions live, what it sends, its scenarios.
        Raises ScriptError for files that are not there.
        """


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options and ini keys."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Our marker. Raises UsageError for an option that says what cannot be."""
    options.add_marker(config)
    options.check(config)
    config.pluginmanager.register(hosting(config), "mockserver-host")
    if options.setting(config, "report"):
        from mockserver.plugin import reports

        reports.install(config)
    elif options.covers(config):
        from mockserver.plugin import coverage

        coverage.install(config)


def pytest_report_header(config: pytest.Config) -> str:
    """The seed."""
    return f"mockserver: seed {options.seed(config)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants `webhook_faults` runs once for each."""
    if "webhook_faults" in metafunc.fixturenames:
        from mockserver.plugin import faults

        faults.parametrize(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Know which test is running."""
    item.config.stash[RUNNING] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold what came against the contract when the body of the test is done."""
    __tracebackhide__ = True
    try:
        result = yield
        if WATCH in item.stash:  # only now: the body may have asked for the mock
            from mockserver.plugin import faults

            faults.judge(item)
    except BaseException:
        if watch := item.stash.get(WATCH, None):
            watch.end()
        raise
    if watch := item.stash.get(WATCH, None):
        watch.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Know that what fixtures raise is reported now: where pytest is interrupted it is not, and would break its end."""
    __tracebackhide__ = True
    item.stash[ENDING] = True
    try:
        return (yield)
    finally:
        del item.stash[ENDING]


@pytest.hookimpl(specname="pytest_runtest_makereport")
def pytest_mockserver_note(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Add our note to a failure before it is made a report: after unittest has put its own in place."""
    if watch := item.stash.get(WATCH, None):
        if call.excinfo is not None and watch.was_expected(call.excinfo.value):
            call.excinfo = pytest.CallInfo.from_call(pytest.xfail, call.when).excinfo
        failure = call.excinfo.value if call.excinfo else None
        if isinstance(failure, AttributeError | TypeError):
            from mockserver.plugin import nearmiss

            if meant := nearmiss.hint(failure, {"openapi_mock.<locals>.make": OpenapiMock.__call__}):
                failure.add_note(meant)
        watch.meet(call.when, failure)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journal, and what we found, to every failing test that used a mock."""
    report = yield
    if watch := item.stash.get(WATCH, None):
        watch.attach(report, call.excinfo.value if call.excinfo else None)
        if call.when == "teardown":
            del item.stash[WATCH]  # and its world with it: a session has thousands
    if report.failed:
        from mockserver.plugin import late

        if told := late.beside(item.config):
            report.sections.append(("mockserver: late requests", told))
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Under xdist, the controller takes in what a worker hands over."""
    from mockserver.plugin import late

    late.gather(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests whose clients had bad manners."""
    if told := ill_mannered(one for reports in terminalreporter.stats.values() for one in reports):
        terminalreporter.line(told)


@pytest.fixture(scope="session")
def mockserver_env(_mockserver_host: Host) -> Generator[Mapping[str, str]]:
    """Base URLs that lead to the running test, and keys, in the environment all session: for apps that live as long."""
    with pytest.MonkeyPatch.context() as patches:
        yield _mockserver_host.export(patches)


@pytest.fixture
def mockserver(_mockserver_host: Host) -> Generator[OpenWorld]:
    """The server in this test's world, which all mocks of the test share."""
    from mockserver.openworld import OpenWorld

    item, config = _mockserver_host.item, _mockserver_host.config
    marked = options.marked(item)
    manners = options.manners(config, marked)
    fixtures = options.marked_files(item, marked)
    world = OpenWorld(
        _mockserver_host.server,
        seed=marked.get("seed", options.seed(config)),
        clock=marked.get("clock"),
        start=options.moment(marked.get("start")),
        services=_mockserver_host.services(options.place(item), fixtures=fixtures) if fixtures else None,
        alias=STABLE,
        manners=manners != "off",
    )
    watch = Watch(
        world,
        marked.get("strict", options.setting(config, "strict")),
        manners,
        seed=options.reproduce(config, marked),
    )
    item.stash[WATCH] = watch
    _mockserver_host.sent_from.watch(item.path)
    yield world
    try:
        # A teardown asked for the first mock.
        if not watch.judged and ENDING in item.stash and not config.getoption("setuponly", False):
            watch.judge()
    finally:
        _mockserver_host.sent_from.leave()
        if counting := config.pluginmanager.get_plugin("mockserver-coverage"):
            counting.ask_for(world.mocked)
        if reporting := config.pluginmanager.get_plugin("mockserver-reports"):
            reporting.take(item, watch)
        late = world.close(item.nodeid)
    if late and watch.strict and watch.judged and ENDING in item.stash:
        if reporting:
            reporting.add(item, late.as_contract(world.background.secrets))
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
def webhook_faults(request: pytest.FixtureRequest, mockserver: OpenWorld) -> WebhookFaults:
    """One kind of delivery that a webhook receiver meets some day; the test runs once for each."""
    from mockserver.plugin import faults

    return faults.fault_of(request)


@pytest.fixture
def openapi_mock(mockserver: OpenWorld, _mockserver_host: Host) -> OpenapiMock:
    """Gives the mock of any OpenAPI document: `openapi_mock("spec.yaml")`, beside the test or below the rootdir."""
    from mockserver.arguments import ScriptError, here, refuse_unless
    from mockserver.errors import UsageError

    item = _mockserver_host.item
    made: dict[tuple[object, ...], Mock] = {}

    def make(path: str | Path, *, name: str | None = None, fixtures: str | Path | Sequence[str | Path] = ()) -> Mock:
        __tracebackhide__ = True
        takes = 'openapi_mock() takes the path of a document such as "shop.yaml"'
        refuse_unless(isinstance(path, str | Path), takes, path)
        refuse_unless(name is None or isinstance(name, str), 'name= takes a str such as "shop"', name)
        try:
            spec, files = options.document(item, path), options.files(item, fixtures)
        except ValueError as error:
            raise ScriptError(here(), str(error)) from None
        key = (spec, name, files)
        if key not in made:
            more = {"fixtures": files} if files else {}
            (service,) = _mockserver_host.services(str(here()), specs=((name, Path(spec)),), **more)
            # Only below its own name: the root belongs to a server that serves nothing else.
            try:
                mockserver.serve(service.at(*service.mounts[:1]))
            except UsageError as error:
                taken = {each.name for each in mockserver.services}
                free = next(name for number in count(2) if (name := f"{service.name}{number}") not in taken)
                raise UsageError(f'{error}: openapi_mock("{path}", name="{free}")') from None
            made[key] = _mock(mockserver, service.name)
        return made[key]

    return make


def _mock(world: OpenWorld, vendor: str) -> Any:
    from mockserver.mock import Mock

    mock = Mock(world, vendor)
    if mock.services[0].is_late:
        # Now, and not by the first request: a client may not wait as long as that takes.
        with loading():
            mock.services[0].load()
    return mock
