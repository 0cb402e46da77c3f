"""A report as JSON, for other programs."""

from __future__ import annotations

import json

from mockserver.contract.report import Report


def render(report: Report) -> str:
    """One object, indented; `docs/ci.md` says what is in it."""
    return json.dumps(report.record(), indent=2, ensure_ascii=False) + "\n"
