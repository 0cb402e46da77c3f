"""`--mockserver-report KIND=FILE`: what the tests of a run found, as `mockserver run` writes it."""

import json
from collections import Counter
from xml.etree import ElementTree

import pytest

SUITE = """
def test_clean(eachlabs_mock):
    assert trigger(eachlabs_mock, {})[0] == 202

def test_broken(eachlabs_mock):
    trigger(eachlabs_mock)

def test_left_over(eachlabs_mock):
    eachlabs_mock.on(OPERATION).respond(503, json={"error": "later"})
"""
PARTS = """
@pytest.mark.parametrize("number", range(4))
def test_part(eachlabs_mock, number):
    trigger(eachlabs_mock, *([{}] * number))
"""


@pytest.fixture
def reported(suite, pytester):
    """Runs a suite and reads its JSON report."""

    def run(source, *options, **more):
        suite(source, "--mockserver-report", "json=report.json", *options, **more)
        return json.loads((pytester.path / "report.json").read_text("utf-8"))

    return run


def test_each_finding_is_in_the_report_with_its_place(reported, pytester):
    """The same objects as `run` reports: the line of the spec or the test, the request, and the test that it was of."""
    report = reported(SUITE)

    (broken, left) = report["findings"]
    assert (report["command"], report["verdict"]) == ("pytest", "2 errors in 2 requests")
    assert (broken["code"], broken["operation"], broken["pointer"]) == ("E101", "bulkTriggerWorkflow", "/inputs")
    assert broken["place"]["file"].endswith("specs/eachlabs/engine.yaml")
    assert broken["also"]["file"].endswith("test_suite.py")
    assert broken["request"]["world"] == "test_suite.py::test_broken"
    assert (left["code"], left["sentence"].split(": ")[-1]) == ("E201", "scripted and never called")
    assert left["place"]["file"].endswith("test_suite.py")
    assert [(row["world"], row["status"], len(row["found"])) for row in report["traffic"]] == [
        ("test_suite.py::test_clean", 202, 0),
        ("test_suite.py::test_broken", 400, 1),
    ]
    assert report["remarks"] == ["2 tests failed, for whatever reason"]
    assert [one["name"] for one in report["coverage"]["services"]] == ["eachlabs"]


def test_a_webhook_that_was_given_up_is_at_the_line_of_its_test(reported, pytester):
    """No line sent it; an annotation still needs one."""
    report = reported(
        "\ndef test_hook(eachlabs_mock):\n"
        '    trigger(eachlabs_mock, {}, webhook_url="http://127.0.0.1:9/hook")\n'
        '    eachlabs_mock.clock.run_until_idle(limit="30d")\n',
        "--mockserver-report",
        "github=found.txt",
    )

    (lost,) = report["findings"]
    line = next(
        n for n, text in enumerate((pytester.path / "test_suite.py").read_text().splitlines(), 1) if "hook(" in text
    )
    assert (lost["code"], lost["place"]["file"], lost["place"]["line"]) == ("E302", "test_suite.py", line)
    assert f"::error file=test_suite.py,line={line},title=E302" in (pytester.path / "found.txt").read_text("utf-8")


def test_every_kind_is_written_in_one_run(suite, pytester):
    """Also by the ini file, whose files are relative to it; `github` alone is printed."""
    ini = (
        "mockserver_report =\n    junit=out/junit.xml\n    html=out/page.html\n    github=out/github.txt\n    github\n"
    )
    pytester.mkdir("out")
    result = suite(SUITE, ini=ini)

    out = pytester.path / "out"
    suites = ElementTree.parse(out / "junit.xml").getroot()
    assert [one.get("type") for one in suites.iter("failure")] == ["E101", "E201"]
    assert "test_suite.py::test_broken" in (out / "page.html").read_text("utf-8")
    annotations = (out / "github.txt").read_text("utf-8").splitlines()
    assert [line.split(" ")[0] for line in annotations] == ["::error", "::error"]
    assert "file=test_suite.py" in annotations[1]
    result.stdout.fnmatch_lines([line.replace("[", "[[]") for line in annotations], consecutive=True)


