"""The scenarios of one operation, so that a call is not asked of those that are for another id in its path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.scenario.model import Scenario


class Shortlist:
    """`all` scenarios in their order, and `likely` ones for a path; whether one of those fits is for `match` to say."""

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self.all = tuple(scenarios)
        named = Counter(name for one in self.all for name, wanted in one.when.path.items() if type(wanted) is str)
        self._name = named.most_common(1)[0][0] if named else ""
        self._numbers: defaultdict[str | None, list[int]] = defaultdict(list)  # by literal; None: says none
        for number, one in enumerate(self.all):
            wanted: Any = one.when.path.get(self._name)
            self._numbers[wanted if type(wanted) is str else None].append(number)
        self._open = tuple(self.all[number] for number in self._numbers[None])

    def likely(self, path: Mapping[str, Any]) -> tuple[Scenario, ...]:
        """Those that do not name another text for the parameter that most of them name, in order."""
        said = path.get(self._name)
        if type(said) is not str:
            return self.all
        numbers = self._numbers.get(said)
        if numbers is None:
            return self._open
        return tuple(self.all[number] for number in sorted(numbers + self._numbers[None]))
