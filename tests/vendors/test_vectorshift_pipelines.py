"""VectorShift's pipelines as things that are kept, spoken to by function call."""

import re

import pytest

from mockserver.engine.inputs import Advance, Declare
from tests.callers import answer, caller


def get(one, path):
    return one.send("GET", path, headers={"Content-Type": "application/json"})


def fetched(one, id, more=""):
    entry = get(one, f"/pipeline?id={id}{more}")
    assert entry.answer.status == 200, entry.answer.body
    assert entry.violations == ()
    return answer(entry)["object"]


def created(one, name="made", **more):
    entry = one.post("/pipeline", {"name": name, "nodes": {}, **more})
    assert entry.violations == ()
    return answer(entry)["id"]


def listed(one, query=""):
    entry = get(one, f"/pipelines{query}")
    assert entry.violations == ()
    return answer(entry)


def node(kind, name, **fields):
    return {"id": f"{kind}_{name}", "name": name, "type": kind, "inputs": fields}


ECHO = {
    "input_1": node("input", "q", input_type="string"),
    "output_1": node("output", "o", output_type="string", value="{{ input_1.text }}"),
}


def run(one, id, inputs, **more):
    entry = one.post(f"/pipeline/{id}/run", {"inputs": inputs, **more})
    assert entry.violations == ()
    return entry


def test_a_new_pipeline_has_an_id_of_24_digits_and_can_be_fetched(vectorshift):
    """What was sent is what is shown, with the branch that the SDK asks for."""
    id = created(vectorshift, "made", description="mine", nodes=ECHO)

    shown = fetched(vectorshift, id)
    assert re.fullmatch("[0-9a-f]{24}", id)
    assert (shown["_id"], shown["name"], shown["description"]) == (id, "made", "mine")
    assert shown["nodes"] == ECHO
    assert re.fullmatch("[0-9a-f]{24}", shown["mainBranch"])
    assert shown["createdDate"] == "2026-01-01T00:00:00Z"


def test_two_pipelines_of_one_body_are_two(vectorshift):
    """Names may be given twice."""
    assert created(vectorshift) != created(vectorshift)


def test_the_documented_body_needs_a_config_when_only_the_pages_count(vectorshift):
    """The page requires `config` and never says what it is; the SDK sends none."""
    pages = caller("vectorshift", documented_only=True)

    assert pages.post("/pipeline", {"name": "made"}).answer.status == 400
    assert pages.post("/pipeline", {"name": "made", "config": {"x": 1}}).answer.status == 200
    assert vectorshift.post("/pipeline", {"name": "made", "config": {"x": 1}}).answer.status == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=made&description=mine&config=%7B%7D"),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nmade\r\n'
            b'--B\r\nContent-Disposition: form-data; name="description"\r\n\r\nmine\r\n--B--\r\n',
        ),
    ],
)
def test_a_pipeline_can_be_created_by_form(vectorshift, content_type, body):
    """All three documented bodies."""
    id = answer(vectorshift.send("POST", "/pipeline", body, {"Content-Type": content_type}))["id"]

    assert fetched(vectorshift, id)["description"] == "mine"


def test_the_list_has_what_was_declared_or_made(vectorshift):
    """In order, and without what `"*"` stands for; whole objects on request."""
    first, second = created(vectorshift, "one"), created(vectorshift, "two")

    assert listed(vectorshift) == {"status": "success", "object_ids": [first, second]}
    verbose = listed(vectorshift, "?verbose=true")
    assert [one["name"] for one in verbose["objects"]] == ["one", "two"]
    assert verbose["object_ids"] == [first, second]


def test_the_list_is_paged_and_filtered_as_the_sdk_asks(vectorshift):
    """`offset`, `limit`, `folder_id` and `include_shared`."""
    ids = [created(vectorshift, str(number)) for number in range(5)]
    vectorshift.world.apply(Declare("vectorshift", "pipelines", "theirs", {"shared": True}))
    vectorshift.post(f"/update/pipeline/{ids[4]}", {"folder_id": "f1"})

    assert listed(vectorshift, "?offset=1&limit=2")["object_ids"] == ids[1:3]
    assert listed(vectorshift, "?limit=0")["object_ids"] == []
    assert listed(vectorshift, "?offset=99")["object_ids"] == []
    assert listed(vectorshift, "?folder_id=f1")["object_ids"] == [ids[4]]
    assert listed(vectorshift, "?include_shared=true")["object_ids"] == [*ids, "theirs"]


