"""Ids that `verify` learns from answers, and what it says where it learnt none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from mockserver.contract.findings import Finding
from mockserver.contract.verify import Plan, Verification
from mockserver.contract.verify_ask import Ask, Heard
from mockserver.contract.verify_ids import Ids
from mockserver.contract.verify_report import report_of
from mockserver.errors import CouldNotRun
from mockserver.openapi.document import Document
from mockserver.vendors.assembly import Wanted, assemble

JSON = (("Content-Type", "application/json"),)
PARAMETER = "{name: id, in: path, required: true, schema: {type: string, minLength: 2}}"
NO = "'404': {description: no, content: {application/json: {schema: {type: object, required: [error]}}}}"
JOBS = f"""\
openapi: 3.1.0
info: {{title: Jobs, version: '1'}}
servers: [{{url: /v3}}]
paths:
  /batches: {{post: {{operationId: start, responses: {{'202': {{description: ok}}}}}}}}
  /jobs/{{id}}:
    get:
      operationId: showJob
      parameters: [{PARAMETER}]
      responses: {{'200': {{description: ok}}, {NO}}}
  /batches/{{id}}: {{get: {{operationId: showBatch, parameters: [{PARAMETER}], responses: {{'200': {{description: ok}}}}}}}}
  /entries/{{id}}: {{get: {{operationId: showEntry, parameters: [{PARAMETER}], responses: {{'200': {{description: ok}}}}}}}}
  /users/{{user}}/jobs/{{id}}: {{get: {{operationId: showOwn, parameters: [{PARAMETER}], responses: {{'200': {{description: ok}}}}}}}}
