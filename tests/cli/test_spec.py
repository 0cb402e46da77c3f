"""`mockserver spec`: the effective document that traffic is held to, of any document."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mockserver.cli.main import main
from mockserver.openapi.load import load

SPECS = Path(__file__).parents[1] / "specs"
NUMBERS = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {oneOf: [{type: integer}, {type: number}]}}}
"""
OVERLAY = """
overlay: 1.0.0
info: {title: more, version: '1'}
actions:
  - target: $.paths['/a'].get
    description: Its name.
    x-evidence: documented
    update: {operationId: readA}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs the command; its exit code and what it said."""

    def ran(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        code = main(["spec", *words], {}, out)
        return code, out.getvalue() + capsys.readouterr().err

    return ran


@pytest.mark.parametrize("name", [path.name for path in sorted(SPECS.glob("*.yaml"))])
def test_what_is_printed_can_be_served(run, tmp_path, name):
    """The same operations, callbacks and webhooks come of it as of the document itself."""
    code, text = run(str(SPECS / name))
    (tmp_path / name).write_text(text, "utf-8")

    given, again = load(SPECS / name, name="a"), load(tmp_path / name, name="a")

    assert code == 0
    assert [(one.label, one.id) for one in again.operations] == [(one.label, one.id) for one in given.operations]
    assert again.callbacks.keys() == given.callbacks.keys()
    assert [one.name for one in again.webhooks] == [one.name for one in given.webhooks]


def test_overlays_are_applied_and_relaxed_numbers_written_out(run, tmp_path):
    """An overlay's operationId, and the branch that whole numbers do not reach."""
    for name, text in (("numbers.yaml", NUMBERS), ("more.yaml", OVERLAY)):
        (tmp_path / name).write_text(text, "utf-8")

    code, text = run("mine", f"mine={tmp_path / 'numbers.yaml'}", "--overlay", str(tmp_path / "more.yaml"))

    operation = yaml.safe_load(text)["paths"]["/a"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert (code, operation["operationId"]) == (0, "readA")
    assert schema["oneOf"][1]["not"] == {"type": "integer"}


def test_an_unknown_name_is_said(run):
    """With the names that there are."""
    code, text = run("none", f"mine={SPECS / 'jobs.yaml'}")

    assert code == 2
    assert 'there is no document "none"; there is mine' in text
