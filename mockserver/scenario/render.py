"""Placeholders in a fixture's values, `${inputs.quarter}`: parsed once at start, filled in for each answer.

A placeholder is a path and nothing else. One that is the whole string keeps the type of what it finds; one inside a
longer string becomes text. Values that were filled in are never searched for placeholders again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from msgspec import Struct

from mockserver.errors import FixtureError, Place, raise_all
from mockserver.hints import nearest
from mockserver.pointer import join
from mockserver.regex import compiled
from mockserver.scenario.model import MISSING

RESPOND_ROOTS = frozenset({"path", "query", "headers", "body", "now", "request_number"})
EXECUTION_ROOTS = RESPOND_ROOTS | {"inputs", "index", "execution_id"}

_OPENING = r"(\$?)\$\{"
_ROOT = r"[A-Za-z_][A-Za-z0-9_]*"
_STEP = r"""\.([A-Za-z0-9_-]+)|\[(?:(\d+)|"([^"]*)"|'([^']*)')\]"""


class Path(Struct, frozen=True):
    """Where a placeholder looks: `${body.runs.0.inputs["unit price"]}`."""

    text: str  # as written, without the braces
    steps: tuple[str, ...]

    def find(self, scope: Mapping[str, Any]) -> Any:
        """The value in `scope`, or MISSING."""
        value: Any = scope
        for step in self.steps:
            if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101 - the first is ten times as fast
                value = value.get(step, MISSING)
            elif isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return MISSING
        return value


