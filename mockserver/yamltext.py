"""A text to its value and to where in the text each part of that stands: YAML limited to JSON's types, or JSON.

Imported when there is a text to read, and PyYAML with it: values of what we ship are at hand (`mockserver.shipped`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from mockserver.errors import Place, YamlError
from mockserver.pointer import copy, join

MAX_DEPTH = 128
MAX_ALIASED = 100_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
# Two classes: re compiles them ten times as fast as one.
_UNREADABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
# What counts in a JSON text: brackets, and words that are no JSON; texts are passed over as a whole.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]|NaN|-?Infinity', re.DOTALL)
_LEVELS = {"[": 1, "{": 1, "]": -1, "}": -1}
# Half of a pair: a high one without a low one after it, or a low one without a high one before it.
_HALF = re.compile(r"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]..)")
_SURROGATE = re.compile(r"(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def value(text: str, name: str) -> Any:
    """The value of a text called `name`; read as JSON if the name ends in `.json`, else as YAML. Raises YamlError."""
    return _json(text, name) if _is_json(name) else _yaml(text, name)


def spots(text: str, name: str) -> dict[str, tuple[int, int]]:
    """Line and column of every pointer in `text`, aliases not followed."""
    text = _as_yaml(text) if _is_json(name) else text
    found: dict[str, tuple[int, int]] = {}
    stack: list[tuple[str, int | None]] = []  # pointer of the container; number of the next item, None for a mapping
    key: tuple[str, tuple[int, int]] | None = None
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            mark: Any = event.start_mark
            spot, pointer = (mark.line + 1, mark.column + 1), ""
            if stack:
                parent, number = stack[-1]
                if number is None and key is None:
                    key = (join(parent, str(getattr(event, "value", ""))), spot)
                    continue
                if number is None and key is not None:
                    (pointer, spot), key = key, None
                elif number is not None:
                    pointer = f"{parent}/{number}"
                    stack[-1] = (parent, number + 1)
            found[pointer] = spot
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append((pointer, None if isinstance(event, yaml.MappingStartEvent) else 0))
    except yaml.YAMLError:
        pass  # JSON that YAML cannot read: the spots up to there
    return found


def position(name: str, before: str) -> Place:
    """The place right after the text `before`."""
    lines = _BREAK.split(before)
    return Place(name, len(lines), len(lines[-1]) + 1)


def _yaml(text: str, name: str) -> Any:
    if found := _UNREADABLE.search(text):
        at, char = position(name, text[: found.start()]), f"U+{ord(found.group()):04X}"
        raise YamlError(at, f"a control character ({char}) cannot be in a text file", 'write it as "\\u...." in quotes')
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _syntax(text, name, error) from None
    except yaml.YAMLError as error:
        raise YamlError(Place(name), f"is not YAML: {error}", "check the characters in it") from None
    return builder.value


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "height", "key", "nodes", "value")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: str | None = None
        self.nodes = self.height = 1


class _Builder:
    """Makes the value out of the parser's events. A loop with a stack: depth is a number here, not a recursion."""

    def __init__(self, name: str) -> None:
        self.name, self.value = name, None
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}  # name -> (value, nodes, height)
        self._aliased = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """The next event."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open({}, event)
            case yaml.SequenceStartEvent():
                self._open([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self._stack.pop()
                if done.anchor:
                    self._anchors[done.anchor] = (done.value, done.nodes, done.height)
                if self._stack:
                    self._stack[-1].nodes += done.nodes
                    self._stack[-1].height = max(self._stack[-1].height, done.height + 1)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._fail(event, 'a second document begins here ("---")', "keep one document to a file")

    def _open(self, value: dict[str, Any] | list[Any], event: Any) -> None:
        self._refuse_tag(event)
        self._put(value, event)
        if len(self._stack) >= MAX_DEPTH:
            self._fail(event, f"is nested more than {MAX_DEPTH} levels deep", "flatten it")
        self._stack.append(_Open(value, event.anchor))

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        text, plain = event.value, event.style is None or event.style == ""
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            self._name_member(text, plain, event)
            return
        value = self._plain(text, event) if plain else text
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(value, event)
        if self._stack:
            self._stack[-1].nodes += 1

    def _name_member(self, key: str, plain: bool, event: Any) -> None:
        mapping = self._stack[-1]
        if plain and key == "<<":
            self._fail(event, 'merge keys ("<<") are not read', "write the fields out")
        if key in mapping.value:
            self._fail(event, f'the name "{key}" occurs twice in one mapping', "keep one of them")
        mapping.key = key

    def _put(self, value: Any, event: Any) -> None:
        if not self._stack:
            self.value = value
            return
        parent = self._stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is None:
            self._fail(event, "a name in a mapping must be text, not a list, mapping or alias", "write it in quotes")
        else:
            parent.value[parent.key], parent.key = value, None

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if any(parent.anchor == name for parent in self._stack):
            self._fail(event, f"the alias *{name} stands inside what it stands for", "a value cannot contain itself")
        if name not in self._anchors:
            self._fail(event, f"the alias *{name} has no anchor before it", f"mark a value before it with &{name}")
        value, nodes, height = self._anchors[name]
        self._aliased += nodes
        if self._aliased > MAX_ALIASED:
            self._fail(event, f"aliases stand for more than {MAX_ALIASED} values", "write less of it by alias")
        if len(self._stack) + height > MAX_DEPTH:
            self._fail(event, f"the alias *{name} nests more than {MAX_DEPTH} levels deep", "flatten it")
        self._put(copy(value), event)
        if self._stack:
            self._stack[-1].nodes += nodes
            self._stack[-1].height = max(self._stack[-1].height, height + 1)

    def _plain(self, text: str, event: Any) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "-0123456789" or not _NUMBER.match(text):
            return text
        try:
            return int(text) if _INTEGER.match(text) else _double(text)
        except (ValueError, OverflowError):
            self._fail(event, f"the number {_short(text)} is too large to be read", "write it in quotes if it is text")

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._fail(event, f"the tag {_short(tag)} is not read", "leave it out; quotes make a value text")

    def _fail(self, event: Any, message: str, hint: str) -> NoReturn:
        raise YamlError(_at(self.name, event), message, hint)


def _double(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise OverflowError(text)
    return number


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _at(name: str, event: Any) -> Place:
    return Place(name, event.start_mark.line + 1, event.start_mark.column + 1)


def _syntax(text: str, name: str, error: yaml.MarkedYAMLError) -> YamlError:
    problem = error.problem or error.context or "it cannot be read"
    mark: Any = error.problem_mark or error.context_mark
    if mark is None:
        return YamlError(Place(name), f"is not YAML: {problem}", "check the file")
    lines = _BREAK.split(text)
    hint = "check the indentation, brackets and quotes here and above"
    if "mapping values are not allowed" in problem:
        hint = 'put text that holds ": " in quotes, or check the indentation'
    elif mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        hint = "indent with spaces, not with tabs"
    return YamlError(Place(name, mark.line + 1, mark.column + 1), f"is not YAML: {problem}", hint)


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json")


def _json(text: str, name: str) -> Any:
    """The value of a JSON text. Faults are located by reading it once more as YAML, which JSON nearly is."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name occurs twice in one object")
        return found

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is not a JSON number")

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=refuse, parse_float=_double)
    except json.JSONDecodeError as error:
        at = Place(name, error.lineno, error.colno)
        raise YamlError(at, f"is not JSON: {error.msg}", "check the commas, brackets and quotes here") from None
    except RecursionError:
        raise _too_deep(text, name) from None
    except (ValueError, OverflowError) as error:
        _yaml(_as_yaml(text), name)  # raises with the line, unless it takes the text
        word = next((found for found in _TOKEN.finditer(text) if found.group()[-1] in "Ny"), None)
        at = position(name, text[: word.start()]) if word else Place(name)
        raise YamlError(at, f"cannot be read: {error}", "correct it, or quote it if it is text") from None
    if _deeper_than(value, MAX_DEPTH):
        raise _too_deep(text, name)
    if half := _HALF.search(text.replace("\\\\", "  ")) if "\\u" in text else None:
        at = position(name, text[: half.start()])
        raise YamlError(at, f"{half.group()} is half of a character", "write both halves, or the character itself")
    return value


def _too_deep(text: str, name: str) -> YamlError:
    """The error of a JSON text that is nested too deep, at the bracket that is one too many."""
    level = 0
    brackets = (found for found in _TOKEN.finditer(text) if found.group() in _LEVELS)
    for found in brackets:
        level += _LEVELS[found.group()]
        if level > MAX_DEPTH:
            break
    at = position(name, text[: found.start()])
    return YamlError(at, f"is nested more than {MAX_DEPTH} levels deep", "flatten it")


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    while level and limit > 0:
        level = [item for node in level if isinstance(node, dict | list) for item in _items(node)]
        limit -= 1
    return any(isinstance(node, dict | list) for node in level)


def _items(node: dict[str, Any] | list[Any]) -> Iterator[Any]:
    return iter(node.values() if isinstance(node, dict) else node)


def _as_yaml(text: str) -> str:
    """A JSON text as the YAML parser takes it, every character in its place: no tabs, no halves of surrogate pairs."""
    return _SURROGATE.sub(r"\1\\u0041", text.replace("\t", " "))
