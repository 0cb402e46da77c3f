"""Clocks that are moved, and webhooks that are posted when they are due. Nothing sleeps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.clock import START
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inbox import Reply
from mockserver.engine.inputs import AddReplies, Input, PutDeliveryScript, Resend
from mockserver.errors import UsageError
from mockserver.http.sender import MARK
from mockserver.server import Server
from tests.http.jobs import Jobs, Receiver, jobs_client, receiver


@pytest.fixture
def jobs(server: Server) -> Jobs:
    """A world whose clock stands until it is moved by the test or by a read."""
    return jobs_client(server)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A healthy receiver."""
    with receiver() as running:
        yield running


def give(jobs: Jobs, given: Input) -> None:
    """Let an input into the world."""
    jobs.server.give(jobs.world.name, given)


def script(jobs: Jobs, **changes: Any) -> None:
    """What is done to deliveries from here on."""
    give(jobs, PutDeliveryScript("jobs", replace(DeliveryScript(), **changes)))


def attempts(jobs: Jobs) -> list[list[tuple[float, int | None]]]:
    """Of each delivery: when each attempt was made, in seconds since the start, and the status that came."""
    return [[(attempt.at - START, attempt.status) for attempt in one.attempts] for one in jobs.deliveries]


def test_webhooks_leave_when_they_are_due(jobs: Jobs, hook: Receiver) -> None:
    """Before the end of a job nothing is sent; `advance` returns when what fell due was answered."""
    ids = jobs.start("a", "b", hook=hook.url)

    jobs.server.advance(jobs.world.name, 4.9)
    assert hook.received == []
    jobs.server.advance(jobs.world.name, 0.1)
    assert [one["id"] for one in hook.received] == ids
    assert [one.state for one in jobs.deliveries] == ["delivered", "delivered"]
    assert hook.headers[0][MARK] == "1"


def test_retries_are_made_at_their_times(jobs: Jobs) -> None:
    """One move over several retries posts each when it is due, not all at its end."""
    with receiver(500, 502) as flaky:
        jobs.start("a", hook=flaky.url)
        jobs.server.advance(jobs.world.name, 3600)

    assert attempts(jobs) == [[(5.0, 500), (15.0, 502), (75.0, 200)]]
    assert jobs.journal_notes() == ["advance by 3600s"]
    assert jobs.server.run(lambda: jobs.world.clock.now) == START + 3600


def test_a_move_of_nothing_is_allowed(jobs: Jobs, hook: Receiver) -> None:
    """`advance` by 0 posts what is ready and makes the world manual."""
    jobs.server.advance(jobs.world.name, 0)

    assert jobs.server.run(lambda: (jobs.world.mode, jobs.world.clock.now)) == ("manual", START)


def test_a_clock_does_not_outlive_the_calendar(jobs: Jobs) -> None:
    """A move beyond the year 9999 is refused."""
    with pytest.raises(UsageError, match="year 9999"):
        jobs.server.advance(jobs.world.name, 1e12)


def test_steps_go_from_event_to_event(jobs: Jobs, hook: Receiver) -> None:
    """`advance_to_next` makes one event happen and says whether there was one."""
    jobs.start("a", hook=hook.url)

    moved = [jobs.server.advance_to_next(jobs.world.name) for _ in range(3)]

    assert moved == [True, True, False]
    assert len(hook.received) == 1


def test_run_until_idle_ends_with_nothing_due(jobs: Jobs) -> None:
    """Every retry is made."""
    with receiver(*[500] * 9) as broken:
        jobs.start("a", hook=broken.url)
        jobs.server.run_until_idle(jobs.world.name)

    assert [one.state for one in jobs.deliveries] == ["failed"]
    assert jobs.server.run(lambda: jobs.world.clock.next_due) is None


def test_what_never_ends_is_named(server: Server) -> None:
    """Beyond the limit `run_until_idle` says which delivery goes on, and when."""
    jobs = jobs_client(server, retries=(0.0, *[86400.0] * 60))
    with receiver(*[500] * 99) as broken:
        jobs.start("a", hook=broken.url)
        with pytest.raises(UsageError) as by_time:
            server.run_until_idle(jobs.world.name)
        with pytest.raises(UsageError, match="not idle after 2 events"):
            server.run_until_idle(jobs.world.name, events=2)

    id = jobs.deliveries[0].id[:8]
    assert str(by_time.value) == (
        f"not idle within 30 days: delivery {id} has made 30 of 61 attempts; next is due in 86400s"
    )


def test_a_plain_polling_client_finishes(jobs: Jobs, hook: Receiver) -> None:
    """Under `auto` reads alone bring a job to its end and its webhook to the receiver."""
    (id,) = jobs.start("a", hook=hook.url)

    states = [jobs.read(id) for _ in range(3)]
    jobs.server.settle(jobs.world.name)

    assert states == ["queued", "running", "completed"]
    assert [one["id"] for one in hook.received] == [id]


