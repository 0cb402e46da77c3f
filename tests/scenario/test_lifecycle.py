"""The lifecycle, callbacks and webhooks of a fixture, held against a document: each error has its place and remedy."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from mockserver.openapi.load import load
from mockserver.scenario.load import parse_fixture
from mockserver.scenario.model import Fixture
from mockserver.scenario.words import VendorWords
from tests.scenario.shop import said

SPEC = Path(__file__).parents[1] / "specs" / "transcoder.yaml"
TRANSCODER = load(SPEC, name="transcoder")
LIFE = """\
format: 1
vendor: transcoder
lifecycle:
  starts: [transcodeFilm, {operation: transcodeReel, inputs: /films, at: /films}]
  reads: getFilm
  lists: [{operation: listFilms, at: /films}, {operation: listReel, by: reel}]
  cancels: stopFilm
  id: /id
  state: /phase
  states: {waiting: 1s, encoding: [2s, 4s]}
  ends: {completed: ready, failed: broken, cancelled: stopped}
  output: /result
  error: /trouble/message
  batch: /reel
  callback: {name: filmDone, at: /film}
"""


def read(text: str, *, words: VendorWords = VendorWords()) -> Fixture:
    return parse_fixture(text, label="life.yaml", documents=lambda vendor: [TRANSCODER], words=lambda vendor: words)


def test_a_lifecycle_is_read():
    """Operations by id with what they are, pointers by field, states in order, the API's words for the ends."""
    life = read(LIFE).lifecycle

    assert life is not None
    assert {name: (role.kind, role.at, role.by) for name, role in life.roles.items()} == {
        "transcodeFilm": ("starts", "", ""),
        "transcodeReel": ("starts", "/films", ""),
        "getFilm": ("reads", "", "film"),
        "listFilms": ("lists", "/films", ""),
        "listReel": ("lists", "", "reel"),
        "stopFilm": ("cancels", "", "film"),
    }
    assert life.states == (("waiting", 1.0), ("encoding", (2.0, 4.0)))
    assert [life.word(state) for state in ("waiting", "completed", "cancelled")] == ["waiting", "ready", "stopped"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            "getFilm",
            "getFlim",
            '/lifecycle/reads  unknown operation "getFlim"; did you mean "getFilm"?',
            id="operation",
        ),
        pytest.param(
            "{operation: transcodeReel, inputs: /films, at: /films}",
            "{operation: transcodeReels}",
            '/lifecycle/starts/1/operation  unknown operation "transcodeReels"; did you mean "transcodeReel"?',
            id="operation-in-a-list",
        ),
        pytest.param(
            "id: /id",
            "id: /job_id",
            '/lifecycle/id  the answer of POST /films has nothing at "/job_id"; write a JSON Pointer into its schema',
            id="id",
        ),
        pytest.param("id: /id", "id: id", '/lifecycle/id  "id" does not match', id="no-pointer"),
        pytest.param(
            "state: /phase",
            "state: /status",
            "/lifecycle/state  the answer of GET /films/{film} has nothing at",
            id="state",
        ),
        pytest.param(
            "output: /result",
            "output: /made",
            "/lifecycle/output  the answer of GET /films/{film} has nothing at",
            id="output",
        ),
        pytest.param(
            "waiting: 1s",
            "queued: 1s",
            '/lifecycle/states/queued  GET /films/{film} never shows the state "queued"; ',
            id="word",
        ),
        pytest.param("failed: broken", "failed: failed", "/lifecycle/ends/failed", id="word-of-an-end"),
        pytest.param(
            "encoding: [2s, 4s]", "encoding: [4s, 2s]", "/lifecycle/states/encoding  4s is longer than 2s", id="range"
        ),
        pytest.param(
            "encoding: [2s, 4s]", "ready: 1s", "/lifecycle/states/ready  ready is an end and has no length", id="end"
        ),
        pytest.param(
            ", cancelled: stopped",
            "",
            "/lifecycle/cancels  nothing says what a cancelled execution is called; add `ends: {cancelled: WORD}`",
            id="cancelled",
        ),
        pytest.param(
            "by: reel", "by: rael", '/lifecycle/lists/1/by  GET /reels/{reel}/films has no parameter "rael"', id="by"
        ),
        pytest.param(
            "inputs: /films", "inputs: /nope", "/lifecycle/starts/1/inputs  POST /reels takes no body", id="inputs"
        ),
        pytest.param(
            "{operation: listFilms, at: /films}",
            "listFilms",
            "/lifecycle/lists/0  the answer of GET /films is no list",
            id="list",
        ),
        pytest.param(
            "batch: /reel",
            "batch: /batch",
            "/lifecycle/batch  no answer of an operation that starts executions",
            id="batch",
        ),
        pytest.param(
            "name: filmDone",
            "name: filmdone",
            "/lifecycle/callback  no operation that starts executions has a callback",
            id="callback",
        ),
        pytest.param(
            "at: /film}\n",
            "at: /movie}\n",
            '/lifecycle/callback/at  the body of the callback "filmDone" has nothing',
            id="callback-at",
        ),
        pytest.param(
            "cancels: stopFilm", "cancels: getFilm", "/lifecycle/cancels  getFilm is in reads already", id="twice"
        ),
        pytest.param(
            "reads: getFilm", "reads: stopFilm", "/lifecycle/reads  DELETE /films/{film} answers no JSON", id="no-json"
        ),
        pytest.param(
            "reads: getFilm",
            "reads: listFilms",
            "/lifecycle/reads  GET /films has no parameter in its path that could hold the id",
            id="no-id",
        ),
        pytest.param("  reads: getFilm\n", "", '/lifecycle  missing "reads"', id="missing"),
    ],
)
def test_what_cannot_be_is_said_with_its_place_and_remedy(old, new, sentence):
    """One sentence with the key that is wrong."""
    assert old in LIFE
    sentences = said(read, LIFE.replace(old, new, 1))

    assert any(one.startswith(sentence) for one in sentences), sentences


