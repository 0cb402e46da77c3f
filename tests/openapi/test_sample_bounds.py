"""Samples of documents whose schemas lead to one another in long chains and in many combinations."""

from __future__ import annotations

import jsonschema_rs
import pytest

from mockserver.chance import Chance
from mockserver.openapi.sample import SampleError, Sampler
from mockserver.openapi.sample_graph import LEVELS


def chained(number: int, **more: object) -> dict[str, object]:
    """A schema that leads through `number` others, one below the other."""
    things = {
        f"T{n}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/T{n + 1}"}}, **more}
        for n in range(number)
    }
    return {"$ref": "#/$defs/T0", "$defs": {**things, f"T{number}": {"type": "string"}}}


def depth(value: object) -> int:
    return 1 + max(map(depth, value.values()), default=0) if isinstance(value, dict) else 0


def test_a_long_way_down_is_cut_where_nothing_demands_more():
    """A value is of bounded depth, however many schemas stand below one another."""
    sampler = Sampler(chained(1000))

    depths = [depth(sampler.draw(Chance(seed))) for seed in range(200)]
    assert LEVELS / 2 < max(depths) <= LEVELS + 1


def test_what_demands_more_levels_than_can_be_drawn_is_said_when_the_sampler_is_made():
    """And not when a value is drawn."""
    with pytest.raises(SampleError, match="the least that it demands is nested deeper than is drawn"):
        Sampler(chained(1000, required=["next"]))


def test_combinations_that_multiply_are_not_all_looked_into():
    """Each schema takes over the next, and their properties lead anywhere: there are more pairs than anyone can try."""
    things = {
        f"T{n}": {
            "type": "object",
            "properties": {f"p{k}": {"anyOf": [{"type": "string"}, {"$ref": f"#/$defs/T{(n * 7 + k) % 60}"}]}
                           for k in range(8)},
            **({"allOf": [{"$ref": f"#/$defs/T{n + 1}"}]} if n % 3 == 0 and n < 59 else {}),
        }
        for n in range(60)
    }  # fmt: skip
    schema = {"$ref": "#/$defs/T0", "$defs": things}

    value = Sampler(schema).draw(Chance(1))
    assert jsonschema_rs.is_valid(schema, value)
