"""`respond(events=[...])`: what a test may write of a stream, and what it is told when it cannot be."""

import pytest

from mockserver.arguments import ScriptError
from mockserver.scenario.model import Respond


@pytest.fixture
def on(vectorshift_mock):
    """A stub for a single run, whose answers may be streams."""
    return vectorshift_mock.on("runPipeline").optional()


def event(**data):
    return {"data": {"type": "stream", "run_id": "r", "output_name": "o", "output_value": "", **data}}


def test_events_may_be_scripted(on):
    """With gaps, and with what comes after the last."""
    on.respond(events=[event(), {**event(), "after": "1s"}], more="last")

    (link,) = on._links
    assert isinstance(link.then, Respond)
    assert link.then.events is not None
    assert [one.after for one in link.then.events] == [0.0, 1.0]
    assert link.then.more == "last"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param({"events": [{"dta": 1}]}, r'events\[0\] has no "dta"; did you mean "data"', id="unknown-key"),
        pytest.param({"events": [event()], "json": {}}, "events cannot stand together with json", id="json-too"),
        pytest.param({"fault": "reset"}, "say how a stream goes on", id="no-events"),
        pytest.param({"events": [], "fault": "garbage"}, "fault='garbage'", id="unknown-fault"),
        pytest.param({"events": [], "fault": "reset", "more": "last"}, "give one of the two", id="both"),
        pytest.param({"events": [event(type="chat")]}, "events/0/data/type", id="breaks-the-schema"),
        pytest.param({"events": [{"data": {1}}]}, r"events\[0\] cannot be sent as JSON", id="no-json"),
    ],
)
def test_what_cannot_be_is_refused(on, arguments, sentence):
    """At once, with the line of the test."""
    with pytest.raises(ScriptError, match=sentence) as caught:
        on.respond(**arguments)

    assert caught.value.at.file.endswith("test_stubbing_events.py")