def test_what_fails_no_test_is_no_error(reported):
    """What is allowed is in no report; a test that is expected to fail, and told manners, are no errors there."""
    report = reported(
        """
def test_allowed(eachlabs_mock):
    with eachlabs_mock.allow_violations():
        trigger(eachlabs_mock)

@pytest.mark.mockserver(strict=False)
def test_not_strict(eachlabs_mock):
    trigger(eachlabs_mock)

@pytest.mark.xfail(strict=True)
def test_expected(eachlabs_mock):
    trigger(eachlabs_mock, *([{}] * 11))

def test_manners(eachlabs_mock):
    with eachlabs_mock.allow_violations():
        trigger(eachlabs_mock)
        trigger(eachlabs_mock)
""",
        "--mockserver-manners=warn",
    )

    assert [(one["code"], one["severity"]) for one in report["findings"]] == [("E303", "warning"), ("E101", "note")]
    assert report["counts"]["requests"] == 5
    assert report["exit_code"] == 0


def test_a_test_that_fails_by_itself_has_its_findings_in_the_report(reported):
    """They stand beside its failure."""
    report = reported("""
def test_it(eachlabs_mock):
    trigger(eachlabs_mock)
    assert False
""")

    assert [one["code"] for one in report["findings"]] == ["E101"]


def test_what_comes_after_the_body_of_a_test_is_in_the_report(reported):
    """It fails the teardown, and has the name of the test."""
    report = reported("""
@pytest.fixture
def late(eachlabs_mock):
    yield
    trigger(eachlabs_mock)

def test_it(eachlabs_mock, late):
    pass
""")

    assert [one["request"]["world"] for one in report["findings"]] == ["test_suite.py::test_it"]


def test_workers_are_merged(reported):
    """Under xdist the controller writes one report of all."""
    report = reported(PARTS, "-n2", subprocess=True)

    assert report["counts"]["requests"] == 4
    assert Counter(row["world"].split("::")[1] for row in report["traffic"]) == {
        f"test_part[{number}]": 1 for number in range(4)
    }
    assert [(one["code"], one["times"]) for one in report["findings"]] == [("E101", 1)]
    assert report["coverage"]["services"][0]["requests"] == 4


def test_a_worker_that_crashed_is_named(reported):
    """What its tests found is missing."""
    report = reported("import os\n\ndef test_it(eachlabs_mock):\n    os._exit(1)\n", "-n1", subprocess=True)

    assert any("crashed: what its tests found is missing" in one for one in report["remarks"])
    assert "nothing was recorded" in report["verdict"]


def test_a_run_that_reached_no_mock_is_not_green_in_the_report(reported):
    """The report says that nothing was recorded."""
    report = reported("def test_it():\n    pass\n")

    assert report["verdict"] == "nothing was recorded: no request reached a service"
    assert report["coverage"] is None


def test_coverage_is_told_only_when_it_is_asked_for(suite, pytester):
    """A report has it all the same; with both, a threshold holds for both."""
    quiet = suite(PARTS, "--mockserver-report", "json=report.json")
    quiet.stdout.no_fnmatch_line("*mockserver coverage*")

    told = suite(PARTS, "--mockserver-report", "json=report.json", "--mockserver-coverage-fail-under=90")
    report = json.loads((pytester.path / "report.json").read_text("utf-8"))
    told.stdout.fnmatch_lines(["*mockserver coverage*", "FAIL *"])
    assert report["coverage"]["needed"] == 90


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("pdf=x", 'mockserver_report: there is no report "pdf"; there are junit, github, json, html'),
        ("html", "mockserver_report: --mockserver-report html needs a file: --mockserver-report html=FILE"),
        ("html=no/such/x.html", "mockserver_report: the report no/such/x.html cannot be written: *"),
    ],
    ids=["kind", "no file", "no folder"],
)
def test_a_report_that_cannot_be_is_told_before_any_test(suite, word, said):
    """One line, exit code 4."""
    result = suite(SUITE, "--mockserver-report", word)

    result.stderr.fnmatch_lines([f"ERROR: {said}"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_a_report_that_cannot_be_written_at_the_end_fails_the_run(suite, pytester):
    """And is said in one line."""
    result = suite(
        """
import pathlib

def test_it(eachlabs_mock):
    assert trigger(eachlabs_mock, {})[0] == 202
    pathlib.Path("report.json").mkdir()
""",
        "--mockserver-report",
        "json=report.json",
    )

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["mockserver: */report.json cannot be written: Is a directory"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_the_option_nothing_of_it_is_imported(suite):
    """A run pays for no report that it does not ask for."""
    suite(
        """
import sys

def test_it(eachlabs_mock):
    assert {"mockserver.plugin.reports", "mockserver.reportfiles"}.isdisjoint(sys.modules)
""",
        subprocess=True,
    ).assert_outcomes(passed=1)
