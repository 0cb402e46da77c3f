"""Streams in fixtures: what they become, and what cannot be one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.document import Document
from mockserver.scenario.events import read_events
from mockserver.scenario.model import MISSING, Event, Executions, Respond
from mockserver.scenario.render import Template, compile_template
from tests.scenario.shop import SHOP, Play, load_text, read_document, said, then

STREAM = "text/event-stream: {schema: {type: object, required: [n], properties: {n: {type: integer}}}}"
STREAMING = SHOP.replace(
    "'204': {description: nothing to do}",
    "'204': {description: nothing to do}\n        '200': {description: as it comes, content: {" + STREAM + "}}",
)
OFF = 'or say why with off_contract: "..."'


@pytest.fixture(scope="module")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The shop, whose orders can be followed as a stream."""
    return read_document(tmp_path_factory.mktemp("streaming"), "shop", STREAMING)


@pytest.fixture
def play(streaming: Document, tmp_path: Path) -> Play:
    """Loads the text of a fixture for it."""
    return lambda text: load_text(text, tmp_path, [streaming])


def test_events_become_values(play: Play) -> None:
    """Gaps are seconds; data is a template, text stays as it is."""
    events = '[{after: 1s, data: {n: 1}, event: tick, id: 7}, {text: "[DONE]"}]'

    respond = play(then(f"{{respond: {{events: {events}, fault: truncate}}}}")).scenarios[0].then

    assert isinstance(respond, Respond)
    assert (respond.fault, respond.more) == ("truncate", None)
    assert respond.events is not None
    first, last = respond.events
    assert isinstance(first.data, Template)
    assert (first.data.render({}), first.after, first.name, first.id) == ({"n": 1}, 1.0, "tick", "7")
    assert last == Event(MISSING, "[DONE]")


def test_an_execution_may_say_what_is_streamed_of_it(play: Play) -> None:
    """Its placeholders are those of executions."""
    executions = play(then('{executions: [{stream: [{after: 2s, data: "${inputs.q}"}]}]}')).scenarios[0].then

    assert isinstance(executions, Executions)
    (event,) = executions.plans[0].stream or ()
    assert isinstance(event.data, Template)
    assert (event.after, event.data.render({"inputs": {"q": 5}})) == (2.0, 5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "{respond: {events: [{data: {n: x}}]}}",
            f'/scenarios/0/then/respond/events/0/data/n  "x" is not an integer; see shop.yaml:12:128; {OFF}',
            id="breaks-the-schema",
        ),
        pytest.param(
            "{respond: {status: 202, events: [{data: {n: 1}}]}}",
            "/scenarios/0/then/respond/events  text/event-stream is not declared for 202; "
            f"declared: application/json; {OFF}",
            id="no-stream-there",
        ),
        pytest.param(
            "{respond: {events: [{after: 1s}]}}",
            "/scenarios/0/then/respond/events/0  an event has data; give data: a JSON value, or text: as it is sent",
            id="no-data",
        ),
        pytest.param(
            "{respond: {events: [{data: {n: 1}, text: x}]}}",
            "/scenarios/0/then/respond/events/0  data and text cannot stand together; "
            "give data: a JSON value, or text: as it is sent",
            id="data-and-text",
        ),
        pytest.param(
            "{respond: {events: [], text: x}}",
            "/scenarios/0/then/respond/events  text and events cannot stand together; keep one of them",
            id="text-and-events",
        ),
        pytest.param(
            "{respond: {events: [], more: repeat, fault: reset}}",
            "/scenarios/0/then/respond/fault  more and fault cannot stand together; keep one of them",
            id="more-and-fault",
        ),
        pytest.param(
            "{respond: {status: 204, fault: reset}}",
            "/scenarios/0/then/respond/fault  fault goes with events; write fault: in the place of respond:",
            id="fault-alone",
        ),
        pytest.param(
            "{respond: {events: [{data: {n: 1}, after: soon}]}}",
            '/scenarios/0/then/respond/events/0/after  \'soon\' is no duration; write it like "5s", "400ms" or "1h30m"',
            id="no-duration",
        ),
    ],
)
def test_what_is_no_stream_is_said(play: Play, text: str, sentence: str) -> None:
    """One sentence with its place and its remedy."""
    assert said(play, then(text)) == [sentence]


def test_an_operation_that_streams_nothing_takes_no_stream(shop: Document, tmp_path: Path) -> None:
    """A `stream` that nobody could see is an error, not ignored."""
    errors = said(lambda text: load_text(text, tmp_path, [shop]), then("{executions: [{stream: [{data: 1}]}]}"))

    assert errors == [
        "/scenarios/0/then/executions/0/stream  POST /shops/{shop}/orders answers no stream; leave it out"
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param("x", "events is 'x'; give a list", id="text"),
        pytest.param([5], "events[0] is 5; give a mapping", id="number"),
        pytest.param([{"data": 1}, {"dat": 1}], 'events[1] has no "dat"; did you mean "data"?', id="unknown-key"),
        pytest.param([{}], "events[0]: give either data", id="no-data"),
        pytest.param([{"data": 1, "event": "a\nb"}], "events[0]: event is one line", id="two-lines"),
        pytest.param([{"data": 1, "after": "soon"}], "events[0]: after: 'soon' is no duration", id="no-duration"),
        pytest.param([{"data": 1, "after": -1}], "events[0]: after is -1", id="backwards"),
    ],
)
def test_what_a_test_writes_is_looked_at_too(given: Any, sentence: str) -> None:
    """No schema has seen it before."""
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        read_events(given, lambda value, name: compile_template(value))
