"""What a run of a pipeline gives that a client built from nodes: its output nodes, as far as they can be followed.

An output that names an input gives what went in. What hangs on any other node is made up, by the output's type.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.chance import Chance
from mockserver.regex import compiled
from mockserver.vendors.vectorshift.ports import is_data, made_up

# {{ input_65f0.text }}: a node's id, and which of its outputs (captured, vectorshift 0.1.15).
_REFERENCE = r"\{\{\s*([^{}.\s]+)\.([^{}\s]+)\s*\}\}"

Nodes = Mapping[str, Any]
_UNKNOWN = object()


def run_of(nodes: Nodes, edges: Any, inputs: Mapping[str, Any], chance: Chance) -> dict[str, Any]:
    """A value for each output node, by its name. Whatever a client saved is read as far as it makes sense."""
    went_in = {id: _input(name, fields, inputs) for id, name, fields in named(nodes, "input")}
    sources = _sources(edges, went_in)
    found = {}
    for id, name, fields in named(nodes, "output"):
        value = fields.get("value")
        value = _value(sources.get(id, "") if value in (None, "") else value, went_in)
        if value is _UNKNOWN or not is_data(value):
            kind = fields.get("output_type")
            value = made_up(kind if isinstance(kind, str) else "string", chance.derive("output", name))
        found[name] = value
    return found


def named(nodes: Nodes, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The nodes of a type: id, name and fields. One without a name is called by type and number, as in the SDK."""
    number = 0
    for id, node in nodes.items():
        if not isinstance(node, Mapping) or node.get("type") != kind:
            continue
        fields = node.get("inputs")
        yield id, _name(node) or f"{kind}_{number}", fields if isinstance(fields, Mapping) else {}
        number += 1


def without(nodes: Nodes, canvas: Mapping[str, Any], id: str) -> tuple[Nodes, Mapping[str, Any]]:
    """Nodes and canvas without one node and its edges."""
    kept = {one: node for one, node in nodes.items() if one != id}
    shown = dict(canvas)
    if isinstance(canvas.get("nodes"), Mapping):
        shown["nodes"] = {one: place for one, place in canvas["nodes"].items() if one != id}
    if isinstance(canvas.get("edges"), list):
        shown["edges"] = [edge for edge in canvas["edges"] if id not in _ends(edge)]
    return kept, shown


def called(nodes: Nodes, name: str) -> str | None:
    """The id of the node of this name."""
    return next((id for id, node in nodes.items() if isinstance(node, Mapping) and _name(node) == name), None)


def _name(node: Mapping[str, Any]) -> str:
    name = node.get("name")
    return name if isinstance(name, str) else ""


def _input(name: str, fields: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
    """What went in through an input node; its default where nothing did and it has one."""
    return inputs.get(name, fields.get("default_value") if fields.get("use_default_value") is True else None)


def _sources(edges: Any, went_in: Mapping[str, Any]) -> dict[str, str]:
    """For each node that an edge leads to from an input node, a reference to that; the first edge counts."""
    found: dict[str, str] = {}
    for edge in edges if isinstance(edges, list) else ():
        source, target = _ends(edge)
        if isinstance(source, str) and isinstance(target, str) and source in went_in:
            found.setdefault(target, f"{{{{ {source}.value }}}}")
    return found


def _ends(edge: Any) -> tuple[Any, Any]:
    return (edge.get("source"), edge.get("target")) if isinstance(edge, Mapping) else (None, None)


def _value(value: Any, went_in: Mapping[str, Any]) -> Any:
    """What the value of an output comes to; _UNKNOWN where it hangs on a node that is no input."""
    match value:
        case "":
            return _UNKNOWN
        case list():
            items = [_value(item, went_in) for item in value]
            return _UNKNOWN if any(item is _UNKNOWN for item in items) else items
        case str():
            whole = compiled(_REFERENCE).fullmatch(value.strip())
            return _referred(whole, went_in) if whole else _filled(value, went_in)
    return value


def _filled(text: str, went_in: Mapping[str, Any]) -> Any:
    """A text with references in it."""
    pieces, end = [], 0
    for reference in compiled(_REFERENCE).finditer(text):
        value = _referred(reference, went_in)
        if value is _UNKNOWN:
            return _UNKNOWN
        pieces += [text[end : reference.start()], value if isinstance(value, str) else json.dumps(value)]
        end = reference.end()
    return "".join((*pieces, text[end:]))


def _referred(reference: re.Match[str], went_in: Mapping[str, Any]) -> Any:
    value = went_in.get(reference[1], _UNKNOWN)
    of_file = _OF_FILES.get(reference[2])
    return of_file(value) if of_file and isinstance(value, dict) and value.get("type") == "file" else value


# An input node of type file also gives the file's text and name (vectorshift 0.1.15, InputNode).
_OF_FILES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "processed_text": lambda file: base64.b64decode(file["raw_bytes"]).decode("utf-8", "replace"),
    "file_name": lambda file: str((file.get("metadata") or {}).get("name", "")),
}
