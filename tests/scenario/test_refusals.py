"""Fixture files that cannot be played: each error is one sentence with its place and its remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.errors import FixtureError, Several, UsageError
from mockserver.openapi.document import Document
from mockserver.pointer import join, look_up
from mockserver.scenario.load import load
from mockserver.scenario.model import Fixture, Respond
from mockserver.scenario.schema import FixtureSchema
from mockserver.yamlfile import parse
from tests.scenario.shop import SCHEMA, SHOP_2, Play, load_text, read_document, said, then

KINDS = """
when: {path: {shop: a}, query: {n: 1}, headers: {a: b}, body: {properties: {n: {type: integer}}}, body_has: {n: 1}}
then:
  sequence:
    - respond: {status: 202, headers: {A: [b]}, body: {id: "${path.shop}"}, delay: 1s, off_contract: why}
    - {executions: [{timeline: {queued: 1s}, ends: failed, error: "${index}", webhook: {after: 1s}}], more: pass}
    - random: [{weight: 2, then: {fault: reset, hold: 1s}}]
"""
OFF = 'or say why with off_contract: "..."'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "[]",
            "[] is not an object; what one vendor does: which keys work, what exists on its side, and what happens "
            "to which call",
            id="list",
        ),
        pytest.param(
            "format: 1",
            'missing "vendor"; whose behaviour this is: eachlabs, vectorshift, or the name of another installed '
            "vendor or served document",
            id="no-vendor",
        ),
        pytest.param(
            "format: 2\nvendor: shop",
            "/format  2 is not 1; the version of this file format, always 1",
            id="format",
        ),
        pytest.param(
            "format: 1\nvendor: shop\nscenario: []",
            '/scenario  "scenario" is not allowed here; allowed: format, vendor, about, api_keys, resources, '
            'lifecycle, callbacks, webhooks, scenarios; did you mean "scenarios"?',
            id="unknown-key",
        ),
        pytest.param("format: 1\nvendor: shop\napi_keys: [5]", "/api_keys/0  5 is not a string", id="key-no-text"),
        pytest.param(
            "format: 1\nvendor: sop",
            '/vendor  no document of a vendor "sop" is loaded; check the name, or serve its document',
            id="unknown-vendor",
        ),
        pytest.param(
            then("{respnd: {}}"),
            '/scenarios/0/then/respnd  "respnd" is not allowed here; allowed: respond, executions, sequence, random, '
            'fault, more, delay, hold; did you mean "respond"?',
            id="unknown-step",
        ),
        pytest.param(
            then("{}"),
            "/scenarios/0/then  nothing is said to happen; give exactly one of respond, executions, sequence, "
            "random, fault",
            id="empty-step",
        ),
        pytest.param(
            then("{respond: {status: 204}, fault: reset}"),
            "/scenarios/0/then  respond and fault cannot stand together; give exactly one of respond, executions, "
            "sequence, random, fault",
            id="two-steps",
        ),
        pytest.param(
            then("{respond: {status: 204}, delay: 1s}"),
            '/scenarios/0/then/delay  "delay" does not go with respond; write it inside: respond: {delay: ...}',
            id="delay-beside-respond",
        ),
        pytest.param(
            then("{fault: reset, more: last}"),
            '/scenarios/0/then/more  "more" does not go with fault; it goes with executions and sequence',
            id="more-beside-fault",
        ),
        pytest.param(
            then("{sequence: [{fault: reset}], hold: 1s}"),
            '/scenarios/0/then/hold  "hold" does not go with sequence; write it at each step',
            id="hold-beside-sequence",
        ),
        pytest.param(
            then("{fault: drop}"),
            '/scenarios/0/then/fault  "drop" is not one of "reset", "timeout", "truncate", "garbage"; a misbehaving '
            "connection: reset (closed at once), timeout (no answer while the client waits), truncate (the "
            "normal answer, announced whole, ends in the middle of its body), garbage (the normal answer's status and "
            "headers with a body that is not what they promise)",
            id="fault",
        ),
        pytest.param(
            then("{fault: reset, delay: 5x}"),
            '/scenarios/0/then/delay  \'5x\' is no duration; write it like "5s", "400ms" or "1h30m"',
            id="duration",
        ),
        pytest.param(
            then("{fault: reset, delay: -5}"),
            '/scenarios/0/then/delay  -5 is less than 0; a length of time: "400ms", "5s", "1h30m", or a bare number '
            "of seconds",
            id="negative-duration",
        ),
        pytest.param(
            then("{fault: reset, delay: 40000d}"),
            "/scenarios/0/then/delay  40000d is longer than 100 years; at most 100 years are possible here",
            id="long-duration",
        ),
        pytest.param(
            then("{fault: timeout, hold: 2m}"),
            "/scenarios/0/then/hold  2m is longer than 60s; at most 60s are possible here",
            id="long-hold",
        ),
        pytest.param(
            then("{executions: [{output: 1, outputs: 2}]}"),
            "/scenarios/0/then/executions/0  output and outputs are two names for one thing; keep the one the vendor "
            "uses",
            id="two-outputs",
        ),
        pytest.param(
            then("{executions: [{reject: no, ends: failed}]}"),
            "/scenarios/0/then/executions/0  reject excludes ends; nothing starts, so nothing else can happen",
            id="reject-and-more",
        ),
        pytest.param(
            then("{executions: [{error: oh}]}"),
            '/scenarios/0/then/executions/0/error  only an execution that fails has an error; add "ends: failed"',
            id="error-without-failure",
        ),
        pytest.param(
            then("{executions: [{timeline: {running: 1s, completed: 1s}}]}"),
            "/scenarios/0/then/executions/0/timeline/completed  completed is an end and has no length; leave it out "
            "and write ends: completed",
            id="end-in-timeline",
        ),
        pytest.param(
            then("{executions: [{timeline: {running: fast}}]}"),
            '/scenarios/0/then/executions/0/timeline/running  \'fast\' is no duration; write it like "5s", "400ms" '
            'or "1h30m"',
            id="timeline-duration",
        ),
        pytest.param(
            then("{executions: [{webhook: {after: soon}}]}"),
            '/scenarios/0/then/executions/0/webhook/after  \'soon\' is no duration; write it like "5s", "400ms" or '
            '"1h30m"',
            id="webhook-duration",
        ),
        pytest.param(
            then("{executions: [{output: '${input.q}'}]}"),
            '/scenarios/0/then/executions/0/output  unknown name "input" in ${input.q}; did you mean "inputs"? a '
            "placeholder here begins with one of body, execution_id, headers, index, inputs, now, path, query, "
            "receipt, request_number",
            id="placeholder",
        ),
        pytest.param(
            then("{respond: {status: 202, body: {id: '${inputs.q}'}}}"),
            '/scenarios/0/then/respond/body/id  unknown name "inputs" in ${inputs.q}; a placeholder here begins with '
            "one of body, headers, now, path, query, request_number",
            id="placeholder-of-executions-in-respond",
        ),
        pytest.param(
            then("{respond: {status: 202, body: {id: '${path.shopi}'}}}"),
            '/scenarios/0/then/respond/body/id  unknown path parameter "shopi" in ${path.shopi}; did you mean "shop"?',
            id="placeholder-of-the-path",
        ),
        pytest.param(
            then("{executions: [{output: 'in ${path.x}'}]}"),
            '/scenarios/0/then/executions/0/output  unknown path parameter "x" in ${path.x}; the path has shop',
            id="placeholder-of-the-path-of-executions",
        ),
        pytest.param(
            then("{fault: reset}", "{path: {shp: a}}"),
            '/scenarios/0/when/path/shp  POST /shops/{shop}/orders has no path parameter "shp"; did you mean "shop"?',
            id="path-parameter",
        ),
        pytest.param(
            then("{fault: reset}", "{body: {type: strin}}"),
            '/scenarios/0/when/body/type  is not a JSON Schema: "strin" is not one of "array", "boolean", '
            '"integer", "null", "number", "object", "string"; did you mean "string"?',
            id="no-schema",
        ),
        pytest.param(
            then("{fault: reset}", "{body: {$ref: '#/x'}}"),
            '/scenarios/0/when/body  "#/x" leads nowhere',
            id="reference",
        ),
        pytest.param(
            then("{fault: reset}", "{body: {properties: {a: {pattern: '(a'}}}}"),
            "/scenarios/0/when/body/properties/a/pattern  the pattern '(a' cannot be used; write it in another way",
            id="pattern",
        ),
        pytest.param(
            then("{fault: reset}").replace("placeOrders", "POST /shops/{shop}/order"),
            '/scenarios/0/operation  unknown operation "POST /shops/{shop}/order"; did you mean "POST '
            '/shops/{shop}/orders"?',
            id="unknown-operation",
        ),
        pytest.param(
            then("{respond: {status: 204, headers: {Content-Length: 5}}}"),
            "/scenarios/0/then/respond/headers/Content-Length  the header Content-Length is written by the server "
            "itself; leave it out; fault: truncate breaks an answer off",
            id="our-header",
        ),
        pytest.param(
            then('{respond: {status: 204, headers: {X-A: "a\\nb"}}}'),
            "/scenarios/0/then/respond/headers/X-A  'X-A' cannot be sent as a header; a name is letters, digits and "
            "dashes; a value is one line",
            id="header-of-two-lines",
        ),
        pytest.param(
            then("{respond: {status: 202, body: {id: a}, text: b}}"),
            "/scenarios/0/then/respond/text  body and text cannot stand together; keep one of them",
            id="body-and-text",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place_and_remedy(text: str, sentence: str, play: Play) -> None:
    """One error, one sentence: the pointer, what is wrong, what would be right."""
    (line,) = said(play, text)

    assert line.startswith(sentence)


@pytest.mark.parametrize(
    ("respond", "sentence"),
    [
        pytest.param(
            "{status: 500}",
            "/status  placeOrders declares no status 500; declared: 202, 204, 4XX; declare it in an overlay",
            id="status",
        ),
        pytest.param(
            "{}",
            "/status  placeOrders declares no status 200; declared: 202, 204, 4XX; declare it in an overlay",
            id="status-left-out",
        ),
        pytest.param("{status: 202, body: {id: 5}}", "/body/id  5 is not a string; see shop.yaml:20:61", id="body"),
        pytest.param(
            "{status: 202, text: '{}'}",
            "/text  text/plain is not declared for 202; declared: application/json",
            id="media-type",
        ),
        pytest.param(
            "{status: 202, text: '{', headers: {content-type: application/json}}",
            "/text  the text is not JSON, which application/json promises; write it as body:",
            id="text-that-is-no-json",
        ),
        pytest.param(
            "{status: 202}",
            "  the body is missing: 202 declares application/json; give body: or text:",
            id="no-body",
        ),
        pytest.param("{status: 204, body: 1}", "/body  an answer 204 has no body; leave body out", id="body-of-204"),
        pytest.param(
            "{status: 404, body: {error: x}}",
            "/headers  the header X-Trace is missing; 4XX declares it as required",
            id="header",
        ),
    ],
)
def test_an_answer_that_breaks_the_document_stops_the_start(respond: str, sentence: str, play: Play) -> None:
    """`respond` is held against what the operation declares, unless it says why it may break it."""
    (line,) = said(play, then(f"{{respond: {respond}}}"))
    lifted = play(then(f"{{respond: {respond[:-1]}{', ' if respond != '{}' else ''}off_contract: it does}}}}"))

    assert line.startswith("/scenarios/0/then/respond" + sentence)
    assert line.endswith(OFF)
    assert isinstance(lifted.scenarios[0].then, Respond)
    assert lifted.scenarios[0].then.off_contract == "it does"


def test_an_error_names_file_line_and_column(play: Play) -> None:
    """`file:line:col  /pointer  what is wrong; what would be right`, on one line."""
    with pytest.raises(FixtureError) as caught:
        play(then("{fault: reset}").replace("placeOrders", "placeOrder"))

    assert str(caught.value) == (
        'f.yaml:5:5  /scenarios/0/operation  unknown operation "placeOrder"; did you mean "placeOrders"?'
    )


def test_whoever_knows_the_vendors_may_word_an_unknown_one(tmp_path: Path) -> None:
    """What `documents` raises is said at the vendor's line."""

    def documents(vendor: str) -> Sequence[Document]:
        raise UsageError(f"{vendor} is not installed")

    (tmp_path / "f.yaml").write_text("format: 1\nvendor: shop\n", encoding="utf-8")

    with pytest.raises(FixtureError, match=r"^f.yaml:2:1  /vendor  shop is not installed$"):
        load(tmp_path / "f.yaml", label="f.yaml", documents=documents, schema=FixtureSchema(SCHEMA))


