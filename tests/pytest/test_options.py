"""What options, ini keys and the marker may say; what cannot be is one sentence."""

import pytest

TEST = "def test_it(eachlabs_mock):\n    pass"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mockserver_seed=x", "mockserver_seed is 'x'; it is a whole number"),
        ("mockserver_manners=x", "mockserver_manners is 'x'; it is one of off, warn and fail"),
        ("mockserver_webhook_reach=x", "mockserver_webhook_reach is 'x'; it is one of loopback, private and any"),
        ("mockserver_strict=x", "mockserver_strict: invalid truth value 'x'; it is true or false"),
        ("mockserver_coverage=x", "mockserver_coverage: invalid truth value 'x'; it is true or false"),
        (
            "mockserver_coverage_fail_under=x",
            "mockserver_coverage_fail_under is 'x'; it is a percentage, from 0 to 100",
        ),
    ],
)
@pytest.mark.parametrize("test", [TEST, "def test_it():\n    pass"], ids=["mock", "no mock"])
def test_an_ini_key_that_cannot_be_ends_the_run(suite, said, told, test):
    """Before any test, with exit code 4, and whether or not a test uses a mock."""
    result = suite(test, "-o", said)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if line] == [f"ERROR: {told}"]


@pytest.mark.parametrize("name", ["taken", "taken/below"])
def test_a_journal_cannot_be_where_a_file_is(suite, pytester, name):
    """One line with the file, and exit code 4."""
    pytester.makefile("", taken="a file")

    result = suite(TEST, f"--mockserver-journal={name}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = (line for line in result.errlines if line)
    root = pytester.path
    assert line == f"ERROR: mockserver_journal: {root / name} cannot be a folder: {root / 'taken'} is a file"


WHOLE = "it is a whole number"
MOMENT = "write it like 2026-03-01T09:00:00Z, or as a datetime or seconds since 1970; it is before the year 9000"
BOOLEAN = "it is True or False"
FILES = "it is the path of a file, or a list of paths"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("seed='abc'", f"seed is 'abc'; {WHOLE}"),
        ("seed=1.5", f"seed is 1.5; {WHOLE}"),
        ("seed=True", f"seed is True; {WHOLE}"),
        ("clock='fast'", "clock is 'fast'; it is one of auto, manual and real"),
        ("strict='no'", f"strict is 'no'; {BOOLEAN}"),
        ("strict=0", f"strict is 0; {BOOLEAN}"),
        ("manners=True", "manners is True; it is one of off, warn and fail"),
        ("start=True", f"start is True; {MOMENT}"),
        ("start=[1]", f"start is ?1?; {MOMENT}"),
        ("start='noon'", f"start is 'noon'; {MOMENT}"),
        ("start=float('nan')", f"start is nan; {MOMENT}"),
        ("start=float('inf')", f"start is inf; {MOMENT}"),
        ("start=1e20", f"start is 1e+20; {MOMENT}"),
        ("start=-1", f"start is -1; {MOMENT}"),
        ("start='9999-12-31'", f"start is '9999-12-31'; {MOMENT}"),
        ("fixtures=5", f"fixtures is 5; {FILES}"),
        ("fixtures=['a.yaml', 5]", f"fixtures is ?'a.yaml', 5?; {FILES}"),
    ],
)
def test_a_marker_that_cannot_be_is_a_sentence(suite, said, told):
    """The place, the marker, what it says, and what would be right; no traceback."""
    result = suite(f"@pytest.mark.mockserver({said})\n{TEST}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"test_suite.py:?  @pytest.mark.mockserver: {told}"])
    result.stdout.no_fnmatch_line("*Error: *")


@pytest.mark.parametrize(
    "said",
    [
        "seed=7, strict=False, clock='manual', manners='warn', start='2026-03-01T09:00:00Z', fixtures=[]",
        "seed=None, strict=None, clock=None, manners=None, start=None, fixtures=None",
        "start=0",
        "start=__import__('datetime').datetime(2026, 3, 1)",
        "fixtures=()",
    ],
)
def test_a_marker_that_can_be_is_taken(suite, said):
    """None says nothing: what is further away holds."""
    suite(f"@pytest.mark.mockserver({said})\n{TEST}").assert_outcomes(passed=1)


def test_two_documents_of_one_name_are_told_apart_by_hand(suite, pytester):
    """The error is the call that does it, in the line of the test."""
    document = (
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: a}}}}}"
    )
    pytester.mkdir("sub")
    for name in ("shop.yaml", "sub/shop.yaml"):
        (pytester.path / name).write_text(document)

    result = suite("""
def test_it(openapi_mock):
    openapi_mock("shop.yaml")
    openapi_mock("sub/shop.yaml")

def test_remedy(openapi_mock):
    openapi_mock("shop.yaml")
    assert openapi_mock("sub/shop.yaml", name="shop2").url.endswith("/shop2")
""")

    result.assert_outcomes(failed=1, passed=1)
    told = 'two documents are called "shop"; give one another name: openapi_mock("sub/shop.yaml", name="shop2")'
    result.stdout.fnmatch_lines([f"E  *UsageError: {told}", "test_suite.py:8: UsageError"])


