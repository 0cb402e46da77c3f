"""What each::labs sends when runs end, and what its delivery log says of it. Nothing is really posted."""

import json
from urllib.parse import quote

import pytest

from mockserver.engine.delivery import Posting, script_from
from mockserver.engine.inputs import Attempted, Dial, PutDeliveryScript, PutInputScript
from mockserver.engine.signing import Signing
from mockserver.engine.stubs import InputScript
from mockserver.scenario.model import Plan
from mockserver.vendors.eachlabs import VENDOR
from tests.vendors.eachlabs_contracts import HOOK, NOBODY, Both, both

WALL = 1_800_000_000.0


@pytest.fixture
def labs() -> Both:
    return both()


def posted(labs: Both, *statuses: int) -> tuple[Posting, ...]:
    """What has to be posted now; the receiver answers with these statuses, 200 if none are given."""
    found = labs.world.apply(Dial(WALL))
    for number, one in enumerate(found):
        labs.world.apply(Attempted(one.delivery, statuses[number] if statuses else 200, ms=1.0, answer=b"ok"))
    return found


def queue(labs: Both, *inputs, **more) -> list[str]:
    """The ids of the runs of a bulk that tells of its end."""
    _, body = labs.engine.post("/wf_1/bulk-trigger", {"inputs": list(inputs), "webhook_url": HOOK, **more})
    return [one["execution_id"] for one in body["executions"]]


def end(labs: Both, index: int, ends: str) -> None:
    """The input at `index` ends so."""
    script = InputScript(index + 1, frozenset({"eachlabs", "eachlabs-api"}), Plan(ends=ends), index)
    labs.world.apply(PutInputScript(script))


def test_each_run_sends_its_own_when_it_ends(labs: Both):
    """The body is what a read says, with `bulk_id`; a cancelled run sends none."""
    end(labs, 1, "failed")
    end(labs, 2, "cancelled")
    ids = queue(labs, {"n": 1}, {"n": 2}, {"n": 3})
    assert posted(labs) == ()
    labs.pass_by(5)

    found = posted(labs)
    assert [json.loads(one.body) for one in found] == [labs.engine.get(f"/executions/{id}")[1] for id in ids[:2]]
    assert [json.loads(one.body)["status"] for one in found] == ["completed", "failed"]
    assert all(json.loads(one.body)["bulk_id"] for one in found)
    assert {one.url for one in found} == {HOOK}
    assert found[0].headers == (("Content-Type", "application/json"),)


def test_the_body_is_that_of_the_contract_that_started_it(labs: Both):
    """api-service adds the version and the cost."""
    labs.api.post("/workflows/trigger/wf_1/v2", {"webhook_url": HOOK})
    labs.pass_by(5)

    (one,) = posted(labs)
    body = json.loads(one.body)
    assert (body["version_id"], body["total_cost"], "bulk_id" in body) == ("v2", 0, False)


@pytest.mark.parametrize("document", [0, 1], ids=["engine", "api"])
def test_bodies_are_what_the_documents_promise(labs: Both, document):
    """ExecutionNotification of the callback."""
    end(labs, 1, "failed")
    queue(labs, {}, {})
    labs.api.post("/workflows/bulk-trigger/wf_1/v1", {"inputs": [{}, {}], "webhook_url": HOOK})
    labs.pass_by(5)

    checker = labs.world.services[document].document.checker("/components/schemas/ExecutionNotification")
    assert [checker.fits(json.loads(one.body)) for one in posted(labs)] == [True] * 4


def test_three_attempts_ten_seconds_apart(labs: Both):
    """The newer of the two schedules that pages know, and any 2xx will do."""
    queue(labs, {})
    labs.pass_by(5)
    assert len(posted(labs, 500)) == 1
    labs.pass_by(9.9)
    assert posted(labs) == ()
    labs.pass_by(0.1)
    assert len(posted(labs, 302)) == 1
    labs.pass_by(10)
    assert len(posted(labs, 204)) == 1

    (delivery,) = labs.world.outbox.all
    assert (delivery.state, [one.status for one in delivery.attempts]) == ("delivered", [500, 302, 204])


def test_its_schedule_has_a_name(labs: Both):
    """`retry: eachlabs` is known to fixtures and tests."""
    assert VENDOR.webhooks is not None
    assert VENDOR.webhooks.schedules["eachlabs"] == (0.0, 10.0, 10.0)


def test_one_for_the_whole_batch_on_request(labs: Both):
    """Some pages speak of one; its body is a guess. It comes when the last run has ended."""
    assert VENDOR.webhooks is not None
    script = script_from({"per": "batch"}, labs.world.delivery_script("eachlabs"), VENDOR.webhooks.schedules)
    labs.world.apply(PutDeliveryScript("eachlabs-api", script))
    end(labs, 0, "failed")
    ids = queue(labs, {}, {})
    labs.pass_by(5)

    (one,) = posted(labs)
    body = json.loads(one.body)
    assert (body["status"], body["workflow_id"]) == ("failed", "wf_1")
    assert [run["execution_id"] for run in body["executions"]] == ids
    assert body["bulk_id"] == body["executions"][0]["bulk_id"]


