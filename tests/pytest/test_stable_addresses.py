"""One address for the whole session that leads to the test that is running: for what reads an address only once."""

import os

# Imported here once: pytester forgets what a run imported, and the SDK would be loaded anew.
import vectorshift.pipeline

SESSION_APP = """
class App:
    def __init__(self, env):
        self.url, self.api_key = env["EACHLABS_BASE_URL"], env["EACHLABS_API_KEY"]

@pytest.fixture(scope="session")
def app(mockserver_env):
    return App(mockserver_env)
"""


def test_an_app_that_lives_all_session_reaches_each_test(suite):
    """What it sends is recorded in the world of the test that runs, scripts of that test answer, its faults fail it."""
    result = suite(
        SESSION_APP
        + """
URLS = set()

@pytest.mark.parametrize("turn", [1, 2])
def test_own_world(app, eachlabs_mock, mockserver, turn):
    eachlabs_mock.on(OPERATION).respond(500 + turn)
    assert trigger(app, {})[0] == 500 + turn
    assert len(eachlabs_mock.journal.entries) == 1
    URLS.add(eachlabs_mock.stable_url)
    assert URLS == {app.url} == {mockserver.stable_url + "/eachlabs/api/v1"}
    assert eachlabs_mock.url not in URLS

def test_after_a_reset(app, eachlabs_mock):
    eachlabs_mock.reset()
    assert trigger(app, {})[0] == 202
    assert len(eachlabs_mock.journal.entries) == 1

def test_broken(app, eachlabs_mock):
    trigger(app)
"""
    )

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["*request #1  POST /wf_1/bulk-trigger *", "*curl -X POST http://127.0.0.1:4010/eachlabs/api/v1/wf_1/*"]
    )
    result.stdout.no_fnmatch_line("*late requests*")


def test_outside_a_test_with_a_mock_it_says_what_is_going_on(suite):
    """410, with the test that runs, if one does, and the last one that had a world."""
    suite(
        SESSION_APP
        + """
def test_before(app):
    status, body = trigger(app, {})
    assert status == 410
    assert body["error"] == (
        "/w/running-test is the world of the running test, and test_suite.py::test_before (call) has none now: "
        "it begins with the mock that the test asks for, after fixtures of module or session scope, and ends with the "
        "test; send this in the test, or in a fixture that asks for the mock, or to a Server of your own"
    )

def test_inside(app, eachlabs_mock):
    assert trigger(app, {})[0] == 202

def test_after(app):
    assert trigger(app, {})[1]["error"].endswith(". The last one was that of test_suite.py::test_inside")
"""
    ).assert_outcomes(passed=3)


def test_a_fixture_that_sends_before_there_is_a_world_is_told_where_it_fails(suite):
    """The error of its set-up, or tear-down, has the requests and why they were answered 410; no other test has."""
    result = suite(
        SESSION_APP
        + """
@pytest.fixture(scope="module")
def warm(app):
    for _ in range(2):
        status, _ = trigger(app, {})
    assert status == 202

@pytest.fixture(scope="module")
def parting(app):
    yield
    assert trigger(app, {})[0] == 202

def test_other_failure(app, eachlabs_mock):
    assert trigger(app, {})[0] == 410

def test_setup(warm, eachlabs_mock):
    pass

def test_teardown(parting, eachlabs_mock):
    pass
"""
    )

    result.assert_outcomes(passed=1, failed=1, errors=2)
    why = "answered 410, since the test has no world now: it begins with the mock that the test asks for, *"
    sent = "from no test with a mock   POST /eachlabs/api/v1/wf_1/bulk-trigger   during test_suite.py::"
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at setup of test_setup _*",
            "*- mockserver: late requests -*",
            f"{sent}test_setup (setup)   2 times",
            why,
            "*_ ERROR at teardown of test_teardown _*",
            "*- mockserver: late requests -*",
            f"{sent}test_teardown (teardown)",
            why,
            "*_ test_other_failure _*",
        ]
    )
    result.stdout.fnmatch_lines(["*= mockserver: late requests =*"])
    assert result.outlines.count("-" * 26 + " mockserver: late requests " + "-" * 27) == 2


