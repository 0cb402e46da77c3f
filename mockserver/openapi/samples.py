"""The values that a document itself gives: samples of its schemas, and the examples in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.openapi.coerce import items, properties
from mockserver.openapi.operation import MISSING
from mockserver.openapi.references import References
from mockserver.openapi.sample import Sampler, example, given, impossible
from mockserver.openapi.sample_cases import Cases, SampleError, pinned_by
from mockserver.openapi.sample_draw import copied
from mockserver.openapi.sample_graph import Known
from mockserver.openapi.sample_least import least
from mockserver.openapi.validate import Schemas

_DEEPEST = 32  # levels of a value that examples are put into


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
        """`value` with the examples of its parts in their places; as it is where the whole would not fit then."""
        better = self._put(self._cases.at(rule), value, _DEEPEST)
        return better if self._cases.fits((rule,))(better) else value

    def _put(self, schema: Any, value: Any, depth: int) -> Any:
        if depth == 0:
            return value
        if isinstance(value, dict):
            declared = properties(schema, self._resolve)
            return {name: self._better(declared.get(name, True), one, depth) for name, one in value.items()}
        if isinstance(value, list):
            of = items(schema, self._resolve)
            return [self._put(of, one, depth - 1) for one in value]
        return value

    def _better(self, schema: Any, value: Any, depth: int) -> Any:
        own = next(given([schema, self._resolve(schema)]), MISSING)
        return self._put(schema, value, depth - 1) if own is MISSING else copied(own)
