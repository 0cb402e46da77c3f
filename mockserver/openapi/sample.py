"""Values drawn from a schema by seeded chance: always valid, of bounded depth and size, the same for the same chance.

Everything is compiled when a sampler is made; what cannot be satisfied is said then, and not when a value is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Self
from urllib.parse import quote

import jsonschema_rs

from mockserver.chance import Chance
from mockserver.openapi.formats import of_strings
from mockserver.openapi.operation import MISSING
from mockserver.openapi.patterns import OPTIONS
from mockserver.openapi.sample_cases import Cases, Fits, Pointers, SampleError
from mockserver.openapi.sample_draw import copied
from mockserver.openapi.sample_graph import BUDGET, LEVELS, TRIES, Graph, Known

__all__ = ["SampleError", "Sampler"]

_LOOKED_INTO_AGAIN = 20_000  # schemas, to say of which answers of a document there is no value


class Sampler:
    """Draws values of the schema at the JSON Pointer `pointer` of `root` (JSON Schema 2020-12, references `#/...`).

    `fits(pointer)` gives the verdict of a whole schema of `root`; without it jsonschema-rs is asked, with
    our formats. Raises `SampleError` when the schema has no (finite) value, or none that can be found.
    """

    def __init__(self, root: Any, pointer: str = "", *, fits: Callable[[str], Fits] | None = None) -> None:
        self._set_up(Cases(root, fits or _verdicts(root)), Known(), pointer)

    @classmethod
    def within(cls, cases: Cases, known: Known, pointer: str) -> Self:
        """One of several samplers of a document, which share what they find out about its schemas."""
        made = cls.__new__(cls)
        made._set_up(cases, known, pointer)
        return made

    def _set_up(self, cases: Cases, known: Known, pointer: str) -> None:
        self.rule, self._cases = pointer, cases
        start = cases.tidy([pointer])
        self._draw = Graph(cases, known, [start]).draw(start)

    def draw(self, chance: Chance) -> Any:
        """A value that fits. Moves `chance` on."""
        return self._draw(chance, [BUDGET, TRIES, LEVELS])

    def example(self) -> Any:
        """The first valid one of the schema's own `example`, `examples` and `default`; None when there is none."""
        found = example(self._cases, self.rule)
        return None if found is MISSING else found


def example(cases: Cases, rule: str) -> Any:
    """The first valid one of the `examples`, `example` and `default` of the schema at `rule`; MISSING without one."""
    fits = cases.fits((rule,))
    chain: dict[str, Any] = {}
    pointer: str | None = rule
    while pointer is not None and pointer not in chain:
        chain[pointer] = cases.at(pointer)
        pointer = cases.target(pointer)
    return next((copied(value) for value in given(chain.values()) if fits(value)), MISSING)


def given(schemas: Iterable[Any]) -> Iterator[Any]:
    """What schemas say their values may be, in the order in which it is taken."""
    for schema in schemas:
        if isinstance(schema, dict):
            if "example" in schema:
                yield schema["example"]
            examples = schema.get("examples")
            yield from examples if isinstance(examples, list) else ()
            if "default" in schema:
                yield schema["default"]


def impossible(cases: Cases, known: Known, rules: Iterable[str]) -> dict[str, SampleError]:
    """Those of the schemas at `rules` that have no value, or none that can be found, and why."""
    starts: dict[str, Pointers] = {}
    found: dict[str, SampleError] = {}
    for rule in rules:
        try:
            starts[rule] = cases.tidy([rule])
            known.ways(cases, starts[rule])
        except SampleError as error:
            found[rule] = error
    starts = {rule: start for rule, start in starts.items() if rule not in found}
    graph = Graph(cases, known, list(starts.values()))
    lost = {rule: trouble for rule, start in starts.items() if (trouble := _trouble(graph, start))}
    return found | (lost if graph.is_whole else _confirmed(cases, known, {rule: starts[rule] for rule in lost}))


def _confirmed(cases: Cases, known: Known, starts: Mapping[str, Pointers]) -> dict[str, SampleError]:
    """Those of which a graph of their own says so too: of what one of many leaves out it may make sense yet."""
    found: dict[str, SampleError] = {}
    left = _LOOKED_INTO_AGAIN
    for rule, start in starts.items():
        graph = Graph(cases, known, [start])
        trouble = _trouble(graph, start)
        if trouble is not None:
            found[rule] = trouble
        left -= graph.size
        if left <= 0:
            break
    return found


def _trouble(graph: Graph, start: Pointers) -> SampleError | None:
    """Why nothing can be drawn for a schema; None where something can."""
    try:
        graph.draw(start)
    except SampleError as error:
        return error
    return None


def _verdicts(root: Any) -> Callable[[str], Fits]:
    """Validators of jsonschema-rs that see nothing but `root`."""

    @cache
    def registry() -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([("mem:///", root)], retriever=_closed)

    def fits(pointer: str) -> Fits:
        try:
            validator = jsonschema_rs.Draft202012Validator(
                {"$ref": f"mem:///#{quote(pointer)}"},
                registry=registry(),
                formats=of_strings(),
                validate_formats=True,
                pattern_options=OPTIONS,
            )
        except (ValueError, jsonschema_rs.ReferencingError) as reason:
            raise SampleError(pointer, f"the schema cannot be compiled: {reason}") from reason
        return validator.is_valid

    return fits


def _closed(uri: str) -> Any:
    raise ValueError(f"{uri} is outside of this document")
