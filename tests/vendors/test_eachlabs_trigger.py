"""each::labs' single trigger, and what all triggers say of a webhook's address."""

import pytest

from mockserver.engine.inputs import Declare, PutInputScript
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from tests.vendors.eachlabs_contracts import HOOK, NOBODY, Both, both


@pytest.fixture
def labs() -> Both:
    return both()


@pytest.fixture(scope="module")
def idle() -> Both:
    """For calls that start nothing."""
    return both()


def needs_a_prompt(labs: Both) -> None:
    """Declare a workflow with versions v1 and v2 that wants a prompt."""
    schema = {"required": ["prompt"], "properties": {"prompt": {"type": "string"}}}
    labs.world.apply(Declare("eachlabs", "workflows", "wf", {"versions": ["v1", "v2"], "input_schema": schema}))


def test_a_run_is_queued(labs: Both):
    """202 with an id, the status and the time (docs: trigger page)."""
    status, body = labs.engine.post("/wf_1/trigger", {"inputs": {"text": "a story"}, "webhook_url": HOOK})

    (run,) = labs.world.executions.all
    assert status == 202
    assert body == {"execution_id": run.id, "status": "queued", "started_at": "2026-01-01T00:00:00Z"}
    assert (run.input, run.version, run.batch, run.webhook_url) == ({"text": "a story"}, "v1", None, HOOK)


@pytest.mark.parametrize("body", [{}, {"inputs": {}}, {"version_id": ""}], ids=str)
def test_inputs_and_version_may_be_left_out(labs: Both, body):
    """The latest version runs, without inputs."""
    assert labs.engine.post("/wf_1/trigger", body)[0] == 202
    assert (labs.world.executions.all[0].input, labs.world.executions.all[0].version) == ({}, "v1")


def test_an_input_that_does_not_fit_is_refused(labs: Both):
    """400 in the vendor's words; nothing starts."""
    needs_a_prompt(labs)

    assert labs.engine.post("/wf/trigger", {"inputs": {}}) == (
        400,
        {"error": "invalid input: missing required field 'prompt'"},
    )
    assert labs.world.executions.all == ()


def test_the_version_is_the_latest_or_the_one_named(labs: Both):
    """The engine takes it from the body, api-service from the path."""
    needs_a_prompt(labs)
    body = {"inputs": {"prompt": "x"}}
    labs.engine.post("/wf/trigger", body)
    labs.engine.post("/wf/trigger", {**body, "version_id": "v1"})
    labs.api.post("/workflows/trigger/wf/v1", body)

    assert [one.version for one in labs.world.executions.all] == ["v2", "v1", "v1"]


def test_unknown_workflows_and_versions(labs: Both):
    """404; api-service has one text for both."""
    needs_a_prompt(labs)

    assert labs.engine.post(f"/{NOBODY}/trigger", {}) == (404, {"error": "workflow not found"})
    assert labs.engine.post("/wf/trigger", {"version_id": "v9"}) == (404, {"error": "version not found"})
    assert labs.api.post("/workflows/trigger/wf/v9", {}) == (404, {"error": "workflow not found"})
    assert labs.api.post(f"/workflows/bulk-trigger/{NOBODY}/v1", {"inputs": [{}]}) == (
        404,
        {"error": "workflow not found"},
    )


def test_api_service_sends_no_start_and_needs_no_body(labs: Both):
    """Its pages have no `started_at` in answers of triggers."""
    status, body = labs.api.told(labs.api.caller.send("POST", "/workflows/trigger/wf_1/v1"))
    bulk = labs.api.post("/workflows/bulk-trigger/wf_1/v1", {"inputs": [{}, {}]})

    assert (status, body.keys()) == (202, {"execution_id", "status"})
    assert bulk[0] == 202
    assert [one.keys() for one in bulk[1]["executions"]] == [{"execution_id", "status"}] * 2


