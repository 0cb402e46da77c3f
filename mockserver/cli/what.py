"""The words that say what to serve, shared by the commands: SPEC, NAME=SPEC, --vendor, --overlay, ..."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver.errors import UsageError

SUFFIXES = (".yaml", ".yml", ".json")  # of the files that we read
_F = TypeVar("_F", bound=Callable[..., Any])
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmg])(?:i?b)?|b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def number(
    least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf, whole: bool = True
) -> Callable[[Any], Any]:
    """What click calls for an option that takes a number, whole or not, within bounds."""
    wanted = "a whole number" if whole else "a number"
    wanted += f" from {least:g} to {most:g}" if math.isfinite(least) else ""
    wanted += f" above {above:g}" if math.isfinite(above) else ""

    def read(value: Any) -> Any:
        with suppress(ValueError):
            found = int(value) if whole else float(value)
            if least <= found <= most and above < found < math.inf:
                return found
        raise click.BadParameter(f"{value!r} is not {wanted}")

    return read


def what_to_serve(command: _F) -> _F:
    """Adds the options that choose documents."""
    options = (
        click.argument("specs", nargs=-1, metavar="[SPEC | NAME=SPEC]..."),
        click.option(
            "--vendor",
            "vendors",
            multiple=True,
            help="A shipped vendor (repeatable; default: all, or none beside SPEC).",
        ),
        click.option("--overlay", "overlays", multiple=True, metavar="FILE", help="Corrections for SPEC (repeatable)."),
        click.option("--strict-spec", is_flag=True, help="Read oneOf with integer and number literally."),
        click.option("--documented-only", is_flag=True, help="Drop overlay actions that the vendor does not document."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def with_fixtures(command: _F) -> _F:
    """Adds the option that chooses fixtures."""
    return click.option(
        "--fixtures",
        multiple=True,
        metavar="PATH",
        help="File, folder or vendor/theme; replaces the vendor's shipped fixtures.",
    )(command)


def named_specs(words: Sequence[str]) -> list[tuple[str | None, Path]]:
    """`SPEC` and `NAME=SPEC` as (name or None, path). Raises UsageError for a file that is not there."""
    return [_named_spec(word) for word in words]


def existing(words: Sequence[str], what: str) -> list[Path]:
    """The paths of files that must be there."""
    for word in words:
        path = Path(word)
        if path.is_dir():
            inside = next((one for one in sorted(path.iterdir()) if one.suffix in SUFFIXES), None)
            raise UsageError(f"{word} is a folder; name the {what} in it" + (f", such as {inside}" if inside else ""))
        if not path.is_file():
            raise UsageError(f"there is no {what} {word}; check the path")
    return [Path(word) for word in words]


def size(text: str) -> int:
    """The bytes in `1000`, `64k`, `32MiB`."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no size; write it like 1000, 64k or 32MiB")
    return int(float(found[1]) * _UNITS[(found[2] or "").lower()])


def _named_spec(word: str) -> tuple[str | None, Path]:
    name, mark, path = word.partition("=")
    if not mark or Path(word).is_file():
        return None, existing([word], "spec")[0]
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise UsageError(f"the name {name!r} cannot stand in a URL; use lower-case letters, digits and -")
    return name, existing([path], "spec")[0]
