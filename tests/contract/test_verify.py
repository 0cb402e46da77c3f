"""What `verify` sends and how it judges answers, with values alone: no service is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mockserver.contract.findings import Finding
from mockserver.contract.verify import Plan, Verification
from mockserver.contract.verify_ask import Ask, Heard, Keys
from mockserver.contract.verify_ids import Ids
from mockserver.contract.verify_judge import Judge
from mockserver.engine.secrets import Secrets
from mockserver.engine.service import Service
from mockserver.errors import CouldNotRun
from mockserver.openapi.operation import Operation
from mockserver.vendors.assembly import Wanted, assemble
from tests.http.live import KEY, SPEC

SPECS = Path(__file__).parent.parent / "specs"
JSON = ("Content-Type", "application/json")
PET = {"id": 7, "name": "Tom", "kind": "cat"}
ANSWERS = """\
openapi: 3.1.0
info: {title: Answers, version: '1'}
paths:
  /answers/{id}:
    get:
      operationId: answer
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: fine
          content:
            application/json: {schema: {type: array, items: {type: integer}}}
            text/plain: {schema: {type: integer}}
        '204': {description: nothing}
        5XX: {description: broken}
    head: {operationId: head, responses: {'200': {description: fine, content: {application/json: {}}}}}
"""
KEYS = """\
openapi: 3.1.0
info: {title: Keys, version: '1'}
paths: {/a: {get: {operationId: a, security: [{S: []}], responses: {'200': {description: fine}}}}}
components: {securitySchemes: {S: SCHEME}}
"""


@pytest.fixture
def served(tmp_path: Path) -> Callable[[str], Service]:
    """The service of a document that is given as text."""

    def of(text: str) -> Service:
        path = tmp_path / "spec.yaml"
        path.write_text(text, "utf-8")
        return assemble(Wanted(specs=(("spec", path),)))[0]

    return of


@pytest.fixture
def judged(served: Callable[[str], Service]) -> Callable[..., list[tuple[str, str, str]]]:
    """Code, severity and sentence of what is found in an answer to `GET /answers/{id}`."""
    service = served(ANSWERS)
    judge = Judge(service.document, "spec", Secrets([service]), "/v1")

    def of(heard: Heard, name: str = "answer", **words: Any) -> list[tuple[str, str, str]]:
        ask = replace(Ask(service.document.operation(name), "/answers/x"), **words)
        return [(one.code, one.severity, one.sentence) for one in judge.findings(1, ask, heard)]

    return of


def played(verification: Verification, answer: Callable[[Ask], Heard]) -> list[Ask]:
    """All requests of a verification that is answered so."""
    asks = []
    while (ask := verification.next()) is not None:
        asks.append(ask)
        verification.hear(ask, answer(ask))
    return asks


def shop(ask: Ask) -> Heard:
    """What a pet shop answers."""
    body: Any = PET if ask.kind == "keeps" and (ask.body or ask.target.count("/") > 1) else [PET]
    status = 200 if ask.operation.method == "GET" else 201
    refused = Heard(400, (JSON,), b'{"error": "no"}')
    return Heard(status, (JSON, ("X-Total", "1")), json.dumps(body).encode()) if ask.kind == "keeps" else refused


def test_what_creates_comes_before_what_reads_and_what_deletes_last(served: Callable[[str], Service]) -> None:
    """Lists and creations come first, so that what is read exists; nothing is deleted before all else was tried."""
    one = "{operationId: NAME, responses: {'200': {description: fine}}}"
    text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n"
    text += f"  /a/{{id}}: {{delete: {one.replace('NAME', 'delete')}, get: {one.replace('NAME', 'show')}}}\n"
    text += f"  /a: {{put: {one.replace('NAME', 'put')}, post: {one.replace('NAME', 'add')}}}\n"
    verification = Verification(Plan(served(text), all_methods=True))
    order = [ask.operation.id for ask in played(verification, lambda ask: Heard(200))]

    assert list(dict.fromkeys(order)) == ["add", "put", "show", "delete"]


def test_requests_are_made_in_turns(served: Callable[[str], Service]) -> None:
    """A bound on the number of requests leaves no operation out before another had its second turn."""
    plan = Plan(served(SPEC), Keys(key=KEY), all_methods=True, max_requests=3)
    asks = played(Verification(plan), shop)

    assert [ask.operation.id for ask in asks] == ["listPets", "addPet", "showPet"]


def test_examples_come_first(served: Callable[[str], Service]) -> None:
    """The body of the spec's example is sent before any sample."""
    asks = played(Verification(Plan(served(SPEC), Keys(key=KEY), all_methods=True)), shop)
    added = [ask for ask in asks if ask.operation.id == "addPet"]

    assert (added[0].about, json.loads(added[0].body)) == ("its example", {"name": "Rex", "kind": "dog"})
    assert added[1].about == "sample 1"


