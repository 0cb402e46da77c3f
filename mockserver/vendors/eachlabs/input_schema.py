"""What a workflow takes: its `input_schema` in either of the vendor's dialects, and what is wrong with one input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from mockserver.errors import MockserverError, Place
from mockserver.openapi.validate import Checker, Schemas
from mockserver.pointer import join

# Real definitions call media by their kind (skills page of each::labs, v3); on the wire they are URLs.
_MEDIA = frozenset({"image", "video", "audio", "file"})
_OWN_WORDS = frozenset({"default_value", "accept_multiple_files"})


class Field(Struct, frozen=True):
    """One declared input field."""

    name: str
    schema: Mapping[str, Any]
    checker: Checker
    types: Checker  # its `type` alone


class InputSchema(Struct, frozen=True):
    """A compiled `input_schema`; the empty one takes every input."""

    fields: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    whole: Checker | None = None

    def faults(self, value: Mapping[str, Any]) -> tuple[str, ...]:
        """What is wrong with one input, in schema order, in the vendor's words; empty when it may run.

        The text for a missing field is documented; the others are guesses in its manner.
        """
        if self.whole is None or self.whole.fits(value):
            return ()
        known = {field.name for field in self.fields}
        found = [fault for field in self.fields if (fault := self._fault(field, value))]
        found += [_missing(name) for name in self.required if name not in known and name not in value]
        if not found:
            found = [
                f"{violation.where or 'input'}: {violation.clause}"
                for violation in self.whole.explain(value).violations
            ]
        return tuple(f"invalid input: {fault}" for fault in found or ["does not fit the input schema"])

    def _fault(self, field: Field, value: Mapping[str, Any]) -> str:
        if field.name not in value:
            return _missing(field.name) if field.name in self.required else ""
        said = value[field.name]
        if field.checker.fits(said):
            return ""
        if not field.types.fits(said):
            types = field.schema["type"]
            return f"field '{field.name}' must be of type {types if isinstance(types, str) else ' or '.join(types)}"
        if "enum" in field.schema and said not in field.schema["enum"]:
            return f"field '{field.name}' must be one of {', '.join(repr(one) for one in field.schema['enum'])}"
        violations = field.checker.explain(said).violations
        if not violations:
            return f"field '{field.name}' does not fit its schema"
        return f"field '{field.name}{violations[0].where.replace('/', '.')}': {violations[0].clause}"


ANYTHING = InputSchema()


def _missing(name: str) -> str:
    return f"missing required field '{name}'"


def compile_schema(schema: Mapping[str, Any], owner: str) -> InputSchema:
    """`schema` compiled. Raises ValueError with a sentence when it is none; `owner` is whose it is."""
    if not schema:
        return ANYTHING
    plain = normalise(schema)
    try:
        schemas = Schemas({"mem:///": plain}, place=partial(Place, owner, 0, 0))
        fields = tuple(
            Field(
                name,
                one,
                schemas.checker(join("/properties", name)),
                schemas.check_of({"type": one["type"]} if "type" in one else {}),
            )
            for name, one in plain["properties"].items()
        )
        return InputSchema(fields, tuple(plain["required"]), schemas.checker(""))
    except MockserverError as error:
        raise ValueError(f"the input_schema of {owner} is no JSON Schema: {error}") from error


def check_declared(schema: Any, owner: str) -> None:
    """Raise ValueError, with a sentence, for what a client may well save but nobody declares and means: it would be
    passed over. `owner` is whose schema it is."""
    if not isinstance(schema, Mapping):
        return
    kind = schema.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise ValueError(f"the type of the input_schema of {owner} is {_shown(kind)}; inputs are objects: write object")
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        # The vendor's own sample has a bare `type: object`; `true` takes whatever comes.
        if not isinstance(one, Mapping) and one is not True and (name, one) != ("type", "object"):
            told = f'the property "{name}" of the input_schema of {owner} is {_shown(one)}, which is no schema'
            raise ValueError(f"{told}; write one like {name}: {{type: string}}")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)[:60]


def normalise(schema: Mapping[str, Any]) -> dict[str, Any]:
    """JSON Schema from either dialect: real definitions put `required: true` and `default_value` on a property.

    Raises ValueError when `properties` is no mapping or `required` no list.
    """
    given_properties = schema.get("properties") or {}
    given_required = schema.get("required") or []
    if not isinstance(given_properties, Mapping):
        raise ValueError("the properties of an input_schema are a mapping of names to schemas")
    required = list(given_required) if isinstance(given_required, list) else []
    if given_required is not True and (required != given_required or not all(isinstance(one, str) for one in required)):
        raise ValueError("`required` in an input_schema is a list of names")
    properties: dict[str, Any] = {}
    for name, given in given_properties.items():
        # The vendor's own sample has a bare `type: object` inside `properties`; it names no field. What a test or a
        # fixture declares was held to more.
        if not isinstance(given, Mapping):
            continue
        one = {key: item for key, item in given.items() if key not in _OWN_WORDS and not _is_flag(key, item)}
        if isinstance(one.get("type"), str) and one["type"] in _MEDIA:
            one["type"] = ["string", "array"] if given.get("accept_multiple_files") else "string"
        if given.get("required") is True and name not in required:
            required.append(name)
        properties[name] = one
    rest = {key: item for key, item in schema.items() if key not in {"properties", "required"}}
    return {**rest, "type": "object", "properties": properties, "required": required}


def _is_flag(key: str, item: Any) -> bool:
    return key == "required" and isinstance(item, bool)
