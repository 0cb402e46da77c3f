"""One server a process, one fresh world a test; how marker, options and documents set it up."""

import pytest


def test_each_test_has_a_world_of_its_own(suite):
    """Stubs, journal and clock end with the test; all mocks of one test share its world; the server stays."""
    suite("""
PORTS = set()

@pytest.mark.parametrize("turn", [1, 2])
def test_fresh(eachlabs_mock, vectorshift_mock, mockserver, turn):
    PORTS.add(mockserver.url.split("/w/")[0])
    assert len(PORTS) == 1
    assert eachlabs_mock.journal.entries == ()
    assert eachlabs_mock.clock.now.isoformat() == "2026-01-01T00:00:00+00:00"
    assert eachlabs_mock.url == f"{mockserver.url}/eachlabs/api/v1"
    assert vectorshift_mock.url == f"{mockserver.url}/vectorshift/v1"
    vectorshift_mock.clock.advance("30s")
    assert eachlabs_mock.clock.now.second == 30
    eachlabs_mock.on(OPERATION).respond(503)
    assert trigger(eachlabs_mock, {})[0] == 503
""").assert_outcomes(passed=2)


def test_a_late_request_is_told_whose_world_it_was(suite):
    """A closed world answers 410 and names the test."""
    suite("""
OLD = []

def test_one(eachlabs_mock):
    class Kept:
        url, api_key = eachlabs_mock.url, eachlabs_mock.api_key
    OLD.append(Kept)

def test_two(eachlabs_mock):
    status, body = trigger(OLD[0], {})
    assert status == 410
    assert "test_suite.py::test_one" in body["error"]
    assert eachlabs_mock.journal.entries == ()
""").assert_outcomes(passed=2)


def test_the_marker_sets_the_world_up(suite):
    """Seed, clock, start and fixtures; the marker closest to the test wins, key by key."""
    suite("""
IDS = {}

def start_of(mock):
    _, body = trigger(mock, {"prompt": "a"})
    return body["bulk_id"]

@pytest.mark.parametrize("turn", [1, 2])
def test_default_seed(eachlabs_mock, turn):
    assert IDS.setdefault("default", start_of(eachlabs_mock)) == start_of(eachlabs_mock) or turn

def test_same_again(eachlabs_mock):
    assert start_of(eachlabs_mock) == IDS["default"]

@pytest.mark.mockserver(seed=7)
def test_other_seed(eachlabs_mock):
    assert start_of(eachlabs_mock) != IDS["default"]

@pytest.mark.mockserver(clock="manual", start="2026-03-01T09:00:00Z")
class TestClass:
    @pytest.mark.mockserver(start="2026-04-01")
    def test_closest(self, eachlabs_mock):
        assert eachlabs_mock.clock.mode == "manual"
        assert eachlabs_mock.clock.now.isoformat() == "2026-04-01T00:00:00+00:00"

def test_nothing_is_scripted(mockserver):
    assert all(service.scenarios == () for service in mockserver.services)

@pytest.mark.parametrize("turn", [1, pytest.param(2, marks=pytest.mark.mockserver(fixtures="eachlabs/bulk"))])
@pytest.mark.mockserver(fixtures=["eachlabs/bulk"])
def test_shipped_fixture(mockserver, turn):
    assert [service.name for service in mockserver.services if service.scenarios] == ["eachlabs"]
""").assert_outcomes(passed=8)


def test_options_set_the_seed(suite):
    """`--mockserver-seed` and the ini key `mockserver_seed`; the option wins."""
    source = "def test_it(mockserver):\n    assert mockserver.background.setting.split(', ')[1] == 'seed {}'"

    suite(source.format(5), ini="mockserver_seed = 5").assert_outcomes(passed=1)
    suite(source.format(9), "--mockserver-seed", "9", ini="mockserver_seed = 5").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (
            "strickt=False",
            "@pytest.mark.mockserver takes no strickt; it takes seed=, clock=, start=, strict=, manners=, fixtures=",
        ),
        ("7", "@pytest.mark.mockserver takes no 7; it takes seed=, clock=, start=, strict=, manners=, fixtures="),
        ("clock='fast'", "@pytest.mark.mockserver: clock is 'fast'; it is one of auto, manual and real"),
        ("start='noon'", "@pytest.mark.mockserver: start is 'noon'; write it like 2026-03-01T09:00:00Z*"),
        ("fixtures='balk.yaml'", "there is no fixture balk.yaml in *; give a file, a folder, or a shipped one *"),
        ("fixtures=['eachlabs/balk']", "there is no fixture eachlabs/balk in *; give a file, a folder, or *"),
    ],
)
def test_a_wrong_marker_is_one_sentence(suite, mark, told):
    """At its place, without a traceback of ours, and said once."""
    result = suite(f"@pytest.mark.mockserver({mark})\ndef test_it(eachlabs_mock):\n    pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", f"test_suite.py:?  {told}"])
    result.stdout.no_fnmatch_line("*another exception occurred*")


def test_any_document_can_be_mocked(suite, pytester):
    """`openapi_mock` finds the file beside the test, serves it in the test's world and answers from its schemas."""
    pytester.makefile(
        ".yaml",
        shop="""
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example.test/v2}]
paths:
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: one thing
          content: {application/json: {schema: {type: object, required: [n], properties: {n: {const: 3}}}}}
""",
    )
    result = suite("""
import json
from urllib.request import urlopen

def test_it(openapi_mock, mockserver):
    shop = openapi_mock("shop.yaml")
    assert shop.url == f"{mockserver.url}/shop/v2"
    assert openapi_mock("shop.yaml") is shop
    with urlopen(f"{shop.url}/things/1") as answer:
        assert json.load(answer)["n"] == 3
    shop.assert_called("getThing", times=1, path={"id": 1})

def test_broken(openapi_mock):
    with urlopen(f"{openapi_mock('shop.yaml').url}/things/1?x=1") as answer:
        pass
    with pytest.raises(Exception):
        urlopen(f"{openapi_mock('shop.yaml').url}/things/one")

def test_missing(openapi_mock):
    openapi_mock("shelf.yaml")
""")

    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["E103 *", "*with shop_mock.allow_violations(*"])
    result.stdout.fnmatch_lines(["*shelf.yaml*"])