@pytest.mark.parametrize("query", ["?offset=-1", "?limit=x", "?verbose=perhaps"])
def test_a_page_that_cannot_be_is_refused(vectorshift, query):
    """400 in the vendor's shape."""
    entry = get(vectorshift, f"/pipelines{query}")

    assert entry.answer.status == 400
    assert answer(entry)["status"] == "failed"
    assert [violation.code for violation in entry.violations] == ["E102"]


def test_a_pipeline_is_fetched_by_name(vectorshift):
    """Of several it is the one that was changed last; the SDK says so."""
    ids = [created(vectorshift, "twin") for _ in range(2)]
    vectorshift.world.apply(Advance(5))
    vectorshift.post(f"/update/pipeline/{ids[0]}", {"description": "newer"})

    found = answer(get(vectorshift, "/pipeline?name=twin&username=u&org_name=o"))["object"]

    assert (found["_id"], found["description"]) == (ids[0], "newer")


def test_a_name_that_nobody_gave_is_what_the_star_stands_for(vectorshift):
    """Fetched twice it is one pipeline; without `"*"` there is none."""
    ids = {answer(get(vectorshift, "/pipeline?name=any"))["object"]["_id"] for _ in range(2)}

    assert len(ids) == 1
    assert run(vectorshift, ids.pop(), {"q": 1}).answer.status == 200


def test_only_what_is_declared_exists_without_a_star(tmp_path):
    """By id and by name: 404 in the words of the SDK's tests."""
    fixture = tmp_path / "one.yaml"
    fixture.write_text(
        "format: 1\nvendor: vectorshift\napi_keys: [vs-test-key]\nresources: {pipelines: {p1: {name: One}}}\n"
    )
    one = caller("vectorshift", fixtures=(str(fixture),))

    assert answer(get(one, "/pipeline?name=One"))["object"]["_id"] == "p1"
    for path in ("/pipeline?id=p2", "/pipeline?name=Two"):
        entry = get(one, path)
        assert entry.answer.status == 404
        assert answer(entry) == {"status": "failed", "error": "Pipeline not found"}
        assert entry.violations == ()


@pytest.mark.parametrize("query", ["", "?username=u", "?id="])
def test_a_fetch_of_nothing_is_refused(vectorshift, query):
    """The vendor's own sentence."""
    entry = get(vectorshift, f"/pipeline{query}")

    assert entry.answer.status == 400
    assert answer(entry) == {"status": "failed", "error": "Pipeline ID is required"}


def test_a_saved_pipeline_runs_as_saved(vectorshift):
    """Before, it gives made-up values; after, it echoes."""
    id = created(vectorshift)

    assert answer(run(vectorshift, id, {"q": "x"}))["outputs"] == {}
    saved = vectorshift.post(f"/update/pipeline/{id}", {"nodes": ECHO, "canvas_metadata": {}, "branch_id": None})
    assert answer(saved) == {"status": "success"}
    assert answer(run(vectorshift, id, {"q": "x", "undeclared": 1}))["outputs"] == {"o": "x"}


def test_each_deployment_is_a_version(vectorshift):
    """A version can be fetched and run, and gone back to; one that never was is refused."""
    id = created(vectorshift, nodes=ECHO)
    other = {"output_1": node("output", "o", value="constant")}
    for bump in ("patch", "minor", "major"):
        vectorshift.post(f"/update/pipeline/{id}", {"nodes": other, "deploy": True, "bump": bump})

    assert fetched(vectorshift, id)["version"] == "2.0.0"
    assert fetched(vectorshift, id, "&version=1.0.0")["nodes"] == ECHO
    assert answer(run(vectorshift, id, {"q": "x"}, version="1.1.0"))["outputs"] == {"o": "constant"}
    assert answer(run(vectorshift, id, {"q": "x"}, version="1.0.0"))["outputs"] == {"o": "x"}
    assert answer(vectorshift.post(f"/pipeline/{id}/revert", {"version": "1.0.0"})) == {"status": "success"}
    assert answer(run(vectorshift, id, {"q": "x"}))["outputs"] == {"o": "x"}


