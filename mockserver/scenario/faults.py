"""What is wrong in one fixture file: gathered while it is read, raised together at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.clock import seconds
from mockserver.errors import FixtureError, LocatedError, MockserverError, Place, Several, raise_all
from mockserver.pointer import join
from mockserver.yamlfile import YamlFile

_LONGEST = 36_525 * 86_400.0  # a hundred years: stamps stay within four digits of a year


class Faults:
    """The errors of a file so far."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.found: list[MockserverError] = []
        self.broken: frozenset[str] = frozenset()  # where the schema of fixtures is broken

    def add(self, pointer: str, message: str, hint: str = "") -> None:
        """Note that what stands at `pointer` cannot be."""
        self.found.append(FixtureError(self.file.place(pointer), message, hint))

    def keep(self, error: MockserverError) -> None:
        """Note an error, or all that it stands for, as errors of this file."""
        for one in error.errors if isinstance(error, Several) else (error,):
            self.found.append(FixtureError(one.at, one.message, one.hint) if isinstance(one, LocatedError) else one)

    def is_sound(self, pointer: str) -> bool:
        """Whether the schema of fixtures is kept at `pointer` and below."""
        return not any(spot == pointer or spot.startswith(f"{pointer}/") for spot in self.broken)

    def sound(self, value: Any, pointer: str) -> dict[str, Any]:
        """The members of the mapping at `pointer` that the schema has not refused; none of what is no mapping."""
        members = value if isinstance(value, dict) else {}
        return {key: member for key, member in members.items() if self.is_sound(join(pointer, key))}

    def below(self, pointer: str) -> Callable[[str], Place]:
        """Where a pointer into the value at `pointer` stands in the file."""
        return lambda rest: self.file.place(pointer + rest)

    def seconds(self, value: Any, pointer: str, *, most: float = _LONGEST) -> float:
        """The seconds that the duration at `pointer` lasts; 0 when it is noted as wrong."""
        try:
            length = seconds(value)
        except ValueError as error:
            self.add(pointer, str(error))
            return 0.0
        if length > most:
            limit = "60s" if most == 60 else "100 years"
            self.add(pointer, f"{str(value)[:40]} is longer than {limit}", f"at most {limit} are possible here")
        return length

    def stay(self, value: Any, pointer: str) -> float | tuple[float, float]:
        """How long a state lasts, as said at `pointer`: one length, or two to draw between."""
        if not isinstance(value, list):
            return self.seconds(value, pointer)
        low, high = (self.seconds(one, join(pointer, number)) for number, one in enumerate(value))
        if low > high:
            self.add(pointer, f"{value[0]} is longer than {value[1]}", "write the shorter one first")
        return low, high

    def raise_all(self) -> None:
        """Raise what was found, in the order of the file; nothing when all is well."""
        raise_all(sorted(self.found, key=_line))


def _line(error: MockserverError) -> tuple[int, int]:
    return (error.at.line, error.at.column) if isinstance(error, FixtureError) else (0, 0)