@pytest.mark.parametrize("given", ['"life.yaml"', 'Path("life.yaml")', '["life.yaml"]'])
def test_one_fixture_of_a_document_is_given_as_the_marker_takes_it(suite, pytester, given):
    """A file by itself, as text or as a path; or a list."""
    pytester.path.joinpath("shop.yaml").write_text("openapi: 3.1.0\ninfo: {title: a, version: b}\npaths: {}\n", "utf-8")
    pytester.path.joinpath("life.yaml").write_text("format: 1\nvendor: shop\napi_keys: [own-key]\n", "utf-8")

    suite(f"""
from pathlib import Path

def test_it(openapi_mock):
    service, = openapi_mock("shop.yaml", fixtures={given}).services
    assert service.api_keys == {{"own-key"}}
""").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("'nix.yaml'", "there is no document nix.yaml in *; check the path"),
        ("'/nix.yaml'", "there is no document /nix.yaml; check the path"),
        ("5", 'openapi_mock() takes the path of a document such as "shop.yaml", not 5'),
        ("'shop.yaml', name=5", 'name= takes a str such as "shop", not 5'),
        ("'shop.yaml', fixtures=5", f"fixtures is 5; {FILES}"),
        ("'shop.yaml', fixtures='nix.yaml'", "there is no fixture nix.yaml in *; give a file, a folder, or *"),
        ("'shop.yaml', fixtures=['../nix.yaml']", "there is no fixture ../nix.yaml in *; give a file, a folder, or *"),
    ],
)
def test_a_document_that_cannot_be_mocked_is_told_at_the_line_of_the_test(suite, pytester, call, told):
    """With where it was looked for."""
    pytester.path.joinpath("shop.yaml").write_text("openapi: 3.1.0\ninfo: {title: a, version: b}\npaths: {}\n", "utf-8")

    result = suite(f"def test_it(openapi_mock):\n    openapi_mock({call})")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E *ScriptError: test_suite.py:6  {told}"])
    if " in *" in told:
        result.stdout.fnmatch_lines([f"E *in {pytester.path}; *"])


@pytest.mark.parametrize("name", ['"a" * 400', r'"a\0b"'])
@pytest.mark.parametrize("call", ["openapi_mock({})", "openapi_mock('shop.yaml', fixtures=[{}])"])
def test_a_name_that_no_file_can_have_is_told_in_one_line(suite, pytester, name, call):
    """Without the traceback of the file system."""
    pytester.path.joinpath("shop.yaml").write_text("openapi: 3.1.0\ninfo: {title: a, version: b}\npaths: {}\n", "utf-8")

    result = suite(f"def test_it(openapi_mock):\n    {call.format(name)}")

    result.assert_outcomes(failed=1)
    what = "document" if "fixtures" not in call else "fixture"
    result.stdout.fnmatch_lines([f"E *ScriptError: test_suite.py:6  there is no {what} *; *"])
    result.stdout.no_fnmatch_line("*pathlib*")
