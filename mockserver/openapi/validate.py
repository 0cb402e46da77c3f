"""A value against a schema: yes or no at once, and why not when asked.

Both validators are made here, from the same closed set of documents. jsonschema is imported only when the first
explanation is asked for: it takes as long as everything else that a server needs to start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from msgspec import Struct
from msgspec.structs import replace

from mockserver.errors import Part, Place, SpecError, Violation, raise_all
from mockserver.openapi.metaschema import METASCHEMA
from mockserver.openapi.oracle import Fits, Oracle
from mockserver.openapi.patterns import Patterns
from mockserver.openapi.rules import ROOT, Rule, Rules

if TYPE_CHECKING:
    from mockserver.openapi.explain import Sides
    from mockserver.openapi.undeclared import Names

At = Callable[[str], Place]
"""Where a JSON Pointer stands in a file."""


class Explained(Struct, frozen=True):
    """Why a value does not fit."""

    violations: tuple[Violation, ...]
    more: int = 0  # at least so many beyond `violations`
    ours: bool = False  # jsonschema-rs refuses the value and jsonschema does not: our fault, not the sender's


class Checker:
    """One schema. `fits(value)` is the verdict; values hold JSON types only (ValueError for others).

    It is compiled when the first value comes: a client meets few of the schemas of a document.
    """

    __slots__ = (
        *("_compiled", "_is_read", "_names", "_oracle", "_place", "_prefix", "_rule", "_rules", "_sides"),
        *("fits", "rule"),
    )

    def __init__(
        self, rule: Rule, rules: Rules, oracle: Oracle, sides: Callable[[], Sides], place: At, prefix: str
    ) -> None:
        self.fits: Fits = self._first
        self._compiled: Fits | None = None
        self._oracle = oracle
        oracle.announce(rule)
        self.rule = prefix + rule.name
        self._rule, self._rules, self._sides, self._place, self._prefix = rule, rules, sides, place, prefix
        self._names: Names | None = None
        self._is_read = False

    def _first(self, value: Any) -> bool:
        """The verdict of whoever took `fits` before the first one; from then on it is the validator's own."""
        if self._compiled is None:
            self.fits = self._compiled = self._oracle.compile(self._rule)
        return self._compiled(value)

    @property
    def schema(self) -> Any:
        """The schema, as it is written."""
        return self._rule.schema

    def explain(self, value: Any, *, part: Part = "body", where: str = "", code: str = "E101") -> Explained:
        """What is wrong with a value that does not fit, in bounded time. `where` is its own place in `part`."""
        from mockserver.openapi.explain import explain  # it takes jsonschema along

        findings = explain(self._rule, value, where, self._sides())
        violations = tuple(
            Violation(
                part, one.where, one.said, one.wanted, self._prefix + one.rule, code, self._place(one.rule), one.fault
            )
            for one in findings.found
        )
        return Explained(violations, findings.more, ours=not violations and not self.fits(value))

    def undeclared(self, value: Any) -> tuple[str, ...]:
        """Notes on names in a value that the schema lets pass and does not declare, and that are probably slips."""
        if not self._is_read:
            from mockserver.openapi.undeclared import names_in  # read when first asked for: many schemas never are

            self._names, self._is_read = names_in(self._rule, self._rules), True
        names = self._names
        return () if names is None or names.cover(value) else names.notes(value)

    def __repr__(self) -> str:
        """Which schema it is."""
        return f"<Checker {self.rule or '/'}>"