def test_api_service_takes_the_webhook_from_the_query_too(labs: Both):
    """The body wins."""
    labs.api.post(f"/workflows/trigger/wf_1/v1?webhook_url={HOOK}/q", {})
    labs.api.post(f"/workflows/trigger/wf_1/v1?webhook_url={HOOK}/q", {"webhook_url": f"{HOOK}/b"})
    labs.api.post(f"/workflows/bulk-trigger/wf_1/v1?webhook_url={HOOK}/q", {"inputs": [{}]})

    assert [one.webhook_url for one in labs.world.executions.all] == [f"{HOOK}/q", f"{HOOK}/b", f"{HOOK}/q"]


def test_a_test_can_script_the_input_of_a_single_trigger(labs: Both):
    """`input(0)` means the one that there is."""
    names = frozenset({"eachlabs", "eachlabs-api"})
    labs.world.apply(PutInputScript(InputScript(1, names, Plan(reject="invalid input: no"), 0)))

    assert labs.engine.post("/wf_1/trigger", {}) == (400, {"error": "invalid input: no"})


BAD_URLS = {
    "": "no URL",
    "not a url": "no URL",
    "ftp://example.test/x": "another scheme",
    "//example.test": "no scheme",
    "http://": "no host",
    "http:///hook": "no host",
    "http://user:password@example.test/": "user and password",
    "http://user@example.test/": "user",
    "http://a..b/": "an empty label",
    "http://.example.test/": "begins with a dot",
    "http://-a.example.test/": "a label begins with a hyphen",
    f"http://{'a' * 64}.test/": "a label of 64 characters",
    f"http://{'a.' * 130}test/": "a name of 264 characters",
    "http://exa%20mple.test/": "a space in the host",
    "http://a!b.test/": "a character that no name has",
    "http://999.1.1.1/": "no IPv4 address",
    "http://1.2.3/": "a short IPv4 address",
    "http://0x7f000001/": "a number for an address",
    "http://[::1::2]/": "no IPv6 address",
    "http://example.test:99999/": "no port",
    "http://example.test:0/": "port 0",
    "http://bücher.test/": "letters beyond ASCII",
}


@pytest.mark.parametrize("url", BAD_URLS, ids=BAD_URLS.values())
@pytest.mark.parametrize(
    ("contract", "path", "more"),
    [
        ("engine", "/wf_1/trigger", {}),
        ("engine", "/wf_1/bulk-trigger", {"inputs": [{}]}),
        ("engine", "/public/@acme/workflows/w/versions/v1/trigger", {"api_key": "el-test-key"}),
        ("api", "/workflows/trigger/wf_1/v1", {}),
        ("api", "/workflows/bulk-trigger/wf_1/v1", {"inputs": [{}]}),
    ],
    ids=["trigger", "bulk", "public", "api trigger", "api bulk"],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused(idle: Both, contract, path, more, url):
    """400 that names the field, at every trigger; nothing starts."""
    status, body = getattr(idle, contract).post(path, {**more, "webhook_url": url})

    assert status == 400
    assert body["error"].startswith("/webhook_url: ")
    assert idle.world.executions.all == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/hooks",
        "https://example.test",
        "http://my_app:3000/x?a=b",
        "http://127.0.0.1/",
        "http://[::1]:8080/",
        "http://example.test./",
        "http://xn--bcher-kva.test/",
    ],
)
def test_an_address_that_something_can_be_sent_to_is_taken(labs: Both, url):
    """Whether we may dial it is said when it is dialled, not here."""
    assert labs.engine.post("/wf_1/trigger", {"webhook_url": url})[0] == 202


def test_a_bad_address_in_the_query_is_named_so(labs: Both):
    """The query's field is told from the body's."""
    status, body = labs.api.post("/workflows/trigger/wf_1/v1?webhook_url=http://a..b/", {})

    assert (status, body) == (400, {"error": 'query webhook_url: no DNS allows the host "a..b"'})


def test_a_secret_that_no_header_can_carry_is_refused(labs: Both):
    """`webhook_secret` travels verbatim in a header."""
    for secret in ("a\nb", "ü", " a"):
        status, body = labs.api.post("/workflows/trigger/wf_1/v1", {"webhook_url": HOOK, "webhook_secret": secret})

        assert (status, "/webhook_secret" in body["error"]) == (400, True)
