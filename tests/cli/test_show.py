"""`routes`, `scenarios`, `sample`: what is served, scripted and sent, as text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mockserver.engine.service import Service
from mockserver.openapi.operation import Operation
from mockserver.vendors.assembly import Wanted, assemble
from tests.cli.test_cli import refused, run

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /things:
    get: {operationId: listThings, responses: {"200": {description: all}}}
    post:
      operationId: addThing
      requestBody: {content: {application/json: {schema: {type: object, required: [n], properties: {n: {const: 3}}}}}}
      responses: {"201": {description: added, content: {application/json: {schema: {const: done}}}}}
"""


def with_bodies() -> dict[str, tuple[Service, Operation]]:
    """The shipped operations that take a body, by id; of two that share one, the first."""
    every = [(service, one) for service in assemble(Wanted()) for one in service.document.operations]
    return {one.id: (service, one) for service, one in reversed(every) if one.body is not None}


def test_scenarios_are_a_table() -> None:
    """Name, operation, what a call must look like, and where that stands, in the order in which they are asked."""
    code, text = run("scenarios", "--vendor", "eachlabs", "--fixtures", "eachlabs/bulk")

    head, *rows = (re.split(" {2,}", line) for line in text.splitlines())
    assert code == 0
    assert head == ["NAME", "OPERATION", "WHEN", "AT"]
    assert ["over-quota", "bulkTriggerWorkflow", "path.workflowID=wf_quota"] in [row[:3] for row in rows]
    assert all(row[3].startswith("fixtures/eachlabs/bulk.yaml:") for row in rows)


def test_whatever_a_call_must_look_like_is_shown(tmp_path: Path) -> None:
    """Path, query, headers, a literal of the body, a schema, and nothing at all."""
    fixture = tmp_path / "own.yaml"
    fixture.write_text(
        "format: 1\nvendor: vectorshift\nscenarios:\n"
        "  - name: much\n    operation: bulkRunPipeline\n"
        "    when: {path: {id: p}, headers: {X-A: b}, body_has: {runs: [{inputs: {n: 1}}]}}\n"
        "    then: {fault: reset}\n"
        "  - {name: schema, operation: bulkRunPipeline, when: {body: {type: object}}, then: {fault: reset}}\n"
        "  - {name: any, operation: bulkRunPipeline, then: {fault: reset}}\n"
    )

    code, text = run("scenarios", "--vendor", "vectorshift", "--fixtures", str(fixture))

    assert code == 0
    assert [re.split(" {2,}", line)[2] for line in text.splitlines()[1:]] == [
        'path.id=p, headers.x-a=b, body has {"runs": [{"inputs": {"n": 1}}]}',
        "body fits a schema",
        "always",
    ]


def test_without_scenarios_it_says_so(tmp_path: Path) -> None:
    """An empty table would leave one guessing."""
    (tmp_path / "shop.yaml").write_text(SHOP)

    assert run("scenarios", str(tmp_path / "shop.yaml")) == (0, "no scenarios: the emulator answers every call\n")


@pytest.mark.parametrize(("service", "operation"), [pytest.param(*two, id=name) for name, two in with_bodies().items()])
def test_a_sampled_body_is_accepted(service: Service, operation: Operation) -> None:
    """Every shipped operation takes the body that is printed for it, whatever the seed."""
    assert operation.body is not None
    media = operation.body.of("application/json")
    assert media is not None
    fits = service.document.checker(media.rule).fits

    for seed in ("0", "7"):
        code, text = run("sample", operation.id, "--seed", seed)
        assert code == 0
        assert fits(json.loads(text))


def test_a_sample_is_drawn_by_seed() -> None:
    """The same seed, the same bytes; another seed, another body; alias and `METHOD /path` name the operation too."""
    _, text = run("sample", "bulkRunPipeline")

    assert run("sample", "bulkRunPipeline", "--seed", "0") == (0, text)
    assert run("sample", "POST /pipeline/{id}/bulk-run") == (0, text)
    assert run("sample", "bulkRunPipeline", "--seed", "8") != (0, text)


def test_a_document_of_ones_own_is_sampled(tmp_path: Path) -> None:
    """A body, or with `--answer` the first success."""
    spec = tmp_path / "shop.yaml"
    spec.write_text(SHOP)

    assert run("sample", "addThing", str(spec)) == (0, '{"n": 3}\n')
    assert run("sample", "addThing", "--answer", str(spec)) == (0, '"done"\n')


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bulkRunPipelin"], 'unknown operation "bulkRunPipelin"; did you mean "bulkRunPipeline"?'),
        (["zzz"], 'unknown operation "zzz"; `mockserver routes` lists them'),
        (["getExecution"], "getExecution takes no JSON body; --answer prints an answer"),
        (["bulkRunPipeline", "--seed", "x"], "'x' is not a whole number"),
    ],
)
def test_what_cannot_be_sampled_is_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit code 2."""
    code, line = refused(capsys, "sample", *words)

    assert code == 2
    assert told in line
