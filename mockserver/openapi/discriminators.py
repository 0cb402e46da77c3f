"""What is odd about discriminators: mappings that lead nowhere, to no branch, or to schemas without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.errors import Place
from mockserver.openapi.remark import Remark, is_accepted
from mockserver.pointer import join, look_up, split

INLINE = "inline-mapping"  # what a document may accept of itself, in `x-accepted` beside the discriminator
_NAMED = ("components", "schemas")
_At = Callable[[str], Place]


def remarks(tree: Any, schemas: Iterable[tuple[str, Any]], place: _At) -> list[Remark]:
    """A remark for each mapping that does not choose what it should. Mappings into other files are not looked at."""
    return [one for pointer, schema in schemas if isinstance(schema, dict) for one in _of(tree, pointer, schema, place)]


def _of(tree: Any, pointer: str, schema: Mapping[str, Any], place: _At) -> Iterator[Remark]:
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return
    at = join(pointer, "discriminator")
    if not isinstance(discriminator.get("propertyName"), str):
        yield Remark(place(at), "the discriminator names no property and has no effect", "write propertyName", "E707")
        return
    mapping = discriminator.get("mapping")
    branches = frozenset(_branches(pointer, schema))
    inline = []
    for name, said in mapping.items() if isinstance(mapping, dict) else ():
        where = join(at, "mapping", name)
        target = _target(str(said))
        if target is None:
            continue
        if not _is_there(tree, target):
            hint = "name a schema of components/schemas, or write a reference to it"
            yield Remark(place(where), f'the mapping "{said}" leads nowhere and has no effect', hint, "E707")
        elif branches and target not in branches:
            hint = "add the branch, or take the mapping out"
            yield Remark(place(where), f'the mapping "{said}" leads to none of the branches', hint, "E707")
        elif split(target)[:-1] != _NAMED:
            inline.append((where, said))
    if inline and not is_accepted(schema, INLINE):
        where, said = inline[0]
        told = f'the mapping "{said}" leads to a schema without a name, which other tools do not consider'
        yield Remark(place(where), told, "give the schema a name in components/schemas", "E707")


def _branches(pointer: str, schema: Mapping[str, Any]) -> Iterator[str]:
    for word in ("oneOf", "anyOf"):
        said = schema.get(word)
        for number, branch in enumerate(said if isinstance(said, list) else ()):
            yield join(pointer, word, number)
            reference = branch.get("$ref") if isinstance(branch, dict) else None
            target = _target(reference) if isinstance(reference, str) else None
            if target is not None:
                yield target


def _target(said: str) -> str | None:
    """The pointer that a mapping means; None for one into another file."""
    uri, mark, fragment = said.partition("#")
    if mark:
        return unquote(fragment) if not uri else None
    return join("", *_NAMED, said) if "/" not in said and "." not in said else None


def _is_there(tree: Any, pointer: str) -> bool:
    try:
        look_up(tree, pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return False
    return True
