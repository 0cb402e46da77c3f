"""The one regular-expression engine: the patterns of a document, run by jsonschema-rs wherever they are run.

Python's `re` can be held for seconds by `^(a+)+$`; this engine gives up after a fixed number of backtracks instead, and
then says "no match" to both validators alike.
"""

from __future__ import annotations

from collections.abc import Callable

import jsonschema_rs

OPTIONS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


def compiles(pattern: str) -> bool:
    """Whether the engine can run `pattern` at all."""
    return _compile(pattern) is not None


class Patterns:
    """Compiled patterns of one document, each compiled once."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[str], bool] | None] = {}

    def compiles(self, pattern: str) -> bool:
        """Whether the engine can run `pattern`."""
        return self._get(pattern) is not None

    def search(self, pattern: str, text: str) -> bool:
        """Whether `pattern` occurs in `text`; an uncompilable pattern is unchecked, so it occurs everywhere."""
        matches = self._get(pattern)
        return matches is None or matches(text)

    def _get(self, pattern: str) -> Callable[[str], bool] | None:
        try:
            return self._known[pattern]
        except KeyError:
            matches = self._known[pattern] = _compile(pattern)
            return matches


def _compile(pattern: str) -> Callable[[str], bool] | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=OPTIONS).is_valid
    except (jsonschema_rs.ValidationError, ValueError):  # ValueError: a lone surrogate in the pattern
        return None