def test_an_operation_of_two_documents_means_both(shop: Document, tmp_path: Path) -> None:
    """A scenario answers for every document that has its operation and its path parameters, and must keep them all."""
    second = read_document(tmp_path, "second", SHOP_2)
    answer = "{respond: {status: 202, body: {id: x}}}"

    def play(text: str) -> Fixture:
        return load_text(text, tmp_path, [shop, second])

    assert [line.partition(";")[0] for line in said(play, then(answer))] == [
        '/scenarios/0/then/respond/body  missing "other"'
    ]
    assert said(play, then(answer, "{path: {floor: 1}}")) == said(play, then(answer))
    assert play(then(answer).replace("placeOrders", "POST /shops/{shop}/orders")).scenarios[0].name == "only"


TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]))
JSON = st.recursive(
    st.sampled_from([None, True, -1, 1.5, 1e300, 10**30, "", "5s", "${", "${x}", "pass", "\U0001f600"]) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(["then", "$ref"]), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_fixture_only_located_errors_come_of_it(data: st.DataObject, play: Play) -> None:
    """Any value in the place of any other is read, or refused with its place; nothing else is raised."""
    scenario = {"name": "x", "operation": "placeOrders", **parse(KINDS, "kinds.yaml").value}
    fixture = {"format": 1, "vendor": "shop", "resources": {"shops": {"*": {}}}, "scenarios": [scenario]}
    pointer = data.draw(st.sampled_from(sorted(pointers(fixture))))
    parent, _, key = pointer.rpartition("/")
    holder = look_up(fixture, parent)
    holder[int(key) if isinstance(holder, list) else key] = data.draw(JSON)

    try:
        play(json.dumps(fixture, ensure_ascii=False))
    except (FixtureError, Several) as error:
        errors = error.errors if isinstance(error, Several) else (error,)
        assert all(isinstance(one, FixtureError) and one.at.line and one.message for one in errors)


def pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """The pointers of all that is in `value`."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield join(pointer, key)
        yield from pointers(part, join(pointer, key))
