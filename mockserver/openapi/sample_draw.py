"""Drawing, once everything about a schema is known: closures that look at no schema.

`left` is what a draw may still spend: nodes (what is not demanded is left out when they are used up), failed tries, and
levels down (below the last of them only what is demanded is drawn).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.openapi.sample_cases import Fits, identity

Draw = Callable[[Chance, list[int]], Any]

_AGAIN = 20  # tries to draw an item that is not in a list yet
_FEW = 3  # items of a list and further properties of an object, where nothing demands more


class Missed(Exception):
    """No try fitted and no witness is known: only while witnesses are looked for."""


class Part(Struct, frozen=True):
    """A property as an object draws it; `cost` is what it takes from `left`."""

    name: str
    draw: Draw
    cost: int
    required: bool


def leaf(make: Callable[[Chance], Any]) -> Draw:
    """A string or a number."""
    return lambda chance, left: make(chance)


def one_value(values: Sequence[Any]) -> Draw:
    """One of `values`; lists and objects are copied."""
    if any(isinstance(value, list | dict) for value in values):
        return lambda chance, left: copied(chance.pick(values))
    if len(values) == 1:
        only = values[0]
        return lambda chance, left: only
    count = len(values)
    return lambda chance, left: values[chance.bits() * count >> 64]


def one_of(options: Sequence[tuple[int, Draw]]) -> Draw:
    """One of several, by weight."""
    if len(options) == 1:
        return options[0][1]
    table = [draw for weight, draw in options for _ in range(weight)]
    count = len(table)
    return lambda chance, left: table[chance.bits() * count >> 64](chance, left)


def verified(draw: Draw, fits: Fits, witness: list[Any]) -> Draw:
    """Tries until one fits; then the value that is known to fit."""

    def draw_verified(chance: Chance, left: list[int]) -> Any:
        nodes, levels = left[0], left[2]
        while True:
            try:
                value = draw(chance, left)
                if fits(value):
                    return value
            except Missed:
                pass
            left[0], left[2] = nodes, levels
            left[1] -= 1  # of the whole value: tries within tries would multiply
            if left[1] <= 0:
                break
        if not witness:
            raise Missed
        return copied(witness[0])

    return draw_verified


def array(heads: Sequence[Draw], rest: Draw | None, low: int, high: int | None, cost: int) -> Draw:
    """A list: one item from each of `heads`, then up to a few more from `rest`."""
    most = usual = max(low, len(heads))
    if rest is not None:
        most = max(usual + 1, len(heads) + _FEW)
    if high is not None:
        usual, most = min(usual, high), min(most, high)
    spread = most - usual + 1

    def draw(chance: Chance, left: list[int]) -> list[Any]:
        size = usual + (chance.bits() * spread >> 64) if spread > 1 else usual
        if size * cost > left[0]:
            size = max(low, left[0] // cost)
        if left[2] <= 0:
            size = low
        left[0] -= size * cost
        left[2] -= 1
        found = [item(chance, left) for item in heads[:size]]
        if rest is not None and size > len(heads):
            found += [rest(chance, left) for _ in range(size - len(heads))]
        left[2] += 1
        return found

    return draw


def distinct(draw: Draw, heads: Sequence[Draw], rest: Draw | None) -> Draw:
    """The list that `draw` makes without doubles: those are drawn anew, and left out where that does not help."""

    def draw_distinct(chance: Chance, left: list[int]) -> list[Any]:
        found: dict[Any, Any] = {}
        for index, item in enumerate(draw(chance, left)):
            again = heads[index] if index < len(heads) else rest
            for _ in range(_AGAIN):
                if identity(item) not in found or again is None:
                    break
                item = again(chance, left)
            if identity(item) in found:
                if index < len(heads):
                    break  # what follows would move to places that have another schema
                continue
            found[identity(item)] = item
        return list(found.values())

    return draw_distinct


def selection(values: Sequence[Any], low: int, high: int | None) -> Draw:
    """Distinct ones of `values`, which has at least `low`."""
    most = min(len(values), max(low, _FEW), len(values) if high is None else high)

    def draw(chance: Chance, left: list[int]) -> list[Any]:
        pool = list(values)
        size = chance.integer(low, max(low, most))
        left[0] -= size
        return [copied(pool.pop(chance.integer(0, len(pool) - 1))) for _ in range(size)]

    return draw


def record(parts: Sequence[Part]) -> Draw:
    """An object of named properties; optional ones are there three times out of four."""
    plan = [(part.name, part.draw, part.required) for part in parts]
    cost = sum(part.cost for part in parts)
    draws = -(-sum(not part.required for part in parts) // 32)

    def draw(chance: Chance, left: list[int]) -> dict[str, Any]:
        bits = 0
        if left[0] > 0 and left[2] > 0:
            for _ in range(draws):
                bits = bits << 64 | chance.bits()
        left[0] -= cost
        left[2] -= 1
        value = {}
        for name, make, is_needed in plan:
            if is_needed:
                value[name] = make(chance, left)
            else:
                if bits & 3:
                    value[name] = make(chance, left)
                bits >>= 2
        left[2] += 1
        return value

    return draw


def mapping(extras: Sequence[Part], low: int, high: int | None, *, grows: bool) -> Draw:
    """An object of a few properties with chosen names."""
    fewest = max(low, min(1, len(extras))) if grows else low
    most = min(len(extras), max(fewest, _FEW)) if grows else low
    if high is not None:
        fewest, most = min(fewest, high), min(most, high)
    total = len(extras)
    stride = 7 if total % 7 else 1  # no common divisor: names do not repeat

    def draw(chance: Chance, left: list[int]) -> dict[str, Any]:
        size = fewest + (chance.bits() * (most - fewest + 1) >> 64)
        at = chance.bits() * total >> 64
        value = {}
        for number in range(size):
            part = extras[(at + number * stride) % total]
            if number >= low and (left[0] < part.cost or left[2] <= 0):
                break
            left[0] -= part.cost
            left[2] -= 1
            value[part.name] = part.draw(chance, left)
            left[2] += 1
        return value

    return draw


class Demands(Struct, frozen=True):
    """What an object must keep to beyond its required properties."""

    low: int
    high: int | None
    follows: Mapping[str, frozenset[str]]
    grows: bool


def demanding(parts: Sequence[Part], extras: Sequence[Part], demands: Demands) -> Draw:
    """An object with bounds on its size, or with properties that demand others; `extras` come after `parts`."""
    by_name = {part.name: part for part in (*parts, *extras)}
    needed = frozenset(part.name for part in parts if part.required)
    high = len(by_name) if demands.high is None else demands.high
    possible, spare = (
        [p.name for p in some if not p.required and demands.follows.get(p.name, frozenset()) <= by_name.keys()]
        for some in (parts, extras)
    )

    def draw(chance: Chance, left: list[int]) -> dict[str, Any]:
        chosen = set(needed)

        def add(name: str) -> None:
            more = {name, *demands.follows.get(name, ())} - chosen
            if len(chosen) + len(more) <= high:
                chosen.update(more)

        for name in possible:
            if left[0] > 0 and left[2] > 0 and chance.bits() & 3:
                add(name)
        if demands.grows and spare and left[0] > 0 and left[2] > 0:
            for _ in range(chance.integer(1, _FEW)):
                add(chance.pick(spare))
        for name in (*possible, *spare):
            if len(chosen) >= demands.low:
                break
            add(name)
        left[0] -= sum(by_name[name].cost for name in chosen)
        left[2] -= 1
        value = {name: part.draw(chance, left) for name, part in by_name.items() if name in chosen}
        left[2] += 1
        return value

    return draw


def copied(value: Any) -> Any:
    """A value of its own."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
