"""The schemas that a sampler can come to, how deep each must at least go, and the closures that draw them.

A cycle of schemas always passes a *loop*: a schema found again below itself. Each entry into a loop uses up one
level of `room`; with too little room for a way, another one is taken. So every draw ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from mockserver.chance import Chance
from mockserver.openapi.sample_cases import Cases, Pointers, SampleError, identity
from mockserver.openapi.sample_draw import (
    Demands,
    Draw,
    Missed,
    Part,
    array,
    copied,
    demanding,
    distinct,
    leaf,
    mapping,
    one_of,
    one_value,
    record,
    selection,
    verified,
)
from mockserver.openapi.sample_shapes import Array, Leaf, Member, Object, Shape, Values, Way, Ways, ways

ROOM = 4  # how often a value enters loops on the way down, where the schema does not demand more
BUDGET = 200  # nodes of a value, beyond what the schema demands
_EAGER = 40  # schemas below one another whose draws are made at once
_READY = 500  # schemas of one graph whose draws are made at once: a value has at most a few hundred of thousands
LEVELS = 24  # of nesting, beyond which only what is demanded is drawn
_LOOP_COST = 4  # a value that may hold its own kind again counts for this many nodes
TRIES = 60  # of a value that must be verified, all its parts together; then a witness stands in
_SEARCHES, _SEARCH_TRIES = 200, 10
_COMBINED = 250  # combinations of schemas (by allOf and the like) that one graph looks into: they multiply
_DROPS = 20  # ways without a value that are found, one by one, before all unproven ones are dropped


class Known:
    """The ways of schemas, worked out once for all graphs of a document."""

    def __init__(self) -> None:
        self._found: dict[Pointers, Ways | SampleError] = {}

    def ways(self, cases: Cases, schema: Pointers) -> Ways:
        """The ways of one schema. Raises SampleError where a sampler cannot read it."""
        if schema not in self._found:
            try:
                self._found[schema] = ways(cases, schema)
            except SampleError as error:
                self._found[schema] = error
            except RecursionError:
                self._found[schema] = SampleError((schema or ("",))[0], "it is combined of too many others in a row")
        found = self._found[schema]
        if isinstance(found, SampleError):
            raise found
        return found


class Graph:
    """All that can be below some schemas."""

    def __init__(self, cases: Cases, known: Known, starts: Sequence[Pointers]) -> None:
        self._cases, self._known = cases, known
        self._left = _COMBINED
        self._nesting = 0
        self._ways: dict[Pointers, dict[int, Way]] = {}  # children before their parents
        self._complaints: dict[Pointers, list[SampleError]] = {}
        self._loops: set[Pointers] = set()
        self._heights: dict[Pointers, float] = {}
        self._witnesses: dict[tuple[Pointers, int], list[Any]] = {}
        self._draws: dict[tuple[Pointers, int], Draw] = {}
        for start in starts:
            self._discover(start)
        self.is_whole = self._left > 0  # False where it gave up on what would take long: there may be more values
        self._measure()
        drops = 0
        while (is_never := self._drop_one_that_never_fits()) or self._drop_needless():
            drops += is_never
            if drops == _DROPS:
                self.is_whole = False
                self._drop_unproven()
            self._draws.clear()
            self._measure()
            if drops == _DROPS:
                break

    @property
    def size(self) -> int:
        """How many schemas it looked into."""
        return len(self._ways)

    def draw(self, start: Pointers) -> Draw:
        """What draws values of one of the schemas that it starts from. Raises SampleError when there are none."""
        if self._cost(start) == inf:
            raise self._blame(start)
        try:
            draw = self._entered(start, max(ROOM, int(self._cost(start))))
            draw(Chance("first"), [0, TRIES, 0])
        except RecursionError:
            told = "the least that it demands is nested deeper than is drawn"
            raise SampleError((start or ("",))[0], told) from None
        return draw

    # -- what there is

    def _discover(self, start: Pointers) -> None:
        """Go down from one schema, depth first; a loop's schema is met again above itself. As deep as there is room."""
        path: list[tuple[Pointers, Iterator[Pointers]]] = []
        above: set[Pointers] = set()
        waiting: Iterator[Pointers] = iter([start])
        while True:
            schema = next(waiting, None)
            if schema is None:
                if not path:
                    return
                done, waiting = path.pop()
                above.remove(done)
                self._ways[done] = dict(enumerate(self._known.ways(self._cases, done).found))
            elif schema in above:
                self._loops.add(schema)
            elif schema in self._complaints:
                continue
            elif len(schema) > 1 and not self._left:
                told = "there are too many combinations of schemas to look into all"
                self._complaints[schema], self._ways[schema] = [SampleError(schema[0], told)], {}
            else:
                self._left -= len(schema) > 1
                found = self._known.ways(self._cases, schema)
                self._complaints[schema] = list(found.complaints)
                above.add(schema)
                path.append((schema, waiting))
                waiting = (child for way in found.found for child in _children(way.shape))

    def _measure(self) -> None:
        """The least room that each schema needs, by fixpoint from "has no end"."""
        self._heights = dict.fromkeys(self._ways, inf)
        changed = True
        while changed:
            changed = False
            for schema, found in self._ways.items():
                height = min((self._height(way.shape) for way in found.values()), default=inf)
                if height < self._heights[schema]:
                    self._heights[schema] = height
                    changed = True

    def _cost(self, schema: Pointers) -> float:
        """The room it takes to enter a schema."""
        return self._heights[schema] + (schema in self._loops)

    def _height(self, shape: Shape) -> float:
        """The room that the smallest value of a shape needs."""
        match shape:
            case Array():
                return self._array_height(shape)
            case Object():
                spare = sorted(self._cost(m.schema) for m in (*shape.members, *shape.extras) if not m.required)
                costs = [self._cost(m.schema) for m in shape.members if m.required and not m.pinned]
                missing = max(shape.low - sum(m.required for m in shape.members), 0)
                if missing > len(spare):
                    return inf
                return max([*costs, *spare[:missing]], default=0)
        return 0

    def _array_height(self, shape: Array) -> float:
        values = self._values(shape)
        if values is not None:
            return 0 if shape.low <= len(values) else inf
        costs = [self._cost(head) for head in shape.heads[: shape.low]]
        if shape.low > len(shape.heads):
            costs.append(self._cost(shape.rest))
        return max(costs, default=0)

    def _values(self, shape: Array) -> list[Any] | None:
        """All values that an item may have, where they are to be distinct and the schema lists them."""
        if not shape.unique or shape.heads:
            return None
        listed: dict[Any, Any] = {}
        for way in self._ways.get(shape.rest, {}).values():
            if not isinstance(way.shape, Values) or way.checked:
                return None
            listed.update((identity(value), value) for value in way.shape.values)
        return list(listed.values())

    def _drop_one_that_never_fits(self) -> bool:
        """Find a witness for each way that must be verified; the first without one is dropped. False if none is."""
        for schema, found in self._ways.items():
            for number, way in found.items():
                witness = self._witnesses.setdefault((schema, number), [])
                if witness or not way.checked or self._height(way.shape) == inf:
                    continue
                if way.forced and self._has_other(schema):
                    continue
                witness += self._search(schema, way)
                if not witness:
                    del found[number]
                    self._complaints[schema].append(
                        SampleError(way.rule, f"none of {_SEARCHES} values drawn for it satisfies the whole schema")
                    )
                    return True
        return False

    def _has_other(self, schema: Pointers) -> bool:
        """Whether a schema has a way that is known to be one, and what it means."""
        return any(
            not way.second_choice and (not way.checked or self._witnesses.get((schema, number)))
            for number, way in self._ways[schema].items()
        )

    def _drop_needless(self) -> bool:
        """Drop the forced ways where there are others. False if there are none."""
        needless = [
            (found, number)
            for schema, found in self._ways.items()
            for number, way in found.items()
            if way.forced and self._has_other(schema)
        ]
        for found, number in needless:
            del found[number]
        return bool(needless)

    def _drop_unproven(self) -> None:
        """Drop all ways that must be verified and have no witness yet: to look for more of them would take long."""
        for schema, found in self._ways.items():
            for number, way in list(found.items()):
                if way.checked and not self._witnesses.get((schema, number)):
                    del found[number]
                    told = "too many values drawn for it did not satisfy the whole schema"
                    self._complaints[schema].append(SampleError(way.rule, told))

    def _search(self, schema: Pointers, way: Way) -> list[Any]:
        fits = self._cases.fits(schema)
        smallest = int(self._height(way.shape))
        for room in dict.fromkeys((smallest, max(smallest, ROOM))):
            draw = self._made(way.shape, room)
            chance = Chance("witness", way.rule)
            for _ in range(_SEARCHES // 2):
                try:
                    value = draw(chance, [BUDGET, _SEARCH_TRIES, LEVELS])
                except Missed:
                    continue
                if fits(value):
                    return [copied(value)]
        return []

    def _blame(self, start: Pointers) -> SampleError:
        """What is wrong at the bottom of a schema that has no value."""
        schema, seen = start, set[Pointers]()
        while schema not in seen:
            seen.add(schema)
            if self._complaints[schema]:
                return self._complaints[schema][0]
            endless = [way for way in self._ways[schema].values() if self._height(way.shape) == inf]
            demanded = [child for way in endless for child in _demanded(way.shape) if self._cost(child) == inf]
            if not demanded:
                return SampleError(endless[0].rule, "fewer values are possible than are demanded of it")
            schema = demanded[0]
        return SampleError((schema or ("",))[0], "each value of it would have to hold another one, without end")

    # -- closures

    def _entered(self, schema: Pointers, room: int) -> Draw:
        """How to draw a schema with so much room before it is entered."""
        room -= schema in self._loops
        draw = self._draws.get((schema, room))
        if draw is not None:
            return draw
        if self._nesting == _EAGER or len(self._draws) >= _READY:
            return self._later(schema, room)
        return self._within(schema, room)

    def _within(self, schema: Pointers, room: int) -> Draw:
        """How to draw a schema with so much room inside of it."""
        possible = {n: way for n, way in self._ways[schema].items() if self._height(way.shape) <= room}
        meant = {n: way for n, way in possible.items() if not way.second_choice}
        first_choice = meant or {n: way for n, way in possible.items() if way.forced} or possible
        self._nesting += 1
        options = [(way.weight, self._verified(schema, n, way, room)) for n, way in first_choice.items()]
        self._nesting -= 1
        self._draws[schema, room] = draw = one_of(options)
        return draw

    def _later(self, schema: Pointers, room: int) -> Draw:
        """How to draw a schema, found out when it is first drawn: schemas may lead to all others of a document."""
        made: list[Draw] = []

        def draw(chance: Chance, left: list[int]) -> Any:
            if not made:
                self._nesting = 0
                made.append(self._draws.get((schema, room)) or self._within(schema, room))
            return made[0](chance, left)

        return draw

    def _verified(self, schema: Pointers, number: int, way: Way, room: int) -> Draw:
        draw = self._made(way.shape, room)
        if not way.checked:
            return draw
        return verified(draw, self._cases.fits(schema), self._witnesses.setdefault((schema, number), []))

    def _made(self, shape: Shape, room: int) -> Draw:
        match shape:
            case Leaf(draw):
                return leaf(draw)
            case Values(values):
                return one_value(values)
            case Array():
                return self._array(shape, room)
            case Object():
                return self._object(shape, room)

    def _array(self, shape: Array, room: int) -> Draw:
        values = self._values(shape)
        if values is not None:
            return selection(values, shape.low, shape.high)
        heads: list[Draw] = []
        for schema in shape.heads:
            if self._cost(schema) > room:
                break
            heads.append(self._entered(schema, room))
        whole = len(heads) == len(shape.heads)
        rest = None
        if whole and (shape.grows or shape.low > len(heads)) and self._cost(shape.rest) <= room:
            rest = self._entered(shape.rest, room)
        price = max(map(self._price, (*shape.heads, shape.rest)))
        draw = array(heads, rest, shape.low, shape.high, price)
        return distinct(draw, heads, rest) if shape.unique else draw

    def _object(self, shape: Object, room: int) -> Draw:
        parts = [self._part(m, room) for m in shape.members if m.pinned or self._cost(m.schema) <= room]
        extras = [self._part(m, room) for m in shape.extras if self._cost(m.schema) <= room]
        if not parts and not shape.follows:
            return mapping(extras, shape.low, shape.high, grows=shape.grows)
        if not shape.follows and not extras and shape.low <= sum(p.required for p in parts) and shape.high is None:
            return record(parts)
        return demanding(parts, extras, Demands(shape.low, shape.high, shape.follows, shape.grows))

    def _part(self, member: Member, room: int) -> Part:
        draw = one_value(member.pinned) if member.pinned else self._entered(member.schema, room)
        return Part(member.name, draw, self._price(member.schema), member.required)

    def _price(self, schema: Pointers) -> int:
        return _LOOP_COST if schema in self._loops else 1


def _children(shape: Shape) -> Iterator[Pointers]:
    match shape:
        case Array():
            yield from shape.heads
            yield shape.rest
        case Object():
            yield from (member.schema for member in (*shape.members, *shape.extras))


def _demanded(shape: Shape) -> Sequence[Pointers]:
    """Schemas without whose values there is none of this shape."""
    match shape:
        case Array():
            return (*shape.heads[: shape.low], *([shape.rest] if shape.low > len(shape.heads) else []))
        case Object():
            named = [m.schema for m in shape.members if m.required and not m.pinned]
            return [*named, *(_children(shape) if shape.low > len(named) else ())]
    return ()
