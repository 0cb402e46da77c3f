"""Numbers: whole and fractional ones within bounds, on the grid of `multipleOf`. Exact arithmetic inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import ceil, floor, gcd, lcm

from msgspec import Struct

from mockserver.chance import Chance
from mockserver.openapi.formats import RANGES

_REACH = 1000  # numbers stay within 0 and this where the bounds allow
_DECIMALS = (2, 1, 3, 4, 6, 9, 12, 15, 18, 21)
_EXACT = 1 << 40  # up to here a float holds the decimals that are drawn

# OpenAPI format registry: whole numbers of a width.
INTEGER_FORMATS: Mapping[str, tuple[int, int]] = {
    **{f"int{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, (1 << bits) - 1) for bits in (8, 16, 32, 64)},
}


class Bounds(Struct, frozen=True):
    """What a number must keep to; None = unbounded on that side."""

    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False  # `low` itself is excluded
    below: bool = False  # `high` itself is excluded
    multiples: tuple[Fraction, ...] = ()


class Numbers(Struct, frozen=True):
    """How to draw a number; `checked` says that a draw is a candidate and must be verified."""

    draw: Callable[[Chance], int | float]
    checked: bool = False


def bounds(schemas: Sequence[Mapping[str, object]]) -> Bounds:
    """The bounds of all these schemas together."""
    lows, highs, multiples = [], [], []
    for schema in schemas:
        lows += [(value, strict) for key, strict in _LOWS if (value := _exact(schema.get(key))) is not None]
        highs += [(value, not strict) for key, strict in _HIGHS if (value := _exact(schema.get(key))) is not None]
        if (step := schema.get("multipleOf")) is not None:
            multiples.append(Fraction(str(step)))  # as written: 0.01 is a hundredth
            if multiples[-1] <= 0:
                raise ValueError(f"multipleOf must be above 0, not {step}")
        name = str(schema.get("format"))
        if (limits := INTEGER_FORMATS.get(name) or RANGES.get(name)) is not None:
            lows.append((Fraction(limits[0]), False))
            highs.append((Fraction(limits[1]), True))
    low, above = max(lows, default=(None, False))
    high, reached = min(highs, default=(None, True))
    return Bounds(low, high, above, not reached, tuple(multiples))


def numbers(keep: Bounds, *, whole: bool, fractional: bool) -> Numbers:
    """Numbers that keep to the bounds. Raises ValueError with a sentence when there can be none."""
    drawers = []
    reason = "no kind of number is left"
    for wanted, make in ((whole, _whole), (fractional, _fractional)):
        if wanted:
            try:
                drawers.append(make(keep))
            except ValueError as error:
                reason = str(error)
    if not drawers:
        raise ValueError(reason)
    checked = any(numbers.checked for numbers in drawers)
    if len(drawers) == 1:
        return Numbers(drawers[0].draw, checked)
    integer, fraction = (numbers.draw for numbers in drawers)
    return Numbers(lambda chance: fraction(chance) if chance.bits() & 3 else integer(chance), checked)


_LOWS = (("minimum", False), ("exclusiveMinimum", True))
_HIGHS = (("maximum", False), ("exclusiveMaximum", True))


def _exact(value: object) -> Fraction | None:
    """As written where a float stands for a decimal, as it is where it is an integer of its own making."""
    if isinstance(value, float) and abs(value) < _EXACT:
        return Fraction(str(value))
    return Fraction(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(keep: Bounds) -> Numbers:
    step = int(_common((Fraction(1), *keep.multiples)))
    low, high = _window(keep, Fraction(step))
    return Numbers(
        lambda chance: chance.integer(low, high) * step,
        checked=any(multiple.denominator > 1 for multiple in keep.multiples),
    )


def _fractional(keep: Bounds) -> Numbers:
    if keep.multiples:
        step = _common(keep.multiples)
        return _decimal(keep, step, checked=True)
    for decimals in _DECIMALS:
        try:
            return _decimal(keep, Fraction(1, 10**decimals), checked=decimals > 6)
        except ValueError:
            continue
    for bound, excluded in ((keep.low, keep.above), (keep.high, keep.below)):
        if bound is not None and not excluded and bound.denominator > 1:
            return Numbers(partial(_only, float(bound)), checked=True)
    raise ValueError(_empty(keep))


def _only(value: float, chance: Chance) -> float:
    return value


def _decimal(keep: Bounds, step: Fraction, *, checked: bool) -> Numbers:
    """Multiples of `step` that are no whole numbers."""
    low, high = _window(keep, step)
    top, bottom = step.numerator, step.denominator
    if bottom == 1 or (low == high and low % bottom == 0):
        raise ValueError(_empty(keep))
    if max(abs(low), abs(high)) * step >= _EXACT:
        raise ValueError("fractions of numbers this large are not drawn")

    def draw(chance: Chance) -> float:
        count = chance.integer(low, high)
        if count % bottom == 0:
            count += 1 if count < high else -1
        return count * top / bottom

    return Numbers(draw, checked)


def _window(keep: Bounds, step: Fraction) -> tuple[int, int]:
    """From which to which multiple of `step`: within the bounds, near 0 to 1000 if they allow."""
    low = high = None
    if keep.low is not None:
        low = floor(keep.low / step) + 1 if keep.above else ceil(keep.low / step)
    if keep.high is not None:
        high = ceil(keep.high / step) - 1 if keep.below else floor(keep.high / step)
    if low is not None and high is not None and low > high:
        raise ValueError(_empty(keep))
    reach = max(int(_REACH / step), 10)
    start = max(low or 0, 0)
    if high is None:
        return start, start + reach
    if high < start:
        return (high - reach if low is None else max(low, high - reach)), high
    return start, min(high, start + reach)


def _common(steps: Sequence[Fraction]) -> Fraction:
    """The smallest number that is a multiple of all of them."""
    return Fraction(lcm(*(s.numerator for s in steps)), gcd(*(s.denominator for s in steps)))


def _empty(keep: Bounds) -> str:
    low = "" if keep.low is None else f"{'above' if keep.above else 'at least'} {_shown(keep.low)}"
    high = "" if keep.high is None else f"{'below' if keep.below else 'at most'} {_shown(keep.high)}"
    steps = ", ".join(f"a multiple of {_shown(step)}" for step in keep.multiples)
    return "no number is " + " and ".join(part for part in (low, high, steps) if part)


def _shown(number: Fraction) -> str:
    return str(number.numerator if number.denominator == 1 else float(number))