def test_run_until_goes_on_until_it_is_true(jobs: Jobs, hook: Receiver) -> None:
    """An app that waits for webhooks is driven, and the world stays auto."""
    jobs.start("a", "b", hook=hook.url)

    jobs.server.run_until(jobs.world.name, lambda: len(hook.received) == 2)

    assert jobs.server.run(lambda: (jobs.world.mode, jobs.world.clock.now)) == ("auto", START + 5)


def test_run_until_says_what_is_left(jobs: Jobs) -> None:
    """What never becomes true is an error that names what is going on."""
    jobs.start("a")

    with pytest.raises(UsageError, match=r"within 2s: execution \S+ is running; next is due in 4s"):
        jobs.server.run_until(jobs.world.name, lambda: False, limit=2)


def test_an_inbox_can_be_waited_for(jobs: Jobs) -> None:
    """Waiting drives an `auto` clock; each jump is in the journal with its cause."""
    jobs.start("a", "b", hook=jobs.inbox())

    got = jobs.server.wait_for_inbox(jobs.world.name, "it", 2)

    assert [one.json["inputs"] for one in got] == [["a"], ["b"]]
    assert jobs.journal_notes() == [
        "the clock jumped by 1s: somebody waits for the inbox it",
        "the clock jumped by 4s: somebody waits for the inbox it",
    ]


def test_waiting_ends_with_what_there_is(jobs: Jobs) -> None:
    """A manual clock is not moved by waiting: after the time-out the caller gets what came."""
    jobs.server.advance(jobs.world.name, 0)
    jobs.start("a", hook=jobs.inbox())

    assert jobs.server.wait_for_inbox(jobs.world.name, "it", 1, timeout=0.01) == ()


def test_an_inbox_hears_of_others_too(jobs: Jobs) -> None:
    """Who waits is woken by whatever comes, also from outside."""
    came: list[Any] = []

    def wait() -> None:
        came.extend(jobs.server.wait_for_inbox(jobs.world.name, "it", 1, timeout=5))

    waiting = threading.Thread(target=wait)
    waiting.start()
    jobs.send("PUT", "/__inbox/it/deep/er?x=1", {"a": 1})
    waiting.join()

    assert [(one.method, one.path, one.query, one.json) for one in came] == [("PUT", "/deep/er", "x=1", {"a": 1})]


def test_an_inbox_that_fails_first(jobs: Jobs) -> None:
    """500, 500, then 200: three attempts, and each was recorded."""
    give(jobs, AddReplies("it", (Reply(500), Reply(500))))
    jobs.start("a", hook=jobs.inbox())

    jobs.server.run_until_idle(jobs.world.name)

    assert [[status for _, status in one] for one in attempts(jobs)] == [[500, 500, 200]]
    assert jobs.server.run(lambda: jobs.world.inboxes.count("it")) == 3


def test_retry_after_is_honoured(jobs: Jobs) -> None:
    """A receiver that asks for two minutes gets them."""
    give(jobs, AddReplies("it", (Reply(503, (("Retry-After", "120"),)),)))
    jobs.start("a", hook=jobs.inbox())

    jobs.server.run_until_idle(jobs.world.name)

    assert attempts(jobs) == [[(5.0, 503), (125.0, 200)]]


def test_an_early_webhook_comes_before_the_answer(jobs: Jobs) -> None:
    """When the trigger is answered, its webhooks have arrived, in order."""
    script(jobs, early=True)
    jobs.start("a", "b", hook=jobs.inbox())

    arrived = jobs.server.run(lambda: jobs.world.inboxes.received("it"))
    assert [one.json["inputs"] for one in arrived] == [["a"], ["b"]]


def test_a_receiver_may_start_more_work(jobs: Jobs) -> None:
    """A receiver that calls us while it is being called waits for nobody, even when that has early webhooks."""

    def more(value: Any) -> None:
        if value["inputs"] == ["a"]:
            script(jobs, early=True)
            jobs.start("b", hook=value["hook"])

    with receiver(on_post=more) as busy:
        jobs.start("a", hook=busy.url)
        jobs.server.advance(jobs.world.name, 5)

    assert [one["inputs"] for one in busy.received] == [["b"], ["a"]]


def test_a_delivery_can_be_sent_again(jobs: Jobs, hook: Receiver) -> None:
    """`Resend` posts at once, whatever the state."""
    jobs.start("a", hook=hook.url)
    jobs.server.advance(jobs.world.name, 5)

    give(jobs, Resend(jobs.deliveries[0].id))
    jobs.server.settle(jobs.world.name)

    assert len(hook.received) == 2


