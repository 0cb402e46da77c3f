"""A fault in a document that does not hinder serving it."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.errors import Place


@dataclass(frozen=True, slots=True)
class Remark:
    """What is odd and where, and what would be better; `mockserver check` prints it as a warning with its code."""

    at: Place
    message: str
    hint: str = ""
    code: str = "E702"

    def __str__(self) -> str:
        """`file:line:col  /pointer  what is odd; what would be better`, as errors are written."""
        parts = [str(self.at), self.at.pointer, self.message + (f"; {self.hint}" if self.hint else "")]
        return "  ".join(part for part in parts if part)
