"""Executions of a document that no vendor module speaks for, as a fixture's lifecycle has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.chance import Chance
from mockserver.engine.delivery import DeliveryScript
from mockserver.engine.inputs import Advance, Attempted, PutDeliveryScript, PutInputScript, PutOutcomes
from mockserver.engine.outcomes import Outcomes
from mockserver.engine.shown import Frame
from mockserver.engine.stubs import InputScript
from mockserver.errors import FixtureError
from mockserver.scenario.model import Plan
from mockserver.scenario.render import compile_template
from tests.engine.anyapi import LIFE, TRANSCODER, AnyApi

HOOK = "http://127.0.0.1:9/hook"
FILM = {"source": "https://films.test/sea.mov", "format": "mp4"}


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., AnyApi]:
    """Serves the transcoder with its lifecycle, `more` in the fixture and further fixtures."""

    def served(more: str = "", *others: str, life: str = LIFE, spec: Path = TRANSCODER, **settings: object) -> AnyApi:
        files = []
        for number, text in enumerate([life + more, *others]):
            files.append(tmp_path / f"{number}.yaml")
            files[-1].write_text(text, "utf-8")
        return AnyApi(spec, *files, **settings)  # type: ignore[arg-type]  # settings of AnyApi

    return served


def test_reads_move_it_from_state_to_state(serve):
    """Under `auto` each read shows a state and moves on to the next; the output is there at the end and not before."""
    api = serve()
    id = api.got("POST", "/films", FILM)["id"]

    seen = [api.got("GET", f"/films/{id}") for _ in range(3)]

    assert [one["phase"] for one in seen] == ["waiting", "encoding", "ready"]
    assert ["result" in one for one in seen] == [False, False, True]
    assert all(one["source"] == FILM["source"] and "trouble" not in one for one in seen)
    assert api.got("GET", f"/films/{id}") == seen[2]


def test_an_unknown_one_is_not_found(serve):
    """In the shape that the document declares."""
    entry = serve().ask("GET", "/films/none")

    assert (entry.answer.status, entry.answer.value) == (404, {"message": 'there is no execution "none"'})


def test_a_call_can_start_several(serve):
    """One for each input, in order, with the batch that the answer shows; each has a life of its own."""
    second = "{timeline: {encoding: 9s}, ends: failed, error: too dark}"
    scenario = f"{{name: one-fails, operation: transcodeReel, then: {{executions: [{{}}, {second}]}}}}"
    api = serve(f"scenarios: [{scenario}]\n", clock="manual")
    started = api.got("POST", "/reels", {"films": [{"source": "http://a.test/1"}, {"source": "http://a.test/2"}]})
    api.world.apply(Advance(6.0))

    first, second = api.got("GET", f"/reels/{started['reel']}/films")

    assert [one["phase"] for one in started["films"]] == ["waiting", "encoding"]
    assert (first["phase"], second["phase"]) == ("ready", "encoding")
    api.world.apply(Advance(4.0))
    assert api.got("GET", f"/films/{second['id']}")["trouble"] == {"message": "too dark"}
    assert [one.batch for one in api.world.executions.all] == [started["reel"]] * 2


def test_lists_show_all_or_those_of_a_batch(serve):
    """Oldest first; a parameter that `by` names picks a batch."""
    api = serve()
    alone = api.got("POST", "/films", FILM)["id"]
    reel = api.got("POST", "/reels", {"films": [{"source": "http://a.test/1"}]})

    assert [one["id"] for one in api.got("GET", "/films")["films"]] == [alone, reel["films"][0]["id"]]
    assert [one["id"] for one in api.got("GET", f"/reels/{reel['reel']}/films")] == [reel["films"][0]["id"]]
    assert api.got("GET", "/reels/none/films") == []


def test_a_cancel_ends_it(serve):
    """It is in the API's word for that, tells so, and a second cancel changes nothing."""
    api = serve(clock="manual")
    id = api.got("POST", "/films", {**FILM, "notify": HOOK})["id"]

    assert [api.ask("DELETE", f"/films/{id}").answer.status for _ in range(2)] == [204, 204]
    assert api.got("GET", f"/films/{id}")["phase"] == "stopped"
    assert [body["film"]["phase"] for _, body in api.sent()] == ["stopped"]
    assert api.ask("DELETE", "/films/none").answer.status == 404


