"""The integer trap: a `oneOf` that holds both `integer` and `number` refuses every whole number, which nobody means.

Where one branch accepts every integer, its only assertion being a `type`, the other branches that accept numbers are
read with `not: {type: integer}`. That accepts more than the literal reading and never less. Any other overlap is
remarked upon and read literally.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

from mockserver.errors import Place
from mockserver.openapi.formats import RANGES, TEXT
from mockserver.openapi.remark import ACCEPTED, Remark, is_accepted
from mockserver.pointer import join

Schemas = Iterable[tuple[str, Any]]  # (pointer, schema)
Patches = list[tuple[str, Mapping[str, Any]]]  # for `pointer.patched`

_TRAP = "integer-trap"  # what a document may accept of itself, in `x-accepted` beside the oneOf

_NO_INTEGER: Mapping[str, Any] = {"not": {"type": "integer"}}
# What can make a value fail. Everything else is an annotation, or 3.0's `nullable`, which only lets more through.
_ASSERTIONS = frozenset(
    {
        *("type", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "enum", "const", "format"),
        *(
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "pattern",
            "minLength",
            "maxLength",
        ),
        *("items", "prefixItems", "contains", "unevaluatedItems", "minItems", "maxItems", "uniqueItems", "required"),
        *("properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
    }
)
# JSON Schema's types without overlap: a number is an integer or a fraction.
_ATOMS = {"number": frozenset({"integer", "fraction"})}


def relax(
    schemas: Schemas,
    resolve: Callable[[Any], Any],
    place: Callable[[str], Place],
    *,
    strict: bool = False,
    siblings: bool = True,
) -> tuple[Patches, tuple[Remark, ...]]:
    """The changes that read the document's traps as they are meant, and a remark for each trap and overlap.

    A trap that its document accepts (`x-accepted`) is not remarked upon, unless it is read literally. With `strict`
    there are no changes. Without `siblings` (OpenAPI 3.0) nothing may stand beside a `$ref`.
    """
    known = list(schemas)
    reading = _Reading(resolve)
    # Inside these, accepting more would mean accepting less.
    negated = tuple(
        join(pointer, word) + "/"
        for pointer, schema in known
        if isinstance(schema, dict)
        for word in ("not", "if")
        if word in schema
    )
    patches: Patches = []
    remarks: list[Remark] = []
    for pointer, schema in known:
        branches = schema.get("oneOf") if isinstance(schema, dict) else None
        if not isinstance(branches, list):
            continue
        trap = reading.trap(branches)
        accepted = is_accepted(schema, _TRAP)
        if trap is not None and (strict or not accepted):
            remarks.append(_trap_remark(place(join(pointer, "oneOf")), strict=strict))
        if trap is None and accepted:
            at = place(join(pointer, ACCEPTED, _TRAP))
            remarks.append(Remark(at, "this oneOf holds no integer trap to accept", "take the line out", "E703"))
        relaxed = trap if not (strict or (pointer + "/").startswith(negated)) else None
        if relaxed is not None:
            for number, branch in enumerate(branches):
                if number != relaxed and reading.takes_integers(branch):
                    patches.append(_without_integers(join(pointer, "oneOf"), number, branch, siblings=siblings))
        for one, other, shared in reading.overlaps(branches, trap):
            at = place(join(pointer, "oneOf", other))
            message = f"the branches {one} and {other} of this oneOf both take {shared}: what fits both is refused"
            remarks.append(Remark(at, message, "let them exclude one another, or write anyOf", "E703"))
    return patches, tuple(remarks)


class _Reading:
    """What branches accept, as far as their keywords tell."""

    def __init__(self, resolve: Callable[[Any], Any]) -> None:
        self.resolve = resolve

    def trap(self, branches: list[Any]) -> int | None:
        """The number of the branch that accepts every integer, if another accepts numbers too."""
        for number, branch in enumerate(branches):
            types = self.bare_types(branch)
            if types is not None and "integer" in types:
                others = (other for i, other in enumerate(branches) if i != number)
                return number if any(self.takes_integers(other) for other in others) else None
        return None

    def overlaps(self, branches: list[Any], trap: int | None) -> Iterable[tuple[int, int, str]]:
        """Pairs of branches where one takes all of a type that the other takes some of; without integers if trapped."""
        for (i, one), (j, other) in combinations(enumerate(branches), 2):
            bare, types = self.bare_types(one), self.types(other)
            if bare is None or types is None:
                bare, types = self.bare_types(other), self.types(one)
            if bare is None or types is None:
                continue
            shared = _atoms(bare) & _atoms(types)
            if trap is not None or _excludes_integers(one) or _excludes_integers(other):
                shared -= {"integer"}
            if shared:
                yield i, j, " and ".join(sorted("number" if atom == "fraction" else atom for atom in shared))

    def bare_types(self, schema: Any) -> frozenset[str] | None:
        """The types of a schema that asserts nothing but its `type`; None for any other."""
        if isinstance(schema, dict) and _assertions(schema) - {"$ref"} - {"type"}:
            return None
        schema = self.resolve(schema)
        return _types(schema) if isinstance(schema, dict) and _assertions(schema) == {"type"} else None

    def types(self, schema: Any) -> frozenset[str] | None:
        """The types that a schema names, None if it names none."""
        schema = self.resolve(schema)
        return _types(schema) if isinstance(schema, dict) else None

    def takes_integers(self, schema: Any) -> bool:
        """Whether some integer may fit. When in doubt, yes."""
        return self.takes_numbers(schema) and not _excludes_integers(schema)

    def takes_numbers(self, schema: Any, depth: int = 0) -> bool:
        """Whether some number may fit. When in doubt, yes."""
        if not isinstance(schema, dict):
            return schema is not False
        if depth > 8:
            return True
        types = _types(schema)
        if types is not None and types.isdisjoint(("integer", "number")):
            return False
        if "const" in schema and not _is_number(schema["const"]):
            return False
        if isinstance(schema.get("enum"), list) and not any(_is_number(item) for item in schema["enum"]):
            return False
        if "$ref" in schema and not self.takes_numbers(self.resolve(schema), depth + 1):
            return False
        every = schema.get("allOf") or ()
        if not all(self.takes_numbers(part, depth + 1) for part in every):
            return False
        return all(
            any(self.takes_numbers(part, depth + 1) for part in schema[word])
            for word in ("anyOf", "oneOf")
            if isinstance(schema.get(word), list)
        )


def _without_integers(pointer: str, number: int, branch: Any, *, siblings: bool) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(branch, dict):
        return pointer, {str(number): dict(_NO_INTEGER)}
    if "$ref" in branch and not siblings:
        return pointer, {str(number): {"allOf": [branch], **_NO_INTEGER}}
    if "not" in branch:
        return join(pointer, number), {"allOf": [*branch.get("allOf", ()), dict(_NO_INTEGER)]}
    return join(pointer, number), dict(_NO_INTEGER)


def _trap_remark(at: Place, *, strict: bool) -> Remark:
    told = "this oneOf takes integer and number in two branches, so every whole number fits twice"
    if strict:
        return Remark(at, f"{told} and is refused", "without --strict-spec it is read as the integer", "E703")
    return Remark(at, f"{told}; it is read as the integer, and the other branches as if they excluded integers",
                  "--strict-spec reads it literally and refuses whole numbers", "E703")  # fmt: skip


def _assertions(schema: Mapping[str, Any]) -> set[str]:
    """The keywords of a schema that can make a value fail; a format that nobody knows is an annotation."""
    found = {word for word in schema if word in _ASSERTIONS}
    known = str(schema.get("format"))
    return found if known in TEXT or known in RANGES else found - {"format"}


def _types(schema: Mapping[str, Any]) -> frozenset[str] | None:
    named = schema.get("type")
    if isinstance(named, str):
        return frozenset({named})
    return frozenset(named) if isinstance(named, list) and all(isinstance(item, str) for item in named) else None


def _atoms(types: Iterable[str]) -> frozenset[str]:
    return frozenset(atom for name in types for atom in _ATOMS.get(name, (name,)))


def _excludes_integers(schema: Any) -> bool:
    """Whether a schema says of itself what we would add to it."""
    return isinstance(schema, dict) and (
        schema.get("not") == _NO_INTEGER["not"] or any(_excludes_integers(part) for part in schema.get("allOf") or ())
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
