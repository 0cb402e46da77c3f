"""Ids that a service named in its answers, so that what was listed can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.openapi.operation import Operation, Parameter

_OWN = ("id", "uuid", "key", "slug", "name")  # what things call themselves, the likeliest first
_MOST = 20  # of one name
_DEEPEST = 6


class Ids:
    """Remembers scalars by name, and by the path that answered with them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[Any, None]] = {}

    def learn(self, operation: Operation, value: Any) -> None:
        """Take in the JSON of a success."""
        found = list(_scalars(value, 0))
        for name, one, level in found:
            # The id of a thing stands further out than those of its parts.
            if name in _OWN and level > min(deep for other, _, deep in found if other == name):
                continue
            known = self._seen.setdefault((operation.path, name), {})
            if len(known) < _MOST:
                known[one] = None

    def of(self, operation: Operation, parameter: Parameter) -> Iterator[Any]:
        """What may stand for a path parameter: values of its name, then what the collection above it calls its own."""
        wanted = _plain(parameter.name)
        above = operation.path.partition("{" + parameter.name + "}")[0].rstrip("/")
        places = [(path, name) for path, name in self._seen if name == wanted and wanted not in _OWN]
        # What `/things` lists is read at `/things/{id}`, and as often at `/thing/{id}`.
        places += [
            (path, name)
            for name in dict.fromkeys((wanted, *_OWN))
            for path, own in self._seen
            if own == name and path.rstrip("/s") == above.rstrip("/s")
        ]
        found = dict.fromkeys(one for place in dict.fromkeys(places) for one in self._seen[place])
        return (one for one in found if parameter.checker.fits(one))


def _scalars(value: Any, level: int) -> Iterator[tuple[str, Any, int]]:
    """Each scalar with its name, and how many objects are around it."""
    if isinstance(value, list) and level < _DEEPEST:
        for one in value[:_MOST]:
            yield from _scalars(one, level)
    elif isinstance(value, dict) and level < _DEEPEST:
        for name, one in value.items():
            if isinstance(one, str | int) and not isinstance(one, bool) and one != "":
                yield _plain(name), one, level
            else:
                yield from _scalars(one, level + 1)


def _plain(name: str) -> str:
    """`orderid` of `order_id` and `orderID`."""
    return name.lower().replace("_", "").replace("-", "")
