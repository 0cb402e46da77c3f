"""Suites of users, run with pytester."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

# Imported here once: pytester forgets what a run imported, and a server would be loaded anew for each.
import mockserver.mock
import mockserver.openapi.explain
import mockserver.openapi.verdict  # noqa: F401
import tests.posting

INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    # the run around this one may have imported the plugin before pytest could rewrite its asserts; it has none
    ignore::pytest.PytestAssertRewriteWarning
"""


@pytest.fixture
def plugin_options() -> tuple[str, ...]:
    """Nothing where the plugin is installed, as `make test` does it; else what loads it from this checkout."""
    is_installed = any(point.value == "mockserver.pytest_plugin" for point in entry_points(group="pytest11"))
    return () if is_installed else ("-p", "mockserver.pytest_plugin")


@pytest.fixture
def suite(pytester, plugin_options, monkeypatch):
    """Runs a test file in this process; `posting.trigger` is at hand in it."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    pytester.makepyfile(posting=Path(tests.posting.__file__).read_text("utf-8"))

    def run(source, *options, ini="", subprocess=False):
        pytester.makeini(INI + ini)
        pytester.makepyfile(test_suite=f"import pytest\nfrom posting import OPERATION, trigger\n\n\n{source}")
        runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        # Hypothesis imports itself, slowly, to say that it has nothing to say.
        return runner("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *plugin_options, *options)

    return run
