"""How files travel in VectorShift's forms, and what they become in the JSON shape."""

from __future__ import annotations

import base64
from collections import defaultdict
from typing import Any
from urllib.parse import unquote

from mockserver.errors import Problem, Refused, Violation
from mockserver.openapi.forms import Forms, Part


def file_value(part: Part) -> dict[str, Any]:
    """A `file` of the published `DataType`: base64 bytes, and what is known of name and type."""
    # The async SDK sends the whole path, percent-encoded, as the file name (captured, vectorshift 0.1.15).
    name = unquote(part.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    metadata = {**({"name": name} if name else {}), **({"mime_type": part.content_type} if part.content_type else {})}
    return {"type": "file", "raw_bytes": base64.b64encode(part.data).decode("ascii"), "metadata": metadata}


def adopt(value: Any, parts: tuple[Part, ...]) -> Any:
    """Give the parts that the SDK names by the bare input name to their runs; a body without `runs` is one run.

    The n-th file called NAME goes to the n-th run that lacks NAME among its inputs; the run that a file belongs to is
    lost on the wire, so this is a guess that is right when every run has one. Raises Refused when no run is left.
    Fields that are no files stand beside `runs`, as any further property of the JSON body would.
    """
    if not isinstance(value, dict):
        return value
    value = {**value, **{part.name: part.text() for part in parts if part.filename is None and part.name not in value}}
    files = tuple(part for part in parts if part.filename is not None)
    if not files:
        return value
    if "runs" not in value:
        return _given([value], files)[0]
    return {**value, "runs": _given(value["runs"], files)} if isinstance(value["runs"], list) else value


def _given(runs: list[Any], files: tuple[Part, ...]) -> list[Any]:
    """The runs, with the files among their inputs."""
    runs = [dict(run, inputs=dict(run.get("inputs") or {})) if _takes_files(run) else run for run in runs]
    waiting: dict[str, list[Part]] = defaultdict(list)
    for part in files:
        waiting[part.name].append(part)
    for name, named in waiting.items():
        lacking = [run for run in runs if _takes_files(run) and name not in run["inputs"]]
        if len(named) > len(lacking):
            raise Refused(_homeless(named[len(lacking)], len(lacking)))
        for run, part in zip(lacking, named, strict=False):
            run["inputs"][name] = file_value(part)
    return runs


def _takes_files(run: Any) -> bool:
    return isinstance(run, dict) and isinstance(run.get("inputs", {}), dict)


def _homeless(part: Part, room: int) -> Problem:
    said = f'part {part.number} named "{part.name}"'
    wanted = f"has no run to belong to: only {room} of the runs lack an input of that name"
    return Problem("malformed", f"{said} {wanted}", (Violation("body", f"/{part.name}", said, wanted, code="E107"),))


FORMS = Forms(file_value=file_value, adopt=adopt)
