"""What discriminators call the schemas that they choose, and what is odd about them: mappings that lead nowhere, to no
branch, or to schemas without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.errors import Place
from mockserver.openapi.grammar import FILES
from mockserver.openapi.remark import Remark, is_accepted
from mockserver.pointer import is_there, join, split

INLINE = "inline-mapping"  # what a document may accept of itself, in `x-accepted` beside the discriminator
_NAMED = ("components", "schemas")
_At = Callable[[str], Place]


def remarks(tree: Any, schemas: Iterable[tuple[str, Any]], place: _At) -> list[Remark]:
    """A remark for each mapping that does not choose what it should, in a closed tree."""
    return [one for pointer, schema in schemas if isinstance(schema, dict) for one in _of(tree, pointer, schema, place)]


def mapping(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping of a schema's discriminator; empty where there is none."""
    discriminator = schema.get("discriminator")
    said = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    return said if isinstance(said, dict) else {}


def target(said: str) -> str:
    """The pointer that a value of a mapping means: a reference into the document, or the name of a schema."""
    return unquote(said[1:]) if said.startswith("#") else join("", *_NAMED, said)


def names(schema: Mapping[str, Any], place: str, referred: str | None = None) -> tuple[str, ...]:
    """What the discriminator of `schema` calls the one at `place`, or `referred` to there: by mapping, else by name."""
    places = (place, referred)
    mapped = tuple(str(name) for name, said in mapping(schema).items() if target(str(said)) in places)
    if mapped:
        return mapped
    return _name(split(place)) or (_name(split(referred), is_referred=True) if referred else ())


def _name(keys: tuple[str, ...], *, is_referred: bool = False) -> tuple[str, ...]:
    """The name of a schema: where schemas have names, and of what is referred to also one directly in a file."""
    in_file = is_referred and len(keys) == 3 and keys[0] == FILES
    return keys[-1:] if in_file or keys[-3:-1] == _NAMED or keys[-2:-1] == ("$defs",) else ()


def _of(tree: Any, pointer: str, schema: Mapping[str, Any], place: _At) -> Iterator[Remark]:
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return
    at = join(pointer, "discriminator")
    if not isinstance(discriminator.get("propertyName"), str):
        yield Remark(place(at), "the discriminator names no property and has no effect", "write propertyName", "E707")
        return
    places = dict(_branches(pointer, schema))
    references = [branch.get("$ref") for branch in places.values() if isinstance(branch, dict)]
    branches = {*places, *(target(one) for one in references if isinstance(one, str))}
    inline = []
    for name, said in mapping(schema).items():
        where = join(at, "mapping", name)
        aim = target(str(said))
        if not is_there(tree, aim):
            hint = "name a schema of components/schemas, or write a reference to it"
            yield Remark(place(where), f'the mapping "{said}" leads nowhere and has no effect', hint, "E707")
        elif branches and aim not in branches:
            hint = "add the branch, or take the mapping out"
            yield Remark(place(where), f'the mapping "{said}" leads to none of the branches', hint, "E707")
        elif aim in places or (split(aim)[:-1] != _NAMED and not aim.startswith(f"/{FILES}/")):
            inline.append((where, said))
    if inline and not is_accepted(schema, INLINE):
        where, said = inline[0]
        told = f'the mapping "{said}" leads to a schema without a name, which other tools do not consider'
        yield Remark(place(where), told, "give the schema a name in components/schemas", "E707")


def _branches(pointer: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for word in ("oneOf", "anyOf"):
        said = schema.get(word)
        for number, branch in enumerate(said if isinstance(said, list) else ()):
            yield join(pointer, word, number), branch
