"""Where a function of one knob is zero, exactly: from samples, a bracket, and the form that such functions have.

The difference of two expressions is nearly always a quotient of two linear functions of one knob, so that three exact
samples around a change of sign give the root exactly; where it is not, the bracket is halved on the knob's own steps.
Nothing is believed: every root that is returned was evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from perfrules.cases.generated.knobs import Knob

_MANY = 3

Gap = Callable[[Fraction], Fraction | None]
"""How far one expression is above another, as a function of one knob; None where that cannot be said."""


@lru_cache(maxsize=4096)
def samples(knob: Knob, current: Fraction, literals: frozenset[Fraction]) -> tuple[Fraction, ...]:
    """The settings of a knob at which a change of sign is looked for, in ascending order."""
    ends = {Fraction(end) for end in (knob.low, knob.high) if not isinstance(end, float)}
    stops = {current, *ends, *(current + sign * knob.step for sign in (-1, 1))}
    if knob.kind == "date":
        stops |= {current + days for days in (-3650, -366, -90, -31, -7, 7, 31, 90, 366, 3650)}
    else:
        stops |= {sign * Fraction(10) ** power for power in range(9) for sign in (-1, 1)} | {Fraction(0)}
        stops |= {current * Fraction(factor, 100) for factor in (1, 10, 50, 90, 99, 101, 110, 200, 1000)}
        stops |= {literal + shift * knob.step for literal in literals for shift in (-1, 0, 1)}
        stops |= {current * literal / 100 for literal in literals}
    if len(ends) == 2:
        low, high = sorted(ends)
        stops |= {low + (high - low) * Fraction(part, 10) for part in range(11)}
    grid = {round(stop / knob.step) * knob.step for stop in stops}
    inside = sorted(stop for stop in grid if knob.low <= stop <= knob.high)
    return tuple(inside) or (current,)


def roots(gap: Gap, knob: Knob, stops: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """The zeros of a gap, as pairs of equal ends, and its jumps across zero, as pairs of neighbours."""
    count, previous = 0, None
    for stop in stops:
        value = gap(stop)
        if value is None:
            continue
        if value == 0 and (previous is None or gap(previous) != 0):
            yield stop, stop
            count += 1
        elif previous is not None and (gap(previous) or 0) * value < 0:
            if root := _refined(gap, knob, previous, stop):
                yield root
            count += 1
        if count >= _MANY:
            return
        previous = stop


def _refined(gap: Gap, knob: Knob, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
    """Narrow a change of sign down to its zero, or to two neighbouring settings."""
    while True:
        middle = (low + (high - low) / 2) // knob.step * knob.step
        value = gap(middle)
        if value is None:
            return None
        root = _meeting(
            [(low, gap(low)), (high, gap(high)), (middle if middle != low else (low + high) / 2, None)], gap
        )
        if root is not None and low < root < high and gap(root) == 0:
            if knob.takes(root):
                return root, root
            lower = root // knob.step * knob.step
            return lower, lower + knob.step
        if high - low <= knob.step:
            return low, high
        if value == 0:
            return middle, middle
        low, high = (middle, high) if (value < 0) is ((gap(low) or 0) < 0) else (low, middle)


def _meeting(points: list[tuple[Fraction, Fraction | None]], gap: Gap) -> Fraction | None:
    """Where a quotient of two linear functions through three points is zero: its inverse is such a quotient too."""
    (x1, y1), (x2, y2), (x3, _) = points
    y3 = gap(x3)
    if y1 is None or y2 is None or y3 is None or len({y1, y2, y3}) < 3:
        return None
    # The cross-ratio of (0, y1; y2, y3) is that of (x, x1; x2, x3).
    ratio = (0 - y2) * (y1 - y3) / ((0 - y3) * (y1 - y2)) if y3 else None
    if ratio is None:
        return x3
    above, below = x1 - x3, ratio * (x1 - x2)
    return None if above == below else (x2 * above - x3 * below) / (above - below)


def edge(gap: Gap, knob: Knob, zero: Fraction, sign: int) -> Fraction | None:
    """The nearest setting on one side of a zero at which the gap is not zero; None where there is none."""
    end = knob.low if sign < 0 else knob.high
    near, reach = Fraction(0), 1
    while True:
        stop = zero + sign * reach * knob.step
        if (stop - end) * sign > 0:
            if isinstance(end, float) or (end - zero) * sign <= near * knob.step:
                return None
            stop = Fraction(end)
        value = gap(stop)
        if value != 0:
            break
        if stop == end or reach > 1 << 60:
            return None
        near, reach = Fraction(reach), reach * 2
    return _nearest(gap, knob, zero + sign * near * knob.step, stop)


def _nearest(gap: Gap, knob: Knob, zero: Fraction, other: Fraction) -> Fraction | None:
    """Between a setting where the gap is zero and one where it is not: the nearest to the former where it is not."""
    while abs(other - zero) > knob.step:
        middle = zero + (other - zero) / 2 // knob.step * knob.step
        middle = middle if middle != zero else zero + (knob.step if other > zero else -knob.step)
        if gap(middle) == 0:
            zero = middle
        else:
            other = middle
    return other if gap(other) is not None else None


def nicest(low: Fraction, high: Fraction) -> Fraction:
    """The number with the fewest digits between two, both included."""
    for power in range(12, -5, -1):
        unit = Fraction(10) ** power
        rounded = -(-low // unit) * unit
        if rounded <= high:
            return rounded
    return low