def test_ids_come_from_answers(served: Callable[[str], Service]) -> None:
    """What was listed is read; an id that was seen is no guess."""
    asks = played(Verification(Plan(served(SPEC), Keys(key=KEY))), shop)
    reads = [ask for ask in asks if ask.operation.id == "showPet" and ask.kind == "keeps"]

    assert {(ask.target, ask.is_guess) for ask in reads} == {("/pets/7", False)}


def test_the_ids_of_parts_are_not_those_of_things(served: Callable[[str], Service]) -> None:
    """Of nested objects the outermost `id` is that of the thing; one that does not fit is passed over."""
    document, ids = served(SPEC).document, Ids()
    show = document.operation("showPet")
    ids.learn(document.operation("listPets"), {"items": [{"id": 3, "owner": {"id": 99}}, {"id": "x"}]})

    assert list(ids.of(show, show.parameters[0])) == [3]


def test_ids_are_found_by_name_wherever_they_were_seen(served: Callable[[str], Service]) -> None:
    """`pet_id` in any answer stands for `{petId}`."""
    document, ids = served(SPEC).document, Ids()
    show = document.operation("showPet")
    ids.learn(document.operation("addPet"), {"queued": {"pet_id": 5}})

    assert list(ids.of(show, show.parameters[0])) == [5]


@pytest.mark.parametrize("name", ["everything.yaml", "tree.json", "petstore.yaml", "forms.yaml", "upload.yaml"])
def test_every_operation_has_a_request(name: str) -> None:
    """Whatever styles, media types and schemas a document has, each operation is asked for."""
    (service,) = assemble(Wanted(specs=((None, SPECS / name),)))
    verification = Verification(Plan(service, Keys(key="k"), all_methods=True))
    played(verification, lambda ask: Heard(204))

    assert verification.unplayed == ()


def test_nothing_more_is_asked_of_what_hung(served: Callable[[str], Service]) -> None:
    """An operation that gave no answer in time is not asked again; the others are."""
    verification = Verification(Plan(served(SPEC), Keys(key=KEY)))
    hang = Heard(trouble="hang", said="gave no whole answer")
    asks = played(verification, lambda ask: hang if ask.operation.id == "listPets" else shop(ask))

    assert [ask.operation.id for ask in asks].count("listPets") == 1
    assert [ask.operation.id for ask in asks].count("showPet") > 1


def test_a_service_that_is_gone_is_left_alone(served: Callable[[str], Service]) -> None:
    """A service that died on the way is a finding; after three tries nobody is called any more."""
    verification = Verification(Plan(served(SPEC), Keys(key=KEY), all_methods=True))
    gone = Heard(trouble="unreachable", said="cannot be reached")
    asks = played(verification, lambda ask: shop(ask) if not verification.played else gone)

    assert len(asks) == 4
    assert {one.code for one in verification.finish()} == {"E406"}


def test_a_document_without_operations_cannot_be_played(served: Callable[[str], Service]) -> None:
    """Nothing to play is never green."""
    service = served("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n")

    with pytest.raises(CouldNotRun, match="there is nothing to play: the document declares no operation"):
        Verification(Plan(service))


@pytest.mark.parametrize(
    ("heard", "words", "wanted"),
    [
        (Heard(200, (JSON,), b"[1]"), {}, []),
        (Heard(200, (("content-type", "application/json; charset=utf-8"),), b"[1]"), {}, []),
        (Heard(200, (("Content-Type", "text/plain"),), b"5"), {}, []),
        (Heard(204), {}, []),
        (Heard(404), {"is_guess": True}, []),
        (Heard(401), {}, []),
        (Heard(429), {}, []),
        (Heard(422), {"kind": "breaks"}, []),
        (Heard(401), {"kind": "keyless"}, []),
        (Heard(302, (("Location", "https://login.test/"),)), {"kind": "keyless"}, []),
        (Heard(404), {}, [("E401", "error", "answered 404, which the spec does not declare; declared: 200, 204, 5XX")]),
        (Heard(503), {}, [("E401", "warning", "answered 503 to a request that keeps the spec")]),
        (Heard(200), {}, [("E402", "error", "body: is empty; declared: application/json, text/plain")]),
        (Heard(200, (JSON,), b'["x"]'), {}, [("E402", "error", '/0: "x" is not an integer')]),
        (Heard(200, (("Content-Type", "text/plain"),), b"x"), {}, [("E402", "error", 'body: "x" is not an integer')]),
        (
            Heard(200, (JSON,), b"[NaN]"),
            {},
            [
                (
                    "E403",
                    "error",
                    "/0: cannot be read as its Content-Type says: NaN is not JSON; it has no such number",
                )
            ],
        ),
        (
            Heard(200, (("Content-Type", "image/png"),), b"x"),
            {},
            [("E403", "error", "header Content-Type: image/png is not declared: application/json, text/plain")],
        ),
        (
            Heard(200, (JSON,), b"[1]"),
            {"kind": "breaks", "about": "without x"},
            [("E405", "error", "it accepted what the spec refuses, with 200 (without x)")],
        ),
        (
            Heard(500),
            {"kind": "breaks"},
            [("E405", "error", "it broke down over what the spec refuses, with 500")],
        ),
    ],
)
def test_an_answer_is_judged(judged: Any, heard: Heard, words: dict[str, Any], wanted: list[Any]) -> None:
    """What is wrong with an answer is told as what it is, and what is right passes."""
    assert judged(heard, **words) == wanted


