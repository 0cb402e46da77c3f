"""What fixtures and tests declare of a vendor's resources, held against the fields that these have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.hints import nearest


def check_fields(noun: str, name: str, value: Mapping[str, Any], fields: Mapping[str, tuple[type, ...]]) -> None:
    """Raise ValueError, with a sentence, for a field that a `noun` does not have, or whose value is of another type."""
    for key, given in value.items():
        if key not in fields:
            there_is = f"it has {', '.join(fields)}"
            raise ValueError(f'a {noun} has no "{key}"; {nearest(key, fields, there_is)}')
        if not isinstance(given, fields[key]):
            raise ValueError(f"the {key} of {noun} {name} is {given!r:.60}, which will not do")
