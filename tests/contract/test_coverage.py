"""Coverage: what was seen of what is declared, as values and as a table."""

from __future__ import annotations

import json

import pytest

from mockserver.contract.coverage import (
    Coverage,
    LifecycleCoverage,
    OperationCoverage,
    ServiceCoverage,
    Share,
    covered,
    of_world,
    percent,
    together,
)
from mockserver.contract.coverage_table import render
from mockserver.engine.inputs import Advance, Attempted, ClearJournal, Dial, PutInputScript, PutStub
from mockserver.engine.messages import Request
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.engine.world import World
from mockserver.scenario.model import Fault, Plan, Respond
from tests.contract.documents import shop, world_of
from tests.http.jobs import jobs_service


def answers(coverage: Coverage, operation: str) -> Share:
    """The answers of one operation."""
    (found,) = (one.answers for service in coverage.services for one in service.operations if one.id == operation)
    return found


def scripted(operation: str, *then: Respond | Fault, number: int = 1) -> PutStub:
    """A stub of the shop that answers so, one after another."""
    return PutStub(Stub(number, operation, frozenset({("shop", operation)}), tuple(Step(one) for one in then)))


def jobs_world() -> World:
    """A world of the vendor that starts executions."""
    return World((jobs_service(),), Settings(clock="manual"))


def start_jobs(world: World, *inputs: str, hook: str = "") -> None:
    """Start a job for each input."""
    body = json.dumps({"inputs": inputs, **({"hook": hook} if hook else {})}).encode()
    world.apply(
        Request("POST", "/jobs-api/jobs", "/jobs-api/jobs", headers=(("Content-Type", "application/json"),), body=body)
    )


def test_answers_are_told_apart_by_operation_and_status() -> None:
    """Each declared answer was seen so often, or is missing; each call is counted."""
    world, send = world_of(shop())
    for target in ("/shop/orders", "/shop/orders?page=2", "/shop/orders?page=x"):
        send("GET", target)

    coverage = of_world(world)

    assert answers(coverage, "listOrders") == Share.of(["200", "400", "default"], {"200": 2, "400": 1})
    assert answers(coverage, "listOrders").missing == ("default",)
    assert answers(coverage, "GET /health") == Share.of(["204"])
    assert [one.calls for one in coverage.services[0].operations] == [3, 0, 0]
    assert (coverage.met, coverage.declared, coverage.percent) == (2, 6, 33.3)


def test_a_status_counts_as_what_declares_it() -> None:
    """404 is `4XX` where that is declared, 500 is `default`; what nothing declares is seen, and covers nothing."""
    world, send = world_of(shop())
    world.apply(scripted("listOrders", Respond(500)))
    send("GET", "/shop/orders")
    world.apply(scripted("order", Respond(404), Respond(503), number=2))
    send("POST", "/shop/orders")
    send("POST", "/shop/orders")

    coverage = of_world(world)

    assert answers(coverage, "listOrders").met == ("default",)
    assert (answers(coverage, "order").met, answers(coverage, "order").undeclared) == (("4XX",), ("503",))


def test_an_alias_counts_as_its_operation() -> None:
    """Both paths are one operation."""
    world, send = world_of(shop())
    send("POST", "/shop/orders")
    send("POST", "/shop/order")

    coverage = of_world(world)

    assert answers(coverage, "order").seen == {"201": 2}
    assert len(coverage.services[0].operations) == 3


def test_a_broken_connection_is_a_call_and_no_answer() -> None:
    """Nobody saw the status of a reset, nor of a body that broke off."""
    world, send = world_of(shop())
    world.apply(scripted("order", Fault("reset"), Fault("truncate")))
    send("POST", "/shop/orders")
    send("POST", "/shop/orders")

    coverage = of_world(world)

    assert coverage.services[0].operations[1].calls == 2
    assert answers(coverage, "order").seen == {}