def test_a_secret_is_sent_and_signs(labs: Both):
    """The secret itself and an HMAC, so that a receiver of either kind is content; new for each attempt."""
    labs.api.post("/workflows/trigger/wf_1/v1", {"webhook_url": HOOK, "webhook_secret": "s3cret"})
    labs.pass_by(5)

    (one,) = posted(labs)
    headers = {name.lower(): value for name, value in one.headers}
    assert headers["x-webhook-secret"] == "s3cret"
    for scheme in ("secret", "hmac", "secret+hmac"):
        assert Signing(scheme, ("s3cret",)).verify(headers, one.body, WALL) == ""
        assert Signing(scheme, ("other",)).verify(headers, one.body, WALL) != ""
    assert Signing("secret+hmac", ("s3cret",)).verify(headers, one.body + b" ", WALL) != ""


def test_the_engine_knows_no_secret(labs: Both):
    """Its triggers have no such field; what is not declared does nothing."""
    queue(labs, {}, webhook_secret="s3cret")
    labs.pass_by(5)

    (one,) = posted(labs)
    assert [name for name, _ in one.headers] == ["Content-Type"]


def test_the_log_has_one_record_for_each_run(labs: Both):
    """Newest first; `offset` echoes what was asked for."""
    ids = queue(labs, {}, {}, {})
    labs.pass_by(5)
    posted(labs)

    status, body = labs.api.get("/webhooks?limit=2&offset=1")
    assert (status, body["limit"], body["offset"], body["total_count"]) == (200, 2, 1, 3)
    assert [one["execution_id"] for one in body["webhooks"]] == [ids[1], ids[0]]
    assert body["webhooks"][0]["url"] == HOOK
    assert json.loads(body["webhooks"][0]["request"])["execution_id"] == ids[1]
    assert body["webhooks"][0]["created_at"] == "2026-01-01T00:00:05Z"


def test_the_log_tells_every_attempt(labs: Both):
    """FAILED, SUCCESS, and PENDING for what is due or under way."""
    (id,) = queue(labs, {})
    labs.pass_by(5)
    before = labs.api.get(f"/webhooks/{id}")[1]["attempts"]
    posted(labs, 500)
    between = labs.api.get(f"/webhooks/{id}")[1]["attempts"]
    labs.pass_by(10)
    posted(labs)
    after = labs.api.get(f"/webhooks/{id}")[1]["attempts"]

    failed = {
        "status": "FAILED",
        "status_code": 500,
        "response": "ok",
        "error_message": None,
        "created_at": "2026-01-01T00:00:05Z",
    }
    assert before == [{"status": "PENDING", "created_at": "2026-01-01T00:00:05Z"}]
    assert between == [failed, {"status": "PENDING", "created_at": "2026-01-01T00:00:15Z"}]
    assert [one["status"] for one in after] == ["FAILED", "SUCCESS"]


def test_an_attempt_that_got_no_answer(labs: Both):
    """Its error, and no status."""
    (id,) = queue(labs, {})
    labs.pass_by(5)
    (one,) = labs.world.apply(Dial(WALL))
    labs.world.apply(Attempted(one.delivery, None, "connection refused"))

    attempt = labs.api.get(f"/webhooks/{id}")[1]["attempts"][0]
    assert (attempt["status"], attempt["status_code"], attempt["error_message"]) == (
        "FAILED",
        None,
        "connection refused",
    )


def test_an_unknown_webhook(labs: Both):
    """400 for an id that is none, 404 for a run that told nobody."""
    _, body = labs.engine.post("/wf_1/trigger", {})
    labs.pass_by(5)

    assert labs.api.get("/webhooks/exec-1") == (400, {"error": "invalid execution_id"})
    for id in (NOBODY, body["execution_id"]):
        assert labs.api.get(f"/webhooks/{id}") == (404, {"error": "webhook not found"})


def test_reading_the_log_moves_an_auto_clock(labs: Both):
    """First the run, then the attempts that are due: a client that polls for its webhook never hangs."""
    (id,) = queue(labs, {})
    answers = []
    for _ in range(6):
        status, body = labs.api.get(f"/webhooks/{quote(id)}")
        answers.append([one["status"] for one in body["attempts"]] if status == 200 else status)
        posted(labs, 503)

    assert answers == [404, 404, ["FAILED", "PENDING"], ["FAILED", "FAILED", "PENDING"], ["FAILED"] * 3, ["FAILED"] * 3]
