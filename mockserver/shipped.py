"""What we ship in `specs/` and `fixtures/`, read beforehand: `shipped.json` holds the values of those files.

To read them anew takes a tenth of a second, which each process of pytest would pay. Whoever changes one of the files,
as a checkout allows, gets what it says: a value is kept for one text only. `make shipped` writes the file; a test
compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from mockserver import yamlfile
from mockserver.yamlfile import YamlFile

FILE = Path(__file__).with_name("shipped.json")


class Closed(Struct, frozen=True):
    """An OpenAPI document of which nothing is odd, in one piece: overlays applied, all references into itself."""

    tree: dict[str, Any]
    relaxed: tuple[tuple[str, dict[str, Any]], ...] = ()  # how its traps are meant; for `pointer.patched`


class Shipped(Struct, frozen=True):
    """All that is kept: the values of fixtures by the digest of their text, documents by those of all their files."""

    fixtures: dict[str, Raw]
    documents: dict[str, Raw]


def read(path: Path, *, label: str) -> YamlFile:
    """The fixture at `path`, called `label` in messages, as `yamlfile.read` gives it."""
    text = yamlfile.text_of(path, label)
    kept = _kept().fixtures.get(yamlfile.digest(text))
    return yamlfile.parse(text, label) if kept is None else YamlFile(label, text, msgspec.json.decode(kept))


def closed(texts: Iterable[str]) -> Closed | None:
    """The document in the first of `texts` with the overlays in the others, if it is kept."""
    kept = _kept().documents.get(key(texts))
    return None if kept is None else msgspec.json.decode(kept, type=Closed)


def key(texts: Iterable[str]) -> str:
    """What tells a document in these texts from any other."""
    return "-".join(map(yamlfile.digest, texts))


@cache
def _kept() -> Shipped:
    try:
        return msgspec.json.decode(FILE.read_bytes(), type=Shipped)
    except (OSError, msgspec.DecodeError):  # as in a checkout whose merge is not done; everything is read then
        return Shipped({}, {})
