"""Deliveries: when they leave, when they are tried again, what a script does to them."""

import json

import pytest

from mockserver.engine.delivery import Delivery, DeliveryScript, schedule, script_from, signing_from
from mockserver.engine.inputs import Advance, Attempted, Dial, PutDeliveryScript, Resend
from mockserver.engine.schedules import SCHEDULES
from mockserver.engine.settings import Settings
from mockserver.engine.signing import Signing
from mockserver.engine.world import World

WAIT = (0.0, 10.0, 10.0)


@pytest.fixture
def world():
    return World((), Settings(clock="manual"))


def add(world, number=1, **more):
    fields = {
        "batch": "b",
        "status": "completed",
        "url": "http://127.0.0.1:9/hook",
        "script": DeliveryScript(),
        "wait": WAIT,
        **more,
    }
    body = json.dumps({"n": number}).encode()
    delivery = Delivery(f"d{number}", f"e{number}", "s", f"x{number}", body=body, index=number, **fields)
    world.outbox.add(delivery)
    return delivery.id


def taken(world, wall=0.0):
    return [posting.delivery for posting in world.apply(Dial(wall))]


def state(world, id):
    return world.outbox.get(id).state


@pytest.mark.parametrize(
    ("scheme", "status", "said"),
    [
        *((scheme, status, True) for scheme in ("standard", "hmac", "secret+hmac") for status in (400, 401, 403)),
        ("standard", 500, False),
        ("standard", None, False),
        ("secret", 401, False),
        (None, 401, False),
    ],
)
def test_a_receiver_that_may_have_refused_the_stamp_is_known(world, scheme, status, said):
    """The stamp is wall time and everything else is the world's: the clause has both. A secret alone has no stamp."""
    id = add(world, signing=scheme and Signing(scheme, ("s",)))
    before = world.outbox.get(id).distrusted
    taken(world, wall=1_795_338_000.5)
    world.apply(Attempted(id, status))

    clause = "signed at 2026-11-22T09:00:00Z, wall time; the world's clock stood at 2026-01-01T00:00:00Z"
    assert before == ""
    assert world.outbox.get(id).distrusted == (clause if said else "")


def test_a_delivery_leaves_at_once_and_any_2xx_acknowledges(world):
    """It is taken once, and done."""
    id = add(world)

    assert taken(world) == [id]
    assert taken(world) == []
    world.apply(Attempted(id, 204))
    assert state(world, id) == "delivered"


@pytest.mark.parametrize("status", [301, 400, 404, 500, None])
def test_anything_else_is_tried_again_until_the_schedule_ends(world, status):
    """A redirect is a failure too, and no answer at all."""
    id = add(world)
    for _ in WAIT:
        assert taken(world) == [id]
        world.apply(Attempted(id, status, error="refused" if status is None else ""))
        assert taken(world) == []
        world.apply(Advance(10.0))

    assert state(world, id) == "failed"
    assert "3 attempts used up without a 2xx" in world.outbox.get(id).reason
    assert [attempt.number for attempt in world.outbox.get(id).attempts] == [1, 2, 3]


def test_410_stops_at_once(world):
    """The receiver is gone for good."""
    id = add(world)
    taken(world)

    world.apply(Attempted(id, 410))

    assert state(world, id) == "failed"


@pytest.mark.parametrize(("asked", "waited"), [(60.0, 60.0), (1.0, 10.0), (10.0**9, 86400.0)])
def test_retry_after_is_honoured_up_to_a_cap(world, asked, waited):
    """Never sooner than the schedule says."""
    id = add(world)
    taken(world)

    world.apply(Attempted(id, 503, retry_after=asked))

    assert world.clock.next_due == world.clock.now + waited


def test_what_is_blocked_is_not_tried_again(world):
    """And says which option allows it."""
    id = add(world)
    taken(world)

    world.apply(Attempted(id, None, error="beyond the reach", blocked=True))

    assert (state(world, id), world.outbox.get(id).reason) == ("blocked", "beyond the reach")


def test_deliveries_leave_in_the_order_asked_for(world):
    """Whoever is due early waits for its turn."""
    script = DeliveryScript(order=(2, 0, 1))
    for number in (0, 1, 2):
        add(world, number, script=script)
        if number < 2:
            assert taken(world) == []

    assert taken(world) == ["d2", "d0", "d1"]


def test_a_delay_holds_a_delivery_back(world):
    """On the world's clock."""
    id = add(world, script=DeliveryScript(after=7200.0))
    world.apply(Advance(7199.0))
    assert taken(world) == []

    world.apply(Advance(1.0))
    assert taken(world) == [id]


def test_a_dropped_delivery_never_leaves_and_says_so(world):
    """Recorded as failed on request."""
    id = add(world, script=DeliveryScript(copies=0))

    assert taken(world) == []
    assert (state(world, id), world.outbox.get(id).faults) == ("failed", ("drop",))


def test_resending_is_an_attempt_more(world):
    """Also after it was delivered; a failure then changes nothing."""
    id = add(world)
    taken(world)
    world.apply(Attempted(id, 200))

    world.apply(Resend(id))
    assert taken(world) == [id]
    world.apply(Attempted(id, 500))

    assert state(world, id) == "delivered"
    assert len(world.outbox.get(id).attempts) == 2


