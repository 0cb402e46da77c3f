"""What goes into a pipeline and comes out of it: named values of the vendor's types, and how one is made up."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.clock import stamp
from mockserver.errors import FixtureError, Several
from mockserver.hints import nearest
from mockserver.scenario.model import MISSING, Missing

if TYPE_CHECKING:
    from mockserver.scenario.render import Template

SCOPE = frozenset({"inputs", "index", "run_id", "execution_id", "conversation_id"})


def is_data(value: Any) -> bool:
    """Whether a JSON value is one of the published `DataType`: an object is one as a map or a file only."""
    match value:
        case list():
            return all(map(is_data, value))
        case {"type": "map", "items": dict(items), **rest}:
            return not rest and all(map(is_data, items.values()))
        case {"type": "file", "raw_bytes": str(raw), **rest}:
            return rest.keys() <= {"metadata"} and isinstance(rest.get("metadata", {}), dict) and _is_base64(raw)
        case dict():
            return False
    return True


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _text(chance: Chance) -> str:
    return " ".join(chance.letters(3, 9) for _ in range(chance.integer(2, 6)))


def _file(chance: Chance) -> dict[str, Any]:
    raw = base64.b64encode(_text(chance).encode()).decode()
    return {"type": "file", "raw_bytes": raw, "metadata": {"name": f"{chance.mark(8)}.txt", "mime_type": "text/plain"}}


def _map(chance: Chance) -> dict[str, Any]:
    return {"type": "map", "items": {chance.letters(3, 9): _text(chance) for _ in range(chance.integer(1, 3))}}


def _moment(chance: Chance) -> str:
    return stamp(float(chance.integer(_1996, _2026)))


_1996, _2026 = 820454400, 1798761599  # the first second of the one year, the last of the other


class _Kind(Struct, frozen=True):
    """A type of the API: how a value is drawn, which values are of it, and what the nodes of the SDK call it."""

    draw: Callable[[Chance], Any]
    holds: Callable[[Any], bool]
    node: str


def _of_type(word: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and value.get("type") == word


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: Mapping[str, _Kind] = {
    "string": _Kind(_text, lambda value: isinstance(value, str), "string"),
    "integer": _Kind(lambda c: c.integer(0, 999), lambda v: _is_number(v) and v == int(v), "int32"),
    "number": _Kind(lambda chance: round(chance.number(0, 1000), 3), _is_number, "float"),
    "boolean": _Kind(lambda chance: chance.happens(0.5), lambda value: isinstance(value, bool), "bool"),
    "map": _Kind(_map, _of_type("map"), "json"),
    "file": _Kind(_file, _of_type("file"), "file"),
    "array": _Kind(lambda c: [_text(c) for _ in range(c.integer(1, 3))], lambda v: isinstance(v, list), "vec<string>"),
    "null": _Kind(lambda chance: None, lambda value: value is None, "string"),
    "timestamp": _Kind(_moment, lambda value: isinstance(value, str), "timestamp"),
}  # fmt: skip

# The same types as the nodes of the SDK call them (input_type, output_type).
_SAME = {
    "int32": "integer", "float": "number", "bool": "boolean", "list": "array", "json": "map", "dataframe": "file",
    "image": "file", "audio": "file", "stream<string>": "string", "any": "string",
}  # fmt: skip
_MOST_NESTED = 8


def of(type: str) -> str | None:
    """The type that a word names, itself a word of ours; `vec<...>` stays, None for a word that is no type."""
    word = type.strip()
    if word.startswith("vec<") and word.endswith(">"):
        return word if word.count("<") <= _MOST_NESTED and of(word[4:-1]) else None
    word = _SAME.get(word, word)
    return word if word in _KINDS else None


def made_up(type: str, chance: Chance) -> Any:
    """A value of this type; of one that is not known a text."""
    known = of(type) or "string"
    if known.startswith("vec<"):
        return [made_up(known[4:-1], chance) for _ in range(chance.integer(1, 3))]
    return _KINDS[known].draw(chance)


class Port(Struct, frozen=True):
    """One declared input or output; `value` is what an output always is, if a fixture says so."""

    type: str
    description: str = ""
    value: Template | Missing = MISSING

    @property
    def node_type(self) -> str:
        """What the nodes of the SDK call its type."""
        known = of(self.type) or "string"
        return known if known.startswith("vec<") else _KINDS[known].node


_FIELDS = ("type", "description", "value")


def port(name: str, given: Any, *, takes_value: bool) -> Port:
    """The input or output that a fixture declares: its type, or `{type, description, value}`.

    Raises ValueError with a sentence for what cannot be.
    """
    said = {"type": given} if isinstance(given, str) else given
    if not isinstance(said, Mapping):
        raise ValueError(f'"{name}" is {given!r:.60}; give its type, or {{type: string, description: ...}}')
    fields = _FIELDS if takes_value else _FIELDS[:2]
    for key in said:
        if key not in fields:
            raise ValueError(f'"{name}" has no "{key}"; it has {", ".join(fields)}')
    type = said.get("type", "string")
    if not isinstance(type, str) or of(type) is None:
        known = [*_KINDS, *_SAME, "vec<TYPE>"]
        hint = nearest(type, known, f"it can be {', '.join(_KINDS)} or vec<TYPE>")
        raise ValueError(f'the type of "{name}" is {type!r:.60}, which is none; {hint}')
    description = said.get("description", "")
    if not isinstance(description, str):
        raise ValueError(f'the description of "{name}" is {description!r:.60}, which is no text')
    return Port(type, description, _value(name, type, said["value"]) if "value" in said else MISSING)


def _value(name: str, type: str, given: Any) -> Template:
    from mockserver.scenario.render import EXECUTION_ROOTS, compile_template  # few fixtures and tests say a value

    try:
        template = compile_template(given, roots=EXECUTION_ROOTS | SCOPE)
    except (FixtureError, Several) as error:
        raise ValueError(f'the value of "{name}": {error}') from error
    if not template.constant:
        return template  # what it comes to is judged when it is sent
    if not is_data(given):
        raise ValueError(
            f'the value of "{name}" is {given!r:.60}; an object must be {{type: map, items: ...}} or a file'
        )
    known = of(type) or "string"
    fits = isinstance(given, list) if known.startswith("vec<") else _KINDS[known].holds(given)
    if given is not None and not fits:
        raise ValueError(f'the value of "{name}" is {given!r:.60}, which is no {type}')
    return template
