"""How an answer of a document shows an execution: a value of its schema, with what is so put at the right pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.openapi.operation import MISSING
from mockserver.openapi.sample import SampleError
from mockserver.pointer import join, look_up, split

_TRIES = 20  # values that are tried until one can show the execution


class Frame(Struct, frozen=True):
    """One place in one document where executions are shown."""

    fields: Mapping[str, str]  # "id", "state", "output", "error" -> pointer, of those that can be there
    echoes: Callable[[str], bool]  # whether it has a member of this name, which may be one of the input
    first: Callable[[Chance], Any]  # the value to begin with: an example, else a sample
    draw: Callable[[Chance], Any]  # another one
    fits: Callable[[Any], bool]
    rule: str = ""  # the schema of what is shown; one execution looks alike wherever that is the same

    def show(self, facts: Mapping[str, Any], given: Any, chance: Chance) -> Any:
        """A value that shows `facts` by field; fields without one are not shown where that is possible.

        Members that are called like those of `given`, the input, have their values. If nothing fits, the first try.
        """
        tries = self._tries(facts, given, chance)
        first = next(tries)
        return first if self.fits(first) else next((one for one in tries if self.fits(one)), first)

    def _tries(self, facts: Mapping[str, Any], given: Any, chance: Chance) -> Iterator[Any]:
        for number in range(_TRIES):
            own = chance.derive("try", number)
            try:
                value = self.draw(own) if number else self.first(own)
            except SampleError:
                yield {}
                return
            yield self._patched(value, facts, given)

    def _patched(self, value: Any, facts: Mapping[str, Any], given: Any) -> Any:
        taken = {split(pointer)[0] for pointer in self.fields.values()}
        for name in given if isinstance(given, dict) and isinstance(value, dict) else ():
            if name not in taken and self.echoes(name):
                echoed = {**value, name: given[name]}
                value = echoed if self.fits(echoed) or not self.fits(value) else value
        for name, pointer in self.fields.items():
            if name in facts:
                value = put(value, pointer, facts[name])
        for name, pointer in self.fields.items():
            if name not in facts:
                value = self._without(value, pointer)
        return value

    def _without(self, value: Any, pointer: str) -> Any:
        """`value` with nothing, or null, at `pointer` or above; as it is where it has to have something."""
        keys = split(pointer)
        spots = [join("", *keys[:length]) for length in range(len(keys), 0, -1)]
        kept = {split(other)[0] for name, other in self.fields.items() if name in ("id", "state")}
        spots = [spot for spot in spots if split(spot)[0] not in kept or spot == pointer]
        less = [taken_out(value, spot) for spot in spots]
        nulls = [put(value, spot, None) for spot in spots if is_there(value, spot)]
        return next((one for one in (*less, *nulls) if self.fits(one)), less[0] if not self.fits(value) else value)


def put(value: Any, pointer: str, item: Any) -> Any:
    """A copy of `value` with `item` at `pointer`; objects that are missing on the way are made."""
    keys = split(pointer)
    if not keys:
        return item
    if isinstance(value, list) and keys[0].isdecimal() and int(keys[0]) < len(value):
        at = int(keys[0])
        return [*value[:at], put(value[at], join("", *keys[1:]), item), *value[at + 1 :]]
    members = value if isinstance(value, dict) else {}
    return {**members, keys[0]: put(members.get(keys[0]), join("", *keys[1:]), item)}


def taken_out(value: Any, pointer: str) -> Any:
    """A copy of `value` without the member at `pointer`; as it is where there is none."""
    *above, last = split(pointer)
    holder = join("", *above)
    try:
        members = look_up(value, holder)
    except KeyError:
        return value
    if not isinstance(members, dict) or last not in members:
        return value
    return put(value, holder, {key: one for key, one in members.items() if key != last})


def is_there(value: Any, pointer: str) -> bool:
    """Whether `value` has anything at `pointer`."""
    return at(value, pointer) is not MISSING


def at(value: Any, pointer: str) -> Any:
    """What is at `pointer` in `value`, MISSING where nothing is."""
    try:
        return look_up(value, pointer)
    except KeyError:
        return MISSING
