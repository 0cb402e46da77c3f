"""The ways to make a value: for each case of a schema and each kind of value, what a sampler has to know about it.

Sub-schemas are named, not entered: a tuple of JSON Pointers stands for all of these schemas together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from msgspec import Struct, field

from mockserver.chance import Chance
from mockserver.openapi.sample_cases import Case, Cases, Pointers, SampleError, identity
from mockserver.openapi.sample_number import INTEGER_FORMATS, bounds, numbers
from mockserver.openapi.sample_text import LONGEST, strings
from mockserver.pointer import join

MOST_ITEMS = 10_000  # a schema that demands more items or properties is not sampled

_NAMES = (
    "answer", "summary", "title", "score", "report", "topic", "author", "language", "source", "label", "detail",
    "result", "status", "category", "comment", "amount",
)  # fmt: skip
_HINTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), frozenset({"string"})),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), frozenset({"integer", "fraction"})
    ),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"), frozenset({"array"})),
    **dict.fromkeys(
        ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties",
         "propertyNames", "dependentRequired"), frozenset({"object"})
    ),
}  # fmt: skip
_SCALARS = frozenset({"string", "integer", "fraction", "boolean"})
_PLAIN = {"type", "enum", "const", "title", "description", "example", "examples", "default", "deprecated"}


class Leaf(Struct, frozen=True):
    """A string or a number."""

    draw: Callable[[Chance], Any]


class Values(Struct, frozen=True):
    """One of these."""

    values: tuple[Any, ...]


class Array(Struct, frozen=True):
    """A list: the schemas of the first items, then that of all others."""

    heads: tuple[Pointers, ...]
    rest: Pointers
    low: int
    high: int | None
    unique: bool
    grows: bool  # draw items beyond the first ones though nothing demands them


class Member(Struct, frozen=True):
    """A property that an object may or must have."""

    name: str
    schema: Pointers
    required: bool
    pinned: tuple[Any, ...] = ()  # values that the discriminator wants of it


class Object(Struct, frozen=True):
    """An object: the properties that are named, and names to choose from for further ones."""

    members: tuple[Member, ...]
    extras: tuple[Member, ...]
    low: int
    high: int | None
    follows: Mapping[str, frozenset[str]]  # a name -> the names that must be there when it is
    grows: bool  # draw further properties though nothing demands them


Shape = Leaf | Values | Array | Object


class Way(Struct, frozen=True):
    """One way to make a value of a schema."""

    rule: str
    shape: Shape
    checked: bool = False  # what it draws is a candidate and must be verified
    weight: int = 3
    second_choice: bool = False  # for schemas that leave the kind open: not what they seem to mean
    forced: bool = False  # taken only where there is no other: see `Case.forced`


class Ways(Struct):
    """All ways of one schema, and why others cannot be."""

    found: list[Way] = field(default_factory=list)
    complaints: list[SampleError] = field(default_factory=list)


def ways(cases: Cases, pointers: Pointers) -> Ways:
    """The ways to make a value that satisfies all these schemas."""
    result = Ways()
    for case in cases.of(pointers):
        rule = (case.parts or pointers or ("",))[0]
        listed = cases.values(case)
        if listed is not None:
            allowed = _allowed(cases, case, pointers, listed)
            if allowed:
                result.found.append(Way(rule, Values(allowed)))
            else:
                result.complaints.append(SampleError(rule, "none of the listed values fits the rest of the schema"))
            continue
        kinds, meant = cases.kinds(case), _meant(cases.schemas(case))
        kinds = kinds & _KINDS["object"] if case.forced else kinds
        for kind in _KINDS:
            if kinds.isdisjoint(_KINDS[kind]):
                continue
            try:
                shape, checked = _MAKERS[kind](cases, case)
            except ValueError as reason:
                result.complaints.append(SampleError(rule, str(reason)))
                continue
            weight = 1 if kind == "null" else 3
            second = case.forced or meant.isdisjoint(_KINDS[kind])
            result.found.append(Way(rule, shape, checked or case.checked, weight, second, case.forced))
    if not result.found and not result.complaints:
        rule = (pointers or ("",))[0]
        result.complaints.append(SampleError(rule, "its parts contradict one another: no value satisfies all of them"))
    return result


def _allowed(cases: Cases, case: Case, pointers: Pointers, listed: Sequence[Any]) -> tuple[Any, ...]:
    distinct = {identity(value): value for value in reversed(listed)}
    in_order = tuple(reversed(distinct.values()))
    if case.parts == pointers and len(pointers) == 1 and not cases.at(pointers[0]).keys() - _PLAIN:
        return in_order
    return tuple(filter(cases.fits(pointers), in_order))


def _meant(schemas: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The kinds that schemas without `type` seem to be about; all of them where there is a `type`."""
    keywords = frozenset[str]().union(*schemas)
    if "type" in keywords:
        return frozenset().union(*_KINDS.values())
    return frozenset[str]().union(*(_HINTS.get(keyword, ()) for keyword in keywords)) or _SCALARS


