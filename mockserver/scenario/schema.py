"""Holding a fixture file against `fixture.schema.json`, which editors use too; its descriptions are the hints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mockserver import data
from mockserver.errors import Place, Violation
from mockserver.openapi.validate import Schemas
from mockserver.pointer import join, look_up
from mockserver.scenario.faults import Faults
from mockserver.yamlfile import read

NAME = "fixture.schema.json"

# For editors. Which keys go together is said by `Steps`, which knows better words than "no alternative fits".
_SAID_ELSEWHERE = "/$defs/then/oneOf/"


class FixtureSchema:
    """The schema of fixtures, read and compiled once for all that are held against it."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the shipped one, or the one at `path`."""
        self._value = read(path or data.fixtures_dir() / NAME, label=NAME).value
        self._checker = Schemas({"mem:///": self._value}, place=lambda at: Place("", pointer=at)).checker("")

    def check(self, faults: Faults) -> bool:
        """Note in `faults` what breaks the schema, and where; False when not all of it could be told."""
        value = faults.file.value
        if self._checker.fits(value):
            return True
        explained = self._checker.explain(value)
        found = [one for one in explained.violations if not one.rule.startswith(_SAID_ELSEWHERE)]
        for violation in found:
            message, hint = _words(violation, self._value)
            faults.add(_spot(violation, value), message, hint)
        faults.broken = frozenset(_spot(violation, value) for violation in found)
        if explained.more:
            faults.add("", f"at least {explained.more} more things are wrong in this file", "correct the first ones")
        return not explained.more


def _spot(violation: Violation, value: Any) -> str:
    """Where the reader has to look: at the key, for one that may not be there."""
    if not violation.rule.endswith("/additionalProperties"):
        return violation.where
    try:
        pointer = join(violation.where, json.loads(violation.said))
        look_up(value, pointer)
    except (ValueError, KeyError):  # a name so long that it was shortened
        return violation.where
    return pointer


def _words(violation: Violation, schema: Any) -> tuple[str, str]:
    message, _, hint = violation.clause.partition("; ")
    return message, hint or _described(violation, schema)


def _described(violation: Violation, schema: Any) -> str:
    """The first sentence of what the schema says about the value that is wrong, or about the key that is missing."""
    node = look_up(schema, violation.rule.rpartition("/")[0])
    if violation.rule.endswith("/required"):
        name = violation.clause.split('"')[1]
        node = node["properties"].get(name, {})
    text: str = node.get("description", "").partition(". ")[0]
    return (text[:1].lower() + text[1:]).rstrip(".")
