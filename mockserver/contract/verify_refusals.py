"""Requests that a service must refuse: each breaks the spec in one thing, which the spec itself confirms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec.structs import replace

from mockserver.contract.verify_ask import Ask, demands_key
from mockserver.contract.verify_make import Maker, Values, instead, without
from mockserver.openapi.mediatype import is_json
from mockserver.openapi.operation import MISSING, Operation
from mockserver.pointer import GONE, copy, join, patched, split

_EACH = 3  # of one sort, in one body
_DEEPEST = 4
_STRANGE = "mockserver-unknown"
_NUMBERS = (0, -1, 1_000_000_007, -1_000_000_007)  # what bounds leave out, likeliest first
_TEXTS = (_STRANGE, 20 * f"{_STRANGE}-")
_LISTS = frozenset({"enum", "const"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength"})
_SAID = frozenset({"accept", "content-type", "authorization"})


def refusals(maker: Maker, operation: Operation, *, with_key: bool) -> Iterator[Ask]:
    """What the operation must refuse, the missing key first; without a key nothing else can be tried."""
    basis = maker.basis(operation)
    if basis is None:
        return
    values, made = basis
    if demands_key(operation):
        yield replace(made, kind="keyless", about="without a key")
    if with_key:
        for about, broken in (*_parameters(maker, operation, values), *_bodies(operation, values)):
            ask = maker.written(operation, broken, about, breaks=True)
            if ask is not None and (ask.target, ask.headers, ask.body) != (made.target, made.headers, made.body):
                yield replace(ask, kind="breaks")


def _parameters(maker: Maker, operation: Operation, values: Values) -> Iterator[tuple[str, Values]]:
    for one in maker.own(operation):
        if one.location == "header" and one.name.lower() in _SAID:
            continue
        named = f"{one.location} parameter {one.name}"
        if one.required and one.location != "path":
            yield f"without the required {named}", without(values, one.location, one.name)
        allowed = one.kinds
        if one.media_type is not None or allowed & {"array", "object"}:
            continue
        if "string" not in allowed:
            yield f"{named}: a text instead of {_listed(allowed)}", instead(values, one.location, one.name, _STRANGE)
        elif _breaks(one.checker, _STRANGE, _LISTS):
            yield f"{named}: a value that is not listed", instead(values, one.location, one.name, _STRANGE)
        beyond = _TEXTS if "string" in allowed else _NUMBERS
        for new in islice((new for new in beyond if _breaks(one.checker, new, _BOUNDS)), 1):
            yield f"{named}: a value out of bounds", instead(values, one.location, one.name, new)


def _bodies(operation: Operation, values: Values) -> Iterator[tuple[str, Values]]:
    body, media = operation.body, values.media
    if body is None or media is None or not is_json(media.media_type):
        return
    if body.required:
        yield "without the required body", replace(values, media=None, body=MISSING)
    checker = media.checker
    if checker is None:
        return
    spots = list(_spots(values.body, ""))
    tries = (
        (f'without the required "{split(at)[-1]}"' if at else "", at, GONE)
        for at, _ in spots if at and not split(at)[-1].isdecimal()
    )  # fmt: skip
    wrong = (("a value of another type", at, 17 if isinstance(one, str) else _STRANGE) for at, one in spots)
    unlisted = (("a value that is not listed", at, _STRANGE) for at, one in spots if isinstance(one, str))
    beyond = (("a value out of bounds", at, new) for at, one in spots for new in _out(checker, values.body, at, one))
    for sort, rules in ((tries, None), (wrong, None), (unlisted, _LISTS), (beyond, _BOUNDS)):
        broken = ((about, at, _changed(values.body, at, new)) for about, at, new in sort)
        refused = (
            (about, at, whole)
            for about, at, whole in broken
            if (_breaks(checker, whole, rules) if rules else not checker.fits(whole))
        )
        for about, at, whole in islice(refused, _EACH):
            yield f"{at or 'the body'}: {about}", replace(values, body=whole)


def _spots(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """Places in a body with what stands there, the outer ones first; of a list its first item."""
    level = [(at, value)]
    for _ in range(_DEEPEST):
        below = []
        for where, one in level:
            yield where, one
            if isinstance(one, dict):
                below += [(join(where, name), inner) for name, inner in one.items()]
            elif isinstance(one, list) and one:
                below.append((join(where, 0), one[0]))
        level = below


def _changed(value: Any, at: str, new: Any) -> Any:
    if not at:
        return new
    above, _, _ = at.rpartition("/")
    return copy(patched(value, [(above, {split(at)[-1]: new})]))


def _out(checker: Any, body: Any, at: str, value: Any) -> Iterator[Any]:
    """A value like the one that stands there, and out of its bounds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    beyond = _NUMBERS if is_number else _TEXTS if isinstance(value, str) else ()
    yield from islice((new for new in beyond if _breaks(checker, _changed(body, at, new), _BOUNDS)), 1)


def _breaks(checker: Any, value: Any, rules: frozenset[str]) -> bool:
    """Whether a value is refused by one of these rules: as none of those that are listed, say."""
    if checker.fits(value):
        return False
    found = checker.explain(value).violations
    return any(one.rule.rpartition("/")[2] in rules for one in found)


def _listed(allowed: frozenset[str]) -> str:
    names = sorted(allowed - {"null"} - ({"integer"} if "number" in allowed else set()))
    return " or ".join(names) or "null"
