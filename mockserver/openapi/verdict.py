"""jsonschema's side: what it says about one value.

Two validators are built from its parts. `Leaf` looks at a value without looking into it, so it is quick however large
the value is; `Whole` judges a small value with all that the schema says. Neither runs `re`, fetches anything, or
renders a large value for an error message that nobody reads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urldefrag

import jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create, extend
from referencing import Registry
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012

from mockserver.openapi import formats
from mockserver.openapi.evaluated import left_items, left_properties
from mockserver.openapi.patterns import Patterns
from mockserver.openapi.rules import Rule, Rules

_Stock = jsonschema.Draft202012Validator
_BRIEF = 1000  # longer texts are shown to jsonschema with a short `repr`

LEAVES = (
    "type", "enum", "const", "format", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "minProperties", "maxProperties", "required", "dependentRequired", "additionalProperties",
)  # fmt: skip
"""The keywords that can be judged without looking into the value, in the order in which they are reported."""

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


class Verdicts:
    """What jsonschema says, for the schemas of one set of documents."""

    def __init__(self, rules: Rules, patterns: Patterns) -> None:
        self.rules, self.patterns = rules, patterns
        self._formats = jsonschema.FormatChecker(formats=())
        for name, check in formats.TEXT.items():
            self._formats.checks(name)(_of_text(check))
        # Under what urllib makes of their names, too: it drops the empty authority that "mem:///" has.
        named = [(name, value) for uri, value in rules.resources.items() for name in (uri, urldefrag(f"{uri}#").url)]
        resources = [(name, DRAFT202012.create_resource(value)) for name, value in named]
        self._registry: Registry[Any] = Registry(retrieve=_refuse).with_resources(resources)  # type: ignore[call-arg]  # attrs
        own: dict[str, Keyword] = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional_properties,
            "multipleOf": _multiple_of,
            "uniqueItems": _unique_items,
            "unevaluatedProperties": self._unevaluated_properties,
            "unevaluatedItems": self._unevaluated_items,
        }
        checker = _Stock.TYPE_CHECKER.redefine_many({"array": _is_array, "object": _is_object})
        self._whole: Any = extend(_Stock, own, type_checker=checker)  # type: ignore[no-untyped-call]
        leaves = {key: self._whole.VALIDATORS[key] for key in LEAVES}
        self._leaf: Any = create(_Stock.META_SCHEMA, leaves, type_checker=checker)
        self._leaves: dict[tuple[str, str], Any] = {}

    def failing(self, rule: Rule, value: Any) -> list[str]:
        """The keywords of the schema itself that the value breaks, of those that do not look into it."""
        key = (rule.resource, rule.pointer)
        if key not in self._leaves:
            shallow = {name: rule.schema[name] for name in LEAVES if name in rule.schema}
            shallow |= {name: rule.schema[name] for name in ("properties", "patternProperties") if name in rule.schema}
            if isinstance(shallow.get("additionalProperties"), dict):
                del shallow["additionalProperties"]
            self._leaves[key] = self._leaf(shallow, format_checker=self._formats)
        broken = {str(error.validator) for error in self._leaves[key].iter_errors(_brief(value))}
        return [name for name in LEAVES if name in broken]

    def errors(self, rule: Rule, value: Any) -> list[ValidationError] | None:
        """All that is wrong with a small value; None where it is too deep to be judged here."""
        whole = self._whole({"$ref": rule.uri}, registry=self._registry, format_checker=self._formats)
        try:
            return list(whole.iter_errors(value))
        except RecursionError:
            return None

    def _pattern(self, validator: Any, pattern: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(value, "string") and not self.patterns.search(pattern, str(value)):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    def _pattern_properties(self, validator: Any, members: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        for pattern, below in members.items():
            for key in value:
                if self.patterns.search(pattern, key):
                    yield from validator.descend(value[key], below, path=key, schema_path=pattern)

    def _additional_properties(self, validator: Any, extra: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        for key in extras(schema, value, self.patterns):
            if extra is False:
                yield ValidationError(f"{key!r} is not allowed")
                return
            yield from validator.descend(value[key], extra, path=key)

    def _unevaluated_properties(self, validator: Any, below: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(value, "object"):
            for key in left_properties(Rule("", "", schema), value, self.rules, self.patterns, _accepts(validator)):
                yield from validator.descend(value[key], below, path=key)

    def _unevaluated_items(self, validator: Any, below: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(value, "array"):
            for index in left_items(Rule("", "", schema), value, self.rules, _accepts(validator)):
                yield from validator.descend(value[index], below, path=index)


def extras(schema: Mapping[str, Any], value: Mapping[str, Any], patterns: Patterns) -> Iterator[str]:
    """The keys of `value` that `additionalProperties` is about."""
    named, matched = schema.get("properties", {}), schema.get("patternProperties")
    if not matched:
        return (key for key in value if key not in named)
    return (key for key in value if key not in named and not any(patterns.search(pattern, key) for pattern in matched))


def repeated(items: Sequence[Any]) -> tuple[int, int] | None:
    """The positions of the first two equal items, None when each occurs once."""
    seen: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        first = seen.setdefault(_identity(item), index)
        if first != index:
            return first, index
    return None


def _identity(value: Any) -> Hashable:
    """Equal for equal JSON values: 1 is 1.0, and true is not 1."""
    match value:
        case bool() | None:
            return ("constant", value)
        case list():
            return ("array", tuple(map(_identity, value)))
        case dict():
            return ("object", frozenset((key, _identity(member)) for key, member in value.items()))
    return value  # type: ignore[no-any-return]  # a number or a text


def _accepts(validator: Any) -> Callable[[Rule, Any], bool]:
    return lambda rule, value: bool(validator.evolve(schema=rule.schema).is_valid(value))


def _multiple_of(validator: Any, step: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    # Exact: stock jsonschema divides floats, so that 0.3 is no multiple of 0.1 for it.
    if not validator.is_type(value, "number"):
        return
    if isinstance(value, int) and isinstance(step, int):
        rest: Any = value % step
    else:
        over, under = (Decimal(repr(number)).as_integer_ratio() for number in (value, step))
        rest = over[0] * under[1] % (over[1] * under[0])
    if rest:
        yield ValidationError(f"not a multiple of {step}")


def _unique_items(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and validator.is_type(value, "array") and repeated(value):
        yield ValidationError("has equal items")


def _of_text(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or check(str(value))


def _refuse(uri: str) -> Any:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # attrs


class _Array(Sequence[Any]):
    """A list whose `repr` is short, without a copy."""

    def __init__(self, value: list[Any]) -> None:
        self._value = value

    def __getitem__(self, index: Any) -> Any:
        return self._value[index]

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "[...]"


class _Object(Mapping[str, Any]):
    """A dict whose `repr` is short, without a copy."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "{...}"


class _Text(str):
    """A text whose `repr` is short."""

    __slots__ = ()

    def __repr__(self) -> str:
        return '"..."'


def _brief(value: Any) -> Any:
    match value:
        case list():
            return _Array(value)
        case dict():
            return _Object(value)
        case str() if len(value) > _BRIEF:
            return _Text(value)
    return value


def _is_array(checker: Any, value: Any) -> bool:
    return isinstance(value, list | _Array)


def _is_object(checker: Any, value: Any) -> bool:
    return isinstance(value, dict | _Object)