@pytest.mark.parametrize("version", ["9.9.9", "one", "", "1.0", "1.0.0.0"])
def test_a_version_that_never_was_is_refused(vectorshift, version):
    """In the words of the SDK's tests, wherever a version is named."""
    id = created(vectorshift, nodes=ECHO)
    wanted = {"status": "failed", "error": f"Invalid pipeline version: {version}"}

    for entry in (
        get(vectorshift, f"/pipeline?id={id}&version={version}"),
        run(vectorshift, id, {}, version=version),
        vectorshift.post(f"/pipeline/{id}/revert", {"version": version}),
    ):
        assert (entry.answer.status, answer(entry)) == (400, wanted)


def test_a_copy_runs_like_its_original(vectorshift):
    """It has an id and a name of its own."""
    id = created(vectorshift, "echo", nodes=ECHO)

    copy = answer(vectorshift.post(f"/pipeline/{id}/duplicate", {}))["id"]

    assert copy != id
    assert fetched(vectorshift, copy)["name"] == "Copy of echo"
    assert answer(run(vectorshift, copy, {"q": "x"}))["outputs"] == {"o": "x"}


def test_a_deleted_pipeline_is_gone(vectorshift):
    """Although `"*"` stands for every id."""
    id = created(vectorshift)

    deleted = vectorshift.send("DELETE", f"/pipeline/{id}", headers={"Content-Type": "application/json"})

    assert answer(deleted) == {"status": "success"}
    assert run(vectorshift, id, {}).answer.status == 404
    assert get(vectorshift, f"/pipeline?id={id}").answer.status == 404
    assert vectorshift.send("DELETE", f"/pipeline/{id}").answer.status == 404
    assert listed(vectorshift)["object_ids"] == []


def test_a_node_is_taken_out_with_its_edges(vectorshift):
    """By id or by name; one that is not there is a 404."""
    edges = [{"source": "input_1", "target": "output_1"}]
    canvas = {"nodes": {"input_1": {}, "output_1": {}}, "edges": edges}
    id = created(vectorshift, nodes=ECHO, canvas_metadata=canvas)
    path = f"/pipeline/{id}/remove-node"

    assert answer(vectorshift.post(path, {"node_name": "o"})) == {"status": "success", "node_id": "output_1"}
    assert vectorshift.post(path, {"node_id": "output_1"}).answer.status == 404
    assert vectorshift.post(path, {}).answer.status == 400
    shown = fetched(vectorshift, id)
    assert list(shown["nodes"]) == ["input_1"]
    assert shown["canvas_metadata"] == {"nodes": {"input_1": {}}, "edges": []}


def test_sharing_is_remembered(vectorshift):
    """Once for each user and organisation; with nobody it is refused."""
    id = created(vectorshift)
    for body in ({"user_id": "u1"}, {"org_id": "o1", "role": "viewer"}, {"user_id": "u1", "role": "editor"}):
        assert answer(vectorshift.post(f"/pipeline/{id}/share", body)) == {"status": "success"}

    vectorshift.post(f"/pipeline/{id}/unshare", {"org_id": "o1"})

    assert fetched(vectorshift, id)["shared_with"] == [{"role": "editor", "user_id": "u1"}]
    assert vectorshift.post(f"/pipeline/{id}/share", {"role": "viewer"}).answer.status == 400


def test_a_listing_can_be_taken_out_once(vectorshift):
    """Publish gives the id that unpublish takes; of an unknown pipeline there is no listing."""
    body = {"object_type": "pipeline", "object_id": created(vectorshift), "title": "Mine", "tags": ["a"]}

    listing = answer(vectorshift.post("/marketplace/publish", body))["id"]

    statuses = [vectorshift.send("DELETE", f"/marketplace/{listing}").answer.status for _ in range(2)]
    assert statuses == [200, 404]
    assert vectorshift.post("/marketplace/publish", {**body, "object_id": "0" * 24}).answer.status == 404


@pytest.mark.parametrize("verb", ["terminate", "pause"])
def test_a_run_that_is_over_cannot_be_stopped(vectorshift, verb):
    """No task of it is left."""
    entry = vectorshift.post(f"/pipeline/p1/{verb}", {"run_id": "r1"})

    assert (entry.answer.status, answer(entry)["error"]) == (404, "Run not found")
    assert entry.undeclared is False