def _lowest(schemas: Sequence[Mapping[str, Any]], keyword: str) -> int | None:
    return min((int(schema[keyword]) for schema in schemas if keyword in schema), default=None)


def _highest(schemas: Sequence[Mapping[str, Any]], keyword: str) -> int:
    return max((int(schema[keyword]) for schema in schemas if keyword in schema), default=0)


# -- one maker for each kind; ValueError = it cannot be, and why


def _string(cases: Cases, case: Case) -> tuple[Shape, bool]:
    schemas = cases.schemas(case)
    made = strings(
        _highest(schemas, "minLength"),
        _lowest(schemas, "maxLength"),
        [schema["pattern"] for schema in schemas if "pattern" in schema],
        [schema["format"] for schema in schemas if "format" in schema],
        [schema["contentEncoding"] for schema in schemas if "contentEncoding" in schema],
        _called(case),
    )
    return Leaf(made.draw), made.checked


def _called(case: Case) -> str:
    """The name of the property that one of the parts describes, "" where there is none."""
    ends = (part.rsplit("/", 2) for part in case.parts)
    return next((end[2] for end in ends if len(end) == 3 and end[1] == "properties"), "")


def _number(cases: Cases, case: Case) -> tuple[Shape, bool]:
    schemas, kinds = cases.schemas(case), cases.kinds(case)
    whole_only = any(schema.get("format") in INTEGER_FORMATS for schema in schemas)
    made = numbers(bounds(schemas), whole="integer" in kinds, fractional="fraction" in kinds and not whole_only)
    return Leaf(made.draw), made.checked


def _array(cases: Cases, case: Case) -> tuple[Shape, bool]:
    schemas = list(zip(case.parts, cases.schemas(case), strict=True))
    low, high = _highest(cases.schemas(case), "minItems"), _lowest(cases.schemas(case), "maxItems")
    firsts = max((len(schema.get("prefixItems", ())) for _, schema in schemas), default=0)
    heads = [cases.tidy(list(_items_at(schemas, index))) for index in range(firsts)]
    rest = cases.tidy(list(_items_at(schemas, None)))
    closed = any(cases.at(pointer) is False for pointer in rest)
    if closed:
        high = firsts if high is None else min(high, firsts)
    demanded = [
        (join(part, "contains"), "maxContains" in schema) for part, schema in schemas if "contains" in schema
        for _ in range(schema.get("minContains", 1))
    ]  # fmt: skip
    free = list(range(firsts))
    for pointer, is_limited in demanded:
        has_room = high is None or len(heads) < high
        # No place after the first items, or not too many may be such: one of the first has to serve, if it can.
        serving = [index for index in free if not has_room or is_limited]
        suited = [index for index in serving if _may_be(cases, cases.tidy((*heads[index], pointer)))]
        if suited or (serving and not has_room):
            index = (suited or serving)[0]
            free.remove(index)
            heads[index] = cases.tidy((*heads[index], pointer))
            low = max(low, index + 1)
        elif has_room:
            heads.append(cases.tidy((*rest, pointer)))
            low = max(low, len(heads))
        else:
            raise ValueError(f"no list holds what `contains` demands in at most {high} items")
    if high is not None and low > high:
        raise ValueError(f"no list has at least {low} and at most {high} items")
    if low > MOST_ITEMS:
        raise ValueError(f"a list of {low} items is longer than is drawn ({MOST_ITEMS})")
    unique = any(schema.get("uniqueItems") is True for _, schema in schemas)
    grows = not firsts or any("items" in schema for _, schema in schemas)
    return Array(tuple(heads), rest, low, high, unique, grows), unique and low > 1


def _may_be(cases: Cases, pointers: Pointers) -> bool:
    """Whether some value may satisfy all these schemas, as far as their types and lists of values tell."""
    for case in cases.of(pointers):
        listed = cases.values(case)
        if cases.kinds(case) if listed is None else _allowed(cases, case, pointers, listed):
            return True
    return False


def _items_at(schemas: Sequence[tuple[str, Mapping[str, Any]]], index: int | None) -> Iterator[str]:
    """What is said of the item at `index`, None = of those after all `prefixItems`."""
    for part, schema in schemas:
        if index is not None and index < len(schema.get("prefixItems", ())):
            yield join(part, "prefixItems", str(index))
        elif "items" in schema:
            yield join(part, "items")