"""  # noqa: E501
NUMBERED = JOBS.replace("{type: string, minLength: 2}", "{type: integer}")


@pytest.fixture
def served(tmp_path: Path) -> Callable[..., Plan]:
    """A plan of the jobs document, changed or not."""

    def of(text: str = JOBS, **words: Any) -> Plan:
        path = tmp_path / "jobs.yaml"
        path.write_text(text, "utf-8")
        return Plan(assemble(Wanted(specs=(("jobs", path),)))[0], **words)

    return of


@pytest.fixture
def document(served: Callable[..., Plan]) -> Document:
    """The jobs document."""
    return served().document


@pytest.mark.parametrize(
    ("answer", "operation", "ids"),
    [
        pytest.param({"jobs": [{"id": "j1"}, {"id": "j2"}]}, "showJob", ["j1", "j2"], id="id in the collection"),
        pytest.param({"id": "b1", "jobs": [{"id": "j1"}]}, "showJob", ["j1"], id="beside the id of the batch"),
        pytest.param({"id": "b1", "jobs": [{"id": "j1"}]}, "showBatch", ["b1"], id="the batch itself"),
        pytest.param({"data": {"job": {"id": "j1", "name": "Tom"}}}, "showJob", ["j1"], id="one"),
        pytest.param({"jobs": [{"job_id": "j1"}]}, "showJob", ["j1"], id="job_id"),
        pytest.param({"queued": {"jobUuid": "j1"}}, "showJob", ["j1"], id="jobUuid"),
        pytest.param({"job_ids": ["j1", "j2"]}, "showJob", ["j1", "j2"], id="list of ids"),
        pytest.param({"entries": [{"id": "e1"}]}, "showEntry", ["e1"], id="another plural"),
        pytest.param({"entry_id": "e1"}, "showEntry", ["e1"], id="its singular"),
        pytest.param({"jobs": ["ann"], "job": "bob", "owner": {"id": "o1"}}, "showJob", [], id="no ids of jobs"),
        pytest.param({"jobs": [{"owner": {"id": "o1"}, "name": "Tom"}]}, "showJob", [], id="of their parts"),
        pytest.param({"jobs": [{"id": "j1"}]}, "showOwn", [], id="whose is not known"),
    ],
)
def test_ids_of_a_collection_are_found_in_other_answers(
    answer: Any, operation: str, ids: list[str], document: Document
) -> None:
    """What starts many jobs names them in its answer: by a field like the collection, or an id with its name."""
    known = Ids()
    known.learn(document.operation("start"), answer)
    show = document.operation(operation)

    assert list(known.of(show, show.parameters[0])) == ids


@pytest.mark.parametrize("path", ["/s/{id}", "/es/{id}"])
def test_the_ending_of_a_plural_is_the_name_of_nothing(path: str, served: Callable[..., Plan]) -> None:
    """`/es` may be for Spain: what is below it is not whatever has an id."""
    document = served(JOBS.replace("/jobs/{id}", path)).document
    known = Ids()
    known.learn(document.operation("start"), {"things": [{"id": "t1"}]})
    show = document.operation("showJob")

    assert list(known.of(show, show.parameters[0])) == []


def test_an_answer_with_many_ids_is_gone_through_once(document: Document) -> None:
    """To compare each with all others would take a minute."""
    things = {f"thing {number}": {"id": number} for number in range(30_000)}
    began = process_time()
    Ids().learn(document.operation("start"), things)
    took = process_time() - began

    assert took < 5


def test_jobs_of_a_batch_are_read(served: Callable[..., Plan]) -> None:
    """None is asked for by a made-up id."""

    def answer(ask: Ask) -> Heard:
        body = {"jobs": [{"id": "j1"}]} if ask.operation.id == "start" else {}
        return Heard(202 if ask.operation.id == "start" else 200, JSON, json.dumps(body).encode())

    _, asked = _played(Verification(served(all_methods=True, only=("start", "showJob"))), answer)

    assert {ask.target for ask in asked if ask.operation.id == "showJob" and ask.kind == "keeps"} == {"/jobs/j1"}


MADE_UP = (
    "every answer was 404: nothing is there by the ids that were asked for (--all-methods creates some, an example in "
    "the spec can name one), or URL is not the base URL that operations are below"
)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"base": "/v3"}, MADE_UP, id="right URL"),
        pytest.param({}, f"{MADE_UP}, and the spec's server path is /v3", id="without the server path"),
        pytest.param(
            {"base": "/v3", "all_methods": True},
            "every answer was 404: URL is the base URL that operations are below",
            id="without ids too",
        ),
    ],
)
def test_404_for_made_up_ids_names_both_causes(served: Callable[..., Plan], words: Any, said: str) -> None:
    """Where nothing but ids could be asked for, the URL may be right."""
    verification = Verification(served(**words))
    _played(verification, lambda ask: Heard(404, JSON, b'{"error": "no"}'))

    with pytest.raises(CouldNotRun) as caught:
        verification.finish()

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("body", "exit_code"),
    [pytest.param(b'{"error": "no"}', 0, id="as the spec says"), pytest.param(b"{}", 1, id="not as the spec says")],
)
def test_404_for_ids_is_an_answer_where_the_service_is_there(
    body: bytes, exit_code: int, served: Callable[..., Plan]
) -> None:
    """That it refuses a bad request otherwise shows it; a remark says that no id was known."""
    verification = Verification(served(NUMBERED, base="/v3", only=("showJob",)))
    _played(verification, lambda ask: Heard(404 if ask.kind == "keeps" else 400, JSON, body))

    report = report_of(verification, "URL")

    assert report.exit_code == exit_code
    assert {one.code for one in report.findings} == ({"E402"} if exit_code else set())
    assert "404 to all that keeps the spec: nothing is there by these ids" in report.remarks[0]


def test_a_refusal_by_whatever_stands_before_a_service_shows_nothing(served: Callable[..., Plan]) -> None:
    """A gateway asks for a key below every URL."""
    verification = Verification(served(NUMBERED, base="/v3", only=("showJob",)))
    _played(verification, lambda ask: Heard(404 if ask.kind == "keeps" else 401, JSON, b'{"error": "no"}'))

    with pytest.raises(CouldNotRun, match="nothing is there by the ids"):
        verification.finish()


def _played(verification: Verification, answer: Callable[[Ask], Heard]) -> tuple[list[Finding], list[Ask]]:
    found: list[Finding] = []
    asks: list[Ask] = []
    while (ask := verification.next()) is not None:
        asks.append(ask)
        found += verification.hear(ask, answer(ask))
    return found, asks
