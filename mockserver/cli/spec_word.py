"""A document named by one word: a file, `NAME=FILE`, or the name of one that is shipped."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from mockserver.cli.what import existing, named_specs
from mockserver.engine.service import Service
from mockserver.errors import UsageError
from mockserver.hints import nearest
from mockserver.vendors.assembly import Wanted, assemble
from mockserver.vendors.catalogue import vendors


def service_of(
    word: str, *, overlays: Sequence[str] = (), strict_spec: bool = False, documented_only: bool = False
) -> Service:
    """The service of one document. Raises UsageError for a word that names none, SpecError for a broken one."""
    shipped = _shipped()
    if word in shipped and not Path(word).is_file():
        if overlays:
            raise UsageError(f"--overlay corrects a SPEC of your own; {word} is shipped and has its overlays")
        wanted = Wanted(vendors=(shipped[word],), strict_spec=strict_spec, documented_only=documented_only)
        return next(one for one in assemble(wanted) if one.name == word)
    if "=" not in word and not Path(word).exists():
        hint = nearest(word, shipped, f"shipped are {', '.join(shipped)}")
        raise UsageError(f"there is no spec {word}; {hint}")
    (one,) = assemble(
        Wanted(
            specs=tuple(named_specs([word])),
            overlays=tuple(existing(overlays, "overlay")),
            strict_spec=strict_spec,
            documented_only=documented_only,
        )
    )
    return one


def routes_of(word: str, overlays: Sequence[str] = ()) -> str:
    """The command that lists the operations of a document that is named so."""
    vendor = None if Path(word).is_file() else _shipped().get(word)
    words = ["--vendor", vendor] if vendor else [word, *(each for one in overlays for each in ("--overlay", one))]
    return shlex.join(["mockserver", "routes", *words])


def _shipped() -> dict[str, str]:
    """The vendor of each document that is shipped."""
    return {source.name: vendor.name for vendor in vendors().values() for source in vendor.sources}
