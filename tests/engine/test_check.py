"""Scripted answers held against the document when they are sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.engine.inputs import PutStub
from mockserver.engine.messages import Request
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import Step, Stub
from mockserver.engine.world import World
from mockserver.scenario.model import Respond
from mockserver.vendors.assembly import Wanted, assemble

TEXT = """openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      responses:
        '204':
          description: gone on
          headers:
            X-Page: {required: true, schema: {type: integer}}
            X-More: {schema: {type: string}}
            Date: {required: true, schema: {type: string}}
"""


@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (Respond(204), [("E501", "/X-Page")]),
        (Respond(204, headers=(("x-page", "1"),)), []),
        (Respond(204, off_contract="an old server"), []),
    ],
    ids=["missing", "there", "on purpose"],
)
def test_a_script_must_give_the_headers_that_are_required(
    respond: Respond, said: list[tuple[str, str]], tmp_path: Path
) -> None:
    """One that is declared as required and left out is E501; optional ones and the server's own are not asked for."""
    (tmp_path / "api.yaml").write_text(TEXT)
    world = World(assemble(Wanted(specs=((None, tmp_path / "api.yaml"),))), Settings())
    world.apply(PutStub(Stub(1, "getA", frozenset({("api", "getA")}), (Step(respond),), at="test_x.py:1")))

    entry = world.apply(Request("GET", "/a", "/a"))

    assert entry.answer.status == 204
    assert [(one.code, one.where) for one in entry.violations] == said
    assert all("test_x.py:1" in one.clause for one in entry.violations)


def test_what_no_script_answers_has_its_headers(tmp_path: Path) -> None:
    """They are sampled."""
    (tmp_path / "api.yaml").write_text(TEXT)
    world = World(assemble(Wanted(specs=((None, tmp_path / "api.yaml"),))), Settings())

    entry = world.apply(Request("GET", "/a", "/a"))

    assert entry.violations == ()
    assert "X-Page" in dict(entry.answer.headers)
