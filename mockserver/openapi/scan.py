"""Asking jsonschema-rs about the parts of a value at a bounded, counted cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.openapi.oracle import Oracle
from mockserver.openapi.rules import Rule

BUDGET = 2_500_000  # steps; a step is about a tenth of a microsecond
VISIT = 60  # what it costs to look at one schema,
JUDGE = 250  # and to ask jsonschema about it
_SMALL = 2_000  # nodes: a value up to this size is asked about, a larger one is looked into
_CHUNK = 1_024  # items asked about at once
_FEW = 16  # fewer items are asked about one by one
_DEAR = 3  # how often something large may be asked about that is not accepted
_KEPT = 1_000  # refused members of one value that are looked for

_HEAVY = frozenset([list, dict, str])  # types of values that may be large


class OutOfSteps(Exception):
    """The budget is used up."""


class Meter:
    """The steps left, and what things weigh."""

    limit = 50_000

    def __init__(self) -> None:
        self.left = BUDGET

    def spend(self, steps: int) -> None:
        """Use up `steps`; raises OutOfSteps when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise OutOfSteps

    def weigh(self, value: Any, limit: int = limit) -> int:
        """How many nodes `value` has, long texts counting for more; any number from `limit` on means "at least"."""
        count, steps, todo = 1, 0, [value]
        while todo and count < limit:
            steps += 1
            item = todo.pop()
            kind = type(item)
            if kind is list or kind is dict:
                count += len(item)
                if count < limit:
                    todo += item if kind is list else item.values()
            elif kind is str:
                count += len(item) >> 6
        self.spend(steps)
        return count


class Scan:
    """Questions to the oracle."""

    def __init__(self, oracle: Oracle, meter: Meter) -> None:
        self._oracle, self._meter = oracle, meter
        self._dear = _DEAR

    def ask(self, rule: Rule, value: Any, *, dear: bool = False) -> bool | None:
        """Whether `value` fits; None where it is too large to ask. `dear` questions may be large a few times."""
        if self._affordable(value, dear=dear):
            return self._oracle.accepts(rule, value)
        return None

    def distinct(self, values: Sequence[Any]) -> bool | None:
        """Whether no two of `values` are equal; None where they are too large to ask."""
        if self._affordable(values, dear=True):
            return self._oracle.distinct(values)
        return None

    def refused(self, rule: Rule, values: Sequence[Any], *, stop: bool = True) -> list[tuple[int, bool]]:
        """The positions of what does not fit, True; and of what is too large to ask about, False.

        Ends early (`stop`) once far more is found than can be told.
        """
        found: list[tuple[int, bool]] = []
        if rule.schema is True or rule.schema == {}:
            return found
        for start in range(0, len(values), _CHUNK):
            part = values[start : start + _CHUNK]
            self._meter.spend(1 + len(part) // 4)
            together = len(part) >= _FEW and self._dear > 0
            if together and self._oracle.accepts_all(rule, part):
                continue
            wrong = [(start + index, refused) for index, refused in self._one_by_one(rule, part)]
            if together and any(not refused for _, refused in wrong):
                self._dear -= 1  # that question looked into something large, in vain
                if len(wrong) == 1:
                    wrong = [(wrong[0][0], True)]  # the others fit
            found += wrong
            if stop and len(found) >= _KEPT:
                break
        return found

    def _one_by_one(self, rule: Rule, values: Sequence[Any]) -> list[tuple[int, bool]]:
        light = [item for item in values if type(item) not in _HEAVY]
        self._meter.spend(len(values) // 2)
        fit = len(light) >= _FEW and self._oracle.accepts_all(rule, light)
        return [
            (index, verdict is False)
            for index, item in enumerate(values)
            if not (fit and type(item) not in _HEAVY) and (verdict := self.ask(rule, item)) is not True
        ]

    def _affordable(self, value: Any, *, dear: bool) -> bool:
        kind = type(value)
        if kind is not list and kind is not dict and (kind is not str or len(value) < 1_000):
            self._meter.spend(4)
            return True
        if self._meter.weigh(value, _SMALL) < _SMALL:
            return True
        if dear and self._dear > 0:
            self._dear -= 1
            return True
        return False
