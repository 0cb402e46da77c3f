"""each::labs' shared versions: read without a key, run with the key of whoever pays."""

from typing import Any

import pytest

from mockserver.engine.inputs import Declare
from tests.vendors.eachlabs_contracts import NOBODY, Both, both

PATH = "/public/@acme/workflows/cat-pictures/versions/v1"
NOT_SHARED = (404, {"error": "workflow version not found"})
NOT_FOR_ALL = (404, {"error": "workflow version not found or not publicly available"})
NO_KEY = (401, {"error": "Invalid or missing API key"})


@pytest.fixture
def labs() -> Both:
    return both()


def declare(labs: Both, **value) -> None:
    """One workflow called Cat pictures."""
    labs.world.apply(Declare("eachlabs", "workflows", "wf_cats", {"name": "Cat pictures", **value}))


def read(labs: Both, path: str = PATH) -> Any:
    """A GET without a key."""
    return labs.engine.told(labs.engine.caller.send("GET", path, key=False))


def run(labs: Both, body: dict[str, Any], *, contract: str = "engine", path: str = PATH, **headers: str) -> Any:
    """A trigger with the keys that are given, and no other."""
    caller = getattr(labs, contract).caller
    auth, caller.auth = caller.auth, ("X-Test", "1")
    try:
        return getattr(labs, contract).post(f"{path}/trigger", body, **headers)
    finally:
        caller.auth = auth


def test_a_shared_version_is_read_without_a_key(labs: Both):
    """Flat; fields that nobody set are left out."""
    declare(labs, public=True, versions=["v1", "v2"])

    assert read(labs) == (
        200,
        {
            "workflow_id": "wf_cats",
            "version_id": "v1",
            "slug": "cat-pictures",
            "name": "Cat pictures",
            "description": "",
            "status": "active",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        },
    )
    assert labs.api.told(labs.api.caller.send("GET", PATH, key=False))[0] == 200


def test_what_is_not_shared_is_not_found(labs: Both):
    """Neither read nor run, and no different from what does not exist."""
    declare(labs, versions=["v1"])

    assert read(labs) == NOT_SHARED
    assert run(labs, {"api_key": "el-test-key"}) == NOT_FOR_ALL
    assert read(labs, PATH.replace("v1", "v9")) == NOT_SHARED
    assert read(labs, PATH.replace("cat-pictures", NOBODY)) == NOT_SHARED


def test_a_nickname_that_is_named_counts(labs: Both):
    """`public: acme` is shared by acme alone."""
    declare(labs, public="acme")

    assert read(labs)[0] == 200
    assert read(labs, PATH.replace("@acme", "@other")) == NOT_SHARED


def test_a_version_put_with_allowed_to_share_is_shared(labs: Both):
    """And the others are not."""
    declare(labs, versions=["v1", "v2"])
    labs.api.put("/workflows/wf_cats/versions/v1", {"allowed_to_share": True})

    assert read(labs)[0] == 200
    assert read(labs, PATH.replace("v1", "v2")) == NOT_SHARED


def test_what_every_other_id_stands_for_is_shared(labs: Both):
    """The entry `"*"`, so that a first call works."""
    assert read(labs, "/public/@you/workflows/anything/versions/v3")[1]["version_id"] == "v3"


@pytest.mark.parametrize(
    ("body", "headers", "accepted"),
    [
        ({"api_key": "el-test-key"}, {}, True),
        ({}, {"X-API-Key": "el-test-key"}, True),
        ({"api_key": ""}, {"X-API-Key": "el-test-key"}, True),
        ({"api_key": "wrong"}, {"X-API-Key": "el-test-key"}, False),
        ({}, {"X-API-Key": "wrong"}, False),
        ({}, {}, False),
        ({}, {"Authorization": "Bearer el-test-key"}, False),
    ],
    ids=["body", "header", "empty in the body", "the body counts first", "wrong", "none", "bearer"],
)
@pytest.mark.parametrize("contract", ["engine", "api"])
def test_whoever_owns_the_key_pays(labs: Both, contract, body, headers, accepted):
    """In the body, else in the header; a bearer token is not read here."""
    status, told = run(labs, body, contract=contract, **headers)

    assert (status, told) == NO_KEY if not accepted else status == 202


def test_a_refused_key_is_told_to_the_test(labs: Both):
    """E105, as with every other operation."""
    run(labs, {})

    assert [one.code for one in labs.world.journal.entries[-1].violations] == ["E105"]


def test_its_run_is_one_like_any_other(labs: Both):
    """It is validated, read and listed."""
    declare(labs, public=True, input_schema={"required": ["prompt"], "properties": {"prompt": {"type": "string"}}})

    assert run(labs, {"api_key": "el-test-key"}) == (400, {"error": "invalid input: missing required field 'prompt'"})
    _, told = run(labs, {"api_key": "el-test-key", "inputs": {"prompt": "cat"}})
    _, page = labs.engine.get("/workflows/wf_cats/executions")
    assert [row["execution_id"] for row in page["executions"]] == [told["execution_id"]]
