"""The mocks among async plugins: the same fixtures in async tests, whichever plugin runs them or is missing."""

import pytest

INI = """
[pytest]
filterwarnings =
    error
    ignore::pytest.PytestAssertRewriteWarning
"""

# An aiohttp client and a receiver of webhooks in the loop of the test; one test keeps to the contract, one does not.
CLIENT = """
import aiohttp
import pytest
from aiohttp import web

async def trigger(mock, *inputs, **more):
    url, headers = f"{mock.url}/wf_1/bulk-trigger", {"X-API-Key": mock.api_key}
    async with aiohttp.ClientSession(headers=headers) as client:
        async with client.post(url, json={"inputs": inputs, **more}) as answer:
            return answer.status
"""
TESTS = """
MARK
async def test_clean(eachlabs_mock):
    assert await trigger(eachlabs_mock, {}) == 202

MARK
async def test_webhook(eachlabs_mock, webhook_inbox):
    assert await trigger(eachlabs_mock, {}, webhook_url=webhook_inbox.url) == 202
    await eachlabs_mock.clock.arun_until_idle()
    assert len(webhook_inbox.received) == 1

MARK
async def test_broken(eachlabs_mock):
    await trigger(eachlabs_mock)
"""
WITH_ASYNCIO = TESTS.replace("MARK", "@pytest.mark.asyncio")
WITH_ANYIO = (
    TESTS.replace("MARK", "@pytest.mark.anyio") + "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
)
UNMARKED = TESTS.replace("MARK", "")
WITH_TRIO = """
import anyio
from posting import trigger

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "trio"

def start(mock, *inputs, **more):
    return anyio.to_thread.run_sync(lambda: trigger(mock, *inputs, **more)[0])

async def test_webhook(eachlabs_mock, webhook_inbox):
    assert await start(eachlabs_mock, {}, webhook_url=webhook_inbox.url) == 202
    await eachlabs_mock.clock.arun_until(lambda: webhook_inbox.received)
    assert len(await webhook_inbox.await_for(1)) == 1

async def test_patience_has_an_end(eachlabs_mock, webhook_inbox):
    with anyio.move_on_after(0.01) as scope:
        await webhook_inbox.await_for(1, timeout=60)
    assert scope.cancelled_caught
    with pytest.raises(Exception, match="it did not become true within 30 days"):
        await eachlabs_mock.clock.arun_until(lambda: False)

async def test_blocking_names_its_twin(eachlabs_mock):
    with pytest.raises(Exception, match=r"write: await eachlabs_mock\\.clock\\.aadvance"):
        eachlabs_mock.clock.advance("1s")

async def test_broken(eachlabs_mock):
    await start(eachlabs_mock)
"""
WITH_AIOHTTP = """
async def test_receiver_of_its_own(eachlabs_mock, aiohttp_server):
    received = []

    async def receive(request):
        received.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    server = await aiohttp_server(app)
    assert await trigger(eachlabs_mock, {}, webhook_url=str(server.make_url("/hook"))) == 202
    await eachlabs_mock.clock.arun_until_idle()
    assert len(received) == 1
"""


@pytest.fixture
def run(pytester, plugin_options):
    """Runs tests that use an async client."""

    def run(tests, *options, subprocess=False):
        # Where pytest-asyncio is switched off, nobody knows its ini keys.
        scope = "" if "no:asyncio" in options else "asyncio_default_fixture_loop_scope = function\n"
        pytester.makeini(INI + scope)
        pytester.makepyfile(CLIENT + tests)
        runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return runner("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *plugin_options, *options)

    return run


@pytest.mark.parametrize(
    ("tests", "options"),
    [
        pytest.param(WITH_ASYNCIO, ("-o", "asyncio_mode=strict"), id="asyncio-strict"),
        pytest.param(UNMARKED, ("-o", "asyncio_mode=auto"), id="asyncio-auto"),
        pytest.param(WITH_ANYIO, (), id="anyio"),
        # pytest-aiohttp cannot do without pytest-asyncio.
        pytest.param(WITH_ANYIO, ("-p", "no:asyncio", "-p", "no:aiohttp"), id="anyio-without-asyncio"),
        pytest.param(WITH_ASYNCIO, ("-p", "no:anyio"), id="without-anyio"),
        pytest.param(WITH_ASYNCIO, ("-p", "no:xdist"), id="without-xdist"),
        pytest.param(WITH_ASYNCIO, ("-p", "no:aiohttp"), id="without-aiohttp"),
        pytest.param(WITH_ASYNCIO, ("-p", "no:aiohttp", "-p", "no:anyio", "-p", "no:xdist"), id="asyncio-alone"),
    ],
)
def test_async_tests_use_the_mocks_and_fail_in_their_call_phase(run, tests, options):
    """Requests and webhooks from a running loop; what breaks the contract is one clean failure, no error."""
    result = run(tests, *options)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*_ test_broken*_", "E101 the client sent a body the spec does not allow: *"])


def test_pytest_aiohttp_runs_a_receiver_in_the_loop_of_the_test(run):
    """Under `asyncio_mode = auto`, as pytest-aiohttp asks for: its server takes our webhooks."""
    result = run(UNMARKED + WITH_AIOHTTP, "-o", "asyncio_mode=auto")

    result.assert_outcomes(passed=3, failed=1)


def test_what_is_awaited_can_be_awaited_in_trio(suite):
    """anyio runs its tests in both loops where trio is installed."""
    pytest.importorskip("trio")

    result = suite(WITH_TRIO, subprocess=True)

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*_ test_broken*_", "E101 the client sent a body the spec does not allow: *"])


def test_async_tests_under_xdist(run):
    """Each worker has a loop and a server of its own."""
    result = run(WITH_ASYNCIO, "-n2", subprocess=True)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E101 the client sent a body the spec does not allow: *", "*mockserver journal*"])


def test_plain_tests_need_none_of_these_plugins(run):
    """Nor xdist; a loop that a test runs by itself is as good."""
    without = [word for name in ("asyncio", "aiohttp", "anyio", "xdist") for word in ("-p", f"no:{name}")]
    result = run(
        """
import asyncio

def test_clean(eachlabs_mock):
    assert asyncio.run(trigger(eachlabs_mock, {})) == 202

def test_broken(eachlabs_mock):
    asyncio.run(trigger(eachlabs_mock))
""",
        *without,
    )

    result.assert_outcomes(passed=1, failed=1)