class Template(Struct, frozen=True):
    """A JSON value with placeholders, compiled. What it renders is shared and must not be changed."""

    node: Node
    paths: tuple[Path, ...] = ()  # every placeholder, each once, in order of appearance
    source: Any = None  # the value that it was compiled from

    @property
    def constant(self) -> bool:
        """True when it holds no placeholder: every rendering is the same value."""
        return not self.paths

    def render(self, scope: Mapping[str, Any]) -> Any:
        """The value with its placeholders filled in; what `scope` lacks becomes null, or "" inside a text."""
        return self.node.render(scope)

    def missing(self, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """The placeholders for which `scope` has nothing, as written."""
        return tuple(path.text for path in self.paths if path.find(scope) is MISSING)


def compile_template(
    value: Any,
    at: Callable[[str], Place] | None = None,
    roots: Collection[str] | None = None,
    parameters: Collection[str] | None = None,
) -> Template:
    """The template that `value` is.

    `at` turns a pointer into `value` into the place that errors name; `roots` are the names that a path may begin
    with, `parameters` those that `path` has; None = any. Raises FixtureError, or all of them as Several, for
    placeholders that are none.
    """
    compiler = _Compiler(at or _nowhere, roots, parameters)
    node = compiler.node(value, "")
    raise_all(compiler.errors)
    return Template(node, tuple(compiler.paths), value)


class Node(Protocol):
    """A compiled part of a value."""

    def render(self, scope: Mapping[str, Any]) -> Any:
        """The part with its placeholders filled in."""


class _Constant(Struct, frozen=True):
    value: Any

    def render(self, scope: Mapping[str, Any]) -> Any:
        return self.value


class _Whole(Struct, frozen=True):
    path: Path

    def render(self, scope: Mapping[str, Any]) -> Any:
        value = self.path.find(scope)
        return None if value is MISSING else value


class _Text(Struct, frozen=True):
    pieces: tuple[str | Path, ...]

    def render(self, scope: Mapping[str, Any]) -> str:
        return "".join(piece if isinstance(piece, str) else _text(piece.find(scope)) for piece in self.pieces)


class _Object(Struct, frozen=True):
    members: Mapping[str, Node]

    def render(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        return {key: node.render(scope) for key, node in self.members.items()}


class _Array(Struct, frozen=True):
    items: tuple[Node, ...]

    def render(self, scope: Mapping[str, Any]) -> list[Any]:
        return [node.render(scope) for node in self.items]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is MISSING else json.dumps(value, ensure_ascii=False, default=dict)


def _nowhere(pointer: str) -> Place:
    return Place("template", pointer=pointer)


class _Compiler:
    """Goes through one value once; collects its paths and what is wrong with them."""

    def __init__(
        self, at: Callable[[str], Place], roots: Collection[str] | None, parameters: Collection[str] | None
    ) -> None:
        self.at, self.roots, self.parameters = at, roots, parameters
        self.paths: dict[Path, None] = {}  # each once, in order
        self.errors: list[FixtureError] = []

    def node(self, value: Any, pointer: str) -> Node:
        match value:
            case str():
                return self.string(value, pointer)
            case dict():
                members = {key: self.node(part, join(pointer, key)) for key, part in value.items()}
                constants = {key: node.value for key, node in members.items() if isinstance(node, _Constant)}
                return _Constant(constants) if len(constants) == len(members) else _Object(members)
            case list() | tuple():
                items = [self.node(part, join(pointer, number)) for number, part in enumerate(value)]
                values = [node.value for node in items if isinstance(node, _Constant)]
                return _Constant(values) if len(values) == len(items) else _Array(tuple(items))
            case _:
                return _Constant(value)

    def string(self, text: str, pointer: str) -> Node:
        pieces: list[str | Path] = []
        literal, position = "", 0
        while opening := compiled(_OPENING).search(text, position):
            literal += text[position : opening.start()]
            if opening[1]:  # the escape: $${ stands for ${
                literal, position = literal + "${", opening.end()
                continue
            path, position = self.path(text, opening.end(), pointer)
            pieces += [literal, path] if literal else [path]
            literal = ""
        literal += text[position:]
        if not pieces:
            return _Constant(literal)
        if len(pieces) == 1 and not literal and isinstance(pieces[0], Path):
            return _Whole(pieces[0])
        return _Text((*pieces, literal) if literal else tuple(pieces))

    def path(self, text: str, start: int, pointer: str) -> tuple[Path, int]:
        """The path that begins at `start`, and the position after its closing brace."""
        root = compiled(_ROOT).match(text, start)
        steps, position = ([root[0]], root.end()) if root else ([], start)
        while root and (step := compiled(_STEP).match(text, position)):
            steps.append(next(part for part in step.groups() if part is not None))
            position = step.end()
        if root and text[position : position + 1] == "}":
            return self.known(Path(text[start:position], _lower_header(steps)), pointer), position + 1
        self.refuse_text(text[start:], pointer)
        return Path("", ()), len(text)

    def known(self, path: Path, pointer: str) -> Path:
        root = path.steps[0]
        if self.roots is not None and root not in self.roots:
            names = ", ".join(sorted(self.roots))
            hint = f"{nearest(root, self.roots, '')} a placeholder here begins with one of {names}".lstrip()
            self.errors.append(FixtureError(self.at(pointer), f'unknown name "{root}" in ${{{path.text}}}', hint))
        elif root == "path" and self.parameters is not None and not set(path.steps[1:2]) <= set(self.parameters):
            names = ", ".join(sorted(self.parameters))
            hint = nearest(path.steps[1], self.parameters, f"the path has {names or 'no parameters'}")
            said = f'unknown path parameter "{path.steps[1]}" in ${{{path.text}}}'
            self.errors.append(FixtureError(self.at(pointer), said, hint))
        self.paths[path] = None
        return path

    def refuse_text(self, rest: str, pointer: str) -> None:
        written, closed, _ = rest.partition("}")
        if not closed:
            message, hint = f"the placeholder ${{{written[:40]} is never closed", "close it with }"
        else:
            message = f"${{{written[:60]}}} is no path"
            hint = (
                'placeholders are paths only, like ${inputs.quarter}, ${body.runs.0} or ${inputs["unit price"]}; '
                "what needs an expression is written as a Python callable in a test"
            )
        self.errors.append(FixtureError(self.at(pointer), message, f"{hint}, or write $${{ for a literal ${{"))


def _lower_header(steps: list[str]) -> tuple[str, ...]:
    """Header names are looked up in lower case, however they are written."""
    if steps[0] == "headers" and len(steps) > 1:
        return (steps[0], steps[1].lower(), *steps[2:])
    return tuple(steps)