def test_what_is_beyond_the_reach_is_recorded_as_blocked(jobs: Jobs) -> None:
    """The trigger is accepted as the vendor would; the delivery says which option allows it."""
    jobs.start("a", hook="http://10.1.2.3/hook")
    jobs.server.advance(jobs.world.name, 60)

    (one,) = jobs.deliveries
    assert one.state == "blocked"
    assert one.reason == '10.1.2.3 is beyond the reach "loopback"; allow it with --webhook-reach private'


def test_loops_stop_at_the_third_hop(jobs: Jobs) -> None:
    """A webhook that triggers a job whose webhook triggers a job: the next one is blocked and says why."""
    jobs.start("a", hook=f"{jobs.server.url}{jobs.prefix}/jobs-api/jobs")

    jobs.server.run_until_idle(jobs.world.name)

    assert [one.state for one in jobs.deliveries] == ["delivered", "delivered", "blocked"]
    assert "the loop is stopped at hop 3" in jobs.deliveries[2].reason


def test_our_own_admin_api_takes_no_webhooks(jobs: Jobs) -> None:
    """A hook that leads to /__admin is answered 403 and changes nothing."""
    jobs.start("a", hook=f"{jobs.server.url}{jobs.prefix}/__admin/reset")

    jobs.server.advance(jobs.world.name, 5)

    assert attempts(jobs) == [[(5.0, 403)]]


@pytest.mark.parametrize(
    ("call", "twin"),
    [
        (lambda server: server.settle(""), "asettle"),
        (lambda server: server.advance("", 1), "aadvance"),
        (lambda server: server.advance_to_next(""), "aadvance_to_next"),
        (lambda server: server.run_until_idle(""), "arun_until_idle"),
        (lambda server: server.run_until("", lambda: True), "arun_until"),
        (lambda server: server.wait_for_inbox("", "it", 1), "await_for_inbox"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_blocking_move_inside_a_loop_names_its_twin(server: Server, call: Any, twin: str) -> None:
    """It would never return if a receiver ran in that loop, so it raises at once."""

    async def inside() -> None:
        call(server)

    with pytest.raises(UsageError, match=rf"write: await {twin}\("):
        asyncio.run(inside())


def test_the_twins_can_be_awaited(jobs: Jobs, hook: Receiver) -> None:
    """Each does what the blocking one does, from any loop."""
    name, server = jobs.world.name, jobs.server

    async def inside() -> None:
        await asyncio.to_thread(jobs.start, "a", hook=hook.url)
        await server.arun_until(name, lambda: hook.received)
        await asyncio.to_thread(jobs.start, "b", hook=jobs.inbox())
        assert len(await server.await_for_inbox(name, "it", 1)) == 1
        await server.aadvance(name, 1)
        assert not await server.aadvance_to_next(name)
        await server.arun_until_idle(name)
        await server.asettle(name)
        with pytest.raises(UsageError, match="did not become true within 30 days: nothing is due"):
            await server.arun_until(name, lambda: False)

    asyncio.run(inside())
    assert len(hook.received) == 1


def test_a_world_that_is_not_there_is_told(server: Server) -> None:
    """Its name is in the words."""
    with pytest.raises(UsageError, match='no world "nowhere"'):
        server.advance("nowhere", 1)


def test_a_reset_during_a_delivery_ends_it(jobs: Jobs) -> None:
    """What was to follow in the old world is not posted any more."""
    name = jobs.world.name

    def reset(value: Any) -> None:
        jobs.server.run(lambda: jobs.server.worlds.reset(name))

    with receiver(on_post=reset) as hook:
        jobs.start("a", "b", hook=hook.url)
        jobs.server.advance(name, 5)

        assert len(hook.received) == 1


def test_five_thousand_webhooks_arrive_once_each(server: Server) -> None:
    """On a virtual clock every one is delivered, in order."""
    jobs = jobs_client(server)
    for first in range(0, 5000, 250):
        jobs.start(*range(first, first + 250), hook=jobs.inbox())

    server.advance(jobs.world.name, 30)

    arrived = server.run(lambda: jobs.world.inboxes.received("it"))
    assert [one.json["inputs"] for one in arrived] == [[number] for number in range(5000)]


def test_a_receiver_that_fails_often_gets_all(server: Server) -> None:
    """With three of ten refused every one arrives at last, and every attempt is recorded."""
    jobs = jobs_client(server, retries=(0.0, *[10.0] * 20))
    replies = [Reply(500 if number % 10 in (1, 4, 7) else 200) for number in range(2000)]
    give(jobs, AddReplies("it", tuple(replies)))
    for first in range(0, 1000, 250):
        jobs.start(*range(first, first + 250), hook=jobs.inbox())

    server.run_until_idle(jobs.world.name)

    arrived = server.run(lambda: jobs.world.inboxes.received("it"))
    assert {one.json["inputs"][0] for one in arrived} == set(range(1000))
    assert {one.state for one in jobs.deliveries} == {"delivered"}
    assert sum(len(one.attempts) for one in jobs.deliveries) == len(arrived) > 1000
