"""Which ways a schema leaves open, as plain data: no sampling here.

`$ref`, `allOf`, `anyOf`, `oneOf`, `if` and `dependentSchemas` are multiplied out into cases; within a case every part
holds. A value made for a case fits the schema, unless the case is `checked`: then it is a candidate to be verified.
A schema is named by its JSON Pointer, and a tuple of pointers stands for all of these schemas together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, field

from mockserver.errors import MockserverError
from mockserver.openapi import discriminators
from mockserver.openapi.patterns import Patterns
from mockserver.pointer import join, look_up, split

Fits = Callable[[Any], bool]
Pointers = tuple[str, ...]

MOST_CASES = 64  # beyond, some are left out
KINDS: Mapping[str, frozenset[str]] = {
    **{name: frozenset({name}) for name in ("null", "boolean", "integer", "string", "array", "object")},
    "number": frozenset({"integer", "fraction"}),  # what is whole is an integer, however it is written
}
ANY_KIND = frozenset[str]().union(*KINDS.values())
_UNCHECKED_NOTES = {"description", "title", "$comment"}  # beside `type` in a `not` these change nothing


class SampleError(MockserverError):
    """A schema that no value can be drawn for. `rule` is the JSON Pointer of the schema to blame."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule, self.message = rule, message
        super().__init__(rule, message)

    def __str__(self) -> str:
        return f"#{self.rule}: {self.message}"


class Case(Struct, frozen=True):
    """One way to satisfy a schema: all parts hold (only the keywords that a part itself has, not its branches)."""

    parts: Pointers = ()
    needs: frozenset[str] = frozenset()  # properties that must be there beyond the parts' `required`
    bans: frozenset[str] = frozenset()  # properties that must not
    pins: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)  # what a discriminator calls this branch
    checked: bool = False
    sampled: bool = False  # one of too many: others like it were left out
    forced: bool = False  # an object with properties that are there only so that no other branch takes it

    def and_(self, other: Case) -> Case:
        """Both at once."""
        pins = dict(self.pins)
        for name, values in other.pins.items():
            pins[name] = tuple(v for v in pins.get(name, values) if v in values) or values
        return Case(
            tuple(dict.fromkeys(self.parts + other.parts)),
            self.needs | other.needs,
            self.bans | other.bans,
            pins,
            self.checked or other.checked,
            self.sampled or other.sampled,
            self.forced or other.forced,
        )


def identity(value: Any) -> Any:
    """Equal for values that JSON Schema calls equal (1 and 1.0, but not 1 and true), and hashable."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *map(identity, value))
    if isinstance(value, dict):
        return frozenset((key, identity(item)) for key, item in value.items())
    return value


def kind_of(value: Any) -> str:
    """One of the kinds that `KINDS` tells apart."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "integer" if value == int(value) else "fraction"
        case str():
            return "string"
    return "array" if isinstance(value, list) else "object"


