"""`--mockserver-coverage`: the report at the end of a run, its threshold, and the workers of xdist."""

from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {"200": {description: all}, "400": {description: no}, "429": {description: later}}
    post:
      operationId: order
      responses: {"201": {description: made}}
"""

HALF = """
from urllib.error import HTTPError
from urllib.request import urlopen

@pytest.fixture
def shop(openapi_mock):
    return openapi_mock("shop.yaml")

def get(mock, query=""):
    try:
        with urlopen(f"{mock.url}/orders{query}") as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code

def test_all(shop):
    assert get(shop) == 200

def test_wrong_page(shop):
    with shop.allow_violations():
        assert get(shop, "?page=x") == 400
"""

TABLE = [
    "*= mockserver coverage =*",
    "operation     calls  answers  cover  missing",
    "shop  shop.yaml",
    "  listOrders      2   2 of 3  66.6%  429",
    "  order           0   0 of 1     0%  201",
    "total                 2 of 4    50%",
]


@pytest.fixture
def shop(pytester):
    pytester.makefile(".yaml", shop=SHOP)


def test_the_report_has_a_line_for_each_operation(suite, shop):
    """What the tests saw, what is missing by name, and the total."""
    result = suite(HALF, "--mockserver-coverage")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([*TABLE, "", "*= 2 passed in *"], consecutive=True)
    assert result.ret == 0


def test_the_page_shows_the_report(suite, shop):
    """The example of docs/pytest.md is what a run prints, line for line."""
    result = suite(HALF, "--mockserver-coverage-fail-under", "60")

    shown = PAGE.split("$ pytest --mockserver-coverage-fail-under 60\n...\n")[1].split("```")[0].splitlines()
    result.stdout.fnmatch_lines(shown, consecutive=True)


def test_there_is_no_report_unless_it_is_asked_for(suite, shop):
    """Nor is anything counted; a threshold in the ini file alone asks for nothing."""
    result = suite(HALF, ini="mockserver_coverage_fail_under = 100")

    result.stdout.no_fnmatch_line("*coverage*")
    assert result.ret == 0


@pytest.mark.parametrize(
    ("options", "ini"),
    [
        (["--mockserver-coverage-fail-under", "50"], ""),
        (["--mockserver-coverage"], "mockserver_coverage_fail_under = 50"),
        (["--mockserver-coverage-fail-under=50"], "mockserver_coverage_fail_under = 100"),
        ([], "mockserver_coverage = true\nmockserver_coverage_fail_under = 50"),
    ],
    ids=["option", "ini-threshold", "option-wins", "ini"],
)
def test_a_threshold_that_is_reached(suite, shop, options, ini):
    """The last line says so, and the run is green."""
    result = suite(HALF, *options, ini=ini)

    wanted = "50% of the declared answers and ends were seen, --mockserver-coverage-fail-under asks for 50%"
    result.stdout.fnmatch_lines([TABLE[-1], wanted], consecutive=True)
    assert result.ret == pytest.ExitCode.OK


def test_a_threshold_that_is_not_reached_fails_the_run(suite, shop):
    """One line, and exit code 1 although every test passed."""
    result = suite(HALF, "--mockserver-coverage-fail-under", "50.5")

    wanted = "FAIL 50% of the declared answers and ends were seen, --mockserver-coverage-fail-under asks for 50.5%"
    result.stdout.fnmatch_lines([TABLE[-1], wanted], consecutive=True)
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_threshold_can_be_switched_off(suite, shop):
    """`--no-mockserver-coverage` wins over all that asks for it: for a run of a few tests."""
    ini = "addopts = --mockserver-coverage-fail-under=90\nmockserver_coverage = true"
    result = suite(HALF, "--no-mockserver-coverage", ini=ini)

    result.stdout.no_fnmatch_line("*mockserver coverage*")
    assert result.ret == 0


@pytest.mark.parametrize("said", ["many", "-1", "100.1", "nan"])
def test_a_threshold_that_is_no_percentage_is_refused(suite, said):
    """One sentence, before any test runs."""
    result = suite("def test_it():\n    pass", f"--mockserver-coverage-fail-under={said}")

    result.stderr.fnmatch_lines(
        [f"ERROR: mockserver_coverage_fail_under is '{said}'; it is a percentage, from 0 to 100"]
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    "source",
    ["def test_it():\n    pass", "def test_it(openapi_mock):\n    openapi_mock('shop.yaml')"],
    ids=["none", "idle"],
)
def test_nothing_is_never_enough(suite, shop, source):
    """A run in which nothing reached a mock says so, and fails under any threshold but 0."""
    told = suite(source, "--mockserver-coverage")
    short = suite(source, "--mockserver-coverage-fail-under", "0.1")

    told.stdout.fnmatch_lines(
        ["*= mockserver coverage =*", "nothing reached a mock", "", "*1 passed*"], consecutive=True
    )
    assert told.ret == 0
    wanted = "FAIL nothing reached a mock, --mockserver-coverage-fail-under asks for 0.1%"
    short.stdout.fnmatch_lines(["*= mockserver coverage =*", wanted, "", "*1 passed*"], consecutive=True)
    assert short.ret == 1


def test_worlds_are_counted_to_their_end(suite, shop):
    """Before and after a reset; when the mock is asked for and not used; in a world that nobody closes."""
    source = (
        HALF
        + """
