"""Ids that a service named in its answers, so that what was listed can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.openapi.operation import Operation, Parameter

_OWN = ("id", "uuid", "key", "slug", "name")  # what things call themselves, the likeliest first
_IDS = ("id", "uuid")  # of those, what hardly means anything else
_MOST = 20  # of one name
_DEEPEST = 6


class Ids:
    """Remembers scalars by name, and by the path that answered with them or the field that their thing stood in."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[Any, None]] = {}
        self._inside: dict[tuple[str, str], dict[Any, None]] = {}

    def learn(self, operation: Operation, value: Any) -> None:
        """Take in the JSON of a success."""
        found = list(_scalars(value, 0))
        outermost: dict[str, int] = {}
        for name, _, level, _ in found:
            outermost[name] = min(level, outermost.get(name, level))
        for name, one, level, field in found:
            if field and name in _OWN:
                _note(self._inside, (field, name), one)
            # The id of a thing stands further out than those of its parts.
            if name in _OWN and level > outermost[name]:
                continue
            _note(self._seen, (operation.path, name), one)

    def of(self, operation: Operation, parameter: Parameter) -> Iterator[Any]:
        """What may stand for a path parameter: values of its name, then what the collection above it calls its own,
        be it in the answers of its path or in a field that is called like it."""
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
        found |= dict.fromkeys(self._elsewhere(above, wanted))
        return (one for one in found if parameter.checker.fits(one))

    def _elsewhere(self, above: str, wanted: str) -> Iterator[Any]:
        """The ids of what is below the path `above`, as other paths tell them: `job_id`, or `id` in `jobs`.

        Nothing where that path has an id too: whose things these are is not known.
        """
        things = _plain(above.rpartition("/")[2])
        if not things or "{" in above:
            return
        each = _singulars(things)
        for (_, name), known in self._seen.items():
            if name.endswith(_IDS) and any(name == one + own for one in each for own in _IDS):
                yield from known
        for (field, name), known in self._inside.items():
            if name in (wanted, *_IDS) and (field == things or field in each):
                yield from known


def _note(known: dict[tuple[str, str], dict[Any, None]], place: tuple[str, str], one: Any) -> None:
    values = known.setdefault(place, {})
    if len(values) < _MOST:
        values[one] = None


def _scalars(value: Any, level: int, field: str = "") -> Iterator[tuple[str, Any, int, str]]:
    """Each scalar with its name, how many objects are around it, and the field that the nearest of them stands in.

    Those of a list that is called `job_ids` are each a `job_id`.
    """
    if isinstance(value, list) and level < _DEEPEST:
        for one in value[:_MOST]:
            if field.endswith("ids") and _is_id(one):
                yield field[:-1], one, level, ""
            yield from _scalars(one, level, field)
    elif isinstance(value, dict) and level < _DEEPEST:
        for name, one in value.items():
            if _is_id(one):
                yield _plain(name), one, level, field
            else:
                yield from _scalars(one, level + 1, _plain(name))


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _singulars(things: str) -> set[str]:
    """What one of them may be called: `job` of `jobs`, `batch` of `batches`, `entry` of `entries`."""
    endings = (("ies", "y"), ("es", ""), ("s", ""), ("", ""))
    return {things.removesuffix(end) + instead for end, instead in endings if things.endswith(end) and things != end}


def _plain(name: str) -> str:
    """`orderid` of `order_id` and `orderID`."""
    return name.lower().replace("_", "").replace("-", "")