class Cases:
    """Reads the schemas of one document. `fits(pointer)` makes the verdict of a whole schema."""

    def __init__(self, root: Any, fits: Callable[[str], Fits]) -> None:
        self._root, self._make_fits = root, fits
        self._schemas: dict[str, Any] = {}
        self._fits: dict[str, Fits] = {}
        self._kinds: dict[str, frozenset[str]] = {}
        self._patterns = Patterns()

    def at(self, pointer: str) -> Any:
        """The schema at a pointer: an object or a boolean."""
        if pointer not in self._schemas:
            try:
                schema = look_up(self._root, pointer)
            except KeyError:
                raise SampleError(pointer, "no such place in the document") from None
            if not isinstance(schema, dict | bool):
                raise SampleError(pointer, f"a schema is an object or a boolean, not {schema!r:.60}")
            self._schemas[pointer] = schema
        return self._schemas[pointer]

    def fits(self, pointers: Pointers) -> Fits:
        """Whether a value satisfies all of these schemas."""
        for pointer in pointers:
            if pointer not in self._fits:
                self._fits[pointer] = self._make_fits(pointer)
        checks = [self._fits[pointer] for pointer in pointers]
        return checks[0] if len(checks) == 1 else lambda value: all(fits(value) for fits in checks)

    def of(self, pointers: Pointers) -> tuple[Case, ...]:
        """The cases of all these schemas together."""
        found = [Case()]
        for pointer in pointers:
            found = self._product(found, self._cases(pointer, "", frozenset()))
        return tuple(found)

    def schemas(self, case: Case) -> list[dict[str, Any]]:
        """The objects behind a case's parts."""
        return [self.at(part) for part in case.parts]

    def kinds(self, case: Case) -> frozenset[str]:
        """The kinds of value that a case allows."""
        kinds = ANY_KIND
        for part in case.parts:
            own = self._kinds.get(part)
            if own is None:
                own = self._kinds[part] = _own_kinds(self.at(part))
            kinds &= own
        return kinds

    def values(self, case: Case) -> list[Any] | None:
        """The only values that a case could have, None when it does not list any."""
        for schema in self.schemas(case):
            if (listed := _listed(schema)) is not None:
                kinds = self.kinds(case)
                return [value for value in listed if kind_of(value) in kinds]
        return None

    def member(self, case: Case, name: str) -> Pointers:
        """The schemas that the property `name` must satisfy; `false` is among them where it may not be there."""
        found: list[str] = []
        for part, schema in zip(case.parts, self.schemas(case), strict=True):
            own = []
            if name in schema.get("properties", {}):
                own.append(join(part, "properties", name))
            own += [
                join(part, "patternProperties", pattern)
                for pattern in schema.get("patternProperties", {})
                if self._patterns.search(pattern, name)
            ]
            if not own and "additionalProperties" in schema:
                own.append(join(part, "additionalProperties"))
            found += own
        return self.tidy(found)

    def tidy(self, pointers: Sequence[str]) -> Pointers:
        """The schemas themselves instead of bare references; without doubles, and without what allows anything."""
        found = dict.fromkeys(map(self._settled, pointers))
        return tuple(pointer for pointer in found if self.at(pointer) not in (True, {}))

    def target(self, pointer: str) -> str | None:
        """Where the `$ref` of the schema at `pointer` leads, None when it has none."""
        schema = self.at(pointer)
        if isinstance(schema, dict) and "$dynamicRef" in schema:
            raise SampleError(pointer, "$dynamicRef is not sampled; write $ref")
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return None
        if not isinstance(reference, str) or (reference != "#" and not reference.startswith("#/")):
            raise SampleError(pointer, f"$ref {reference!r} does not lead into this document; write #/...")
        return join("", *split(unquote(reference[1:])))

    def _settled(self, pointer: str) -> str:
        """Where a chain of bare references ends."""
        seen = set[str]()
        while pointer not in seen and isinstance(schema := self.at(pointer), dict) and schema.keys() == {"$ref"}:
            seen.add(pointer)
            pointer = self.target(pointer) or pointer
        return pointer

    # -- multiplying out

    def _cases(self, pointer: str, who: str, active: frozenset[str]) -> list[Case]:
        """The cases of one schema. `who` is the name it goes by, for discriminators; `active` leads to it."""
        schema = self.at(pointer)
        if isinstance(schema, bool):
            return [Case()] if schema else []
        if pointer in active:
            return []  # a value that is itself first is no value
        active, who = active | {pointer}, who or pointer
        found = [Case((pointer,), pins=_own_pin(schema, who), checked=_is_checked(schema))]
        for factor in self._factors(pointer, schema, who, active):
            found = self._product(found, factor)
        return found

    def _factors(self, pointer: str, schema: dict[str, Any], who: str, active: frozenset[str]) -> Iterator[list[Case]]:
        """What must hold beside the schema's own keywords; each time one of the cases."""
        target = self.target(pointer)
        if target is not None:
            yield self._cases(target, target if who == pointer else who, active)
        for index in range(len(schema.get("allOf", ()))):
            yield self._cases(join(pointer, "allOf", str(index)), who, active)
        if "anyOf" in schema:
            yield [case for branch in self._branch_cases(pointer, schema, "anyOf", active) for case in branch]
        if "oneOf" in schema:
            yield self._exactly_one(pointer, self._branch_cases(pointer, schema, "oneOf", active))
        if "if" in schema:
            yield self._conditional(pointer, schema, who, active)
        for name in schema.get("dependentSchemas", {}):
            there = self._cases(join(pointer, "dependentSchemas", name), who, active)
            yield [
                *(case.and_(Case(needs=frozenset({name}))) for case in there),
                Case(bans=frozenset({name})),
            ]

    def _branch_cases(
        self, pointer: str, schema: dict[str, Any], keyword: str, active: frozenset[str]
    ) -> list[list[Case]]:
        branches = []
        for index in range(len(schema[keyword])):
            branch = join(pointer, keyword, str(index))
            pin = Case(pins=pinned_by(schema, branch, self.target(branch)))
            branches.append([case.and_(pin) for case in self._cases(branch, "", active)])
        return branches

    def _exactly_one(self, pointer: str, branches: Sequence[Sequence[Case]]) -> list[Case]:
        """All cases; those that another branch might accept too are to be verified.

        If that is so of all, those follow that others cannot accept, because of a property that means nothing here.
        """
        found, forced = [], []
        for i, branch in enumerate(branches):
            for case in branch:
                rivals = [
                    their
                    for j, other in enumerate(branches)
                    for their in other
                    if j != i and (their.sampled or not self._disjoint(case, their, join(pointer, "oneOf", str(j))))
                ]
                found.append(case.and_(Case(checked=True)) if rivals else case)
                forced += [one] if rivals and (one := self._forced(case, rivals)) else []
        return found + (forced if all(case.checked for case in found) else [])

    def _forced(self, case: Case, rivals: Sequence[Case]) -> Case | None:
        """The case with a null where each of its rivals, and not it, wants something else; None where none does."""
        names: set[str] = set()
        own = self._declared(case)
        for rival in rivals:
            refused = (name for name in self._declared(rival) if name not in own and self._refuses_null(rival, name))
            name = next(refused, None)
            if name is None or any(one.forced for one in (case, rival)):
                return None
            names.add(name)
        pins = dict.fromkeys(names, (None,))
        return case.and_(Case(needs=frozenset(names), pins=pins, checked=True, forced=True))

    def _declared(self, case: Case) -> dict[str, None]:
        return dict.fromkeys(name for schema in self.schemas(case) for name in schema.get("properties", {}))

    def _refuses_null(self, case: Case, name: str) -> bool:
        schema = self.member(case, name)
        return bool(schema) and not self.fits(schema)(None)

    def _conditional(self, pointer: str, schema: dict[str, Any], who: str, active: frozenset[str]) -> list[Case]:
        """`if` and `then`, or `else` and not `if`: the latter is generated and verified."""
        ways = [self._cases(join(pointer, "if"), who, active), [Case(checked=True)]]
        for index, keyword in enumerate(("then", "else")):
            if keyword in schema:
                ways[index] = self._product(ways[index], self._cases(join(pointer, keyword), who, active))
        return [case for way in ways for case in way]

    def _product(self, left: Sequence[Case], right: Sequence[Case]) -> list[Case]:
        """Each with each, without what no kind of value can be; a sample of them when they are very many."""
        if len(right) == 1 and right[0] == Case():
            return list(left)
        found = [case for case in (a.and_(b) for a in left for b in right) if self.kinds(case)]
        if len(found) <= MOST_CASES:
            return found
        return [case.and_(Case(sampled=True)) for case in found[:: -(-len(found) // MOST_CASES)]]

    # -- telling branches apart

    def _disjoint(self, case: Case, other: Case, branch: str) -> bool:
        """Whether provably nothing is both; `branch` is the schema that `other` comes from."""
        kinds = self.kinds(case) & self.kinds(other)
        if not kinds:
            return True
        mine, theirs = self.values(case), self.values(other)
        if mine is not None and (theirs is None or len(mine) <= len(theirs)):
            fits = self.fits((branch,))
            return not any(fits(value) for value in mine)
        if theirs is not None:
            fits = self.fits(case.parts) if case.parts else lambda value: True
            return not any(fits(value) for value in theirs)
        if kinds != {"object"}:
            return False
        needed, their_needed = self._required(case), self._required(other)
        return (
            any(self._tells_apart(name, case, other) for name in needed & their_needed)
            or any(self._is_banned(other, name) for name in needed)
            or any(self._is_banned(case, name) for name in their_needed)
        )

    def _required(self, case: Case) -> frozenset[str]:
        return case.needs.union(*(schema.get("required", ()) for schema in self.schemas(case)))

    def _is_banned(self, case: Case, name: str) -> bool:
        return name in case.bans or any(self.at(pointer) is False for pointer in self.member(case, name))

    def _tells_apart(self, name: str, case: Case, other: Case) -> bool:
        """Whether the property `name`, required in both, cannot be the same in both."""
        mine, theirs = self._outline(self.member(case, name)), self._outline(self.member(other, name))
        return not mine[0] & theirs[0] or (mine[1] is not None and theirs[1] is not None and not mine[1] & theirs[1])

    def _outline(self, pointers: Pointers) -> tuple[frozenset[str], frozenset[Any] | None]:
        """At a glance, along `$ref` and `allOf`: at most these kinds, and if any are listed at most these values."""
        kinds, values = ANY_KIND, None
        waiting, seen = list(pointers), set[str]()
        while waiting:
            pointer = waiting.pop()
            schema = self.at(pointer)
            if pointer in seen or schema is True:
                continue
            if schema is False:
                return frozenset(), frozenset()
            seen.add(pointer)
            kinds &= _own_kinds(schema)
            if (listed := _listed(schema)) is not None:
                own = frozenset(map(identity, listed))
                values = own if values is None else values & own
            waiting += [join(pointer, "allOf", str(index)) for index in range(len(schema.get("allOf", ())))]
            waiting += [target for target in [self.target(pointer)] if target is not None]
        return kinds, values


def _own_kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    kinds = ANY_KIND
    if "type" in schema:
        kinds = _named(schema["type"])
    if _only_a_type(schema.get("not")):
        kinds -= _named(schema["not"]["type"])
    return kinds


def _named(names: str | Sequence[str]) -> frozenset[str]:
    return frozenset[str]().union(*(KINDS.get(n, frozenset()) for n in ([names] if isinstance(names, str) else names)))


def _listed(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _only_a_type(schema: Any) -> bool:
    return isinstance(schema, dict) and "type" in schema and not schema.keys() - {"type"} - _UNCHECKED_NOTES


def _is_checked(schema: Mapping[str, Any]) -> bool:
    """Whether the schema's own keywords say something that is generated without regard to it."""
    return (
        ("not" in schema and not _only_a_type(schema["not"]))
        or "unevaluatedProperties" in schema
        or "unevaluatedItems" in schema
        or "maxContains" in schema
    )


def _own_pin(schema: Mapping[str, Any], who: str) -> Mapping[str, tuple[str, ...]]:
    """What the discriminator of a parent calls the schema that includes it."""
    if "oneOf" in schema or "anyOf" in schema:
        return {}
    return pinned_by(schema, who, None)


def pinned_by(schema: Mapping[str, Any], branch: str, target: str | None) -> Mapping[str, tuple[str, ...]]:
    """The names by which the discriminator chooses the schema at `branch`, or at `target` where that is a reference."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict) or "propertyName" not in discriminator:
        return {}
    names = discriminators.names(schema, branch, target)
    return {discriminator["propertyName"]: names} if names else {}
