"""jsonschema-rs' side: yes or no, and nothing else.

It reads Python values where they are and stops at the first fault, so a question costs little more than its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jsonschema_rs

from mockserver.openapi import formats
from mockserver.openapi.patterns import OPTIONS
from mockserver.openapi.rules import Rule, Rules

Fits = Callable[[Any], bool]


class Oracle:
    """Compiled validators of one set of documents, made when first asked for. It never fetches a reference."""

    def __init__(self, rules: Rules) -> None:
        self._registry = jsonschema_rs.Registry(
            list(rules.resources.items()), draft=jsonschema_rs.Draft202012, retriever=_refuse
        )
        self._formats = formats.of_strings()
        self._known: dict[tuple[str, ...], Fits] = {}

    def compile(self, rule: Rule) -> Fits:
        """The verdict on single values. Raises jsonschema_rs.ValidationError for what is no schema."""
        return self._build({"$ref": rule.uri})

    def accepts(self, rule: Rule, value: Any) -> bool:
        """Whether `value` fits."""
        return self._get((rule.resource, rule.pointer), {"$ref": rule.uri})(value)

    def accepts_all(self, rule: Rule, values: Sequence[Any]) -> bool:
        """Whether each of `values` fits."""
        return self._get((rule.resource, rule.pointer, "items"), {"items": {"$ref": rule.uri}})(values)

    def accepts_part(self, rule: Rule, keywords: Sequence[str], value: Any) -> bool:
        """Whether `value` fits what these keywords of the schema say, and they alone."""
        part = {key: rule.schema[key] for key in keywords if key in rule.schema}
        return self._get((rule.resource, rule.pointer, *keywords), part)(value)

    def _get(self, key: tuple[str, ...], schema: dict[str, Any]) -> Fits:
        fits = self._known.get(key)
        if fits is None:
            fits = self._known[key] = self._build(schema)
        return fits

    def _build(self, schema: dict[str, Any]) -> Fits:
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, formats=self._formats, validate_formats=True, pattern_options=OPTIONS
        ).is_valid


def _refuse(uri: str) -> Any:
    raise LookupError(f"{uri} is not one of the documents")
