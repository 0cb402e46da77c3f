"""The least value of a schema, made without looking at what it leads to: quick, and a candidate to be verified."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mockserver.chance import Chance
from mockserver.openapi.operation import MISSING
from mockserver.openapi.sample_cases import Cases, Pointers, SampleError
from mockserver.openapi.sample_draw import copied
from mockserver.openapi.sample_graph import Known
from mockserver.openapi.sample_shapes import Array, Leaf, Object, Shape, Values

_DEEPEST = 12  # levels that may be demanded
_MOST = 100  # values within it that are made, those that lead nowhere too


class _None(Exception):
    """There is no such value, or it is too large."""


def least(cases: Cases, known: Known, rule: str) -> Any:
    """A value with nothing in it that is not demanded; MISSING where none is found."""
    try:
        return _Least(cases, known).of(cases.tidy([rule]), _DEEPEST)
    except (_None, SampleError):
        return MISSING


class _Least:
    def __init__(self, cases: Cases, known: Known) -> None:
        self._cases, self._known = cases, known
        self._left = _MOST

    def of(self, schema: Pointers, depth: int) -> Any:
        """The least value of the first way that has one, those that the schema seems to mean before others."""
        self._left -= 1
        if depth == 0 or self._left < 0:
            raise _None
        for way in sorted(self._known.ways(self._cases, schema).found, key=lambda way: way.second_choice):
            try:
                return self._made(way.shape, Chance("least", way.rule), depth)
            except _None:
                continue
        raise _None

    def _made(self, shape: Shape, chance: Chance, depth: int) -> Any:
        match shape:
            case Leaf(draw):
                return draw(chance)
            case Values(values):
                return copied(values[0])
            case Array():
                wanted = [shape.heads[n] if n < len(shape.heads) else shape.rest for n in range(min(shape.low, _MOST))]
                return [self.of(one, depth - 1) for one in wanted]
            case Object():
                return dict(self._members(shape, depth))

    def _members(self, shape: Object, depth: int) -> Iterator[tuple[str, Any]]:
        needed = [one for one in shape.members if one.required]
        spare = (one for one in (*shape.members, *shape.extras) if not one.required)
        for one in (*needed, *islice(spare, max(shape.low - len(needed), 0))):
            yield one.name, one.pinned[0] if one.pinned else self.of(one.schema, depth - 1)