def test_a_status_that_came_is_not_called_wanted(served: Callable[[str], Service]) -> None:
    """What is wanted are those that are declared; each other one that came is a finding of its own."""
    service = served(ANSWERS)
    judge = Judge(service.document, "spec", Secrets([service]), "/v1")
    ask = Ask(service.document.operation("answer"), "/answers/x")
    found = [judge.findings(1, ask, Heard(status))[0] for status in (418, 419)]

    assert found[0].wanted == "a declared status (200, 204, 5XX), not 418"
    assert found[0].fingerprint != found[1].fingerprint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"[" * 100_000 + b"]" * 100_000,
            "body: is nested deeper than is read: at most 256 levels of brackets (--max-depth)",
        ),
        (b"[" + b"1," * 1_000_000 + b"1]", "body: holds more than is read: at most 1,000,000 values are read"),
    ],
    ids=["deep", "many"],
)
def test_an_answer_that_is_more_than_is_read_is_not_called_another_type(judged: Any, body: bytes, said: str) -> None:
    """It is valid JSON, so its Content-Type is right: it is E407, which names the bound."""
    assert judged(Heard(200, (JSON,), body)) == [("E407", "error", said)]


def test_how_deep_an_answer_is_read_can_be_said(served: Callable[[str], Service]) -> None:
    """With a higher bound the same answer is held against its schema."""
    service = served(ANSWERS)
    ask = Ask(service.document.operation("answer"), "/answers/x")
    heard = Heard(200, (JSON,), b"[" * 300 + b"]" * 300)

    found = [Judge(service.document, "spec", Secrets(()), "", depth).findings(1, ask, heard) for depth in (256, 300)]

    assert [[one.code for one in each] for each in found] == [["E407"], ["E402"]]


def test_an_event_that_is_nested_too_deep_is_told(served: Callable[[str], Service]) -> None:
    """As a whole body is: it is no crash, and not taken for a text."""
    service = served(ANSWERS.replace("application/json: {schema", "text/event-stream: {schema", 1))
    judge = Judge(service.document, "spec", Secrets(()), "")
    heard = Heard(200, (("Content-Type", "text/event-stream"),), b"data: " + b"[" * 100_000 + b"\n\n")

    (found,) = judge.findings(1, Ask(service.document.operation("answer"), "/answers/x"), heard)

    assert (found.code, "nested deeper" in found.sentence) == ("E407", True)


def test_an_answer_to_head_has_no_body(judged: Any) -> None:
    """HEAD is judged by its status and headers alone."""
    assert judged(Heard(200), "head") == []


def test_very_many_things_in_one_answer_are_counted(judged: Any) -> None:
    """An answer that is wrong all over has a bounded number of findings, and says how many more there are."""
    found = judged(Heard(200, (JSON,), json.dumps(["x"] * 5000).encode()))

    assert len(found) == 21
    assert found[-1][2].startswith("and ")


