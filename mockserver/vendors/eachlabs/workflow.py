"""A workflow as fixtures and tests declare it: its versions, and the check of one input against its `input_schema`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mockserver.errors import Place
from mockserver.pointer import join
from mockserver.openapi.validate import Checker, Schemas

# Real definitions call media by their kind (skills page of each::labs, v3); on the wire they are URLs.
_MEDIA = frozenset({"image", "video", "audio", "file"})
_OWN_WORDS = frozenset({"default_value", "accept_multiple_files"})


@dataclass(frozen=True, slots=True)
class Field:
    """One declared input field."""

    name: str
    schema: Mapping[str, Any]
    checker: Checker
    types: Checker  # its `type` alone


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow. Without `versions` it takes any; a trigger that names none runs the last."""

    versions: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    whole: Checker | None = None

    @property
    def latest(self) -> str:
        """The version that runs when none is named."""
        return self.versions[-1] if self.versions else "v1"

    def has_version(self, version: str) -> bool:
        """Whether `version` may be named."""
        return not self.versions or version in self.versions

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
            found = [f"{violation.where or 'input'} {violation.said} {violation.wanted}" for violation in self.whole.explain(value).violations]
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
        return f"field '{field.name}' {violations[0].said} {violations[0].wanted}" if violations else ""


def _missing(name: str) -> str:
    return f"missing required field '{name}'"


def workflow(kind: str, name: str, value: Mapping[str, Any]) -> Workflow:
    """Compile a declared workflow. Raises ValueError with a sentence when its `input_schema` is no schema."""
    versions = tuple(str(version) for version in value.get("versions", ()))
    schema = value.get("input_schema")
    if not schema:
        return Workflow(versions)
    plain = normalise(schema)
    schemas = Schemas({"mem:///": plain}, place=partial(Place, f"workflow {name}", 0, 0))
    fields = tuple(
        Field(key, one, schemas.checker(join("/properties", key)), schemas.check_of({"type": one["type"]} if "type" in one else {}))
        for key, one in plain["properties"].items()
    )
    return Workflow(versions, fields, tuple(plain["required"]), schemas.checker(""))


def normalise(schema: Mapping[str, Any]) -> dict[str, Any]:
    """JSON Schema from either dialect: real definitions put `required: true` and `default_value` on a property."""
    properties: dict[str, Any] = {}
    required = list(schema["required"]) if isinstance(schema.get("required"), list) else []
    for name, given in (schema.get("properties") or {}).items():
        # The vendor's own sample has a bare `type: object` inside `properties`; it names no field.
        if not isinstance(given, Mapping):
            continue
        one = {key: item for key, item in given.items() if key not in _OWN_WORDS and not (key == "required" and isinstance(item, bool))}
        if one.get("type") in _MEDIA:
            many = given.get("accept_multiple_files")
            one["type"] = ["string", "array"] if many else "string"
        if given.get("required") is True and name not in required:
            required.append(name)
        properties[name] = one
    rest = {key: item for key, item in schema.items() if key not in {"properties", "required"}}
    return {**rest, "type": "object", "properties": properties, "required": required}
