"""Values drawn from a schema by seeded chance: always valid, of bounded depth and size, the same for the same chance.

Everything is compiled when a sampler is made; what cannot be satisfied is said then, and not when a value is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from mockserver.chance import Chance
from mockserver.openapi.formats import of_strings
from mockserver.openapi.patterns import OPTIONS
from mockserver.openapi.sample_cases import Cases, Fits, SampleError
from mockserver.openapi.sample_draw import copied
from mockserver.openapi.sample_graph import BUDGET, TRIES, Graph

__all__ = ["SampleError", "Sampler"]


class Sampler:
    """Draws values of the schema at the JSON Pointer `pointer` of `root` (JSON Schema 2020-12, references `#/...`).

    `fits(pointer)` gives the verdict of a whole schema of `root`; without it jsonschema-rs is asked, with
    our formats. Raises `SampleError` when the schema has no (finite) value, or none that can be found.
    """

    def __init__(self, root: Any, pointer: str = "", *, fits: Callable[[str], Fits] | None = None) -> None:
        self.rule = pointer
        self._cases = Cases(root, fits or _verdicts(root))
        self._draw = Graph(self._cases, self._cases.tidy([pointer])).draw

    def draw(self, chance: Chance) -> Any:
        """A value that fits. Moves `chance` on."""
        return self._draw(chance, [BUDGET, TRIES])

    def example(self) -> Any:
        """The first valid one of the schema's own `example`, `examples` and `default`; None when there is none."""
        fits = self._cases.fits((self.rule,))
        pointer: str | None = self.rule
        seen = set()
        while pointer is not None and pointer not in seen:
            seen.add(pointer)
            schema = self._cases.at(pointer)
            if isinstance(schema, dict):
                examples = schema.get("examples", ())
                given = [schema[key] for key in ("example", "default") if key in schema]
                given[1 if "example" in schema else 0 : 0] = examples if isinstance(examples, list) else ()
                for value in given:
                    if fits(value):
                        return copied(value)
            pointer = self._cases.target(pointer)
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
