"""The values that a document itself gives: samples of its schemas, and the examples in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.openapi.coerce import items, properties
from mockserver.openapi.operation import MISSING
from mockserver.openapi.references import References
from mockserver.openapi.sample import Sampler, example, given, impossible
from mockserver.openapi.sample_cases import Cases, SampleError, pinned_by
from mockserver.openapi.sample_draw import copied
from mockserver.openapi.sample_graph import Known
from mockserver.openapi.validate import Schemas

_DEEPEST = 32  # levels of a value that examples are put into
_MOST_TRIED = 32  # examples that are put in one by one, where all of them together do not fit
_Way = tuple[str | int, ...]


class Samples:
    """Samplers and examples of one document, made when asked for; what they find out about schemas they share."""

    def __init__(self, reading: Any, schemas: Schemas) -> None:
        self._resolve = References(reading).resolve
        self._cases, self._known = Cases(reading, lambda pointer: schemas.checker(pointer).fits), Known()
        self._samplers: dict[str, Sampler] = {}
        self._examples: dict[str, Any] = {}

    def sampler(self, rule: str) -> Sampler:
        """What makes values for the schema at `rule`. Raises SampleError when there is none."""
        if rule not in self._samplers:
            self._samplers[rule] = Sampler.within(self._cases, self._known, rule)
        return self._samplers[rule]

    def impossible(self, rules: Iterable[str]) -> dict[str, SampleError]:
        """Those of the schemas at `rules` that have no value that can be found, and why."""
        return impossible(self._cases, self._known, rules)

    def least(self, rule: str) -> Any:
        """A value of the schema at `rule` with nothing in it that is not demanded, to be verified; MISSING without."""
        # Imported when needed: answers are drawn, and only the checks of a document ask for this.
        from mockserver.openapi.sample_least import least

        return least(self._cases, self._known, rule)

    def at(self, rule: str) -> Any:
        """The schema at `rule`: an object or a boolean."""
        return self._cases.at(rule)

    def pins(self, union: str, branch: str) -> Mapping[str, tuple[str, ...]]:
        """The property by which the discriminator of `union` chooses its branch at `branch`, and the words for it."""
        return pinned_by(self._cases.at(union), branch, self._cases.target(branch))

    def example(self, rule: str) -> Any:
        """The first sound one of a schema's own `examples`, `example` and `default`; MISSING when there is none."""
        if rule not in self._examples:
            self._examples[rule] = example(self._cases, rule)
        value = self._examples[rule]
        return value if value is MISSING else copied(value)

    def with_examples(self, rule: str, value: Any) -> Any:
        """`value` with the examples of its parts in their places, but for those with which it would not fit."""
        fits = self._cases.fits((rule,))
        parts = list(self._parts(self._cases.at(rule), value, (), _DEEPEST))
        better = _put(value, parts)
        if fits(better):
            return better
        for part in parts[:_MOST_TRIED]:
            better = _put(value, [part])
            value = better if fits(better) else value
        return value

    def _parts(self, schema: Any, value: Any, at: _Way, depth: int) -> Iterator[tuple[_Way, Any]]:
        """The ways to parts that have an example, and these."""
        if depth == 0:
            return
        if isinstance(value, dict):
            declared = properties(schema, self._resolve)
            for name, one in value.items():
                below = declared.get(name, True)
                own = next(given([below, self._resolve(below)]), MISSING)
                if own is MISSING:
                    yield from self._parts(below, one, (*at, name), depth - 1)
                else:
                    yield (*at, name), own
        elif isinstance(value, list):
            of = items(schema, self._resolve)
            for number, one in enumerate(value):
                yield from self._parts(of, one, (*at, number), depth - 1)


def _put(value: Any, parts: Iterable[tuple[_Way, Any]]) -> Any:
    """A copy of `value` with these parts in it."""
    value = copied(value)
    for (*way, last), own in parts:
        place = value
        for step in way:
            place = place[step]
        place[last] = copied(own)
    return value
