"""Findings that are known already: kept in a file, so that only new ones fail."""

from __future__ import annotations

import json
from collections.abc import Iterable

from mockserver.contract.findings import Finding, gathered
from mockserver.errors import LocatedError, Place

FORMAT = "mockserver baseline"
VERSION = 1


class BaselineError(LocatedError):
    """A file is no baseline that can be read."""


def render(findings: Iterable[Finding]) -> str:
    """A baseline of these findings but for notes: a line each, sorted, so that a diff shows what came and went."""
    found = {one.finding.fingerprint: one.finding for one in gathered(findings) if one.finding.severity != "note"}
    lines = [
        json.dumps(
            {
                "fingerprint": fingerprint,
                "code": each.code,
                "operation": each.operation,
                "sentence": each.sentence,
            },
            ensure_ascii=False,
        )
        for fingerprint, each in sorted(found.items(), key=lambda pair: pair[0])
    ]
    listed = ",\n".join(f"  {line}" for line in lines)
    inside = f"[\n{listed}\n]" if lines else "[]"
    return f'{{"format": "{FORMAT}", "version": {VERSION}, "findings": {inside}}}\n'


def read(text: str, name: str) -> frozenset[str]:
    """The fingerprints in a baseline. Raises BaselineError when it is none; `name` is that of its file."""
    hint = "--update-baseline writes one"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BaselineError(Place(name), "is no JSON, so it is no baseline", hint) from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BaselineError(Place(name), "is no baseline of mockserver", hint)
    if value.get("version") != VERSION:
        said = f"the baseline is of version {value.get('version')!r}; this mockserver reads version {VERSION}"
        raise BaselineError(Place(name), said, hint)
    try:
        return frozenset(str(one["fingerprint"]) for one in value["findings"])
    except (KeyError, TypeError):
        raise BaselineError(Place(name), "the baseline is not whole", hint) from None