@pytest.mark.parametrize(
    ("scheme", "target", "headers"),
    [
        ("{type: apiKey, in: header, name: X-Key}", "/a", (("X-Key", "k"),)),
        ("{type: apiKey, in: query, name: key}", "/a?key=k", ()),
        ("{type: apiKey, in: cookie, name: sid}", "/a", (("Cookie", "sid=k"),)),
        ("{type: http, scheme: bearer}", "/a", (("Authorization", "Bearer k"),)),
        ("{type: http, scheme: basic}", "/a", (("Authorization", "Basic azo="),)),
        ("{type: oauth2, flows: {}}", "/a", (("Authorization", "Bearer k"),)),
    ],
)
def test_a_key_travels_as_the_spec_says(
    served: Callable[[str], Service], scheme: str, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """In the header, query or cookie of its scheme; a request that tries without it has none."""
    operation = served(KEYS.replace("SCHEME", scheme)).document.operation("a")
    keys, ask = Keys(key="k"), Ask(operation, "/a")

    assert keys.put(ask) == (target, headers)
    assert keys.put(replace(ask, kind="keyless")) == ("/a", ())


def test_a_header_that_carries_the_key_is_left_out_of_keyless_requests(served: Callable[[str], Service]) -> None:
    """--header stands for the key where its name is that of a scheme; others always go along."""
    operation = served(KEYS.replace("SCHEME", "{type: http, scheme: bearer}")).document.operation("a")
    keys, ask = Keys(headers=(("authorization", "Bearer k"), ("X-Trace", "on"))), Ask(operation, "/a")

    assert keys.open(operation)
    assert keys.put(ask) == ("/a", (("authorization", "Bearer k"), ("X-Trace", "on")))
    assert keys.put(replace(ask, kind="keyless")) == ("/a", (("X-Trace", "on"),))
    assert not Keys(headers=(("X-Trace", "on"),)).open(operation)


def test_a_parameter_that_carries_a_key_is_left_to_the_key(served: Callable[[str], Service]) -> None:
    """A header that is declared as a parameter too, and one that is given, are neither sampled nor left out to try."""
    headers = "{name: NAME, in: header, required: true, schema: {type: string}}"
    parameters = f"parameters: [{headers.replace('NAME', 'x-key')}, {headers.replace('NAME', 'X-Tenant')}], "
    text = KEYS.replace("SCHEME", "{type: apiKey, in: header, name: X-Key}")
    service = served(text.replace("operationId: a,", f"operationId: a, {parameters}"))
    asks = played(Verification(Plan(service, Keys((("X-Tenant", "t"),), "k"))), lambda ask: Heard(200))

    assert {(ask.kind, ask.headers) for ask in asks} == {("keeps", ()), ("keyless", ())}


def refused(operation: Operation, verification: Verification) -> list[str]:
    """What was tried that the operation must refuse."""
    return [one.ask.about for one in verification.played if one.ask.operation == operation and one.ask.kind == "breaks"]


def test_what_must_be_refused_breaks_the_spec_in_one_thing(served: Callable[[str], Service]) -> None:
    """Each request that a service must refuse lacks one thing, or has one thing of another kind."""
    verification = Verification(Plan(served(SPEC), Keys(key=KEY), all_methods=True))
    played(verification, shop)
    tried = {one.id: refused(one, verification) for one in verification.operations}

    assert tried == {
        "listPets": [
            "query parameter limit: a text instead of integer",
            "query parameter limit: a value out of bounds",
        ],
        "addPet": [
            "without the required body",
            '/name: without the required "name"',
            '/kind: without the required "kind"',
            "the body: a value of another type",
            "/name: a value of another type",
            "/kind: a value of another type",
            "/kind: a value that is not listed",
        ],
        "showPet": ["path parameter petId: a text instead of integer", "path parameter petId: a value out of bounds"],
    }


def test_bounds_of_a_body_are_tried(served: Callable[[str], Service]) -> None:
    """Numbers and lengths, each just once, and only where the document sets bounds."""
    text = SPEC.replace(
        "        name: {type: string}\n", "        name: {type: string, maxLength: 30}\n"
        "        age: {type: integer, maximum: 30}\n        any: {type: number}\n        flag: {type: boolean}\n",
    ).replace("{name: Rex, kind: dog}", "{name: Rex, kind: dog, age: 3, any: 4, flag: true}")  # fmt: skip
    verification = Verification(Plan(served(text), Keys(key=KEY), all_methods=True))
    asks = played(verification, shop)
    bodies = [json.loads(one.body) for one in asks if "out of bounds" in one.about and one.body]

    assert [(len(one["name"]) > 30, one["age"] > 30) for one in bodies] == [(True, False), (False, True)]


def test_findings_of_two_runs_are_known_again(judged: Any, served: Callable[[str], Service]) -> None:
    """Another sample, another number: the same thing that is wrong has the same fingerprint."""
    service = served(ANSWERS)
    judge = Judge(service.document, "spec", Secrets([service]), "/v1")
    ask = Ask(service.document.operation("answer"), "/answers/x", about="sample 1")

    def of(ask: Ask, number: int, body: bytes) -> Finding:
        return judge.findings(number, ask, Heard(200, (JSON,), body))[0]

    one, other = of(ask, 1, b'["x"]'), of(replace(ask, target="/answers/y", about="sample 2"), 9, b'[1, "y"]')

    assert one.fingerprint == other.fingerprint