def test_a_rejected_input_is_a_refusal_of_the_call(serve):
    """Nothing starts; the document's own error says why and which."""
    api = serve()
    api.world.apply(PutInputScript(InputScript(1, frozenset({"transcoder"}), Plan(reject="no films"), 1, at="x:1")))

    entry = api.ask("POST", "/reels", {"films": [{"source": "http://a.test/1"}, {"source": "http://a.test/2"}]})

    assert entry.answer.status == 400
    assert "input 1: no films" in entry.answer.body.decode()
    assert api.world.executions.all == ()


def test_a_test_says_what_it_comes_to(serve):
    """`input(0).complete(output=...)` is shown where the fixture says outputs are."""
    api = serve()
    made = compile_template({"url": "https://films.test/${index}.mp4", "seconds": 9})
    plan = Plan(ends="completed", output=made, after=60.0)
    api.world.apply(PutInputScript(InputScript(1, frozenset({"transcoder"}), plan, 0, at="x:1")))

    id = api.got("POST", "/films", FILM)["id"]
    seen = [api.got("GET", f"/films/{id}") for _ in range(3)]

    assert seen[2]["result"] == {"url": "https://films.test/0.mp4", "seconds": 9}
    assert api.world.clock.now - api.world.settings.start == 60.0


def test_outcomes_by_share(serve):
    """`outcomes.random(failed=1.0)` makes them fail, with an error that the schema allows."""
    api = serve()
    api.world.apply(PutOutcomes("transcoder", Outcomes(failed=1.0, at="x:1")))
    id = api.got("POST", "/films", FILM)["id"]

    shown = [api.got("GET", f"/films/{id}") for _ in range(3)][-1]

    assert (shown["phase"], shown["trouble"]["message"]) == ("broken", "it failed, as it was asked to")


def test_the_callback_tells_of_the_end(serve):
    """Where the call asked for it, with what a read shows, and with the delivery faults of a test."""
    api = serve(clock="manual")
    api.world.apply(PutDeliveryScript("transcoder", DeliveryScript(copies=2)))
    id = api.got("POST", "/films", {**FILM, "notify": HOOK})["id"]
    silent = api.got("POST", "/films", FILM)["id"]

    assert api.sent() == []
    api.world.apply(Advance(5.0))
    sent = api.sent()

    assert sent == [(HOOK, {"event": "film.done", "film": api.got("GET", f"/films/{id}")})] * 2
    assert {(one.name, one.status, one.execution_id) for one in api.world.outbox.all} == {("filmDone", "completed", id)}
    assert silent != id


def test_a_callback_can_come_before_the_answer(serve):
    """`early` ends it at once; the answer still shows where it began."""
    api = serve(clock="manual")
    api.world.apply(PutDeliveryScript("transcoder", DeliveryScript(early=True)))

    started = api.got("POST", "/films", {**FILM, "notify": HOOK})

    assert started["phase"] == "waiting"
    assert [body["film"]["phase"] for _, body in api.sent()] == ["ready"]


def test_a_callback_that_fails_is_tried_again(serve):
    """As Standard Webhooks recommends; `after` of the fixture counts from the end, `retry` takes another schedule."""
    api = serve("callbacks: {filmDone: {after: 10s, retry: github}}\n", clock="manual")
    api.got("POST", "/films", {**FILM, "notify": HOOK})
    api.world.apply(Advance(14.0))
    assert api.sent() == []
    api.world.apply(Advance(1.0))
    assert len(api.sent()) == 1

    (delivery,) = api.world.outbox.all
    api.world.apply(Attempted(delivery.id, 500))

    assert api.world.outbox.all[0].state == "failed"