def test_nothing_is_forgotten_with_the_journal() -> None:
    """Entries that fell out of the bounded journal, and cleared ones, count on."""
    world, send = world_of(shop(), entries=2)
    send("GET", "/shop/orders?page=x")
    for _ in range(4):
        send("GET", "/shop/orders")
    world.apply(ClearJournal())
    send("GET", "/shop/health")

    coverage = of_world(world)

    assert len(world.journal.entries) == 1
    assert answers(coverage, "listOrders").seen == {"200": 4, "400": 1}
    assert answers(coverage, "GET /health").seen == {"204": 1}


def test_only_services_that_were_reached_or_asked_for_are_there() -> None:
    """A world that serves much is not told about what nobody uses."""
    world, send = world_of(shop("one"), shop("two"), shop("three"))
    send("GET", "/two/health")

    assert [service.name for service in of_world(world).services] == ["two"]
    assert [service.name for service in of_world(world, asked=("three",)).services] == ["two", "three"]


def test_a_request_for_no_operation_reaches_its_service() -> None:
    """An unknown path below a base URL: the service was used, whatever came of it."""
    world, send = world_of(shop())
    send("GET", "/shop/nowhere")
    send("GET", "/nowhere")

    coverage = of_world(world)

    assert (coverage.requests, coverage.met, coverage.services[0].requests) == (1, 0, 1)


def test_ends_of_executions_count_once_one_was_started() -> None:
    """How they ended, of what the lifecycle knows; those that still live have not ended."""
    world = jobs_world()
    assert of_world(world).lifecycles == ()

    world.apply(PutInputScript(InputScript(1, frozenset({"jobs"}), Plan(ends="failed"), 1)))
    start_jobs(world, "a", "b", "c")
    world.apply(Advance(5.0))
    start_jobs(world, "d")

    (lifecycle,) = of_world(world).lifecycles
    assert (lifecycle.vendor, lifecycle.started) == ("jobs", 4)
    assert lifecycle.ends == Share.of(["cancelled", "completed", "failed"], {"completed": 2, "failed": 1})


def test_webhooks_are_told_and_do_not_count() -> None:
    """Only those that were delivered; a client may poll instead."""
    world = jobs_world()
    start_jobs(world, "a", hook="http://127.0.0.1:1/hook")
    world.apply(Advance(5.0))
    before = of_world(world)
    for posting in world.apply(Dial(0.0)):
        world.apply(Attempted(posting.delivery, 200))

    after = of_world(world)

    assert before.lifecycles[0].webhooks == Share.of(["completed", "failed"])
    assert after.lifecycles[0].webhooks == Share.of(["completed", "failed"], ["completed"])
    assert (before.met, before.declared) == (after.met, after.declared) == (2, 5)


def test_parts_merge_to_what_one_count_would_have_said() -> None:
    """In whatever order: worlds, workers, runs."""
    one, two = (world_of(shop("shop"), shop("other")) for _ in range(2))
    one[1]("GET", "/shop/orders")
    one[1]("GET", "/other/health")
    two[1]("GET", "/shop/orders?page=x")
    two[1]("GET", "/shop/orders")
    jobs = jobs_world()
    start_jobs(jobs, "a")
    parts = [of_world(one[0]), of_world(two[0]), of_world(jobs), of_world(jobs)]

    merged = together(parts)

    assert merged == together(reversed(parts))
    assert [service.name for service in merged.services] == ["jobs", "other", "shop"]
    assert merged.services[2].operations[0].answers.seen == {"200": 2, "400": 1}
    assert (merged.services[2].requests, merged.lifecycles[0].started) == (3, 2)


def test_documents_of_one_name_stay_apart() -> None:
    """Two tests may each have a `shop.yaml` of their own."""
    parts = []
    for file in ("a/shop.yaml", "b/shop.yaml"):
        world, send = world_of(shop(file=file))
        send("GET", "/shop/health")
        parts.append(of_world(world))

    assert [service.document for service in together(parts).services] == ["a/shop.yaml", "b/shop.yaml"]


