"""Branches of a `oneOf` of which two take one value: told with such a value, so that no alarm is false.

The least value of each branch is asked of all others. What tells branches apart is put in though nothing demands
it: the word of the discriminator for the branch, and properties whose values are listed. What types alone show is told
by `relax`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mockserver.errors import Place
from mockserver.openapi.coerce import Resolve, properties
from mockserver.openapi.operation import MISSING
from mockserver.openapi.remark import Remark
from mockserver.openapi.validate import Schemas
from mockserver.openapi.wording import render
from mockserver.pointer import join

if TYPE_CHECKING:
    from mockserver.openapi.samples import Samples

_MOST_BRANCHES = 60  # of one oneOf that are held against one another
_MOST_ASKED = 60_000  # values held against a branch, all unions together; what is beyond is not looked at


class Overlaps:
    """Looks at the unions of one document. A value must fit both branches in each of `ways`: as asked, and answered."""

    def __init__(self, samples: Samples, ways: Sequence[Schemas], resolve: Resolve) -> None:
        self._samples, self._ways, self._resolve = samples, ways, resolve
        self._left = _MOST_ASKED

    def remarks(
        self, known: Iterable[tuple[str, Any]], place: Callable[[str], Place], told: Collection[Place]
    ) -> Iterator[Remark]:
        """A remark for each two branches that take one value, but for the places of which that was `told` before."""
        unions = [
            (pointer, schema)
            for pointer, schema in known
            if isinstance(schema, dict)
            and isinstance(schema.get("oneOf"), list)
            and 1 < len(schema["oneOf"]) <= _MOST_BRANCHES
            and place(join(pointer, "oneOf")) not in told
            and self._is_sound(pointer)
        ]
        for pointer, schema in unions:
            if self._left <= 0:
                return
            for one, other, value in self._shared(pointer, schema):
                at = place(join(pointer, "oneOf", other))
                if at not in told:
                    message = f"the branches {one} and {other} of this oneOf both take {render(value)}"
                    hint = "let them exclude one another, or write anyOf"
                    yield Remark(at, f"{message}: what fits both is refused", hint, "E703")

    def _shared(self, pointer: str, schema: dict[str, Any]) -> Iterator[tuple[int, int, Any]]:
        """Pairs of branches, and a value that the whole schema refuses for no other reason than that both take it."""
        rules = [join(pointer, "oneOf", number) for number in range(len(schema["oneOf"]))]
        found = [(rule, self._telling(pointer, schema, rule)) for rule in rules]
        values = {rule: value for rule, value in found if value is not MISSING and self._is_refused(pointer, value)}
        for (one, first), (other, second) in combinations(enumerate(rules), 2):
            for rule, to in ((first, second), (second, first)):
                if rule in values and self._fits(to, values[rule]):
                    yield one, other, values[rule]
                    break

    def _telling(self, pointer: str, schema: dict[str, Any], rule: str) -> Any:
        """The least value of a branch with all that tells it apart; MISSING where there is none."""
        value = self._samples.least(rule)
        if value is MISSING or not self._fits(rule, value):
            return MISSING
        if isinstance(value, dict):
            tags = {name: words[0] for name, words in self._samples.pins(pointer, rule).items()}
            beside = {name: one for name, one in self._beside(pointer, schema, rule) if name not in value}
            for name, one in (tags | beside).items():
                more = {**value, name: tags.get(name, one)}
                value = more if one is not MISSING and self._fits(rule, more) else value
        return value

    def _beside(self, pointer: str, schema: dict[str, Any], rule: str) -> Iterator[tuple[str, Any]]:
        """What the whole demands beside its branches, and the properties of the branch whose values are listed."""
        declared, needed = schema.get("properties"), schema.get("required")
        if isinstance(declared, dict) and isinstance(needed, list):
            for name in needed:
                if name in declared:
                    yield name, self._samples.least(join(pointer, "properties", name))
        for name, one in properties(self._samples.at(rule), self._resolve).items():
            listed = self._resolve(one)
            if isinstance(listed, dict) and ("const" in listed or listed.get("enum")):
                yield name, listed["const"] if "const" in listed else listed["enum"][0]

    def _is_sound(self, pointer: str) -> bool:
        """Whether it is a schema at all: what nothing uses may be anything."""
        return all(schemas.is_sound(pointer) for schemas in self._ways)

    def _fits(self, rule: str, value: Any) -> bool:
        self._left -= 1
        return not any(schemas.broken(rule, value) for schemas in self._ways)

    def _is_refused(self, pointer: str, value: Any) -> bool:
        """Whether the whole refuses what a branch takes, and nothing but the oneOf does."""
        self._left -= 1
        return all(schemas.broken(pointer, value) == {"oneOf"} for schemas in self._ways)
