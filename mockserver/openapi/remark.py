"""A fault in a document that does not hinder serving it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from mockserver.errors import Place

ACCEPTED = "x-accepted"  # {what: reason} in a schema: whoever wrote it knows, and nobody need be told


def is_accepted(schema: Mapping[str, Any], what: str) -> bool:
    """Whether a schema accepts of itself what would be remarked upon, and says why."""
    accepted = schema.get(ACCEPTED)
    reason = accepted.get(what) if isinstance(accepted, dict) else None
    return isinstance(reason, str) and bool(reason.strip())


class Remark(Struct, frozen=True):
    """What is odd and where, and what would be better; `mockserver check` prints it as a warning with its code."""

    at: Place
    message: str
    hint: str = ""
    code: str = "E702"

    def __str__(self) -> str:
        """`file:line:col  /pointer  what is odd; what would be better`, as errors are written."""
        parts = [str(self.at), self.at.pointer, self.message + (f"; {self.hint}" if self.hint else "")]
        return "  ".join(part for part in parts if part)
