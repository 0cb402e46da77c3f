"""Live services that misbehave: each is heard within bounds, and named by its code."""

from __future__ import annotations

import dataclasses
import gzip
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from mockserver.contract.findings import Finding
from mockserver.contract.verify import Plan, Verification
from mockserver.contract.verify_ask import Keys
from mockserver.engine.service import Service
from mockserver.errors import CouldNotRun
from mockserver.http.prober import Bounds, probe
from mockserver.vendors.assembly import Wanted, assemble
from tests.http.live import KEY, SPEC, Answer, Got, Live, Shop

BOUNDS = Bounds(each=0.5, all=20, size=100_000, stream=0.1)
EVENTS = """\
openapi: 3.1.0
info: {title: Events, version: '1'}
paths:
  /events:
    get:
      operationId: events
      responses:
        '200':
          description: events
          content:
            text/event-stream: {schema: {type: object, required: [n], properties: {n: {type: integer}}}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Service:
    """The service of the shop."""
    path = tmp_path / "shop.yaml"
    path.write_text(SPEC, "utf-8")
    return service_of(path)


def service_of(path: Path) -> Service:
    """The service of a document."""
    return assemble(Wanted(specs=((None, path),)))[0]


def verified(service: Service, url: str, **words: object) -> tuple[Verification, tuple[Finding, ...]]:
    """A verification that was played, and what it found."""
    plan = replace(Plan(service, Keys(key=KEY), "/v1", all_methods=True), **words)
    verification = Verification(plan)
    probe(verification, url, BOUNDS, "test")
    return verification, verification.finish()


def spoilt(**words: object) -> Callable[[Got], Answer]:
    """The shop, but that its successes are changed so."""
    right = Shop().answer

    def answer(got: Got) -> Answer:
        made = right(got)
        return dataclasses.replace(made, **words) if made.status == 200 else made  # type: ignore[arg-type]  # a test's words

    return answer


def test_a_right_service_is_clean(shop: Service) -> None:
    """A service that keeps its spec has no finding, and each of its operations succeeded at least once."""
    with Live(Shop().answer) as live:
        verification, findings = verified(shop, live.url)

    assert findings == ()
    assert [min(verification.statuses(one)) for one in verification.operations] == [200, 201, 200]


def test_what_was_listed_is_read(shop: Service) -> None:
    """Ids of the path come from answers: those of the list, and those of what was added."""
    with Live(Shop().answer) as live:
        verified(shop, live.url)

    assert {"/v1/pets/7", "/v1/pets/8"} <= {got.path for got in live.got if got.method == "GET"}


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ({"status": 418}, "E401", "answered 418, which the spec does not declare"),
        ({"status": 500}, "E401", "answered 500, which the spec does not declare"),
        ({"value": {"id": "x"}}, "E402", 'missing "name"'),
        ({"raw": b"null"}, "E402", "null is not an"),
        ({"headers": {"Content-Type": "text/html"}}, "E403", "text/html is not declared: application/json"),
        ({"headers": {}}, "E403", "is missing; declared: application/json"),
        ({"raw": b"<h1>fine</h1>"}, "E403", "cannot be read as its Content-Type says"),
        (
            {"raw": b"[" * 5000 + b"]" * 5000},
            "E407",
            "body: is nested deeper than is read: at most 256 levels of brackets (--max-depth)",
        ),
        (
            {"headers": {"Content-Type": "application/json", "X-Total": "1", "Content-Encoding": "gzip"}},
            "E406",
            "the body of the answer cannot be decoded as its Content-Encoding says; asked for is gzip, deflate",
        ),
        (
            {"headers": {"Content-Type": "application/json", "X-Total": "1", "Content-Encoding": "br"}},
            "E406",
            "the body of the answer cannot be decoded as its Content-Encoding says; asked for is gzip, deflate",
        ),
        ({"headers": {"Content-Type": "application/json"}}, "E404", "header X-Total: is missing"),
        ({"headers": {"Content-Type": "application/json", "X-Total": "many"}}, "E404", '"many" is not an integer'),
        ({"broken": "hang"}, "E406", "gave no whole answer within 0.5s"),
        ({"broken": "reset"}, "E406", "the connection broke"),
        ({"broken": "noise"}, "E406", "the answer is not HTTP"),
        ({"announced": 5000}, "E406", "ends before the length that it announces"),
        ({"announced": 100_000_000}, "E407", "it announces 100000000 bytes"),
        ({"raw": b" " * 100_001}, "E407", "it announces 100001 bytes"),
        ({"status": 302, "headers": {"Location": "http://elsewhere.test/"}}, "E408", "redirects to http://elsewhere"),
        ({"status": 302, "headers": {"Location": "/v1/pets/7"}}, "E408", "redirects more than 3 times"),
        (
            {"status": 302, "headers": {"Location": "http://[x"}},
            "E408",
            'it redirects with 302, but the Location header of the answer is no address: "http://[x"',
        ),
        ({"status": 302, "headers": {"Location": "mailto:shop@a.test"}}, "E408", 'no address: "mailto:shop@a.test"'),
        ({"status": 302, "headers": {}}, "E408", "it redirects with 302, but the answer has no Location header"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else None,
)
def test_a_wrong_service_is_named(shop: Service, fault: dict[str, object], code: str, words: str) -> None:
    """Whatever a service does is a finding with its code, and never a crash."""
    with Live(spoilt(**fault)) as live:
        _, findings = verified(shop, live.url)

    assert (code, True) in {(one.code, words in one.sentence) for one in findings}


def test_an_answer_longer_than_it_says_is_found(shop: Service) -> None:
    """More bytes than announced are never taken for a whole answer."""
    with Live(spoilt(announced=5)) as live:
        _, findings = verified(shop, live.url)

    assert {one.code for one in findings} & {"E403", "E406"}


def test_an_answer_without_an_end_is_left(tmp_path: Path) -> None:
    """A body that goes on beyond the bound, without saying how long it is, is not read to its end."""
    path = tmp_path / "shop.yaml"
    path.write_text(SPEC, "utf-8")
    headers = {"Content-Type": "application/json", "X-Total": "1", "Content-Encoding": "gzip"}
    with Live(spoilt(raw=gzip.compress(b" " * 10_000_000), headers=headers)) as live:
        _, findings = verified(service_of(path), live.url)

    assert {one.code for one in findings} == {"E407"}


def test_events_are_held_against_their_schema(tmp_path: Path) -> None:
    """Each event of a stream that goes on is checked; that it goes on is no breach."""
    path = tmp_path / "events.yaml"
    path.write_text(EVENTS, "utf-8")
    body = b'data: {"n": 1}\n\n: nothing\n\ndata: {"n": "x"}\n\ndata: {"m"'
    answer = Answer(200, raw=body, headers={"Content-Type": "text/event-stream"}, announced=5000, broken="goes on")
    with Live(lambda got: answer) as live:
        _, findings = verified(service_of(path), live.url)

    assert [(one.code, one.pointer, one.said) for one in findings[:1]] == [("E402", "/n", '"x"')]
    assert {one.code for one in findings} == {"E402"}


def test_keys_never_show(shop: Service) -> None:
    """A key that comes back in an answer is masked in findings, and it is sent to no other host."""
    with Live(spoilt(value={"id": KEY})) as live:
        _, findings = verified(shop, live.url)

    assert findings
    assert KEY not in "".join(map(str, findings))
    assert any(one.said.startswith('"***') for one in findings)


def test_a_service_that_is_not_there_is_no_finding(shop: Service) -> None:
    """Nobody at the address: nothing could be played."""
    with Live(Shop().answer) as live:
        url = live.url

    with pytest.raises(CouldNotRun, match=r"cannot be reached: .* is it running\?"):
        verified(shop, url)


def test_a_name_that_leads_nowhere_is_told(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that cannot be resolved could not be played."""

    def unknown(*words: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(CouldNotRun, match=r"the name nowhere\.invalid cannot be resolved"):
        verified(shop, "http://nowhere.invalid/v1")


@pytest.mark.parametrize(
    ("status", "words"), [(404, "every answer was 404: .* server path is /v1"), (401, "the key that was given")]
)
def test_a_wrong_base_url_or_key_is_told(shop: Service, status: int, words: str) -> None:
    """Where every answer is 404 or 401 nothing was tried, and that is never green."""
    with Live(lambda got: Answer(status, {"error": "no"})) as live, pytest.raises(CouldNotRun, match=words):
        verified(shop, live.url, base="")


def test_time_is_bounded(shop: Service) -> None:
    """When the time for all is over, no more requests are sent, and it is noted what was waited for."""
    plan = Plan(shop, Keys(key=KEY), "/v1")
    verification = Verification(plan)
    with Live(spoilt(broken="hang")) as live:
        probe(verification, live.url, replace(BOUNDS, each=10, all=0.2), "test")

    assert verification.notes == ["stopped after 0.2s, as --max-time says, before listPets had answered"]
    assert len(live.got) == 1
    with pytest.raises(CouldNotRun, match="before listPets had answered"):
        verification.finish()


def test_redirects_within_a_service_are_followed(shop: Service) -> None:
    """A redirect to another path of the same service leads on, where nothing is changed by it."""
    right = Shop().answer

    def answer(got: Got) -> Answer:
        if got.path == "/v1/pets" and got.method == "GET":
            return Answer(307, headers={"Location": f"/v1/pets/?{got.query}"}, raw=b"")
        return right(dataclasses.replace(got, path=got.path.rstrip("/")))

    with Live(answer) as live:
        _, findings = verified(shop, live.url)

    assert findings == ()
    assert "/v1/pets/" in {got.path for got in live.got}
