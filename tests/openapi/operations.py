"""Operations made by hand, with checkers that say little: decoding is tested here, not validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from jsonschema import Draft202012Validator

from mockserver.errors import Part, Refused, Violation
from mockserver.openapi.coerce import Resolve, kinds
from mockserver.openapi.operation import Body, Location, Media, Operation, Parameter, as_it_is
from mockserver.pointer import join, look_up

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker


class Explained(NamedTuple):
    """What a checker found."""

    violations: tuple[Violation, ...]
    more: int
    ours: bool


@dataclass(frozen=True)
class PlainChecker:
    """Stands for a Checker: says yes as jsonschema does, and names the first place that is wrong."""

    schema: Any
    rule: str

    def fits(self, value: Any) -> bool:
        return Draft202012Validator(self.schema).is_valid(value)

    def explain(self, value: Any, *, part: Part = "body", where: str = "", code: str = "E101") -> Explained:
        found = tuple(
            Violation(part, join(where, *one.path), repr(one.instance), f"breaks {one.validator}", self.rule, code)
            for one in sorted(Draft202012Validator(self.schema).iter_errors(value), key=str)
        )
        return Explained(found, 0, not found)


def checker(schema: Any, rule: str = "/schema") -> Checker:
    return cast("Checker", PlainChecker(schema, rule))


def parameter(name: str, schema: Any, location: Location = "query", **more: Any) -> Parameter:
    """A parameter with the defaults of OpenAPI."""
    style = more.pop("style", "form" if location in ("query", "cookie") else "simple")
    explode = more.pop("explode", style == "form")
    required = more.pop("required", location == "path")
    allowed = more.pop("kinds", None) or kinds(schema, as_it_is)
    rule = f"/parameters/{name}"
    return Parameter(name, location, required, schema, allowed, checker(schema), rule, style, explode, **more)


def resolver(schemas: Mapping[str, Any]) -> Resolve:
    """What follows `$ref`s into `schemas`, by name."""
    root = {"schemas": schemas}

    def resolve(node: Any) -> Any:
        while isinstance(node, Mapping) and "$ref" in node:
            node = look_up(root, node["$ref"].removeprefix("#"))
        return node

    return resolve


def operation(
    content: Mapping[str, Any] | None = None,
    *parameters: Parameter,
    required: bool = True,
    encoding: Mapping[str, Any] | None = None,
    schemas: Mapping[str, Any] | None = None,
) -> Operation:
    """An operation whose body may have the media types of `content`: media type -> schema.

    `encoding` is that of every media type; `$ref`s lead into `schemas`, by name.
    """
    root, resolve = {"schemas": schemas or {}}, resolver(schemas or {})
    body = None
    if content is not None:
        media = tuple(
            Media(
                name,
                resolve(schema),
                None if schema is None else checker({**root, **schema}, f"/content/{name}"),
                f"/content/{name}",
                encoding or {},
            )
            for name, schema in content.items()
        )
        body = Body(required, media, "/requestBody")
    return Operation("op", "POST", "/op", parameters, body, (), (), "/paths/op", resolve=resolve)


def told(refused: Refused) -> str:
    """The sentence of a refusal, after what holds for every one of them."""
    problem = refused.problem
    assert problem.violations
    assert all(violation.code.startswith("E1") for violation in problem.violations)
    assert "\n" not in problem.message
    assert len(problem.message) < 600
    return problem.message