from urllib.request import Request

def test_reset(shop):
    get(shop)
    shop.reset()
    get(shop)

def test_other_world(mockserver, shop):
    server = mockserver.url.split("/w/")[0]
    body = b'{"name": "kept"}'
    with urlopen(Request(f"{server}/__admin/worlds", body, {"Content-Type": "application/json"})):
        pass
    key = {"Authorization": "Bearer vs-test-key", "Content-Type": "application/json"}
    with urlopen(Request(f"{server}/w/kept/vectorshift/v1/pipeline/p/bulk_run", b'{"runs": [{"inputs": {}}]}', key)):
        pass

def test_idle(eachlabs_mock):
    pass
"""
    )
    result = suite(source, "--mockserver-coverage")

    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "eachlabs  specs/eachlabs/engine.yaml",
            "  bulkTriggerWorkflow  *0  *0 of 7     0%  202, *",
            "shop  shop.yaml",
            "  listOrders  *4  *2 of 3  66.6%  429",
            "vectorshift  specs/vectorshift/pipeline.yaml",
            "  bulkRunPipeline  *1  *1 of *",
        ]
    )
    result.stdout.no_fnmatch_line("eachlabs-api*")


def test_ends_of_executions_are_told(suite):
    """And which of them a webhook told of."""
    result = suite(
        """
def test_it(eachlabs_mock, webhook_inbox):
    eachlabs_mock.input(1).fail("ExecutionFailed")
    trigger(eachlabs_mock, {}, {}, {}, webhook_url=webhook_inbox.url)
    eachlabs_mock.clock.run_until_idle()
""",
        "--mockserver-coverage",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "eachlabs  executions",
            "  ends  *3  *2 of 3  66.6%  cancelled",
            "  webhooks  *3  *2 of 2",
        ]
    )


def test_a_failing_test_stays_the_reason(suite, shop):
    """Coverage of a red run is told, and so is its shortfall; the exit code stays that of the tests."""
    result = suite(HALF + "\ndef test_red():\n    assert False", "--mockserver-coverage-fail-under", "90")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([TABLE[-1], "FAIL 50% *"], consecutive=True)
    assert result.ret == 1


def test_collecting_alone_is_not_judged(suite, shop):
    """`--collect-only` runs nothing, so nothing is missing."""
    result = suite(HALF, "--collect-only", "--mockserver-coverage-fail-under", "90")

    result.stdout.no_fnmatch_line("*mockserver coverage*")
    assert result.ret == 0


def test_workers_of_xdist_are_merged(suite, shop):
    """Each test in a worker of its own: the same table as without them, once, and the same verdict."""
    spread = HALF.replace("def test_wrong_page", "@pytest.mark.xdist_group('other')\ndef test_wrong_page")
    result = suite(spread, "-n2", "--dist=loadgroup", "--mockserver-coverage-fail-under", "60", subprocess=True)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([*TABLE, "FAIL 50% of the declared answers and ends were seen, *60%"], consecutive=True)
    assert str(result.stdout).count("mockserver coverage") == 1
    assert result.ret == 1


def test_a_worker_that_crashed_is_named(suite, shop):
    """What its tests saw is lost, and the report says so instead of looking complete."""
    crash = """
def test_crash(openapi_mock):
    import os
    os._exit(3)
"""
    result = suite(crash + HALF, "-n1", "--mockserver-coverage-fail-under", "50", subprocess=True)

    result.assert_outcomes(passed=2, failed=1)
    lost = "worker gw0 crashed: what its tests have seen is not counted"
    result.stdout.fnmatch_lines([*TABLE, lost, "50% of the declared answers and ends were seen, *"], consecutive=True)


def test_a_worker_that_was_not_waited_for_is_named(suite, shop, pytester):
    """Whoever interrupts a run is told that its report is not the whole of it."""
    pytester.makeconftest("""
def pytest_runtest_logreport(report):
    if hasattr(report, "node"):  # the controller's copy
        raise KeyboardInterrupt
""")
    result = suite(HALF, "-n1", "--mockserver-coverage", subprocess=True)

    wanted = "worker gw0 did not come to its end: what its tests have seen is not counted"
    result.stdout.fnmatch_lines(["nothing reached a mock", wanted], consecutive=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_a_run_without_our_fixtures_imports_nothing_of_the_engine(suite):
    """Not even with coverage asked for."""
    source = """
def test_it():
    import sys
    assert [name for name in sys.modules if name.startswith(("mockserver.engine", "mockserver.contract"))] == []
"""
    suite(source, "--mockserver-coverage", subprocess=True).assert_outcomes(passed=1)