UNKNOWN = "0" * 24


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"/pipeline/{UNKNOWN}", None),
        ("POST", f"/pipeline/{UNKNOWN}/run", {"inputs": {}}),
        ("POST", f"/pipeline/{UNKNOWN}/bulk-run", {"runs": []}),
        ("POST", f"/update/pipeline/{UNKNOWN}", {}),
        ("POST", f"/pipeline/{UNKNOWN}/duplicate", {}),
        ("POST", f"/pipeline/{UNKNOWN}/revert", {"version": "1.0.0"}),
        ("POST", f"/pipeline/{UNKNOWN}/share", {"user_id": "u"}),
        ("POST", f"/pipeline/{UNKNOWN}/unshare", {"user_id": "u"}),
        ("POST", f"/pipeline/{UNKNOWN}/remove-node", {"node_id": "n"}),
        ("POST", f"/pipeline/{UNKNOWN}/terminate", {"run_id": "r"}),
        ("POST", f"/pipeline/{UNKNOWN}/pause", {"run_id": "r"}),
        ("POST", f"/pipeline/{UNKNOWN}/resume", {"run_ids": ["r"]}),
        ("GET", f"/pipeline/{UNKNOWN}/run/status/t1", None),
        ("GET", f"/pipeline?id={UNKNOWN}", None),
    ],
)
def test_every_call_about_an_unknown_pipeline_is_a_404(vectorshift, method, path, body):
    """In the same words, declared, and no breach."""
    entry = vectorshift.post(path, body) if body is not None else vectorshift.send(method, path)

    assert entry.answer.status == 404
    assert answer(entry) == {"status": "failed", "error": "Pipeline not found"}
    assert entry.violations == ()
    assert entry.undeclared is False


def test_an_id_that_only_a_scenario_names_exists_until_it_is_deleted(tmp_path):
    """Nothing is known of it, so it takes every run."""
    fixture = tmp_path / "one.yaml"
    fixture.write_text(
        "format: 1\nvendor: vectorshift\napi_keys: [vs-test-key]\nscenarios:\n  - name: one\n"
        "    operation: runPipeline\n    when: {path: {id: p9}, body_has: {inputs: {q: never}}}\n"
        "    then: {executions: [{}]}\n"
    )
    one = caller("vectorshift", fixtures=(str(fixture),))

    before = run(one, "p9", {}).answer.status
    one.send("DELETE", "/pipeline/p9")

    assert (before, run(one, "p9", {}).answer.status) == (200, 404)


@pytest.mark.parametrize("star", ["*", "%2A"])
def test_a_star_is_no_id_that_a_client_can_name(vectorshift, star):
    """What stands for every other id is read, run, changed and deleted by nobody, and goes on to stand for them."""
    entries = [
        get(vectorshift, f"/pipeline?id={star}"),
        vectorshift.send("DELETE", f"/pipeline/{star}"),
        vectorshift.post(f"/update/pipeline/{star}", {"name": "x"}),
        vectorshift.post(f"/pipeline/{star}/run", {"inputs": {}}),
        vectorshift.post(f"/pipeline/{star}/bulk_run", {"runs": []}),
        vectorshift.post(f"/pipeline/{star}/duplicate", {}),
        vectorshift.post("/marketplace/publish", {"object_type": "pipeline", "object_id": "*", "title": "Mine"}),
        vectorshift.send("DELETE", f"/marketplace/{star}"),
    ]

    assert [entry.answer.status for entry in entries] == [404] * len(entries)
    assert fetched(vectorshift, "anything")["name"] == "anything"
    assert answer(get(vectorshift, "/pipeline?name=anything"))["object"]["name"] == "anything"


def test_documented_only_shows_where_the_sdk_would_fail():
    """Its own paths are unknown, its own fields are not known to mean anything, and the pages' calls still work."""
    pages = caller("vectorshift", documented_only=True)
    verbs = ["duplicate", "revert", "share", "bulk-run"]
    paths = ["/update/pipeline/p1", *(f"/pipeline/p1/{verb}" for verb in verbs)]

    unknown = [pages.post(path, {}) for path in paths]
    odd = {"session_id": 5, "version": {}, "trace_id": [], "nodes": 5}
    known = [
        run(pages, "p1", {"q": "x"}, **odd),
        get(pages, "/pipelines?offset=x&limit=y&offset=z"),
        get(pages, "/pipeline?id=p1"),
    ]

    assert [(entry.answer.status, entry.violations[0].code) for entry in unknown] == [(404, "E108")] * len(paths)
    assert [entry.answer.status for entry in known] == [200] * 3
    assert [entry.violations for entry in known] == [()] * 3
