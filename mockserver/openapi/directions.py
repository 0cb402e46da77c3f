"""`readOnly` and `writeOnly`: which of a document's requirements hold for requests, and which for answers.

A required property that is `readOnly` is required of answers only, one that is `writeOnly` of requests only (OpenAPI
3.0.3, "Schema Object"; in 3.1 they are annotations, and documents still mean this).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.pointer import GONE, join

Patches = list[tuple[str, Mapping[str, Any]]]
_NESTING = 16  # of allOf and references: more is a circle


class Directions(NamedTuple):
    """The changes that make schemas those of requests, of answers, and of what is sampled as an answer."""

    requests: Patches
    answers: Patches
    samples: Patches  # beyond those of answers: what is `writeOnly` is not sent


def directions(schemas: Iterable[tuple[str, Any]], resolve: Callable[[Any], Any]) -> Directions:
    """What the schemas mean in each direction; mostly there is nothing to change."""
    known = [(pointer, schema) for pointer, schema in schemas if isinstance(schema, dict)]
    if not any("readOnly" in schema or "writeOnly" in schema for _, schema in known):
        return Directions([], [], [])
    reading = _Reading(resolve)
    dropped: dict[str, dict[str, set[str]]] = {"readOnly": {}, "writeOnly": {}}
    samples: Patches = []
    for pointer, schema in known:
        own = schema.get("properties")
        for word, drops in dropped.items():
            marked = reading.marked(schema, word)
            for at, part in _family(pointer, schema):
                if lost := marked.intersection(_texts(part.get("required"))):
                    drops.setdefault(at, set()).update(lost)
        if isinstance(own, dict):
            hidden = [name for name, one in own.items() if reading.says(one, "writeOnly")]
            samples += [(join(pointer, "properties"), dict.fromkeys(hidden, False))] if hidden else []
    requirements = {pointer: _texts(schema.get("required")) for pointer, schema in known}

    def changes(word: str) -> Patches:
        return [(at, _without(requirements.get(at, []), lost)) for at, lost in dropped[word].items()]

    return Directions(changes("readOnly"), changes("writeOnly"), samples)


class _Reading:
    def __init__(self, resolve: Callable[[Any], Any]) -> None:
        self._resolve = resolve

    def marked(self, schema: Mapping[str, Any], word: str, nesting: int = _NESTING) -> set[str]:
        """The properties of a schema and of its `allOf` that are marked so."""
        own = schema.get("properties")
        found = {name for name, one in own.items() if self.says(one, word)} if isinstance(own, dict) else set()
        for part in schema.get("allOf") or () if nesting else ():
            target = self._resolve(part)
            if isinstance(target, dict):
                found |= self.marked(target, word, nesting - 1)
        return found

    def says(self, schema: Any, word: str) -> bool:
        """Whether a property is marked so, itself or where it refers to."""
        target = self._resolve(schema)
        return any(isinstance(one, dict) and one.get(word) is True for one in (schema, target))


def _family(pointer: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A schema and the parts of its `allOf` that stand in it."""
    yield pointer, schema
    for number, part in enumerate(schema.get("allOf") or ()):
        if isinstance(part, dict) and "$ref" not in part:
            yield from _family(join(pointer, "allOf", number), part)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _without(required: list[str], lost: set[str]) -> Mapping[str, Any]:
    left = [name for name in required if name not in lost]
    return {"required": left or GONE}