def test_tampering_breaks_the_signature_and_nothing_else_does(world):
    """Body or signature; a stale stamp is refused for its age."""
    changes = signing_from("standard")
    add(world, 0, signing=changes["signing"])
    add(world, 1, signing=changes["signing"], script=DeliveryScript(tamper="body"))
    add(world, 2, signing=changes["signing"], script=DeliveryScript(tamper="signature"))
    add(world, 3, signing=changes["signing"], script=DeliveryScript(timestamp=-600.0))

    said = [
        changes["signing"].verify({n.lower(): v for n, v in one.headers}, one.body, now=1000.0)
        for one in world.apply(Dial(1000.0))
    ]

    assert said[0] == ""
    assert said[1] == said[2] == "webhook-signature does not fit the body"
    assert said[3] == "webhook-timestamp is 600s off, more than 300s"


@pytest.mark.parametrize("name", ["standard", "svix", "stripe", "github", "none"])
def test_schedules_are_data(name):
    """Each begins at once."""
    assert schedule(name, {}) == SCHEDULES[name]
    assert SCHEDULES[name][0] == 0.0


def test_an_unknown_schedule_names_those_that_there_are():
    """The vendor's own among them."""
    with pytest.raises(ValueError, match='no retry schedule "daily"; known: github, none, own, standard'):
        schedule("daily", {"own": (0.0,)})


def test_a_fixtures_words_become_a_script():
    """All that `webhook:` may say."""
    words = {"deliver": "twice", "after": "2s", "timestamp": "-10m", "tamper": "body", "retry": "none", "per": "batch"}

    script = script_from({**words, "sign": "secret", "resend": "1m", "drip": "3s"}, DeliveryScript(), {})

    assert (script.copies, script.after, script.timestamp, script.tamper) == (2, 2.0, -600.0, "body")
    assert (script.wait, script.per_batch, script.resend, script.drip) == ((0.0,), True, 60.0, 3.0)
    assert script.signing is not None
    assert script.faults == ("duplicate", "delay", "tamper body", "timestamp -600s", "drip", "resend")


def test_a_tests_wishes_hold_for_what_ends_later(eachlabs):
    """`PutDeliveryScript` speaks for the deliveries that are made from then on."""
    eachlabs.world.apply(PutDeliveryScript("eachlabs", DeliveryScript(copies=2)))
    eachlabs.bulk_trigger({"prompt": "a"}, webhook_url="http://127.0.0.1:9/hook")
    eachlabs.world.apply(Advance(60.0))

    first, second = eachlabs.world.outbox.all
    assert (first.event, first.body, first.copy, second.copy) == (second.event, second.body, 1, 2)
    assert first.faults == ("duplicate",)


def test_nobody_waits_for_a_turn_that_never_comes(world):
    """A run that ends without a webhook lets those behind it go."""
    script = DeliveryScript(order=(2, 0, 1))
    ids = [add(world, index, script=script) for index in (0, 1)]
    assert taken(world) == []

    world.outbox.pass_over("b", 0)

    assert taken(world) == ids


def headers(world, wall):
    """The headers of the one attempt that is due at this real time."""
    (posting,) = world.apply(Dial(wall))
    return dict(posting.headers)


def test_each_attempt_has_a_stamp_of_its_own(world):
    """Even where real time stands: a retry is signed anew."""
    id = add(world, signing=Signing("hmac", ("s",)))
    stamps = []
    for _ in WAIT:
        stamps.append(headers(world, 1000.0)["X-Webhook-Timestamp"])
        world.apply(Attempted(id, 500))
        world.apply(Advance(10.0))

    assert stamps == ["1000", "1001", "1000"]


def test_a_replay_repeats_the_stamp_of_what_was_acknowledged(world):
    """Long after; and it is made once."""
    id = add(world, signing=Signing("hmac", ("s",)), script=DeliveryScript(resend=60.0, replay=True))
    first = headers(world, 1000.0)
    world.apply(Attempted(id, 204))
    world.apply(Advance(60.0))

    assert headers(world, 5000.0) == first
    world.apply(Attempted(id, 204))
    world.apply(Advance(600.0))
    assert taken(world) == []


def test_forgeries_follow_a_change_of_mind(world):
    """What is asked for before the next attempt holds for it."""
    id = add(world, signing=Signing("standard", ("s",)))
    genuine = headers(world, 1000.0)
    world.apply(Attempted(id, 500))
    world.outbox.revise(id, DeliveryScript(missing_header=""), WAIT, Signing("standard", ("s",)))
    world.apply(Advance(10.0))

    assert set(genuine) - set(headers(world, 1000.0)) == {"webhook-signature"}


def test_what_is_done_to_a_delivery_is_told(world):
    """In the words of the record."""
    script = DeliveryScript(wrong_secret=True, rotated=True, missing_header="", non_ascii=True, resend=1.0, replay=True)

    assert script.faults == ("rotated", "wrong secret", "missing header", "non-ASCII", "replay")
    assert script.is_hostile
    assert not DeliveryScript(rotated=True, non_ascii=True, resend=1.0, replay=True, copies=2).is_hostile