def test_json_gives_the_same_value_back() -> None:
    """What a worker sends is what the controller merges."""
    world = jobs_world()
    start_jobs(world, "a", "b")
    world.apply(Advance(5.0))
    coverage = of_world(world)

    sent = json.loads(json.dumps(coverage.record()))

    assert Coverage.read(sent) == coverage
    assert (sent["percent"], sent["met"], sent["declared"]) == (coverage.percent, coverage.met, coverage.declared)


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        (("one", "two"), ["shop one", "shop two"]),
        (("one",), ["shop one"]),
        ((), []),
    ],
)
def test_unreached_services_count_where_they_were_asked_for(asked: tuple[str, ...], counted: list[str]) -> None:
    """A mock that a test asked for and never called is 0 percent, not silence."""
    services = tuple(ServiceCoverage(f"shop {name}", "f", name, 0, ()) for name in asked)

    assert [one.name for one in Coverage(services).counted] == counted


def test_one_contract_of_a_vendor_is_enough() -> None:
    """Whoever uses a vendor's second contract is not told about the first; unused, only the first one counts."""
    first, second = (ServiceCoverage(name, "f", "vendor", 0, ()) for name in ("first", "second"))
    reached = ServiceCoverage("second", "f", "vendor", 1, ())

    assert Coverage((first, reached)).counted == (reached,)
    assert Coverage((first, second)).counted == (first,)


@pytest.mark.parametrize(
    ("met", "declared", "shown"),
    [(0, 0, 0.0), (0, 7, 0.0), (1, 3, 33.3), (2, 3, 66.6), (1999, 2000, 99.9), (5, 5, 100.0)],
)
def test_percentages_are_rounded_down(met: int, declared: int, shown: float) -> None:
    """What is not all is never 100."""
    assert percent(met, declared) == shown


@pytest.mark.parametrize(
    ("seen", "threshold", "below"),
    [(1, 33.3, False), (1, 33.4, True), (3, 100, False), (2, 100, True), (0, 0, False), (0, 0.1, True)],
)
def test_thresholds_are_held_against_the_exact_share(seen: int, threshold: float, below: bool) -> None:
    """Not against the rounded one that is shown."""
    share = Share.of("abc", "abc"[:seen])
    service = ServiceCoverage("s", "f", "v", 1, (OperationCoverage("op", "GET /", 1, share),))

    assert Coverage((service,)).is_below(threshold) is below


def test_nothing_is_below_every_threshold_but_zero() -> None:
    """An empty run is never green."""
    assert Coverage().is_below(0.1)
    assert not Coverage().is_below(0)
    assert covered((shop(),), {}, asked=("shop",)).is_below(1)


TABLE = """\
operation      calls  answers  cover  missing
shop  shop.yaml
  listOrders       3   1 of 3  33.3%  400, default
  order            2   1 of 2    50%  4XX; undeclared: 503
  GET /health      0   0 of 1     0%  204
acme  executions
  ends            12   2 of 3  66.6%  cancelled
  webhooks        10   1 of 2         failed
total                  4 of 9  44.4%"""


def test_the_table_names_what_is_missing() -> None:
    """One line for each operation, then ends and webhooks, then the total."""
    operations = (
        OperationCoverage("listOrders", "GET /orders", 3, Share.of(["200", "400", "default"], {"200": 3})),
        OperationCoverage("order", "POST /orders", 2, Share.of(["201", "4XX"], ["201", "503"])),
        OperationCoverage("GET /health", "GET /health", 0, Share.of(["204"])),
    )
    ends = Share.of(["completed", "failed", "cancelled"], {"completed": 10, "failed": 1})
    lifecycle = LifecycleCoverage("acme", 12, ends, Share.of(["completed", "failed"], {"completed": 10}))
    unused = LifecycleCoverage("nobody", 1, ends, Share())
    service = ServiceCoverage("shop", "shop.yaml", "acme", 6, operations)

    assert render(Coverage((service,), (lifecycle, unused))) == TABLE


def test_without_webhooks_the_table_has_no_line_for_them() -> None:
    """Nor are they asked of anybody."""
    world = jobs_world()
    start_jobs(world, "a")

    assert "webhooks" not in render(of_world(world))


@pytest.mark.parametrize("asked", [(), ("shop",)])
def test_the_table_says_that_there_is_nothing(asked: tuple[str, ...]) -> None:
    """Not a page of zeros."""
    assert render(covered((shop(),), {}, asked=asked)) == "nothing reached a mock"
