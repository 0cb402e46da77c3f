"""The words that say what to serve, shared by the commands: SPEC, NAME=SPEC, --vendor, --overlay, ..."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver.errors import UsageError

_F = TypeVar("_F", bound=Callable[..., Any])
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmg])(?:i?b)?|b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


class Number(click.ParamType):
    """A whole number, or one with a fraction, within bounds."""

    name = "number"

    def __init__(self, least: float = -math.inf, most: float = math.inf, *, above: float = -math.inf, whole: bool = True):
        self._least, self._most, self._above, self._whole = least, most, above, whole

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number. click.BadParameter, which says what would be one, for everything else."""
        try:
            number = int(value) if self._whole else float(value)
        except ValueError:
            number = math.nan
        if self._least <= number <= self._most and self._above < number < math.inf:
            return number
        self.fail(f"{value!r} is not {self}", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How help shows it."""
        return "N" if self._whole else "X"

    def __str__(self) -> str:
        """`a whole number from 0 to 65535`."""
        between = f" from {self._least:g} to {self._most:g}" if math.isfinite(self._least) else ""
        above = f" above {self._above:g}" if math.isfinite(self._above) else ""
        return ("a whole number" if self._whole else "a number") + between + above


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


def named_specs(words: Sequence[str]) -> list[tuple[str | None, Path]]:
    """`SPEC` and `NAME=SPEC` as (name or None, path). Raises UsageError for a file that is not there."""
    return [_named_spec(word) for word in words]


def existing(words: Sequence[str], what: str) -> list[Path]:
    """The paths of files that must be there."""
    for word in words:
        if not Path(word).is_file():
            raise UsageError(f"there is no {what} {word}")
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
