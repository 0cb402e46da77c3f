"""Samples of schemas as large documents have them: unions that demand nothing, and schemas that lead to thousands."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from mockserver.chance import Chance
from mockserver.openapi import sample_draw, sample_graph
from mockserver.openapi.sample import Sampler
from tests.openapi.test_sample import drawn

BARKS = {"type": "object", "properties": {"bark": {"type": "string"}, "age": {"type": "integer"}}}
MEOWS = {"type": "object", "properties": {"meow": {"type": "string"}, "age": {"type": "integer"}}}
CLIMBS = {"properties": {"climb": {"type": "object"}}}


@pytest.mark.parametrize("branches", [[BARKS, MEOWS], [BARKS, MEOWS, CLIMBS]], ids=["two", "three, one without a type"])
def test_branches_that_demand_nothing_are_told_apart_by_a_null(branches):
    """Each object fits all of them as long as it lacks what the others name: a null there is what they refuse."""
    values = drawn({"oneOf": branches})

    assert {name for value in values for name in value if value[name] is None} >= {"bark", "meow"}


def test_a_null_tells_branches_apart_only_where_nothing_else_does():
    """A branch that can be drawn without one is drawn without one."""
    values = drawn({"oneOf": [BARKS, {**MEOWS, "required": ["meow"], "additionalProperties": False}]})

    assert all(None not in value.values() for value in values)


def wide(count: int) -> dict[str, Any]:
    """Schemas that each lead to all later ones."""
    names = [f"S{number}" for number in range(count)]
    later = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    return {
        "$ref": "#/$defs/S0",
        "$defs": {
            name: {"type": "object", "properties": dict(list(later.items())[number + 1 : number + 6])}
            for number, name in enumerate(names)
        },
    }


def test_what_is_never_drawn_is_never_made_ready(monkeypatch):
    """A schema may lead to thousands; the first value of it does not wait for all of them."""
    one_of = Mock(wraps=sample_draw.one_of)
    monkeypatch.setattr(sample_graph, "one_of", one_of)

    Sampler(wide(3000)).draw(Chance("test"))

    assert one_of.call_count < 1500


def test_a_value_is_the_same_however_late_its_parts_are_made_ready(monkeypatch):
    """What is made ready at once and what is not is no matter of chance."""
    at_once = drawn(wide(60))

    monkeypatch.setattr(sample_graph, "_READY", 3)

    assert drawn(wide(60)) == at_once
