"""What a schema refuses of a value itself, without looking into it: jsonschema's verdict, put into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from mockserver.openapi import formats
from mockserver.openapi.evaluated import applied
from mockserver.openapi.rules import Rule, Rules
from mockserver.openapi.scan import JUDGE, Meter
from mockserver.openapi.verdict import LEAVES, Verdicts, extras
from mockserver.openapi.wording import Words, words

_MOST = 101  # things to mend that one keyword names: one more than is ever told


class Surface:
    """Asks jsonschema, on the account of one explanation."""

    def __init__(self, rules: Rules, verdicts: Verdicts, meter: Meter) -> None:
        self._rules, self._verdicts, self._meter = rules, verdicts, meter

    def broken(self, rule: Rule, value: Any) -> list[str]:
        """The broken keywords of the schema, of those that do not look into the value."""
        schema = rule.schema
        if not any(keyword in schema for keyword in LEAVES):
            return []
        self._meter.spend(JUDGE)
        if isinstance(value, str):
            self._meter.spend(len(value) >> 5)
        elif isinstance(value, dict) and schema.get("additionalProperties") is False:
            self._meter.spend(len(value) * (1 + 3 * len(schema.get("patternProperties", ()))))
        return self._verdicts.failing(rule, value)

    def sentences(self, rule: Rule, keyword: str, value: Any) -> Iterator[Words]:
        """How `value` breaks a keyword that `broken` named."""
        extra: Sequence[str] = ()
        if keyword == "additionalProperties":
            extra = list(islice(extras(rule.schema, value, self._verdicts.patterns), _MOST))
        return islice(words(keyword, rule.schema, value, extra), _MOST)

    def all(self, rule: Rule, value: Any) -> list[Words]:
        """The same for the schema and all that it takes over by reference and `allOf`."""
        found: list[Words] = []
        todo, seen = [rule], {id(rule.schema)}
        while todo:
            part = todo.pop()
            if not isinstance(part.schema, dict):
                continue
            for keyword in self.broken(part, value):
                found += self.sentences(part, keyword, value)
            for other in applied(part, value, self._rules):
                if id(other.schema) not in seen:
                    seen.add(id(other.schema))
                    todo.append(other)
        return found


def spoken(rule: Rule, keyword: str) -> str:
    """The keyword as the document has it: a range may stand for a number format."""
    name = rule.schema.get("format")
    bounds = formats.RANGES.get(name, ()) if isinstance(name, str) else ()
    return "format" if keyword in ("minimum", "maximum") and rule.schema[keyword] in bounds else keyword
