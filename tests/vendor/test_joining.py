"""A third vendor joins by entry point: a spec and one value of type Vendor, and nothing of ours is touched."""

import json

import pytest

from mockserver.engine.inputs import Advance, Attempted, Dial
from mockserver.engine.settings import Settings
from mockserver.engine.world import World
from mockserver.errors import UsageError
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors
from tests.callers import Caller, answer
from tests.vendor.bakery import SECRET, VENDOR


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """What pip leaves of a distribution with an entry point, on the path."""

    def install(value):
        folder = tmp_path / "bakery-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: bakery\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[mockserver.vendors]\nbakery = {value}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


@pytest.fixture
def bakery(installed):
    """The bakery, served beside ours."""
    installed("tests.vendor.bakery:VENDOR")
    services = assemble(Wanted(vendors=("bakery", "vectorshift")))
    return Caller(World(services, Settings()), services[0].mounts[0], ("X-Baker", "dough"))


def test_it_joins_by_entry_point(installed):
    """Installed is enough."""
    installed("tests.vendor.bakery:VENDOR")

    assert vendors()["bakery"] is VENDOR
    assert list(vendors())[:2] == ["vectorshift", "eachlabs"]


@pytest.mark.parametrize("value", ["tests.vendor.nowhere:VENDOR", "tests.vendor.bakery:SECRET"])
def test_one_that_cannot_be_loaded_is_named(installed, value):
    """One sentence that says which and why."""
    installed(value)

    with pytest.raises(UsageError, match="the vendor bakery"):
        vendors()


def test_it_is_validated_refused_and_answered_in_its_own_words(bakery):
    """Its document, its refusals, its key."""
    refused = bakery.post("/batches", {"loaves": []})
    locked = bakery.send("POST", "/batches", b"{}", {"Content-Type": "application/json"}, key=False)
    accepted = bakery.post("/batches", {"loaves": [{"flour": "rye"}]})

    assert (refused.answer.status, list(answer(refused))) == (400, ["oops"])
    assert locked.answer.status == 401
    assert answer(accepted)["loaves"][0]["state"] == "rising"
    assert accepted.violations == ()


def test_its_executions_live_by_its_own_lifecycle(bakery):
    """Rising, baking, baked; a poller under `auto` meets each state once."""
    (loaf,) = answer(bakery.post("/batches", {"loaves": [{}]}))["loaves"]

    seen = [answer(bakery.send("GET", f"/loaves/{loaf['id']}"))["state"] for _ in range(4)]

    assert seen == ["rising", "baking", "baked", "baked"]
    assert bakery.world.clock.now == bakery.world.settings.start + 90.0


def test_its_webhooks_are_its_own(bakery):
    """Its body, its signature, its retries; the engine knows none of them."""
    bakery.post("/batches", {"loaves": [{}, {}], "tell": "http://127.0.0.1:9/told"})
    bakery.world.apply(Advance(90.0))

    first, second = bakery.world.apply(Dial(1_000_000.0))
    bakery.world.apply(Attempted(first.delivery, 500))
    bakery.world.apply(Attempted(second.delivery, 204))
    bakery.world.apply(Advance(5.0))
    (again,) = bakery.world.apply(Dial(1_000_005.0))

    assert json.loads(first.body)["state"] == "baked"
    assert dict(first.headers)["X-Webhook-Timestamp"] == "1000000"
    assert dict(again.headers)["X-Webhook-Timestamp"] == "1000005"
    assert VENDOR.webhooks is not None
    assert VENDOR.webhooks.signing is not None
    named = {name.lower(): value for name, value in again.headers}
    assert VENDOR.webhooks.signing.verify(named, again.body, now=1_000_006.0) == ""
    assert (again.delivery, again.number) == (first.delivery, 2)
    assert [one.state for one in bakery.world.outbox.all] == ["pending", "delivered"]
    assert SECRET not in str(first.headers)
