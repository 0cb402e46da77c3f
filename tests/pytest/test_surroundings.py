"""The plugin among others: async plugins, xdist, and runs that use nothing of it."""

import subprocess
import sys

import pytest

from tests.pytest.conftest import INI


def test_async_tests_use_the_same_fixtures(suite):
    """They are synchronous, so no async plugin is needed; pytest-asyncio's verdicts are ours too."""
    suite("""
import asyncio

@pytest.mark.asyncio
async def test_clean(eachlabs_mock):
    status, _ = await asyncio.to_thread(trigger, eachlabs_mock, {})
    assert status == 202

@pytest.mark.asyncio
async def test_broken(eachlabs_mock):
    await asyncio.to_thread(trigger, eachlabs_mock)
""").assert_outcomes(passed=1, failed=1)


def test_it_works_under_xdist(suite):
    """Each worker has a server of its own; failures and journals come back whole."""
    result = suite(
        """
@pytest.mark.parametrize("turn", range(4))
def test_clean(eachlabs_mock, turn):
    assert trigger(eachlabs_mock, {})[0] == 202

def test_broken(eachlabs_mock):
    trigger(eachlabs_mock)
""",
        "-n2",
        subprocess=True,
    )

    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["E101 *", "*mockserver journal*"])


def test_a_run_that_uses_nothing_of_ours_imports_nothing(suite, pytester):
    """No engine, no aiohttp, no jsonschema, no YAML; the header with the seed needs none of them."""
    suite(
        """
import sys

def test_it():
    heavy = {"aiohttp", "jsonschema", "jsonschema_rs", "yaml", "mockserver.engine", "mockserver.server"}
    assert heavy.isdisjoint(sys.modules)
""",
        "-p",
        "no:aiohttp",  # pytest-aiohttp imports it
        "-p",
        "no:anyio",
        "-p",
        "no:schemathesis",  # imports jsonschema_rs
        subprocess=True,
    ).assert_outcomes(passed=1)


def test_the_plugin_module_alone_is_light():
    """The only modules of ours behind it are itself, its parts, and the empty package."""
    code = "import sys, mockserver.pytest_plugin; print(*sorted(n for n in sys.modules if n.startswith('mockserver')))"

    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()

    assert "mockserver.pytest_plugin" in loaded
    assert [
        name
        for name in loaded
        if name not in ("mockserver", "mockserver.pytest_plugin", "mockserver.plugin")
        and not name.startswith("mockserver.plugin.")
    ] == []


def test_it_can_be_switched_off(pytester):
    """`-p no:mockserver` leaves no fixture behind."""
    pytester.makeini(INI)
    pytester.makepyfile("def test_it(eachlabs_mock):\n    pass")
    result = pytester.runpytest_inprocess("-p", "no:mockserver", "-p", "no:hypothesispytest")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'eachlabs_mock' not found*"])


def test_types_of_the_mocks_can_be_imported():
    """For annotations: to a type checker they have their vendor's nouns."""
    import mockserver.pytest_plugin as plugin
    from mockserver.mock import Mock

    assert (plugin.EachlabsMock, plugin.VectorshiftMock) == (Mock, Mock)
    assert not hasattr(plugin, "AcmeMock")


def test_fixtures_and_options_are_listed(suite):
    """`--fixtures` and `--help` say what there is."""
    fixtures = suite("", "--fixtures").stdout.str()
    options = suite("", "--help").stdout.str()

    assert [
        name for name in ("eachlabs_mock", "vectorshift_mock", "openapi_mock", "mockserver_env") if name not in fixtures
    ] == []
    assert [
        name for name in ("--mockserver-seed", "--no-mockserver-strict", "mockserver_seed") if name not in options
    ] == []


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_answers_do_not_depend_on_the_order_of_tests(suite, order):
    """Chance is keyed by the request, so each test sees what it saw alone."""
    tests = {
        "a": "def test_a(eachlabs_mock):\n    assert trigger(eachlabs_mock, {'n': 1})[1]['bulk_id'] == ID\n",
        "b": "def test_b(eachlabs_mock):\n    trigger(eachlabs_mock, {'n': 2})\n    trigger(eachlabs_mock, {'n': 3})\n",
    }
    once = suite("def test_a(eachlabs_mock):\n    print('ID', trigger(eachlabs_mock, {'n': 1})[1]['bulk_id'])", "-s")
    found = next(line for line in once.stdout.lines if "ID " in line).rpartition("ID ")[2].rstrip(".")

    suite(f"ID = {found!r}\n\n" + "\n".join(tests[name] for name in order)).assert_outcomes(passed=2)