def test_the_same_requests_get_the_same_bytes(serve):
    """Ids, samples and outputs come from the seed; another seed gives others."""

    def bodies(seed: int) -> list[bytes]:
        api = serve(seed=seed)
        id = api.got("POST", "/films", FILM)["id"]
        return [api.ask("GET", f"/films/{id}").answer.body for _ in range(4)]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)


def test_an_address_enters_no_draw(serve):
    """Receivers have other ports in each run; ids and values stay."""

    def shown(url: str) -> Any:
        api = serve()
        id = api.got("POST", "/films", {**FILM, "notify": url})["id"]
        return [api.got("GET", f"/films/{id}") for _ in range(3)][-1]

    assert shown(HOOK) == shown("http://127.0.0.1:10/w/other/hook")


def test_two_calls_have_two_ids(serve):
    """Also where the document gives an example of an id."""
    api = serve()

    assert len({api.got("POST", "/films", FILM)["id"] for _ in range(20)}) == 20


def test_two_lifecycles_are_one_too_many(serve):
    """The second one is an error with its line."""
    with pytest.raises(FixtureError, match=r"1\.yaml:3:1  /lifecycle  .*0\.yaml has a lifecycle of transcoder too"):
        serve("", LIFE)


def test_scenarios_may_stand_in_a_file_of_their_own(serve):
    """After the one with the lifecycle."""
    scenario = "{name: a, operation: transcodeFilm, then: {executions: [{timeline: {encoding: 1s}}]}}"
    api = serve("", f"format: 1\nvendor: transcoder\nscenarios:\n  - {scenario}\n")

    assert api.got("POST", "/films", FILM)["phase"] == "encoding"


NUMBERED = """\
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /jobs:
    post:
      operationId: start
      responses:
        '202':
          description: ok
          content:
            application/json:
              schema: {type: object, required: [job], properties: {job: {$ref: '#/components/schemas/Job'}}}
  /job:
    get:
      operationId: read
      parameters: [{name: id, in: query, required: true, schema: {type: integer}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}}
components:
  schemas:
    Job:
      discriminator: {propertyName: status}
      oneOf: [{$ref: '#/components/schemas/Open'}, {$ref: '#/components/schemas/Done'}]
    Open:
      type: object
      required: [id, status]
      properties: {id: {type: integer, minimum: 1, maximum: 5}, status: {enum: [new, busy]}}
      additionalProperties: false
    Done:
      type: object
      required: [id, status, answer]
      properties: {id: {type: integer}, status: {const: done}, answer: {type: integer}}
      additionalProperties: false
"""
NUMBERED_LIFE = """\
format: 1
vendor: numbered
lifecycle:
  starts: {operation: start, at: /job}
  reads: {operation: read, by: id}
  id: /id
  state: /status
  states: {new: 1s, busy: 1s}
  ends: {completed: done}
  output: /answer
"""


def test_an_answer_fits_its_schema_in_every_state(serve, tmp_path):
    """Where each state has a schema of its own, ids are small numbers, and the id is in the query."""
    spec = tmp_path / "numbered.yaml"
    spec.write_text(NUMBERED, "utf-8")
    api = serve(life=NUMBERED_LIFE, spec=spec)

    ids = [api.got("POST", "/jobs")["job"]["id"] for _ in range(5)]
    seen = [api.got("GET", f"/job?id={ids[0]}") for _ in range(3)]

    assert sorted(ids) == [1, 2, 3, 4, 5]
    assert [one["status"] for one in seen] == ["new", "busy", "done"]
    assert isinstance(seen[2]["answer"], int)


def test_a_required_field_is_shown_in_any_state():
    """What the schema demands stays, as null where it can be; what it does not is not shown."""

    def fits(value: object) -> bool:
        return isinstance(value, dict) and {"id", "state", "output"} <= value.keys()

    fields = {"id": "/id", "state": "/state", "output": "/output", "error": "/error"}
    value = {"id": 0, "state": "", "output": 1, "error": "no"}
    frame = Frame(fields, lambda name: False, lambda chance: value, lambda chance: value, fits)

    assert frame.show({"id": 7, "state": "new"}, None, Chance(1)) == {"id": 7, "state": "new", "output": None}
