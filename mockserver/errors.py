"""What can go wrong, as facts: fields first, the sentence in `__str__`.

Two families. `MockserverError` is for whoever sets us up (a spec, a fixture, a command line); `Refused` carries the
`Problem` of one request through the engine and never leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct


class Place(Struct, frozen=True):
    """A spot in a file: `specs/acme/api.yaml:118:13`; line and column count from 1, 0 = unknown."""

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""  # JSON Pointer into the file's value, "" = the whole

    def __str__(self) -> str:
        """`file:line:col`, shorter where a part is unknown."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


class MockserverError(Exception):
    """Anything that whoever runs mockserver can cause and mend. `exit_code` is what the command line returns."""

    exit_code = 2


class UsageError(MockserverError):
    """Called wrongly: an unknown option, a missing file, two documents of one name."""


class CouldNotRun(MockserverError):
    """The surroundings do not allow it: port taken, server unreachable, nothing recorded."""

    exit_code = 3


class LocatedError(MockserverError):
    """A file says something that cannot be.

    `at` is where, `message` what is wrong, `hint` what would be right (may be empty).
    """

    def __init__(self, at: Place, message: str, hint: str = "") -> None:
        self.at, self.message, self.hint = at, message, hint
        super().__init__(at, message, hint)

    def __str__(self) -> str:
        """`file:line:col  /pointer  what is wrong; what would be right`, on one line."""
        parts = [str(self.at), self.at.pointer, self.message + (f"; {self.hint}" if self.hint else "")]
        return "  ".join(part for part in parts if part)


class YamlError(LocatedError):
    """A file is not YAML limited to JSON's types."""


class SpecError(LocatedError):
    """An OpenAPI document or overlay cannot be served."""


class FixtureError(LocatedError):
    """A fixture file cannot be played."""


class Several(MockserverError):
    """All errors of one file, reported together."""

    def __init__(self, errors: Sequence[MockserverError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def raise_all(errors: Sequence[MockserverError]) -> None:
    """Raise nothing, the one error, or all of them as `Several`."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Several(errors)


Part = Literal["body", "query", "path", "header", "cookie", "security"]


class Violation(Struct, frozen=True):
    """One way in which a value breaks its schema or the contract."""

    part: Part
    where: str  # "/runs/0/inputs": JSON Pointer into that part ("" = the whole)
    said: str  # what came, shortened to 200 characters
    wanted: str  # what would be right: "a string", "at most 10 items"; "" = the fault says it
    rule: str = ""  # JSON Pointer into the spec
    code: str = "E101"
    at: Place | None = None  # the line of the spec
    fault: str = ""  # what is wrong, said of what came: "is not a string"; "" = what is wanted says it

    @property
    def clause(self) -> str:
        """What came and what is wrong with it, as one clause: `5 is not a string`, `11 items, at most 10 allowed`."""
        told = self.fault or self.wanted
        if not self.said:
            return told
        return self.said + (", " if told.startswith(("at least ", "at most ")) else " ") + told

    def __str__(self) -> str:
        """Where, and the clause: `/runs/1/inputs/report: missing "raw_bytes"`; of a key: `X-API-Key is missing`."""
        if self.part == "security":
            return f"{self.where.lstrip('/')} {self.clause}".lstrip()
        place = self.where if self.part == "body" else f"{self.part} {self.where.lstrip('/')}".rstrip()
        return f"{place or self.part}: {self.clause}"


Kind = Literal[
    "unknown_path", "wrong_method", "unauthorized", "too_large", "unsupported_media_type",
    "malformed", "too_deep", "invalid", "not_found", "rejected", "forbidden", "conflict", "closed",
    "not_acceptable",
]  # fmt: skip

STATUS: dict[Kind, int] = {
    "unknown_path": 404, "wrong_method": 405, "unauthorized": 401, "too_large": 413, "unsupported_media_type": 415,
    "malformed": 400, "too_deep": 400, "invalid": 400, "not_found": 404, "rejected": 400, "forbidden": 403,
    "conflict": 409, "closed": 410, "not_acceptable": 406,
}  # fmt: skip


class Problem(Struct, frozen=True):
    """Why a request is refused. A vendor words it (`Vendor.refuse`).

    Whatever breaks the contract has at least one violation with its code; `not_found` (an unknown workflow id, say)
    and `rejected` (the vendor's own rule) are answers and have none.
    """

    kind: Kind
    message: str  # one readable sentence without a trailing stop
    violations: tuple[Violation, ...] = ()
    more: int = 0  # violations beyond the bound: "at least N more"
    headers: tuple[tuple[str, str], ...] = ()
    reason: str = ""  # unauthorized: "missing" | "format" | "unknown"; not_found: what; malformed, too_deep: "form"
    notes: tuple[str, ...] = ()  # what the journal should say beside it; no answer does

    @property
    def status(self) -> int:
        """The HTTP status that fits where a vendor names no other."""
        return STATUS[self.kind]


class Refused(Exception):
    """Raised by a stage that cannot go on; caught once, in `engine.spine`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)
