"""Fixture files: what they become, and that the shipped ones are good."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver.openapi.document import Document
from mockserver.scenario.load import load
from mockserver.scenario.model import MISSING, Executions, Fault, Plan, Random, Respond
from mockserver.scenario.model import Sequence as Steps
from mockserver.scenario.render import Template
from mockserver.scenario.schema import FixtureSchema
from tests.scenario.shop import ROOT, SCHEMA, Play, then


def test_a_fixture_becomes_frozen_values(play: Play) -> None:
    """Every key of the file has its place in the model; durations are seconds, header names are in lower case."""
    fixture = play("""format: 1
vendor: shop
about: All kinds.
api_keys: [k1, "*"]
resources: {shops: {s1: {open: no}, "*":}}
scenarios:
  - name: first
    about: One of each.
    operation: placeOrders
    when: {path: {shop: 7}, query: {page: 2}, headers: {X-Tenant: acme, X-N: 1}, body_has: {n: null}}
    then:
      sequence:
        - respond: {status: 202, headers: {A: 1, B: [x, y]}, body: {id: "${path.shop}"}, delay: 1m, hold: 2}
        - executions:
            - {timeline: {queued: 1s, packing: 400ms}, ends: completed, output: [1]}
            - {ends: failed, error: {why: "${receipt}"}, webhook: {deliver: twice, after: 2s}}
            - {reject: closed}
          more: pass
          delay: 3s
        - random: [{weight: 3, then: {fault: reset, hold: 1s}}, {then: {executions: [{outputs: {a: 1}}]}}]
      more: repeat
""")

    assert (fixture.vendor, fixture.about, fixture.file) == ("shop", "All kinds.", "f.yaml")
    assert fixture.api_keys == ("k1", "*")
    assert fixture.resources == {"shops": {"s1": {"open": "no"}, "*": {}}}
    scenario = fixture.scenarios[0]
    assert (scenario.name, scenario.about, scenario.operation) == ("first", "One of each.", "placeOrders")
    assert str(scenario.at) == "f.yaml:7:5"
    assert (scenario.when.path, scenario.when.query) == ({"shop": "7"}, {"page": 2})
    assert (scenario.when.headers, scenario.when.body_has) == ({"x-tenant": "acme", "x-n": "1"}, {"n": None})
    assert isinstance(scenario.then, Steps)
    assert scenario.then.more == "repeat"
    respond, executions, chance = scenario.then.steps
    assert isinstance(respond, Respond)
    assert isinstance(respond.body, Template)
    assert (respond.headers, respond.delay, respond.hold) == ((("A", "1"), ("B", "x"), ("B", "y")), 60.0, 2.0)
    assert respond.body.render({"path": {"shop": "s9"}}) == {"id": "s9"}
    assert isinstance(executions, Executions)
    assert (executions.more, executions.delay) == ("pass", 3.0)
    done, failed, refused = executions.plans
    assert (done.timeline, done.ends) == ((("queued", 1.0), ("packing", 0.4)), "completed")
    assert isinstance(failed.error, Template)
    assert failed.error.render({"receipt": 5}) == {"why": 5}
    assert failed.webhook == {"deliver": "twice", "after": "2s"}
    assert refused == Plan(reject="closed")
    assert isinstance(chance, Random)
    assert [weight for weight, _ in chance.options] == [3.0, 1.0]
    assert chance.options[0][1] == Fault("reset", hold=1.0)
    inner = chance.options[1][1]
    assert isinstance(inner, Executions)
    assert isinstance(inner.plans[0].output, Template)


def test_the_least_fixture_is_a_format_and_a_vendor(play: Play) -> None:
    """Everything else may be left out."""
    fixture = play("format: 1\nvendor: shop\n")

    assert (fixture.api_keys, fixture.resources, fixture.scenarios) == ((), {}, ())
    assert str(fixture.place("/vendor")) == "f.yaml:2:1"


@pytest.mark.parametrize("name", ["POST /shops/{shop}/orders", "POST /shops/{shop}/old-orders", "placeOrders"])
def test_every_name_of_an_operation_leads_to_the_same_one(name: str, play: Play) -> None:
    """An operationId, a path and an alias path mean one operation."""
    fixture = play(then("{fault: reset}").replace("placeOrders", name))

    assert fixture.scenarios[0].operation == "placeOrders"


def test_a_schema_in_when_is_compiled(play: Play) -> None:
    """`when.body` is a checker that knows its line in the fixture."""
    when = play(then("{fault: reset}", "{body: {properties: {n: {maximum: 3}}}}")).scenarios[0].when

    assert when.body is not None
    assert when.body.fits({"n": 3})
    violation = when.body.explain({"n": 4}).violations[0]
    assert str(violation.at) == "f.yaml:6:36"
    assert when.body_has is MISSING


def test_a_body_with_placeholders_is_judged_when_it_is_sent(play: Play) -> None:
    """What a placeholder will hold is not known at start."""
    scenario = play(then("{respond: {status: 202, body: {id: 5, n: '${body.n}'}}}")).scenarios[0]

    assert isinstance(scenario.then, Respond)


@pytest.mark.parametrize("name", ["vectorshift/bulk.yaml", "eachlabs/bulk.yaml"])
def test_the_shipped_fixtures_are_good(name: str, vendors: dict[str, Sequence[Document]]) -> None:
    """They load, each explains itself, takes the test key and any id, and shows every kind of step."""
    fixture = load(ROOT / "fixtures" / name, documents=vendors.__getitem__, schema=FixtureSchema(SCHEMA))

    assert len(fixture.api_keys) == 1
    assert all("*" in things for things in fixture.resources.values())
    assert all(scenario.about for scenario in fixture.scenarios)
    assert {type(scenario.then) for scenario in fixture.scenarios} == {Respond, Executions, Steps, Random, Fault}


def keys_of(schema: Any) -> Iterator[str]:
    """The names of all properties in a schema."""
    if isinstance(schema, list):
        schema = dict(enumerate(schema))
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys_of(part)


def test_every_key_is_explained_in_the_docs_and_to_editors() -> None:
    """docs/fixtures.md or docs/any-api.md names each key, and each key of the schema has a description."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    docs = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("fixtures.md", "any-api.md"))

    missing = sorted(key for key in set(keys_of(schema)) if f"`{key}`" not in docs)

    assert missing == []


def test_the_example_of_the_docs_loads(vendors: dict[str, Sequence[Document]], tmp_path: Path) -> None:
    """The first thing that a newcomer copies works."""
    docs = (ROOT / "docs" / "fixtures.md").read_text(encoding="utf-8")
    (tmp_path / "f.yaml").write_text(docs.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")

    fixture = load(tmp_path / "f.yaml", documents=vendors.__getitem__, schema=FixtureSchema(SCHEMA))

    assert [scenario.name for scenario in fixture.scenarios] == ["over-quota"]


def test_the_docs_tell_where_the_schema_for_editors_is() -> None:
    """The command prints a file that is there."""
    docs = (ROOT / "docs" / "fixtures.md").read_text(encoding="utf-8")
    code = docs.partition('python -c "')[2].partition('"\n')[0]

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert json.loads(Path(done.stdout.strip()).read_text(encoding="utf-8"))["title"] == "mockserver fixture"
