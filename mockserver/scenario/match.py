"""Does a call fit, and if not, why: one function for the decision, the near-miss report and the failure text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial as bind
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from mockserver.openapi.wording import LONGEST, counted, render, shorten
from mockserver.pointer import join
from mockserver.scenario.model import MISSING, When

if TYPE_CHECKING:
    from mockserver.openapi.validate import Checker

LIMIT = 20  # differences of one literal; nobody reads more
_Unequal = tuple[tuple[str, ...], Any, Any]  # keys that lead there, found, wanted
# Tuples and not unions: each call is asked of many scenarios, and `list | tuple` is made anew each time.
_OBJECT = (dict, Mapping)  # a dict is one too, and is known at a glance
_LIST = (list, tuple)
_NUMBER = (bool, int, float)


class Facts(Protocol):
    """What a call is matched by. Header names are in lower case; `body` is MISSING when none came."""

    @property
    def path(self) -> Mapping[str, Any]:
        """Path parameters by name."""

    @property
    def query(self) -> Mapping[str, Any]:
        """Query parameters by name."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers by name."""

    @property
    def body(self) -> Any:
        """The decoded body."""


class Difference(Struct, frozen=True):
    """One thing in which a call is not what was asked for."""

    where: str  # "path.id", "headers.x-debug", "body/runs/0/inputs"
    said: str  # what came, shortened
    wanted: str

    def __str__(self) -> str:
        """`path.id  wanted "pipe_summarise", got "pipe_42"`."""
        return f"{self.where}  wanted {self.wanted}, got {self.said}"


def fits(when: When, facts: Facts) -> bool:
    """True when nothing differs; stops at the first difference and words none."""
    for name, wanted in when.path.items():
        found = facts.path.get(name)
        # The commonest misfit, another id in the path, is seen without asking any further.
        if type(wanted) is str and type(found) is str and wanted != found:
            return False
    return next(_misfits(when, facts), None) is None


def differences(when: When, facts: Facts) -> list[Difference]:
    """Why `facts` do not fit `when`; an empty list means that they fit."""
    return [difference for explain in _misfits(when, facts) for difference in explain()]


def partial(expected: Any, actual: Any, where: str = "") -> list[Difference]:
    """Why `actual` is not what the partial literal `expected` asks for; at most LIMIT differences.

    Every key given must be there, others may be; lists have equal length. Leaves are compared `expected == actual`, so
    that an object with an equality of its own decides for itself. As in JSON, 1 equals 1.0 and true is no number.
    """
    unequal = _unequal(expected, actual, LIMIT)
    return [Difference(join(where, *spot), *_both(found, wanted)) for spot, found, wanted in unequal]


# The one place that knows the rules. Each misfit is a function that explains it: to decide, only its being there
# counts, and asking a schema why costs a thousand times as much as asking whether.
def _misfits(when: When, facts: Facts) -> Iterator[Callable[[], list[Difference]]]:
    for name, wanted in when.path.items():
        if not _alike(wanted, found := facts.path.get(name, MISSING)):
            yield bind(partial, wanted, found, f"path.{name}")
    for name, wanted in when.query.items():
        if not _alike(wanted, found := facts.query.get(name, MISSING)):
            yield bind(partial, wanted, found, f"query.{name}")
    for name, wanted in when.headers.items():
        if _differs(wanted, found := facts.headers.get(name.lower(), MISSING)):
            yield bind(partial, wanted, found, f"headers.{name.lower()}")
    if when.body_has is not MISSING and _differs(when.body_has, facts.body):
        yield bind(partial, when.body_has, facts.body, "body")
    if when.body is not None and (facts.body is MISSING or not when.body.fits(facts.body)):
        yield bind(_broken, when.body, facts.body)


def _alike(wanted: Any, found: Any) -> bool:
    """A path or query value may be typed by its schema (5) or not ("5"); in an address both read the same."""
    if type(wanted) is str and type(found) is str:
        return wanted == found
    if isinstance(wanted, str | int | float) and found is not MISSING and _plain(wanted) == _plain(found):
        return True
    return not _differs(wanted, found)


def _differs(expected: Any, actual: Any) -> bool:
    """Whether `_unequal` would find anything: the same rules, and no spots."""
    if isinstance(expected, _LIST):
        if isinstance(actual, _LIST) and len(expected) == len(actual):
            return any(map(_differs, expected, actual))
    elif not isinstance(expected, str) and isinstance(expected, _OBJECT) and isinstance(actual, _OBJECT):
        for key, wanted in expected.items():  # noqa: SIM110 - a generator takes twice as long
            if _differs(wanted, actual.get(key, MISSING)):
                return True
        return False
    return not _equal(expected, actual)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=repr)


def _broken(checker: Checker, body: Any) -> list[Difference]:
    if body is MISSING:
        return [Difference("body", "nothing", "a body")]
    violations = checker.explain(body).violations
    found = [Difference(f"body{violation.where}", violation.said, violation.wanted) for violation in violations]
    return found or [Difference("body", _shown(body), "what the schema asks for")]


def _unequal(
    expected: Any, actual: Any, limit: int, at: tuple[str, ...] = (), found: list[_Unequal] | None = None
) -> list[_Unequal]:
    """Up to `limit` spots that differ, in order, added to `found`."""
    found = [] if found is None else found
    if isinstance(expected, _OBJECT) and isinstance(actual, _OBJECT):
        for key, wanted in expected.items():
            if len(found) < limit:
                _unequal(wanted, actual.get(key, MISSING), limit, (*at, key), found)
    elif isinstance(expected, _LIST) and isinstance(actual, _LIST) and len(expected) == len(actual):
        for number, wanted in enumerate(expected):
            if len(found) < limit:
                _unequal(wanted, actual[number], limit, (*at, str(number)), found)
    elif not _equal(expected, actual):
        found.append((at, actual, expected))
    return found


def _equal(expected: Any, actual: Any) -> bool:
    if actual is MISSING:
        return False
    if isinstance(expected, _NUMBER) and isinstance(expected, bool) != isinstance(actual, bool):
        return False
    return bool(expected == actual)


def _both(found: Any, wanted: Any) -> tuple[str, str]:
    if isinstance(found, list) and isinstance(wanted, list):  # only their lengths differ
        return counted(found), counted(wanted)
    return "nothing" if found is MISSING else _shown(found), _shown(wanted)


def _shown(value: Any) -> str:
    try:
        return render(value)
    except TypeError:  # an object of the test's, with an equality of its own
        return shorten(repr(value), LONGEST)