class Schemas:
    """The schemas of one document and of what it refers to; no reference leads out of `resources`.

    The document itself is "mem:///", others stand beside it. `uncompilable` holds each pattern that cannot be run, with
    its pointer: it is checked by neither validator.
    """

    def __init__(self, resources: Mapping[str, Any], *, place: At) -> None:
        self._place = place
        self._patterns = Patterns()
        self._rules = Rules(resources, self._patterns)
        self._oracle = Oracle(self._rules)
        self._sides: Sides | None = None
        self._checkers: dict[str, Checker] = {}
        self._is_faulty = False
        self._sound: set[tuple[str, str]] = set()  # schemas that were looked at
        self.uncompilable: tuple[tuple[str, str], ...] = self._rules.uncompilable

    def checker(self, pointer: str) -> Checker:
        """The schema at `pointer` of the document. Raises SpecError where there is none, or what is there is none."""
        if pointer not in self._checkers:
            self._checkers[pointer] = self._compile(pointer, self._place, "")
        return self._checkers[pointer]

    def is_sound(self, pointer: str) -> bool:
        """Whether it is there, and it and all that it leads to are schemas. Once one was none, no is said of all."""
        try:
            rule = self._rules.at(pointer)
        except KeyError:
            return False  # it stands beside a `$ref` of OpenAPI 3.0, where nothing counts
        if not self._is_faulty and (ROOT, pointer) not in self._sound:
            self._is_faulty = bool(self._faults(rule, self._place))
        return not self._is_faulty

    def broken(self, pointer: str, value: Any) -> frozenset[str]:
        """The keywords of the schema at `pointer` that a small value breaks; nothing is compiled for it."""
        errors = self._explain_with().verdicts.errors(self._rules.at(pointer), value)
        if errors is None:
            return frozenset({"too deep"})
        return frozenset(str([*error.absolute_schema_path, "false"][0]) for error in errors)

    def check_of(self, schema: Any, *, rule: str = "", place: At | None = None) -> Checker:
        """A schema that stands alone and refers to nothing but itself.

        `rule` is put before the rules of its violations; `place` tells where a pointer into it stands.
        """
        alone = Schemas({ROOT: schema}, place=place or (lambda pointer: self._place(rule + pointer)))
        return alone._compile("", alone._place, rule)

    def _compile(self, pointer: str, place: At, prefix: str) -> Checker:
        try:
            rule = self._rules.at(pointer)
        except KeyError:
            raise SpecError(place(pointer), "there is no schema here", "correct the reference") from None
        # A schema that is part of one and referred to by another is looked at twice.
        raise_all(list({str(fault): fault for fault in self._faults(rule, place)}.values()))
        return Checker(rule, self._rules, self._oracle, self._explain_with, place, prefix)

    def _faults(self, rule: Rule, place: At) -> list[SpecError]:
        """What is wrong with the schema and with all that it leads to, as far as it was not looked at before."""
        faults: list[SpecError] = []
        todo = [(rule, False)]  # a schema, and whether it was looked at as part of another
        while todo:
            at, is_part = todo.pop()
            if (at.resource, at.pointer) in self._sound:
                continue
            self._sound.add((at.resource, at.pointer))
            if not is_part and not jsonschema_rs.meta.is_valid(at.schema):
                faults += [
                    SpecError(
                        place(replace(at, pointer=at.pointer + where).name), f"is not a JSON Schema: {clause}", hint
                    )
                    for where, clause, hint in _unlike_a_schema(at.schema)
                ]
            if isinstance(at.schema, dict):
                if lost := self._rules.lost(at):
                    faults.append(SpecError(place(at.name), f'"{lost}" leads nowhere', "correct it"))
                target = self._rules.follow(at)
                todo += [(part, True) for part in at.below()] + ([(target, False)] if target else [])
        return faults

    def _explain_with(self) -> Sides:
        if self._sides is None:
            from mockserver.openapi.branches import Branches
            from mockserver.openapi.explain import Sides
            from mockserver.openapi.verdict import Verdicts

            verdicts = Verdicts(self._rules, self._patterns)
            self._sides = Sides(self._rules, self._oracle, verdicts, Branches(self._rules))
        return self._sides


def _unlike_a_schema(value: Any) -> list[tuple[str, str, str]]:
    """Where and why `value`, which jsonschema-rs takes for no schema, is none, and what would be right."""
    checker = Schemas({ROOT: METASCHEMA}, place=lambda pointer: Place("", pointer=pointer)).checker("")
    found = () if checker.fits(value) else checker.explain(value).violations
    parts = [(one.where, *one.clause.partition("; ")[::2]) for one in found]
    said = [(where, clause, hint or "correct it as JSON Schema 2020-12 has it") for where, clause, hint in parts]
    return said or [("", "JSON Schema 2020-12 does not know it", "correct it")]
