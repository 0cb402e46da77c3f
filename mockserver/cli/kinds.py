"""Which files of a folder are ours to check: what a document, an overlay and a fixture show of themselves, read or not.

A file that somebody names is taken at its word; one that was only found must show more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from mockserver import yamlfile
from mockserver.cli.what import SUFFIXES

Kind = Literal["spec", "overlay", "fixture"]

# What stands in a mapping or a list that could not be read.
UNREAD: Any = object()

# Folders that hold what other people wrote, or programs. Those whose name begins with a dot are passed over too.
_OTHERS = frozenset({"node_modules", "site-packages", "__pycache__"})
_VIRTUAL = "pyvenv.cfg"  # the file that makes a folder a virtual environment

_KINDS: Mapping[str, tuple[Kind, frozenset[str]]] = {
    "openapi": ("spec", frozenset({"info", "paths", "components", "webhooks"})),
    "swagger": ("spec", frozenset({"info", "paths", "definitions"})),
    "overlay": ("overlay", frozenset({"info", "actions", "extends"})),
}
_VERSION = re.compile(r"v?\d")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_REPORTS = "mockserver "  # how the `format` of our reports, baselines and journals begins
# The keys of a fixture, and what each is. `about` is in too many files to tell anything.
_SHAPES: Mapping[str, type] = {
    "vendor": str,
    "api_keys": list,
    "resources": dict,
    "scenarios": list,
    "lifecycle": dict,
    "callbacks": dict,
    "webhooks": dict,
}
_BEGINNING = 1024 * 1024  # bytes of a file that cannot be read, in which its names are looked for
_NAME = re.compile(r"""(?:^|^---\s+)(["']?)(?P<name>[A-Za-z_]\w*)\1[ \t]*:(?:[ \t]+(?P<value>[^\n]*)|[ \t]*)$""", re.M)
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"\\\n]|\\.)*)"(?P<named>\s*:\s*(?P<value>"[^"\n]*"|[\w.+-]+)?)?|(?P<bracket>[\[\]{}])'
)
_LEVELS = {"[": 1, "{": 1, "]": -1, "}": -1}


def files_in(folder: Path) -> Iterator[Path]:
    """The YAML and JSON files below a folder, in order, without those of folders that hold other people's things."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        folders[:] = sorted(name for name in folders if not _is_of_others(here / name))
        named = (here / name for name in sorted(files) if Path(name).suffix in SUFFIXES)
        yield from filter(yamlfile.is_like_a_file, named)


def kind_of(value: Any, vendors: Collection[str]) -> Kind | None:
    """What a value that was found in some file is, beyond doubt; a fixture's `vendor` may be one of `vendors`."""
    if not isinstance(value, dict):
        return None
    for name, (kind, beside) in _KINDS.items():
        if name in value and (_VERSION.match(_text(value[name])) or beside & value.keys()):
            return kind
    return "fixture" if _is_fixture(value, vendors) else None


def kind_of_named(value: Any, vendors: Collection[str]) -> Kind | None:
    """What the value of a file that somebody named is meant to be."""
    if not isinstance(value, dict):
        return None
    kind = kind_of(value, vendors) or next((kind for name, (kind, _) in _KINDS.items() if name in value), None)
    is_report = _text(value.get("format")).startswith(_REPORTS)
    return "fixture" if kind is None and not is_report and ("format" in value or "vendor" in value) else kind


def kind_of_unread(path: Path, vendors: Collection[str]) -> Kind | None:
    """What a file that cannot be read would be, by the names at the top of its text; None too where that is shut."""
    try:
        with path.open("rb") as file:
            text = file.read(_BEGINNING).decode("utf-8-sig", "replace")
    except OSError:
        return None
    return kind_of(dict(_members(text) if _is_json(path, text) else _lines(text)), vendors)


def _is_of_others(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in _OTHERS or _is_virtual(folder)


def _is_virtual(folder: Path) -> bool:
    with suppress(OSError):  # its name may be read, and it may not
        return (folder / _VIRTUAL).is_file()
    return False


def _is_fixture(value: Mapping[str, Any], vendors: Collection[str]) -> bool:
    """A `format` that is a number and another key of fixtures; or, without it, what hardly anybody else writes."""
    known = [name for name, shape in _SHAPES.items() if name in value and _has_shape(value[name], shape)]
    if known and _NUMBER.fullmatch(_text(value.get("format"))):
        return True
    if "vendor" in known and len(known) > (1 if value["vendor"] in vendors else 2):
        return True
    return "scenarios" in known and _plays(value["scenarios"])


def _has_shape(value: Any, shape: type) -> bool:
    return value is UNREAD or isinstance(value, shape)


def _plays(scenarios: Any) -> bool:
    """Whether one of them names an operation and what happens to it."""
    listed = scenarios if isinstance(scenarios, list) else ()
    return any(isinstance(each, dict) and {"operation", "then"} <= each.keys() for each in listed)


def _text(value: Any) -> str:
    is_scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_scalar else ""


def _is_json(path: Path, text: str) -> bool:
    return path.suffix == ".json" or text.lstrip().startswith("{")


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    """The names that begin a line of YAML, each with its text, if that stands behind it."""
    for found in _NAME.finditer(text):
        value = re.sub(r"\s+#.*$", "", found["value"] or "").strip().strip("\"'")
        yield found["name"], value if value and value[0] not in "{[&*|>#" else UNREAD


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """The names of the outermost object in something like JSON, each with its text or number."""
    level = 0
    for found in _TOKEN.finditer(text):
        if found["bracket"]:
            level += _LEVELS[found["bracket"]]
        elif level == 1 and found["named"]:
            yield found["text"], (found["value"] or "").strip('"') or UNREAD