def test_a_request_that_began_in_one_test_does_not_end_in_the_next(suite):
    """The stable address means the test that runs when the request begins, however late its body comes."""
    suite("""
import socket
from urllib.parse import urlsplit

KEPT = []

def test_one(eachlabs_mock):
    url = urlsplit(f"{eachlabs_mock.stable_url}/wf_1/bulk-trigger")
    client = socket.create_connection((url.hostname, url.port))
    head = (f"POST {url.path} HTTP/1.1", "Host: x", "Expect: 100-continue", "Connection: close", "Content-Length: 2")
    client.sendall("\\r\\n".join((*head, "", "")).encode())
    assert b"100 Continue" in client.recv(100)
    KEPT.append(client)

def test_two(eachlabs_mock):
    with KEPT.pop() as client:
        client.sendall(b"{}")
        answer = client.makefile("rb").read()
    assert b" 410 " in answer.splitlines()[0] and b"test_suite.py::test_one" in answer
    assert eachlabs_mock.journal.entries == ()
""").assert_outcomes(passed=2)


def test_the_environment_is_set_for_the_session_and_restored(suite, monkeypatch):
    """The names of `m.env` with stable addresses; what stood there before is there again at the end."""
    monkeypatch.setenv("EACHLABS_BASE_URL", "https://before.example.test")
    monkeypatch.delenv("MOCKSERVER_URL", raising=False)
    suite("""
import os

def test_names(mockserver_env, eachlabs_mock, vectorshift_mock):
    for mock in (eachlabs_mock, vectorshift_mock):
        for name, value in mock.env.items():
            assert os.environ[name] == mockserver_env[name] == value.replace(eachlabs_mock.world.name, "running-test")

def test_a_test_may_have_its_own(mockserver_env, eachlabs_mock, monkeypatch):
    eachlabs_mock.patch_env(monkeypatch)
    assert os.environ["EACHLABS_BASE_URL"] == eachlabs_mock.url

def test_stays(mockserver_env):
    assert os.environ["EACHLABS_BASE_URL"] == mockserver_env["EACHLABS_BASE_URL"]
""").assert_outcomes(passed=3)

    assert os.environ["EACHLABS_BASE_URL"] == "https://before.example.test"
    assert "MOCKSERVER_URL" not in os.environ


SDK = """
import vectorshift
import vectorshift.request
from vectorshift.pipeline import Pipeline

BEFORE = vectorshift.request.request_client.base_url, vectorshift.api_key

def summary():
    return Pipeline(id="p1").bulk_run([{"q": "a"}])["run_outputs"][0]["outputs"]["summary"]
"""


def test_a_real_sdk_that_was_imported_long_ago_reaches_each_test(suite):
    """Through `patch_env`, test after test in one process; in the end it has its own settings again."""
    suite(
        SDK
        + """
@pytest.mark.parametrize("turn", ["one", "two"])
def test_own_world(vectorshift_mock, monkeypatch, turn):
    vectorshift_mock.patch_env(monkeypatch)
    vectorshift_mock.input(0).complete(output={"summary": turn})
    assert summary() == turn
    (entry,) = vectorshift_mock.journal.entries
    assert entry.world == vectorshift_mock.world.name

def test_restored():
    assert (vectorshift.request.request_client.base_url, vectorshift.api_key) == BEFORE
"""
    ).assert_outcomes(passed=3)


def test_a_real_sdk_can_be_pointed_once_for_the_session(suite):
    """`mockserver_env` reaches into an SDK that is imported already, too, and its settings come back at the end."""
    base_url = vectorshift.request.request_client.base_url
    suite(
        SDK
        + """
@pytest.mark.parametrize("turn", ["one", "two"])
def test_own_world(mockserver_env, vectorshift_mock, turn):
    vectorshift_mock.input(0).complete(output={"summary": turn})
    assert summary() == turn
    assert len(vectorshift_mock.journal.entries) == 1
"""
    ).assert_outcomes(passed=2)

    assert vectorshift.request.request_client.base_url == base_url
