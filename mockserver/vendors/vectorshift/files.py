"""How files travel in VectorShift's forms, and what they become in the JSON shape."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.openapi.forms import Forms, Part, misplaced
from mockserver.openapi.jsontext import quote


def file_value(part: Part) -> dict[str, Any]:
    """A `file` of the published `DataType`: base64 bytes, and what is known of name and type."""
    # The async SDK sends the whole path, percent-encoded, as the file name (captured, vectorshift 0.1.15).
    name = unquote(part.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    metadata = {**({"name": name} if name else {}), **({"mime_type": part.content_type} if part.content_type else {})}
    return {"type": "file", "raw_bytes": base64.b64encode(part.data).decode("ascii"), "metadata": metadata}


def adopt(value: Any, parts: tuple[Part, ...], form: Mapping[str, Any]) -> Any:
    """Give the parts that the SDK names by the bare input name to their runs; the body of a single run is one.

    The n-th file called NAME goes to the n-th run that lacks NAME among its inputs; the run that a file belongs to is
    lost on the wire, so this is a guess that is right when every run has one. Raises Refused when no run is left, and
    for any such file where only the pages count. Fields that are no files stand beside `runs`, as any further property
    of the JSON body would.
    """
    if not isinstance(value, dict):
        return value
    names = tuple(form.get("properties", {}))
    for part in parts:
        _check_name(part, names)
    value = {**value, **{part.name: part.text() for part in parts if part.filename is None and part.name not in value}}
    files = tuple(part for part in parts if part.filename is not None)
    documented = next((name for name in names if name.endswith("inputs.*")), None)
    if not files or documented is None:
        return value
    if not form.get(_BARE_NAMES):
        wanted = documented.removesuffix("*") + files[0].name
        raise misplaced(files[0], f" has a name that no page of the vendor has; the pages' name is {quote(wanted)}")
    is_bulk = documented.startswith("runs.")
    runs = value.get("runs") if is_bulk else [value]
    if not isinstance(runs, list) or not all(map(_takes_files, runs)):
        return value  # what is wrong with those is for the schema to say
    given = _given(runs, files, _IN_RUNS if is_bulk else _IN_A_RUN)
    return {**value, "runs": given} if is_bulk else given[0]


_BARE_NAMES = "x-files-by-input-name"  # the overlay says so of the forms that the SDK sends


def _check_name(part: Part, names: tuple[str, ...]) -> None:
    """Raises Refused for a part that begins as the names of the form do, and goes on as none of them."""
    head, dot, _ = part.name.partition(".")
    known = [name for name in names if name.startswith(f"{head}.")]
    if dot and known:
        raise misplaced(part, f" names nothing in the form; there are {', '.join(known)}")


def _given(runs: list[Any], files: tuple[Part, ...], full: str) -> list[Any]:
    """The runs, with the files among their inputs; `full` says of a file that no run lacks it."""
    runs = [dict(run, inputs=dict(run.get("inputs") or {})) for run in runs]
    waiting: dict[str, list[Part]] = defaultdict(list)
    for part in files:
        waiting[part.name].append(part)
    for name, named in waiting.items():
        lacking = [run for run in runs if name not in run["inputs"]]
        if len(named) > len(lacking):
            raise misplaced(named[len(lacking)], full.format(room=len(lacking)))
        for run, part in zip(lacking, named, strict=False):
            run["inputs"][name] = file_value(part)
    return runs


_IN_A_RUN = ": there is an input of that name already"
_IN_RUNS = " has no run to belong to: only {room} of the runs lack an input of that name"


def _takes_files(run: Any) -> bool:
    return isinstance(run, dict) and isinstance(run.get("inputs", {}), dict)


FORMS = Forms(file_value=file_value, adopt=adopt)