SENDING = """\
format: 1
vendor: transcoder
callbacks:
  filmDone: {after: 5s, deliver: twice}
webhooks:
  outage: {to: "http://127.0.0.1:9/hooks", on: transcodeFilm, after: 2s, sign: hmac}
"""


def test_what_is_sent_is_read():
    """When and where to, apart from how it is delivered."""
    sending = read(SENDING).sending

    assert sending is not None
    assert sending.after == {"filmDone": 5.0}
    assert (sending.events["outage"].on, sending.events["outage"].after) == ("transcodeFilm", 2.0)
    assert sending.words == {"filmDone": {"deliver": "twice"}, "outage": {"sign": "hmac"}}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            "filmDone",
            "filmReady",
            '/callbacks/filmReady  the document declares no callback "filmReady"',
            id="callback",
        ),
        pytest.param(
            "outage",
            "outrage",
            '/webhooks/outrage  the document declares no webhook "outrage"; did you mean',
            id="webhook",
        ),
        pytest.param(
            "on: transcodeFilm", "on: nothing", '/webhooks/outage/on  unknown operation "nothing"', id="operation"
        ),
        pytest.param(
            '"http://127.0.0.1:9/hooks"',
            '"{$request.bdy}"',
            '/webhooks/outage/to  "$request.bdy" is no runtime',
            id="to",
        ),
        pytest.param(
            'to: "http://127.0.0.1:9/hooks", on: transcodeFilm',
            'to: "{$request.body#/notify}"',
            "/webhooks/outage/to",
            id="no-call",
        ),
        pytest.param("after: 5s", "after: soon", "/callbacks/filmDone/after", id="after"),
        pytest.param(
            "sign: hmac", "retry: often", '/webhooks/outage/retry  there is no retry schedule "often"', id="retry"
        ),
    ],
)
def test_what_cannot_be_sent_is_said(old, new, sentence):
    """One sentence with the key that is wrong."""
    assert old in SENDING
    own = VendorWords(schedules=frozenset({"standard"}))

    sentences = said(partial(read, words=own), SENDING.replace(old, new, 1))

    assert any(one.startswith(sentence) for one in sentences), sentences


def test_a_vendor_has_a_lifecycle_of_its_own():
    """A fixture cannot give one to a vendor that a module speaks for."""
    (sentence,) = said(partial(read, words=VendorWords(generic=False)), LIFE)

    assert sentence.startswith("/lifecycle  transcoder has its own, which a fixture cannot change")


def test_scenarios_speak_of_its_states():
    """In `executions` the states are the API's words; only operations that start executions have them."""
    scenario = "scenarios:\n  - {name: a, operation: OP, then: {executions: [{timeline: {STATE: 1s}}]}}\n"

    def errors(operation: str, state: str) -> list[str]:
        return said(read, LIFE + scenario.replace("OP", operation).replace("STATE", state))

    assert read(LIFE + scenario.replace("OP", "transcodeFilm").replace("STATE", "encoding")).scenarios
    assert "starts no executions" in errors("getFilm", "encoding")[0]
    assert 'no execution is ever "running" here' in errors("transcodeFilm", "running")[0]
