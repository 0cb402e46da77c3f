"""`--mockserver-journal DIR`: all that reaches the mocks of a run, one file a process."""

from mockserver.contract.exchanges import exchanges
from mockserver.engine.log import Closed
from mockserver.journalfile import records_of

SUITE = """
@pytest.mark.parametrize("number", range(2))
def test_it(eachlabs_mock, number):
    trigger(eachlabs_mock, {"n": number})
"""


def recorded(path):
    """Worlds, numbers and statuses of what a file holds."""
    return [(one.world, one.number, one.status) for one in exchanges(records_of(path))]


def test_each_request_of_a_run_is_in_the_file(suite, pytester):
    """In the folder that is made for it, world by world, with the test that each world was of."""
    suite(SUITE, "--mockserver-journal", "out/journals").assert_outcomes(passed=2)

    path = pytester.path / "out/journals/main.jsonl"
    (first, *one), (second, *other) = recorded(path)
    assert first != second
    assert one == other == [1, 202]
    owners = [record.owner for record in records_of(path) if isinstance(record, Closed)]
    assert owners == ["test_suite.py::test_it[0]", "test_suite.py::test_it[1]"]
    assert "test-key" not in path.read_text()


def test_a_run_begins_its_file_anew(suite, pytester):
    """A file is of one run, like a report."""
    for _ in range(2):
        suite(SUITE, ini="mockserver_journal = journals").assert_outcomes(passed=2)

    assert len(recorded(pytester.path / "journals/main.jsonl")) == 2


def test_each_worker_of_xdist_has_a_file(suite, pytester):
    """Two processes never write one file."""
    suite(SUITE, "--mockserver-journal=journals", "-n2", subprocess=True).assert_outcomes(passed=2)

    files = sorted(path.name for path in (pytester.path / "journals").iterdir())
    assert files
    assert set(files) <= {"gw0.jsonl", "gw1.jsonl"}
    assert sum(len(recorded(pytester.path / "journals" / name)) for name in files) == 2


def test_without_the_option_nothing_is_written(suite, pytester):
    """No file, and no cost."""
    suite(SUITE).assert_outcomes(passed=2)

    assert not list(pytester.path.glob("**/*.jsonl"))


def test_a_file_of_somebody_else_is_left_alone(suite, pytester):
    """The tests that need a server say which file it is."""
    path = pytester.mkdir("journals") / "main.jsonl"
    path.write_text("dear diary\n")

    result = suite(SUITE, "--mockserver-journal=journals")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*main.jsonl  is no journal of mockserver; *"])
    assert path.read_text() == "dear diary\n"