def _object(cases: Cases, case: Case) -> tuple[Shape, bool]:
    schemas = cases.schemas(case)
    follows = _follows(schemas)
    needed = dict.fromkeys([name for schema in schemas for name in schema.get("required", ())] + sorted(case.needs))
    needed |= dict.fromkeys(name for first in list(needed) for name in sorted(follows.get(first, ())))
    declared = dict.fromkeys(name for schema in schemas for name in schema.get("properties", {}))
    members = []
    for name in declared | needed | dict.fromkeys(sorted(frozenset[str]().union(*follows.values()))):
        member = _member(cases, case, name, required=name in needed)
        if member is not None:
            members.append(member)
        elif name in needed:
            raise ValueError(f'the required property "{name}" may not be there')
    low, high = _highest(schemas, "minProperties"), _lowest(schemas, "maxProperties")
    if high is not None and max(low, len(needed)) > high:
        raise ValueError(f"no object has at least {max(low, len(needed))} and at most {high} properties")
    if low > MOST_ITEMS:
        raise ValueError(f"an object of {low} properties is larger than is drawn ({MOST_ITEMS})")
    grows = not declared and not any("unevaluatedProperties" in schema for schema in schemas)
    extras = tuple(_extras(cases, case, low, members)) if grows or low > len(members) else ()
    return Object(tuple(members), extras, low, high, follows, grows), bool(follows) and (low > 0 or high is not None)


def _follows(schemas: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """`dependentRequired` of all of them, to the end of each chain."""
    direct: dict[str, set[str]] = {}
    for schema in schemas:
        for name, names in schema.get("dependentRequired", {}).items():
            direct.setdefault(name, set()).update(names)
    whole = {}
    for name in direct:
        waiting, seen = [name], set[str]()
        while waiting:
            new = direct.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += sorted(new)
        whole[name] = frozenset(seen)
    return whole


def _member(cases: Cases, case: Case, name: str, *, required: bool) -> Member | None:
    """The property of that name, None where it may not be there."""
    schema = cases.member(case, name)
    if name in case.bans or any(cases.at(pointer) is False for pointer in schema):
        return None
    if not all(cases.fits((pointer,))(name) for pointer in _name_rules(cases, case)):
        return None
    pinned = tuple(filter(cases.fits(schema), case.pins.get(name, ()))) if name in case.pins else ()
    return Member(name, schema, required or bool(pinned), pinned)


def _name_rules(cases: Cases, case: Case) -> Pointers:
    found = zip(case.parts, cases.schemas(case), strict=True)
    return cases.tidy([join(part, "propertyNames") for part, schema in found if "propertyNames" in schema])


def _extras(cases: Cases, case: Case, low: int, members: Sequence[Member]) -> Iterator[Member]:
    """Properties beyond the named ones, under readable names if those are allowed."""
    taken = {member.name for member in members}
    wanted = max(len(_NAMES), low)
    names = dict.fromkeys(name for name in _candidates(cases, case, wanted) if name not in taken)
    found = (_member(cases, case, name, required=False) for name in names)
    yield from islice((member for member in found if member is not None), wanted)


def _candidates(cases: Cases, case: Case, wanted: int) -> Iterator[str]:
    """Names that the schema itself suggests, then ours."""
    chance = Chance("names", *case.parts)
    for schema in cases.schemas(case):
        if patterns := schema.get("patternProperties"):
            yield from _matching(patterns, chance, wanted)
    if rules := _name_rules(cases, case):
        for way in ways(cases, rules).found:
            if isinstance(way.shape, Values):
                yield from (value for value in way.shape.values if isinstance(value, str))
            elif isinstance(way.shape, Leaf):
                texts = [way.shape.draw(chance) for _ in range(2 * wanted)]
                yield from (text for text in texts if isinstance(text, str))
    yield from _NAMES
    yield from islice((f"{name}_{number}" for number in count(2) for name in _NAMES), wanted)


def _matching(patterns: Iterable[str], chance: Chance, wanted: int) -> Iterator[str]:
    """Names that the patterns accept, as many of each that can be read."""
    # Imported when needed: few schemas name properties by patterns.
    from mockserver.openapi.sample_pattern import compile_pattern, length

    for pattern in patterns:
        try:
            readable = compile_pattern(pattern)
        except ValueError:
            continue
        yield from (readable.draw(chance, length(readable, chance, 1, LONGEST)) for _ in range(wanted))


_KINDS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"string"}),
    "number": frozenset({"integer", "fraction"}),
    "boolean": frozenset({"boolean"}),
    "array": frozenset({"array"}),
    "object": frozenset({"object"}),
    "null": frozenset({"null"}),
}
_MAKERS: Mapping[str, Callable[[Cases, Case], tuple[Shape, bool]]] = {
    "string": _string,
    "number": _number,
    "boolean": lambda cases, case: (Values((False, True)), False),
    "array": _array,
    "object": _object,
    "null": lambda cases, case: (Values((None,)), False),
}
